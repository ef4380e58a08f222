"""Scores asked lately within somebody's scope, and what each waits for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from riskscore.service.access import Grant, Place
from riskscore.service.database import CONTENTS, ENTRIES
from riskscore.service.kinds import MEMBER
from riskscore.service.records import Records
from riskscore.service.standing import standing

#: What a score waits for: a talk with her alone, people's decision, or nothing more.
Waits = Literal["talk", "decision", "nothing"]

#: Kinds of entries after which a score waits for something else: a talk was had, a request taken back, a decision made.
_TOLD, _WITHDRAWN, _DECIDED = "told", "withdrawn", "decision"


@dataclass(frozen=True, slots=True)
class Lately:
    """One score.

    Parameters
    ----------
    score_id, recipe : str
    place : Place
    at : str
        When it was answered, UTC.
    amount : float or None
    currency : str or None
    ready : bool or None
        Its state; None where its recipe has none.
    waits : {"talk", "decision", "nothing"}
        Of a score in whose place another one stands (`riskscore.service.standing`), nothing.
    """

    score_id: str
    recipe: str
    place: Place
    at: str
    amount: float | None
    currency: str | None
    ready: bool | None
    waits: Waits


def lately(records: Records, viewer: Grant, since: str) -> tuple[Lately, ...]:
    """Return the scores within the viewer's scope that were answered at `since` (UTC) or later, the latest first."""
    with records.database.read() as connection:
        # The chain's times only rise, but a clock may be set back: the number of an entry is what orders it.
        rows = connection.execution_options(stream_results=True).execute(
            sa.select(ENTRIES.c.at, CONTENTS.c.score_id, CONTENTS.c.content)
            .join(CONTENTS, CONTENTS.c.sequence == ENTRIES.c.sequence)
            .where(ENTRIES.c.kind == "score", ENTRIES.c.at >= since, CONTENTS.c.content.is_not(None))
            .order_by(ENTRIES.c.sequence.desc())
        )
        read = ((row.score_id, row.at, json.loads(row.content)) for row in rows)
        asked = [one for one in read if viewer.reaches(_place(one[2]))]
        marked = connection.execute(
            sa.select(ENTRIES.c.kind, CONTENTS.c.score_id)
            .join(CONTENTS, CONTENTS.c.sequence == ENTRIES.c.sequence)
            .where(ENTRIES.c.kind.in_((_TOLD, _WITHDRAWN, _DECIDED)), ENTRIES.c.at >= since)
        )
        marks: dict[str, set[str]] = {}
        for row in marked:
            marks.setdefault(row.score_id, set()).add(row.kind)
    stand = set(standing((score_id, content) for score_id, _, content in reversed(asked)).values())
    return tuple(
        _lately(score_id, at, content, marks.get(score_id, set()), stands=score_id in stand)
        for score_id, at, content in asked
    )


def _lately(score_id: str, at: str, content: dict[str, Any], marks: set[str], *, stands: bool) -> Lately:
    state = content["score"].get("recommendation", {}).get("state")
    waits: Waits
    of_a_member = content["score"].get("subject_kind", MEMBER) == MEMBER  # of nobody else a decision is entered
    if not stands or state is None or not of_a_member or marks & {_WITHDRAWN, _DECIDED}:
        waits = "nothing"
    else:
        # Whatever her state: of talks with some alone her neighbours read which state the others have.
        waits = "decision" if _TOLD in marks else "talk"
    return Lately(
        score_id=score_id,
        recipe=content["score"]["recipe"],
        place=_place(content),
        at=at,
        amount=content["request"].get("amount"),
        currency=content["request"].get("currency"),
        ready=None if state is None else state == "ready",
        waits=waits,
    )


def _place(content: dict[str, Any]) -> Place:
    return Place(**content["place"])
