"""Scores of members, communal banks and producer associations: asked for, shown again, and as a page."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.service.access import Grant
from riskscore.service.answers import body_of, json_answer
from riskscore.service.asking import ask, read
from riskscore.service.bank_answer import bank_answer
from riskscore.service.callers import known, language, reached
from riskscore.service.decisions import KEY
from riskscore.service.facts import LONGEST_WITH_FACTS
from riskscore.service.intake import LONGEST_BODY
from riskscore.service.kinds import MEMBER, PRODUCER_ASSOCIATION
from riskscore.service.meeting import before_decision, books_of
from riskscore.service.own_rules import own_rules
from riskscore.service.parts import Parts
from riskscore.service.problem import invalid
from riskscore.service.producer_answer import producer_answer
from riskscore.service.score_page import score_page
from riskscore.service.sent import read_key


@dataclass(frozen=True, slots=True)
class Scores:
    """Asking for a score, and seeing one."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/v1/scores", self.ask, methods=["POST"]),
            Route("/v1/scores/{score_id}", self.show),
            Route("/scores/{score_id}", self.page),
        ]

    async def ask(self, request: Request) -> Response:
        """Score a request, write it down, answer."""
        if _is_short(request):
            return await run_in_threadpool(self._ask, request, await body_of(request))
        # Who asks is known before a body is read that may be as long as a member's whole record.
        asker = await run_in_threadpool(known, self.parts, request, "ask")
        return await run_in_threadpool(self._ask, request, await body_of(request, LONGEST_WITH_FACTS), asker)

    def _ask(self, request: Request, content: bytes, asker: Grant | None = None) -> Response:
        asker = asker or known(self.parts, request, "ask")
        key, of_key = read_key(request.headers.getlist(KEY))
        asked = read(self.parts, asker, content)
        if of_key and not asked.unknown:
            raise invalid(sorted({*asked.faults, *of_key}))
        record = ask(self.parts, asker, asked, key=key)
        shown = self.parts.serializer.score(record, asker)
        return json_answer(shown, status=201, headers={"Location": f"/v1/scores/{record.score_id}"})

    def show(self, request: Request) -> Response:
        """A score that was answered before, as far as the asker may see it."""
        viewer = known(self.parts, request, "see")
        record = reached(self.parts, request, viewer)
        before, books = before_decision(self.parts, record, viewer), books_of(self.parts, record, viewer)
        self.parts.records.seen(record.score_id, viewer, "read")
        shown = self.parts.serializer.score(record, viewer, before, books)
        return json_answer(shown | {"rules": own_rules(self.parts, record)} if viewer.role == "member" else shown)

    def page(self, request: Request) -> Response:
        """The page of a score, as far as the asker may see it."""
        viewer = known(self.parts, request, "see")
        record = reached(self.parts, request, viewer)
        if record.kind == MEMBER:
            return score_page(self.parts, request, viewer, record)
        self.parts.records.seen(record.score_id, viewer, "page")
        spoken = language(self.parts, request)
        if record.kind == PRODUCER_ASSOCIATION:
            return producer_answer(self.parts, request, viewer, record, spoken)
        return bank_answer(self.parts, request, viewer, record, spoken)


def _is_short(request: Request) -> bool:
    """Tell whether the body says that it is no longer than a request without facts."""
    told = request.headers.get("content-length", "")
    return told.isdecimal() and len(told) <= len(str(LONGEST_BODY)) and int(told) <= LONGEST_BODY
