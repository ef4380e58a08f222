"""The meeting of a communal bank: its sheet as JSON and as a page, and the forms of that page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riskscore.errors import InvalidInput, NotFound
from riskscore.service import csrf
from riskscore.service.access import Grant
from riskscore.service.answers import body_of, json_answer, page_answer
from riskscore.service.asking_together import ask_together
from riskscore.service.callers import desk_of, known, language, page_word
from riskscore.service.days import day_of
from riskscore.service.deciding import deciding
from riskscore.service.decisions import Decision, decide
from riskscore.service.entered import Entered, number_of
from riskscore.service.forms import fresh_key, read_form
from riskscore.service.meeting import Meeting, meeting_of
from riskscore.service.opinions import Opinion, opine
from riskscore.service.outlooks import outlook_at
from riskscore.service.parts import Parts
from riskscore.service.private_talks import Talk, note
from riskscore.service.problem import not_found
from riskscore.service.records import Record
from riskscore.service.roles import Right, require
from riskscore.service.rules_recorded import record_rules
from riskscore.service.sheet import sheet
from riskscore.service.sheet_page import SheetControls
from riskscore.service.unasked import Unasked, row_of, unasked

Act = Callable[[Record, Grant, Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class Groups:
    """The sheet, the page and what is written on it."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/v1/groups/{group_id}/sheet", self.sheet),
            Route("/groups/{group_id}", self.page),
            Route("/groups/{group_id}/requests", self.requests, methods=["POST"]),
            Route("/groups/{group_id}/opinions", self.opinion, methods=["POST"]),
            Route("/groups/{group_id}/decisions", self.decision, methods=["POST"]),
            Route("/groups/{group_id}/told", self.told, methods=["POST"]),
            Route("/groups/{group_id}/withdrawn", self.withdrawn, methods=["POST"]),
        ]

    def sheet(self, request: Request) -> Response:
        """The sheet, as far as the asker may see it."""
        viewer = known(self.parts, request, "meet")
        meeting = meeting_of(self.parts, request.path_params["group_id"], viewer)
        return json_answer(self._seen(meeting, viewer))

    def page(self, request: Request) -> Response:
        """The page of the meeting."""
        viewer = known(self.parts, request, "meet")
        return self.page_of(request, viewer, meeting_of(self.parts, request.path_params["group_id"], viewer))

    async def requests(self, request: Request) -> Response:
        """Ask, from the page, for the scores of everybody whose request has none."""
        return await run_in_threadpool(self._ask, request, await body_of(request))

    async def opinion(self, request: Request) -> Response:
        """Take the committee's opinion from the page."""
        return await self._form(request, "decide", "opinions", self._opine)

    async def decision(self, request: Request) -> Response:
        """Take the committee's decision from the page."""
        return await self._form(request, "decide", "decisions", self._decide)

    async def told(self, request: Request) -> Response:
        """Note, from the page, that the officer spoke with the member alone."""
        return await self._form(request, "lead", "told", self._noted("told"))

    async def withdrawn(self, request: Request) -> Response:
        """Note, from the page, that the member withdrew her request."""
        return await self._form(request, "lead", "withdrawn", self._noted("withdrawn"))

    def _seen(self, meeting: Meeting, viewer: Grant) -> dict[str, Any]:
        """Return the sheet, and write down what the rules answer, and for each score in it that it was seen."""
        shown = sheet(meeting, viewer, self.parts.serializer, outlook_at(self.parts, meeting.facts.bank_id))
        record_rules(self.parts.records, meeting)
        ids = [seat.record.score_id for seat in meeting.held.seats if seat.record is not None]
        self.parts.records.seen_together(ids, viewer, "sheet")
        return shown

    def page_of(self, request: Request, viewer: Grant, meeting: Meeting, entered: Entered | None = None) -> Response:
        """Return the page of a meeting, with a form that was not taken where there is one."""
        facts, spoken = meeting.facts, language(self.parts, request)
        shown = self._seen(meeting, viewer)
        controls = SheetControls(
            word=page_word(request),
            officer=viewer.role == "officer",
            committee=viewer.role == "committee",
            today=day_of(self.parts.clock(), facts.time_zone).isoformat(),
            key=fresh_key(),
            opens=request.query_params.get("open", ""),
            unasked=unasked(facts.bank_id, meeting.held, desk_of(self.parts))
            if viewer.role == "officer"
            else Unasked(),
        )
        html = self.parts.pages.meeting(shown, facts.country, controls, entered, spoken)
        return page_answer(self.parts, request, html, spoken, status=200 if entered is None else 422)

    def _ask(self, request: Request, content: bytes) -> Response:
        """Ask for what the page offered that is still without a score, all of it or nothing, and lead back."""
        fields = read_form(content)
        asker = known(self.parts, request, "ask", field=fields.get(csrf.FIELD))
        require(asker, "lead")
        bank_id, desk = request.path_params["group_id"], desk_of(self.parts)
        held = meeting_of(self.parts, bank_id, asker).held
        rows = [row_of(one, desk) for one in unasked(bank_id, held, desk).ready]
        if rows:
            ask_together(self.parts, asker, rows, key=fields.get("key") or None)
        return RedirectResponse(f"/groups/{bank_id}#members", status_code=303)

    async def _form(self, request: Request, right: Right, form: str, act: Act) -> Response:
        content = await body_of(request)
        return await run_in_threadpool(self._take, request, right, form, act, content)

    def _take(self, request: Request, right: Right, form: str, act: Act, content: bytes) -> Response:
        """Do what a form of the page asks for, and lead back to it; on a fault show it again with what was written."""
        fields = read_form(content)
        viewer = known(self.parts, request, right, field=fields.pop(csrf.FIELD, None))
        bank_id = request.path_params["group_id"]
        meeting = meeting_of(self.parts, bank_id, viewer)
        record = _sitting(meeting, fields.pop("score_id", ""))
        try:
            act(record, viewer, fields)
        except InvalidInput as error:
            faults = tuple(dict.fromkeys(_FIELD_OF.get(fault.where, fault.where) for fault in error.faults))
            return self.page_of(request, viewer, meeting, Entered(record.score_id, form, fields, faults))
        except NotFound as error:
            raise not_found() from error
        return RedirectResponse(f"/groups/{bank_id}#m-{record.score_id}", status_code=303)

    def _opine(self, record: Record, viewer: Grant, fields: Mapping[str, str]) -> None:
        opinion = Opinion(
            score_id=record.score_id,
            would_approve=fields.get("would_approve", ""),
            amount=number_of(fields.get("amount", "")),
            words=fields.get("words") or None,
            written_on=_day(fields.get("written_on", "")),
        )
        opine(self.parts.records.database, opinion, record, viewer, clock=self.parts.clock)

    def _decide(self, record: Record, viewer: Grant, fields: Mapping[str, str]) -> None:
        choice = fields.get("choice", "")
        amount = {"approve": number_of(fields.get("amount_approved", "")), "reject": 0.0}.get(choice)
        if choice == "approve" and amount is None:
            amount = float("nan")  # to approve without an amount is a fault, not a decision put off
        decision = Decision(
            score_id=record.score_id,
            who=fields.get("who", ""),
            role="committee",
            amount_approved=amount if choice in ("approve", "postpone", "reject") else float("nan"),
            currency=record.request["currency"],
            decided_on=_day(fields.get("decided_on", "")),
            reason=fields.get("reason") or None,
        )
        before = deciding(self.parts, record, viewer)
        key = fields.get("key") or fresh_key()
        decide(self.parts.records.database, decision, viewer, key=key, before=before, clock=self.parts.clock)

    def _noted(self, talk: Talk) -> Act:
        def act(record: Record, viewer: Grant, _: Mapping[str, str]) -> None:
            note(self.parts.records.database, record.score_id, talk, viewer)

        return act


#: Where a fault of an entry shows on the page.
_FIELD_OF = {"Idempotency-Key": "key"}


def _sitting(meeting: Meeting, score_id: str) -> Record:
    """Return the score of somebody at the meeting; 404 where it is nobody's last one."""
    for seat in meeting.held.seats:
        if seat.record is not None and seat.record.score_id == score_id:
            return seat.record
    raise not_found()


def _day(text: str) -> date:
    """Return the day written; where it is none, one that is never taken."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min
