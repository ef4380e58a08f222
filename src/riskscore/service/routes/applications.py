"""The form of an application: asked for at the member's table, sent now or when there is a connection again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riskscore.service import csrf
from riskscore.service.access import Grant
from riskscore.service.answers import body_of, page_answer
from riskscore.service.asking import Asked, ask, read
from riskscore.service.callers import desk_of, known, language, page_word
from riskscore.service.consents import PURPOSES, Consent, consents, tell
from riskscore.service.controls import Controls, Refilled
from riskscore.service.days import day_of
from riskscore.service.decision_entry import KEY_PATTERN
from riskscore.service.forms import fresh_key, number, read_form
from riskscore.service.parts import Parts
from riskscore.service.roles import RIGHTS, require

#: Numbers of the form; every other field is text.
_NUMBERS = ("amount", "term_days", "other_active_loans")


@dataclass(frozen=True, slots=True)
class Applications:
    """The form, and what is sent with it."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/apply", self.apply, methods=["GET", "POST"])]

    async def apply(self, request: Request) -> Response:
        """Show the form; or score what was filled in, and lead to its page."""
        if request.method == "POST":
            return await run_in_threadpool(self._send, request, await body_of(request))
        return await run_in_threadpool(self._show, request)

    def _show(self, request: Request) -> Response:
        require(known(self.parts, request, "see"), "ask")  # to look writes nothing: no page has to be open yet
        return self._page(request, Refilled(), 200)

    def _send(self, request: Request, content: bytes) -> Response:
        form = read_form(content)
        asker = known(self.parts, request, "ask", field=form.get(csrf.FIELD, ""))
        desk = desk_of(self.parts)
        body = {"recipe": desk.recipe, "currency": desk.currency} | _body(form)
        asked = read(self.parts, asker, json.dumps(body).encode())
        faults = {fault.where for fault in asked.faults} | ({"subject"} if asked.unknown else set())
        if re.fullmatch(KEY_PATTERN, form.get("key", "")) is None:
            faults.add("key")
        if faults:
            return self._page(request, Refilled("apply", form, frozenset(faults)), 404 if asked.unknown else 422)
        self._consent(asked, form, asker)
        record = ask(self.parts, asker, asked, key=form["key"])
        return RedirectResponse(f"/scores/{record.score_id}", status_code=303)

    def _consent(self, asked: Asked, form: Mapping[str, str], asker: Grant) -> None:
        """Write down what she agreed to before she is scored; what she agreed to before stays with its day."""
        if asked.place is None:
            return
        database, subject, zone = (
            self.parts.records.database,
            asked.place.subject,
            desk_of(self.parts).context["time_zone"],
        )
        standing = {one.purpose for one in consents(database, subject) if one.given}
        today = day_of(self.parts.clock(), zone)
        for purpose in PURPOSES:
            if form.get(f"consent_{purpose}") == "yes" and purpose not in standing:
                consent = Consent(purpose, given=True, since=today, role=asker.role)
                tell(database, subject, consent, asker, time_zone=zone, clock=self.parts.clock)

    def _page(self, request: Request, refilled: Refilled, status: int) -> Response:
        spoken, context = language(self.parts, request), desk_of(self.parts).context
        controls = Controls(
            word=page_word(request),
            key=refilled.fields.get("key") or fresh_key(),
            rights=frozenset(RIGHTS[request.state.grant.role]),
            refilled=refilled,
        )
        html = self.parts.pages.application(spoken, controls, context)
        return page_answer(self.parts, request, html, spoken, status=status)


def _body(form: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a request; an empty one is missing."""
    names = ("subject", "frequency", "purpose", *_NUMBERS)
    filled = {name: form[name] for name in names if form.get(name)}
    return {name: number(text) if name in _NUMBERS else text for name, text in filled.items()}
