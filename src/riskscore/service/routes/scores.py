"""Scores of members, communal banks and producer associations: asked for, shown again, and as a page."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscore.errors import InvalidInput, NotFound
from riskscore.service.answers import body_of, json_answer, page_answer
from riskscore.service.association_intake import read_bank_body, read_producer_body
from riskscore.service.callers import desk_of, desks_of, known, language, reached
from riskscore.service.intake import context_faults, named_recipe, read_body, read_moment
from riskscore.service.kinds import COMMUNAL_BANK, MEMBER, PRODUCER_ASSOCIATION
from riskscore.service.parts import Parts
from riskscore.service.problem import invalid, not_found
from riskscore.service.producer_answer import producer_answer
from riskscore.service.records import Record

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
        desk = desks.by_recipe.get(named_recipe(content) or "") or desk_of(self.parts)
        fields, faults = _READERS[desk.kind](content)
        as_of, moment_faults = read_moment(fields, desk.read_moment)
        faults += moment_faults
        faults += context_faults(
            fields, recipes=tuple(desks.by_recipe), currency=desk.currency, moment=desk.moment, as_of=as_of
        )
        limits = desk.limit_faults(fields)
        # Where a product says what it allows, that is the remedy, not everything that is known anywhere.
        faults = [fault for fault in faults if fault.where not in {limit.where for limit in limits}] + limits
        place = desk.place(fields["subject"]) if "subject" in fields else None
        if "subject" in fields and (place is None or not asker.reaches(place)):
            raise not_found()
        if faults or place is None:
            raise invalid(sorted(set(faults)))
        try:
            scored = desk.score(fields, as_of)
        except InvalidInput as error:
            raise invalid(error.faults) from error
        except NotFound as error:
            raise not_found() from error
        score_id = self.parts.new_id()
        record = Record(
            score_id=score_id,
            place=place,
            score={"score_id": score_id, **scored.score},
            request=scored.request,
            values=scored.values,
            context=scored.context,
            recorded_at=self.parts.clock(),
            asked_by=asker.token_id,
        )
        self.parts.records.append(record, asker)
        self.parts.metrics.scored(desk.recipe, desk.model_version, str(record.score.get("grade")))
        shown = self.parts.serializer.score(record, asker)
        return json_answer(shown, status=201, headers={"Location": f"/v1/scores/{score_id}"})

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
        if record.kind == PRODUCER_ASSOCIATION:
            return producer_answer(self.parts, request, viewer, record, spoken)
        view = self.parts.serializer.page(record, viewer, self.parts.records.sightings(record.score_id))
        return page_answer(self.parts, request, self.parts.pages.score(view, spoken), spoken)
