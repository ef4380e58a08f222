"""A whole meeting scored at once: all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.service.answers import body_of, json_answer
from riskscore.service.asking_together import ask_together
from riskscore.service.batch_intake import LONGEST_BATCH, read_batch
from riskscore.service.callers import known
from riskscore.service.decisions import KEY
from riskscore.service.parts import Parts
from riskscore.service.sent import read_key


@dataclass(frozen=True, slots=True)
class Batches:
    """Asking for the scores of a meeting."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/v1/scores/batch", self.ask, methods=["POST"])]

    async def ask(self, request: Request) -> Response:
        """Score every request, write all of them down together, answer in their order."""
        content = await body_of(request, LONGEST_BATCH)
        return await run_in_threadpool(self._ask, request, content)

    def _ask(self, request: Request, content: bytes) -> Response:
        asker = known(self.parts, request, "ask")
        rows, faults = read_batch(content)
        key, of_key = read_key(request.headers.getlist(KEY))
        records = ask_together(self.parts, asker, rows, [*faults, *of_key], key=key)
        return json_answer({"scores": [self.parts.serializer.score(one, asker) for one in records]}, status=201)
