"""Scores of members, communal banks and producer associations: asked for, shown again, and as a page."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.errors import InvalidInput, NotFound
from riskscore.service.access import Grant
from riskscore.service.answers import body_of, json_answer, page_answer
from riskscore.service.asking import held_against, record_of
from riskscore.service.association_intake import read_bank_body, read_producer_body
from riskscore.service.callers import desks_of, known, language, reached
from riskscore.service.decisions import KEY
from riskscore.service.intake import named_recipe, not_served, read_body
from riskscore.service.kinds import COMMUNAL_BANK, MEMBER, PRODUCER_ASSOCIATION
from riskscore.service.parts import Parts
from riskscore.service.problem import invalid, not_found
from riskscore.service.records import Record
from riskscore.service.sent import earlier, read_key, score_id, sent

_ROUTE = "POST /v1/scores"

#: How a request is read, by whom it is about.
_READERS = {MEMBER: read_body, COMMUNAL_BANK: read_bank_body, PRODUCER_ASSOCIATION: read_producer_body}


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
        content = await body_of(request)
        return await run_in_threadpool(self._ask, request, content)

    def _ask(self, request: Request, content: bytes) -> Response:
        asker = known(self.parts, request, "ask")
        desks = desks_of(self.parts)
        named = named_recipe(content) or ""
        desk = desks.by_recipe.get(named) or desks.member
        if desk is None:
            raise invalid([not_served(desks.by_recipe)])
        fields, faults = _READERS[desk.kind](content)
        key, of_key = read_key(request.headers.getlist(KEY))
        faults += of_key
        under = None
        if key is not None and not faults:
            under = sent(_ROUTE, key, [fields])
            before = earlier(self.parts.records, asker, under)
            if before is not None:
                return self._answer(before[0], asker)
        as_of, faults = held_against(desks, desk, fields, faults)
        place = desk.place(fields["subject"]) if "subject" in fields else None
        # Of whom a recipe that is not served would be, nobody can say.
        if named in desks.by_recipe and "subject" in fields and (place is None or not asker.reaches(place)):
            raise not_found()
        if faults or place is None:
            raise invalid(faults)
        try:
            scored = desk.score(fields, as_of)
        except InvalidInput as error:
            raise invalid(error.faults) from error
        except NotFound as error:
            raise not_found() from error
        name = self.parts.new_id() if under is None else score_id(asker, under)
        record = record_of(self.parts, asker, name, place, scored)
        if not self.parts.records.append_all([record], asker, under) and under is not None:
            return self._answer((earlier(self.parts.records, asker, under) or [record])[0], asker)
        self.parts.metrics.scored(desk.recipe, desk.model_version, str(record.score.get("grade")))
        return self._answer(record, asker)

    def _answer(self, record: Record, asker: Grant) -> Response:
        shown = self.parts.serializer.score(record, asker)
        return json_answer(shown, status=201, headers={"Location": f"/v1/scores/{record.score_id}"})

    def show(self, request: Request) -> Response:
        """A score that was answered before, as far as the asker may see it."""
        viewer = known(self.parts, request, "see")
        record = reached(self.parts, request, viewer)
        self.parts.records.seen(record.score_id, viewer, "read")
        return json_answer(self.parts.serializer.score(record, viewer))

    def page(self, request: Request) -> Response:
        """The page of a score, as far as the asker may see it."""
        viewer = known(self.parts, request, "see")
        record = reached(self.parts, request, viewer)
        self.parts.records.seen(record.score_id, viewer, "page")
        spoken = language(self.parts, request)
        if record.kind != MEMBER:
            shown = self.parts.serializer.score(record, viewer)
            return page_answer(self.parts, request, self.parts.pages.association(shown, record.context, spoken), spoken)
        view = self.parts.serializer.page(record, viewer, self.parts.records.sightings(record.score_id))
        return page_answer(self.parts, request, self.parts.pages.score(view, spoken), spoken)
