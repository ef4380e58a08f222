"""Decisions that were taken without a connection, brought in one file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.errors import InvalidInput
from riskscore.service import decision_entry
from riskscore.service.access import Grant
from riskscore.service.answers import body_of, json_answer
from riskscore.service.before import Before
from riskscore.service.callers import known
from riskscore.service.deciding import deciding
from riskscore.service.decision_files import LONGEST_FILE, Unfitting, take
from riskscore.service.decisions import Decided
from riskscore.service.parts import Parts
from riskscore.service.problem import Problem, invalid
from riskscore.service.records import Record
from riskscore.service.rules_recorded import recorded_meeting


@dataclass(frozen=True, slots=True)
class Uploads:
    """Taking a file of decisions."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/v1/decisions/upload", self.upload, methods=["POST"])]

    async def upload(self, request: Request) -> Response:
        """Write down every decision of a file, or none."""
        content = await body_of(request, LONGEST_FILE)
        return await run_in_threadpool(self._upload, request, content)

    def _upload(self, request: Request, content: bytes) -> Response:
        asker = known(self.parts, request, "decide")
        try:
            taken = upload(self.parts, content, asker)
        except Unfitting as error:
            detail = "Correct what is named, or take it out, and send the file again."
            raise Problem(409, "The file does not fit the records", detail, faults=error.faults) from error
        except InvalidInput as error:
            raise invalid(error.faults) from error
        return json_answer({"decisions": [decision_entry.answer(one) for one in taken]}, status=201)


def upload(parts: Parts, content: bytes, asker: Grant) -> tuple[Decided, ...]:
    """Write down every decision of a file that `asker` sends; raises as `riskscore.service.decision_files.take`."""
    meeting_of = cache(partial(recorded_meeting, parts))  # the lines of a file are most often of one communal bank

    def before_of(record: Record) -> Before | None:
        try:
            return deciding(parts, record, asker, partial(meeting_of, record.place.bank_id))
        except Problem:  # withdrawn: not there for a committee
            return None

    return take(parts.records.database, content, asker, before_of, clock=parts.clock)
