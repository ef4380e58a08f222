"""A request that is well formed, held against champion and portfolio; and the record of what was answered to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from riskscore.errors import Fault
from riskscore.service.access import Grant, Place
from riskscore.service.desk import Desk, Scored
from riskscore.service.desks import Desks
from riskscore.service.intake import context_faults, read_moment
from riskscore.service.parts import Parts
from riskscore.service.records import Record


def held_against(
    desks: Desks, desk: Desk, fields: dict[str, Any], faults: list[Fault]
) -> tuple[datetime | None, list[Fault]]:
    """Return the moment asked for, None for the last, and every fault; `faults` are those of the request's form."""
    as_of, of_moment = read_moment(fields, desk.read_moment)
    of_context = context_faults(
        fields, recipes=tuple(desks.by_recipe), currency=desk.currency, moment=desk.moment, as_of=as_of
    )
    limits = desk.limit_faults(fields)
    named = {limit.where for limit in limits}
    # Where a product says what it allows, that is the remedy, not everything that is known anywhere.
    every = [fault for fault in (*faults, *of_moment, *of_context) if fault.where not in named]
    return as_of, sorted({*every, *limits})


def record_of(parts: Parts, asker: Grant, score_id: str, place: Place, scored: Scored) -> Record:
    """Return the record of a score that was asked for."""
    return Record(
        score_id=score_id,
        place=place,
        score={"score_id": score_id, **scored.score},
        request=scored.request,
        values=scored.values,
        context=scored.context,
        recorded_at=parts.clock(),
        asked_by=asker.token_id,
    )
