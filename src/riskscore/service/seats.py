"""The members of a communal bank at its meeting, each with what is on record: request, talk, opinion, decision.

A state is shown to the committee once everybody was spoken with. Shown one by one, the names still missing would be
those that take their officer longest: the ones to talk with first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from riskscore.service.context import Context
from riskscore.service.database import CONTENTS, CONTEXTS, ENTRIES, Database
from riskscore.service.decisions import Decided, decided
from riskscore.service.opinions import Written, written
from riskscore.service.records import Record, recorded
from riskscore.service.standing import standing

_KINDS = ("score", "told", "withdrawn", "opinion", "decision", "shown")


@dataclass(slots=True)
class Seat:
    """One member and her last request on record.

    Parameters
    ----------
    member : str
    record : Record or None
        None where she has no score, or withdrew the request it was about.
    told : bool
        She heard her result alone.
    opinion : Written or None
        The committee's, on this score.
    decision : Decided or None
        The committee's last one on it.
    shown : tuple of str
        What she shows of it by her own choice (`riskscore.service.shown.FACTS`); none once the committee decided.
    scored_as_of : datetime or None
        The moment her last score was answered for, local, withdrawn or not; None where she has none.
    """

    member: str
    record: Record | None = None
    told: bool = False
    opinion: Written | None = None
    decision: Decided | None = None
    shown: tuple[str, ...] = ()
    scored_as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seats:
    """A communal bank's seats, in the order asked for.

    Parameters
    ----------
    seats : tuple of Seat
    judged : tuple of (Record, Decided)
        Every committee's decision on a score of these members with that score, the oldest first; of several on one
        score the last. It tells whether a committee still decides by itself.
    """

    seats: tuple[Seat, ...]
    judged: tuple[tuple[Record, Decided], ...] = ()

    @property
    def opened(self) -> bool:
        """Whether everybody with a request has heard her result alone."""
        return all(seat.told for seat in self.seats if seat.record is not None)

    @property
    def waiting(self) -> int:
        """How many have not yet."""
        return sum(1 for seat in self.seats if seat.record is not None and not seat.told)


@dataclass(slots=True)
class _Held:
    """What is on record of one score."""

    content: Mapping[str, Any]
    kinds: set[str] = field(default_factory=set)
    opinion: Written | None = None
    decision: Decided | None = None
    shown: tuple[str, ...] = ()


def seats(database: Database, members: Iterable[str], recipe: str) -> Seats:
    """Return the seats of `members`: each one's score of `recipe` that stands, with what followed it."""
    names = tuple(members)
    with database.read() as connection:
        rows = connection.execute(
            sa.select(ENTRIES.c.kind, CONTENTS.c.record_id, CONTENTS.c.score_id, CONTENTS.c.content)
            .join(ENTRIES, ENTRIES.c.sequence == CONTENTS.c.sequence)
            .where(CONTENTS.c.subject.in_(names), ENTRIES.c.kind.in_(_KINDS), CONTENTS.c.content.is_not(None))
            .order_by(CONTENTS.c.sequence)
        ).all()
        held = _held(rows, recipe)
        contexts = _contexts(connection, {one.content["context"] for one in held.values()})
    found = {
        score_id: recorded(score_id, one.content, contexts[one.content["context"]]) for score_id, one in held.items()
    }
    last = {
        subject: found[score_id]
        for (subject, _), score_id in standing((score_id, one.content) for score_id, one in held.items()).items()
    }
    judged = tuple((found[score_id], one.decision) for score_id, one in held.items() if one.decision is not None)
    return Seats(tuple(_seat(name, last.get(name), held) for name in names), judged)


def _held(rows: Iterable[Any], recipe: str) -> dict[str, _Held]:
    """Return what is held of each score of `recipe`, the oldest first."""
    found: dict[str, _Held] = {}
    for kind, record_id, score_id, text in rows:
        content = json.loads(text)
        if kind == "score":
            if content["score"]["recipe"] == recipe:
                found[score_id] = _Held(content)
        elif score_id in found:
            one = found[score_id]
            one.kinds.add(kind)
            if kind == "opinion":
                one.opinion = written(record_id, content)
            elif kind == "shown":
                one.shown = tuple(content["facts"])
            elif kind == "decision" and content["role"] == "committee":
                one.decision = decided(record_id, content)
    return found


def _contexts(connection: sa.Connection, digests: set[str]) -> dict[str, Context]:
    rows = connection.execute(sa.select(CONTEXTS).where(CONTEXTS.c.digest.in_(digests)))
    return {row.digest: Context(json.loads(row.content)) for row in rows}


def _seat(member: str, record: Record | None, held: Mapping[str, _Held]) -> Seat:
    if record is None:
        return Seat(member)
    one, as_of = held[record.score_id], datetime.fromisoformat(record.score["as_of"])
    if "withdrawn" in one.kinds:
        return Seat(member, scored_as_of=as_of)
    shown = one.shown if one.decision is None else ()
    return Seat(member, record, "told" in one.kinds, one.opinion, one.decision, shown, as_of)
