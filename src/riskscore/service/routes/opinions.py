"""What comes before a decision: the committee's opinion, and the officer's word that she spoke with the member."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.errors import InvalidInput, NotFound
from riskscore.service import opinion_entry, opinions
from riskscore.service.answers import body_of, json_answer
from riskscore.service.callers import known, reached
from riskscore.service.kinds import MEMBER
from riskscore.service.meeting import before_decision
from riskscore.service.parts import Parts
from riskscore.service.private_talks import Talk, note
from riskscore.service.problem import invalid, not_found


@dataclass(frozen=True, slots=True)
class Opinions:
    """Entering an opinion, and noting a private talk or a withdrawal."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/v1/scores/{score_id}/opinions", self.opine, methods=["POST"]),
            Route("/v1/scores/{score_id}/told", self.told, methods=["POST"]),
            Route("/v1/scores/{score_id}/withdrawn", self.withdrawn, methods=["POST"]),
        ]

    async def opine(self, request: Request) -> Response:
        """Write down what a committee thinks before it sees the state, answer."""
        content = await body_of(request)
        return await run_in_threadpool(self._opine, request, content)

    def _opine(self, request: Request, content: bytes) -> Response:
        asker = known(self.parts, request, "decide")
        record = reached(self.parts, request, asker, kind=MEMBER)
        before_decision(self.parts, record, asker)  # a request that was withdrawn is not there for a committee
        written = opinion_entry.enter(self.parts.records, record, asker, content, self.parts.clock)
        return json_answer(opinions.answer(written), status=201)

    def told(self, request: Request) -> Response:
        """Note that the officer spoke with the member alone."""
        return self._note(request, "told")

    def withdrawn(self, request: Request) -> Response:
        """Note that the member withdrew her request."""
        return self._note(request, "withdrawn")

    def _note(self, request: Request, talk: Talk) -> Response:
        officer = known(self.parts, request, "lead")
        record = reached(self.parts, request, officer, kind=MEMBER)
        try:
            note(self.parts.records.database, record.score_id, talk, officer)
        except InvalidInput as error:
            raise invalid(error.faults) from error
        except NotFound as error:
            raise not_found() from error
        return Response(status_code=204)
