"""Questions on a stored score: what if something were otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.errors import ArtefactError, InvalidInput, NotFound, Unreachable
from riskscore.service import what_if
from riskscore.service.access import Grant
from riskscore.service.answers import body_of, json_answer
from riskscore.service.callers import desk_of, known, reached
from riskscore.service.decisions import KEY
from riskscore.service.kinds import MEMBER
from riskscore.service.parts import Parts
from riskscore.service.problem import Problem, invalid, not_found, unavailable
from riskscore.service.records import Record
from riskscore.service.sent import another_request, read_key, sent, what_if_id


@dataclass(frozen=True, slots=True)
class WhatIfs:
    """Asking what a score would be."""

    parts: Parts

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/v1/scores/{score_id}/what-if", self.ask, methods=["POST"])]

    async def ask(self, request: Request) -> Response:
        """Compute the changed request, write the question down, answer."""
        content = await body_of(request)
        return await run_in_threadpool(self._ask, request, content)

    def _ask(self, request: Request, content: bytes) -> Response:
        viewer = known(self.parts, request, "what_if")
        record = reached(self.parts, request, viewer, kind=MEMBER)
        return json_answer(put(self.parts, viewer, record, content, request.headers.getlist(KEY)))


def put(parts: Parts, viewer: Grant, record: Record, content: bytes, keys: Sequence[str] = ()) -> dict[str, Any]:
    """Return the answer to the question that `content` puts to `record`; it is on record when this returns.

    The same question sent again under the same key is computed again and on record once: what it is computed from does
    not change.

    Raises
    ------
    Problem
        422 with every fault, or where the key named another question; 404 where the score was erased meanwhile; 409 or
        503 where its model is not at hand.
    """
    key, of_key = read_key(keys)
    question = what_if.read_question(content, record.request, of_key)
    desk = desk_of(parts)
    try:
        found = desk.what_if(record, question.otherwise, question.amounts, question.terms)
    except InvalidInput as error:
        raise invalid(error.faults) from error
    except Unreachable as error:
        raise unavailable("The registry of models does not answer.") from error
    except (ArtefactError, NotFound) as error:
        raise Problem(
            409,
            "The model of this score is not at hand",
            "Ask for a new score, and put the question to that one.",
        ) from error
    asked = question.to_dict()
    under = None if key is None else sent(f"POST /v1/scores/{record.score_id}/what-if", key, [asked])
    named = None if under is None else (what_if_id(viewer, under), under)
    try:
        kept, kept_under = parts.records.what_if(record.score_id, viewer, asked, what_if.gist(found), named)
    except NotFound as error:
        raise not_found() from error
    if kept_under != under:
        raise another_request()
    return what_if.answer(kept, record, question, found)
