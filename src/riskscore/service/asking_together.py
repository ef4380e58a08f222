"""Asking for the scores of a whole meeting: all of them are written down, or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.service.access import Grant, Place
from riskscore.service.asking import held_against, record_of
from riskscore.service.batch_intake import placed
from riskscore.service.callers import desk_of, desks_of
from riskscore.service.parts import Parts
from riskscore.service.problem import invalid, not_found
from riskscore.service.records import Record, Sent
from riskscore.service.sent import earlier, score_id, sent

#: The key of a meeting's requests is of this route, whichever form they come by.
ROUTE = "POST /v1/scores/batch"

#: The well-formed fields of a request, and the faults of its form.
Row = tuple[dict[str, Any], list[Fault]]


def ask_together(
    parts: Parts, asker: Grant, rows: Sequence[Row], faults: Sequence[Fault] = (), *, key: str | None = None
) -> list[Record]:
    """Score every request, write all of them down together, and return their records in the order of the requests.

    Parameters
    ----------
    parts, asker
    rows : sequence of (dict, list of Fault)
    faults : sequence of Fault
        Of the whole.
    key : str, optional
        Names this asking: the same requests sent again under it by the same token are scored once.

    Raises
    ------
    Problem
        404 where a subject is unknown or out of reach, 422 otherwise; either names every fault of every row.
    """
    under: list[Sent] = []
    if key is not None and not faults and not any(of_row for _, of_row in rows):
        # Each row by itself: a digest over all of them would keep what an erased neighbour asked for within reach.
        under = [sent(ROUTE, key, [fields]) for fields, _ in rows]
        before = earlier(parts.records, asker, under)
        if before is not None:
            return before
    desk = desk_of(parts)
    moment, places = _held(parts, asker, rows, faults)
    try:
        found = desk.score_all([fields for fields, _ in rows], moment)
    except InvalidInput as error:
        raise invalid(error.faults) from error
    except NotFound as error:
        raise not_found() from error
    names = [score_id(asker, under[row], row) if under else parts.new_id() for row in range(len(rows))]
    records = [record_of(parts, asker, *one) for one in zip(names, places, found, strict=True)]
    if not parts.records.append_all(records, asker, under):
        return earlier(parts.records, asker, under) or records
    for record in records:
        parts.metrics.scored(desk.recipe, desk.model_version, str(record.score.get("grade")))
    return records


def _held(parts: Parts, asker: Grant, rows: Sequence[Row], faults: Sequence[Fault]) -> tuple[datetime, list[Place]]:
    """Return the moment of the meeting, and where each subject stands; raises as `ask_together` does."""
    desks, desk = desks_of(parts), desk_of(parts)
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
