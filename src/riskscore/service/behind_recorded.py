"""What a communal bank's score keeps of each member behind it, on record: an entry of her own beside the score's.

So it is handed over with her records and erased with them. The entries follow the score's in the order of the members'
ids, which is the order in which it is computed again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from riskscore.service.chain import Kind, Statement
from riskscore.service.database import CONTENTS, ENTRIES

#: The kind of these entries.
BEHIND: Kind = "behind"

_BESIDE = (
    sa.select(CONTENTS.c.subject, CONTENTS.c.content)
    .join(ENTRIES, ENTRIES.c.sequence == CONTENTS.c.sequence)
    .where(ENTRIES.c.kind == BEHIND, CONTENTS.c.content.is_not(None))
    .order_by(CONTENTS.c.sequence)
)


def statements(score_id: str, behind: Mapping[str, Mapping[str, Any]]) -> list[Statement]:
    """Return what is to be written of each member behind a score, given by her id and in order."""
    return [Statement(BEHIND, of_her, member, score_id) for member, of_her in behind.items()]


def behind_of(connection: sa.Connection, score_id: str) -> dict[str, dict[str, Any]]:
    """Return what is kept of each member behind a score, by her id and in order; none of whom was erased."""
    rows = connection.execute(_BESIDE.where(CONTENTS.c.score_id == score_id))
    return {row.subject: json.loads(row.content) for row in rows}


def of_scores_of(subject: str) -> sa.ColumnElement[bool]:
    """Return the condition of an entry that is kept beside a score of `subject`, of which it is a part."""
    score = CONTENTS.alias()
    scores = sa.select(score.c.score_id).where(score.c.record_id == score.c.score_id, score.c.subject == subject)
    kept_beside = sa.exists().where(ENTRIES.c.sequence == CONTENTS.c.sequence, ENTRIES.c.kind == BEHIND)
    return sa.and_(CONTENTS.c.score_id.in_(scores), CONTENTS.c.content.is_not(None), kept_beside.correlate(CONTENTS))
