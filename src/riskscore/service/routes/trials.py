"""The sliders' form without a script: a question answered on the page, and a new request with what was tried."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riskscore.errors import Fault
from riskscore.portfolio.overlay_faults import ROOT
from riskscore.service import csrf
from riskscore.service.answers import body_of
from riskscore.service.asking import ask, read
from riskscore.service.callers import known, reached
from riskscore.service.controls import Refilled
from riskscore.service.forms import number, read_form
from riskscore.service.kinds import MEMBER
from riskscore.service.parts import Parts
from riskscore.service.problem import Problem, invalid
from riskscore.service.records import Record
from riskscore.service.routes.what_if import put
from riskscore.service.score_page import score_page
from riskscore.service.sections.trial import point_tried

#: What a new request takes over from the one on the page.
_KEPT = ("recipe", "subject", "currency", "frequency", "purpose", "other_active_loans")

_NOT_KEPT = Fault(ROOT, "This score was computed from facts sent with the request.", "Send them with the new request.")


@dataclass(frozen=True, slots=True)
class Trials:
    """Trying another amount or term, and asking for it."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/scores/{score_id}/what-if", self.try_out, methods=["POST"]),
            Route("/scores/{score_id}/again", self.again, methods=["POST"]),
        ]

    async def try_out(self, request: Request) -> Response:
        """Put the question, and show the page with its answer."""
        return await run_in_threadpool(self._try_out, request, await body_of(request))

    async def again(self, request: Request) -> Response:
        """Ask for a new score with the amount and the term of the form, and lead to its page."""
        return await run_in_threadpool(self._again, request, await body_of(request))

    def _try_out(self, request: Request, content: bytes) -> Response:
        form = read_form(content)
        viewer = known(self.parts, request, "what_if", field=form.get(csrf.FIELD, ""))
        record = reached(self.parts, request, viewer, kind=MEMBER)
        try:
            found = put(self.parts, viewer, record, _json(_tried(form)))
        except Problem as problem:
            return self._refused(request, record, form, problem)
        tried = point_tried(found["asked"], found["point"])
        return score_page(self.parts, request, viewer, record, tried=tried)

    def _again(self, request: Request, content: bytes) -> Response:
        form = read_form(content)
        asker = known(self.parts, request, "ask", field=form.get(csrf.FIELD, ""))
        record = reached(self.parts, request, asker, kind=MEMBER)
        if record.facts is not None:  # they are not kept: what is loaded of her alone would be another woman's number
            raise invalid([_NOT_KEPT])
        body = {name: record.request[name] for name in _KEPT} | _tried(form)
        try:
            new = ask(self.parts, asker, read(self.parts, asker, _json(body)), key=form.get("key") or None)
        except Problem as problem:
            return self._refused(request, record, form, problem)
        return RedirectResponse(f"/scores/{new.score_id}", status_code=303)

    def _refused(self, request: Request, record: Record, form: Mapping[str, str], problem: Problem) -> Response:
        """Return the page with what was chosen and could not be answered; another problem is another's to tell."""
        if problem.status != 422:
            raise problem
        filled = Refilled("try", form, frozenset(fault.where for fault in problem.faults))
        return score_page(self.parts, request, request.state.grant, record, refilled=filled, status=422)


def _tried(form: Mapping[str, str]) -> dict[str, Any]:
    return {"amount": number(form.get("amount", "")), "term_days": number(form.get("term_days", ""))}


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body).encode()
