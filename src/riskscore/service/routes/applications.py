"""The form of an application: asked for at the member's table, sent now or when there is a connection again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riskscore.service import csrf
from riskscore.service.access import Grant
from riskscore.service.answers import body_of, page_answer
from riskscore.service.asking import AHEAD, Asked, ask, read, sent_before
from riskscore.service.callers import desk_of, known, language, page_word
from riskscore.service.consents import PURPOSES, Consent, consents, tell
from riskscore.service.controls import Controls, Refilled
from riskscore.service.days import day_of
from riskscore.service.decision_entry import KEY_PATTERN
from riskscore.service.decisions import KEY
from riskscore.service.declared import ASKED, Declared, laid_out
from riskscore.service.declared_months import months_ahead
from riskscore.service.desk import MemberDesk
from riskscore.service.forms import fresh_key, number, read_form
from riskscore.service.parts import Parts
from riskscore.service.problem import Problem
from riskscore.service.roles import RIGHTS, require
from riskscore.service.told_again import told_again, told_since

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
        arrived = read_form(content)
        asker = known(self.parts, request, "ask", field=arrived.get(csrf.FIELD, ""))
        form = laid_out(arrived)
        if "rows" in arrived:  # a debt more or less: nothing is sent yet
            return self._page(request, Refilled("", form), 200)
        desk, told = desk_of(self.parts), Declared.of(form)
        body = {"recipe": desk.recipe, "currency": desk.currency} | _body(form)
        if told is not None:
            body |= told.body(form.get("subject", ""), desk.currency, form.get("key", ""), desk.moment)
        asked = read(self.parts, asker, json.dumps(body).encode())
        # She is scored by what is loaded of her: who is no member now is none, whatever comes with the form.
        unknown = asked.unknown or ("subject" in asked.fields and desk.place(asked.fields["subject"]) is None)
        faults = {fault.where for fault in asked.faults if "/" not in fault.where} - {"as_of"}
        faults |= {"subject"} if unknown else set()
        if told is not None:
            faults |= told.faults(asked.faults, self._local(desk), months_ahead(desk.moment))
            if asked.faults and not faults:  # of a row, and of none of the form's fields
                faults.add("told_at")
        if re.fullmatch(KEY_PATTERN, form.get("key", "")) is None:
            faults.add("key")
        # Sent again tomorrow the form is the same one, although more of her is loaded by then.
        said = sorted((name, text) for name, text in form.items() if name != csrf.FIELD)
        before: dict[str, int] = {}
        try:
            if not faults and told is not None and not sent_before(self.parts, asker, form["key"], said):
                asked, before, faults = _whole(desk, asked, told)
            if faults:
                return self._page(request, Refilled("apply", form, frozenset(faults)), 404 if unknown else 422)
            self._consent(asked, form, asker)
            record = ask(self.parts, asker, asked, key=form["key"], said=None if told is None else said)
        except Problem as problem:
            if any(fault.where == KEY for fault in problem.faults):
                # She went back and changed what was sent: under a key of its own it is another request.
                return self._page(request, Refilled("apply", form | {"key": ""}, frozenset({"subject:sent"})), 422)
            if told is None:
                raise
            # What she told does not fit what is loaded of her, or counts no more; or she is a member no longer.
            faults = told.of_score(problem.faults, before) or {"subject"}
            return self._page(request, Refilled("apply", form, frozenset(faults)), int(problem.status))
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
        spoken, desk = language(self.parts, request), desk_of(self.parts)
        now = self._local(desk)
        controls = Controls(
            word=page_word(request),
            key=refilled.fields.get("key") or fresh_key(),
            rights=frozenset(RIGHTS[request.state.grant.role]),
            refilled=refilled,
        )
        html = self.parts.pages.application(
            spoken,
            controls,
            desk.context,
            now=now.isoformat(timespec="minutes"),
            known_until=(desk.moment - timedelta(microseconds=1)).date(),
            stale=now >= desk.moment + AHEAD,
            ahead=months_ahead(desk.moment),
        )
        return page_answer(self.parts, request, html, spoken, status=status)

    def _local(self, desk: MemberDesk) -> datetime:
        """Return the present, the institution's local time."""
        here = datetime.fromisoformat(self.parts.clock()).astimezone(ZoneInfo(desk.time_zone))
        return here.replace(tzinfo=None)


def _whole(desk: MemberDesk, asked: Asked, told: Declared) -> tuple[Asked, dict[str, int], set[str]]:
    """Return the request with her whole record in the tables that she told something of, or the fields at fault.

    Between them: how many rows of each table stand before what she told.
    """
    if asked.facts is None or told.at is None:
        return asked, {}, set()
    loaded = desk.loaded(asked.fields["subject"], asked.facts.frames)
    if told_since(loaded, asked.facts, told.at):
        return asked, {}, {"told_at:newer"}
    whole = told_again(loaded, asked.facts, told.at)
    before = {name: whole.tables[name] - rows for name, rows in asked.facts.tables.items()}
    return replace(asked, facts=whole), before, set()


def _body(form: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a request; an empty one is missing."""
    filled = {name: form[name] for name in ASKED if form.get(name)}
    return {name: number(text) if name in _NUMBERS else text for name, text in filled.items()}
