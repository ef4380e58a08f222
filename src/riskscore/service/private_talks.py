"""That a member heard her result from her officer alone, before her neighbours see it, and may have withdrawn.

Whatever the result is: were only those to be heard whose state is *talk first*, a missing word would tell it.
"""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

from riskscore.errors import InvalidInput, NotFound
from riskscore.service.access import Grant
from riskscore.service.chain import Statement, append
from riskscore.service.database import CONTENTS, ENTRIES, Database

Talk = Literal["told", "withdrawn"]


def note(database: Database, score_id: str, talk: Talk, officer: Grant) -> None:
    """Write down that she was told, or withdrew her request; on the disk when this returns.

    The same word twice is on record once. A request that was withdrawn is asked anew, with a new score.

    Raises
    ------
    NotFound
        The score was erased meanwhile.
    InvalidInput
        She was to be told of a request that she has withdrawn.
    """
    with database.chain() as connection:
        score = connection.execute(
            sa.select(CONTENTS.c.subject).where(CONTENTS.c.record_id == score_id, CONTENTS.c.content.is_not(None))
        ).first()
        if score is None:
            raise NotFound.of("score_id", "There is no such score.", "Check the id, and RISKSCORE_RECORDS.")
        before = talks(connection, score_id)
        if talk in before:
            return
        if "withdrawn" in before:
            what = "She has withdrawn this request."
            raise InvalidInput.of("score_id", what, "Ask for a new score if she asks for a loan again.")
        content = {"token_id": officer.token_id, "role": officer.role}
        append(connection, Statement(talk, content, score.subject, score_id))


def talks(connection: sa.Connection, score_id: str) -> frozenset[str]:
    """Return which of the two is on record of a score."""
    rows = connection.execute(
        sa.select(ENTRIES.c.kind)
        .join(CONTENTS, CONTENTS.c.sequence == ENTRIES.c.sequence)
        .where(CONTENTS.c.score_id == score_id, ENTRIES.c.kind.in_(("told", "withdrawn")))
    )
    return frozenset(rows.scalars())
