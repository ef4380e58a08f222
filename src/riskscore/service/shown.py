"""What a member shows her committee of her own will, of one request, until it decided or she takes it back.

Her neighbours guarantee her, and could press her. So there is a short list of what can be shown, none of it an amount
that tells her income; nobody but she can show it; and of who shows nothing there is no word anywhere. What she shows
is read off her score, which never changes: the entry of the chain names it, with who and when, and holds no value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

import sqlalchemy as sa

from riskscore.errors import InvalidInput, NotFound
from riskscore.service.access import Grant
from riskscore.service.chain import Statement, append
from riskscore.service.database import CONTENTS, ENTRIES, Database, now
from riskscore.service.records import Record

#: Her loans elsewhere by their number, whether the instalments fit in what she has left, and her own savings.
FACTS = ("other_loans", "level", "savings")

#: The feature of a value row that her own savings are.
_SAVINGS = "accessible_savings"


def showable(record: Record) -> dict[str, Any]:
    """Return what she could show of her score, in the order of `FACTS`; what is not known is not there."""
    level, savings = record.score["indebtedness"]["level"], record.values.get(_SAVINGS)
    known = {
        "other_loans": int(record.request["other_active_loans"]),
        "level": None if level == "UNKNOWN" else level,
        "savings": savings,
    }
    return {name: value for name, value in known.items() if value is not None}


def show(
    database: Database, record: Record, facts: Collection[str], member: Grant, *, clock: Callable[[], str] = now
) -> None:
    """Write down what she shows from now on; none takes all of it back. What stands already is not written again.

    Raises
    ------
    InvalidInput
        Something that there is not to be shown.
    NotFound
        The score was erased meanwhile.
    """
    if not set(facts) <= showable(record).keys():
        remedy = f"Choose among: {', '.join(showable(record))}."
        raise InvalidInput.of("facts", "This cannot be shown.", remedy)
    chosen = [name for name in FACTS if name in facts]
    content = {"facts": chosen, "role": member.role, "recorded_at": clock(), "token_id": member.token_id}
    with database.chain() as connection:
        there = sa.select(CONTENTS.c.sequence).where(
            CONTENTS.c.record_id == record.score_id, CONTENTS.c.content.is_not(None)
        )
        if connection.execute(there).first() is None:
            raise NotFound.of("score_id", "There is no such score.", "Check the id.")
        if _standing(connection, record.score_id) != chosen:
            append(connection, Statement("shown", content, record.place.subject, record.score_id))


def shown(database: Database, score_id: str) -> tuple[str, ...]:
    """Return what she shows of a score."""
    with database.read() as connection:
        return tuple(_standing(connection, score_id))


def values_of(record: Record, facts: Collection[str]) -> Mapping[str, Any]:
    """Return the values of what she shows."""
    return {name: value for name, value in showable(record).items() if name in facts}


def _standing(connection: sa.Connection, score_id: str) -> list[str]:
    content = connection.execute(
        sa.select(CONTENTS.c.content)
        .join(ENTRIES, ENTRIES.c.sequence == CONTENTS.c.sequence)
        .where(ENTRIES.c.kind == "shown", CONTENTS.c.score_id == score_id, CONTENTS.c.content.is_not(None))
        .order_by(CONTENTS.c.sequence.desc())
    ).scalar()
    return [] if content is None else list(json.loads(content)["facts"])
