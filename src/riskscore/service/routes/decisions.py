"""Decisions that people took on a score: entered, and shown again."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.service import decision_entry
from riskscore.service.answers import body_of, json_answer
from riskscore.service.callers import known, reached
from riskscore.service.deciding import deciding
from riskscore.service.decisions import KEY
from riskscore.service.meeting import before_decision
from riskscore.service.parts import Parts


@dataclass(frozen=True, slots=True)
class Decisions:
    """Entering a decision, and reading one."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/v1/scores/{score_id}/decisions", self.decide, methods=["POST"]),
            Route("/v1/scores/{score_id}/decisions/{decision_id}", self.show),
        ]

    async def decide(self, request: Request) -> Response:
        """Write down what people decided on a score, answer."""
        content = await body_of(request)
        return await run_in_threadpool(self._decide, request, content)

    def _decide(self, request: Request, content: bytes) -> Response:
        asker = known(self.parts, request, "decide")
        record = reached(self.parts, request, asker)
        keys = request.headers.getlist(KEY)
        before = deciding(self.parts, record, asker)
        decided = decision_entry.enter(
            self.parts.records, record, asker, keys, content, before=before, clock=self.parts.clock
        )
        location = f"/v1/scores/{record.score_id}/decisions/{decided.decision_id}"
        return json_answer(decision_entry.answer(decided), status=201, headers={"Location": location})

    def show(self, request: Request) -> Response:
        """A decision that was entered before."""
        viewer = known(self.parts, request, "decide")
        record = reached(self.parts, request, viewer)
        before_decision(self.parts, record, viewer)  # a request that was withdrawn is not there for a committee
        decided = decision_entry.find(self.parts.records, record, viewer, request.path_params["decision_id"])
        self.parts.records.seen(record.score_id, viewer, "decision")
        return json_answer(decision_entry.answer(decided))
