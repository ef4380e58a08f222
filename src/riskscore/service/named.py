"""Entries looked for by their name, or by that of the score they are."""

from __future__ import annotations

import sqlalchemy as sa

from riskscore.service.database import CONTENTS


def is_score(score_id: str) -> sa.ColumnElement[bool]:
    """Return the condition of a score's own entry."""
    if "\0" in score_id:  # PostgreSQL takes no such text, not even to look for it
        return sa.false()
    return sa.and_(CONTENTS.c.record_id == score_id, CONTENTS.c.score_id == score_id)


def is_there(connection: sa.Connection, record_id: str) -> bool:
    """Tell whether there is a record of this name, or was one that was erased."""
    named = sa.select(CONTENTS.c.sequence).where(CONTENTS.c.record_id == record_id)
    return connection.execute(named).first() is not None


def subject_of(connection: sa.Connection, score_id: str) -> str | None:
    """Return whom a score is about; None where that was erased meanwhile."""
    return connection.execute(sa.select(CONTENTS.c.subject).where(is_score(score_id))).scalar()
