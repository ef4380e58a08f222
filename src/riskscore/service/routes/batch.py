"""A whole meeting scored at once: all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.service.access import Grant, Place
from riskscore.service.answers import body_of, json_answer
from riskscore.service.asking import held_against, record_of
from riskscore.service.batch_intake import LONGEST_BATCH, placed, read_batch
from riskscore.service.callers import desk_of, desks_of, known
from riskscore.service.decisions import KEY
from riskscore.service.parts import Parts
from riskscore.service.problem import invalid, not_found
from riskscore.service.records import Record
from riskscore.service.sent import earlier, read_key, score_id, sent

_ROUTE = "POST /v1/scores/batch"


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
        faults += of_key
        under = None
        if key is not None and not faults and not any(of_row for _, of_row in rows):
            under = sent(_ROUTE, key, [fields for fields, _ in rows])
            before = earlier(self.parts.records, asker, under)
            if before is not None:
                return self._answer(before, asker)
        desk = desk_of(self.parts)
        moment, places = self._held(asker, rows, faults)
        try:
            found = desk.score_all([fields for fields, _ in rows], moment)
        except InvalidInput as error:
            raise invalid(error.faults) from error
        except NotFound as error:
            raise not_found() from error
        names = [self.parts.new_id() if under is None else score_id(asker, under, row) for row in range(len(rows))]
        records = [record_of(self.parts, asker, *one) for one in zip(names, places, found, strict=True)]
        if not self.parts.records.append_all(records, asker, under) and under is not None:
            return self._answer(earlier(self.parts.records, asker, under) or records, asker)
        for record in records:
            self.parts.metrics.scored(desk.recipe, desk.model_version, str(record.score.get("grade")))
        return self._answer(records, asker)

    def _held(
        self, asker: Grant, rows: list[tuple[dict[str, Any], list[Fault]]], faults: list[Fault]
    ) -> tuple[datetime, list[Place]]:
        """Return the moment of the meeting, and where each subject stands.

        Raises
        ------
        Problem
            404 where a subject is unknown or out of reach, 422 otherwise; either names every fault of every row.
        """
        desks, desk = desks_of(self.parts), desk_of(self.parts)
        every, unknown = list(faults), False
        places: list[Place] = []
        moments: list[datetime] = []
        for row, (fields, of_row) in enumerate(rows):
            as_of, found = held_against(desks, desk, fields, of_row)
            if "recipe" in fields and fields["recipe"] in desks.by_recipe and fields["recipe"] != desk.recipe:
                found.append(Fault("recipe", "A meeting is of members' loans.", f"Use {desk.recipe!r}."))
            moment = as_of or desk.moment
            if moments and moment != moments[0] and not any(fault.where == "as_of" for fault in found):
                found.append(Fault("as_of", "A meeting has one moment.", "Give the same moment in every row, or none."))
            moments.append(moment)
            place = desk.place(fields["subject"]) if "subject" in fields else None
            if "subject" in fields and (place is None or not asker.reaches(place)):
                unknown = True
                found.append(Fault("subject", "There is nobody of this name that you may see.", "Check the name."))
            elif place is not None:
                places.append(place)
            every += placed(row, found)
        if every:
            raise (not_found(every) if unknown else invalid(every))
        return moments[0], places

    def _answer(self, records: list[Record], asker: Grant) -> Response:
        shown = [self.parts.serializer.score(record, asker) for record in records]
        return json_answer({"scores": shown}, status=201)
