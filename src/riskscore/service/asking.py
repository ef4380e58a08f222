"""Asking for a score: what was sent is read whole, and what was found is written down before it is answered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.service.access import Grant, Place
from riskscore.service.association_intake import read_bank_body, read_producer_body
from riskscore.service.callers import desk_of, desks_of
from riskscore.service.decisions import KEY
from riskscore.service.desk import Desk
from riskscore.service.intake import context_faults, named_recipe, read_body, read_moment
from riskscore.service.kinds import COMMUNAL_BANK, MEMBER, PRODUCER_ASSOCIATION
from riskscore.service.parts import Parts
from riskscore.service.problem import invalid, not_found
from riskscore.service.records import Record

#: How a request is read, by whom it is about.
_READERS = {MEMBER: read_body, COMMUNAL_BANK: read_bank_body, PRODUCER_ASSOCIATION: read_producer_body}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was read.

    Parameters
    ----------
    desk : Desk
        It is answered by the desk it was read with.
    fields : dict
        The well-formed ones.
    as_of : datetime or None
    faults : tuple of Fault
    place : Place or None
        Where she stands; None where there is nobody of that name within the asker's reach.
    """

    desk: Desk
    fields: dict[str, Any]
    as_of: datetime | None
    faults: tuple[Fault, ...]
    place: Place | None

    @property
    def unknown(self) -> bool:
        """Whether a subject is named whom the asker does not reach."""
        return "subject" in self.fields and self.place is None


def read(parts: Parts, asker: Grant, content: bytes) -> Asked:
    """Return the request that `content` holds, with every fault it has.

    Raises
    ------
    Problem
        503 where there is no desk.
    """
    desks = desks_of(parts)
    desk = desks.by_recipe.get(named_recipe(content) or "") or desk_of(parts)
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
    reached = place if place is not None and asker.reaches(place) else None
    return Asked(desk, fields, as_of, tuple(sorted(set(faults))), reached)


def ask(parts: Parts, asker: Grant, asked: Asked, *, key: str | None = None) -> Record:
    """Score a request, write it down, and return its record; it is on the disk when this returns.

    Parameters
    ----------
    parts, asker, asked
    key : str, optional
        Names this asking of it: the same request sent again under it by the same token is scored once.

    Raises
    ------
    Problem
        404 where she is not within reach; 422 with every fault, or where `key` named another request.
    """
    if asked.unknown:
        raise not_found()
    if asked.faults or asked.place is None:
        raise invalid(asked.faults)
    score_id = parts.new_id() if key is None else _named(asker, key)
    earlier = None if key is None else parts.records.get(score_id)
    if earlier is not None:
        return _same(earlier, asked)
    try:
        scored = asked.desk.score(asked.fields, asked.as_of)
    except InvalidInput as error:
        raise invalid(error.faults) from error
    except NotFound as error:
        raise not_found() from error
    record = Record(
        score_id=score_id,
        place=asked.place,
        score={"score_id": score_id, **scored.score},
        request=scored.request,
        values=scored.values,
        context=scored.context,
        recorded_at=parts.clock(),
        asked_by=asker.token_id,
        history=scored.history,
    )
    try:
        parts.records.append(record, asker)
    except IntegrityError:  # sent twice at the same moment, or erased since it was sent first
        earlier = parts.records.get(score_id)
        if earlier is None:
            raise not_found() from None
        return _same(earlier, asked)
    parts.metrics.scored(asked.desk.recipe, asked.desk.model_version, str(record.score.get("grade")))
    return record


def _named(asker: Grant, key: str) -> str:
    """Return the id that a key gives: nobody else's, and as hard to guess as the key."""
    return f"s_{hashlib.sha256(f'{asker.token_id} {key}'.encode()).hexdigest()[:32]}"


def _same(earlier: Record, asked: Asked) -> Record:
    if any(earlier.request.get(name) != value for name, value in asked.fields.items() if name != "as_of"):
        what = "This key was sent before, with another request."
        raise invalid([Fault(KEY, what, "Take a new key for a new request; repeat one only to send it again.")])
    return earlier
