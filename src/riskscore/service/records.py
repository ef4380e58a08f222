"""The records: every score with the value row it came from, what was asked of it, and everyone who saw it.

Each is an entry of one chain. Nothing is changed; a member's records can be erased, and the chain still holds.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from riskscore.service.access import Grant, Place
from riskscore.service.chain import Statement, append, canonical
from riskscore.service.database import CONTENTS, CONTEXTS, ENTRIES, Database
from riskscore.service.kinds import MEMBER
from riskscore.service.upgrade import lock


@dataclass(frozen=True, slots=True)
class Record:
    """One score as it was answered, with all that is needed to compute it again.

    Parameters
    ----------
    score_id : str
        Random: it says nothing about its subject.
    place : Place
        Where the subject stood when she was scored; scopes are compared with it.
    score : dict
        The whole score, as its desk gave it.
    request : dict
        What was asked.
    values : dict
        What it was computed from: of a member the value row, every feature at the moment asked.
    context : dict
        What many scores share and their pages and replays need: the words of the model's features, country, currency,
        the policy. It is kept once for all of them.
    recorded_at : str
        UTC.
    asked_by : str
        The id of the token that asked.
    """

    score_id: str
    place: Place
    score: dict[str, Any]
    request: dict[str, Any]
    values: dict[str, Any]
    context: dict[str, Any]
    recorded_at: str
    asked_by: str

    @property
    def kind(self) -> str:
        """Whom it is about: a member, a communal bank or a producer association."""
        return str(self.score.get("subject_kind", MEMBER))


@dataclass(frozen=True, slots=True)
class Sighting:
    """Someone saw a score: when (UTC), in what role, and how."""

    at: str
    role: str
    action: str


@dataclass(frozen=True, slots=True)
class Erased:
    """A score whose content was erased: by which entry, and when (UTC)."""

    score_id: str
    entry: int
    at: str


class Records:
    """Scores and what belongs to them in the records database.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def append(self, record: Record, asker: Grant) -> None:
        """Write a score and that its asker saw it; both are on the disk when this returns."""
        context = canonical(record.context)
        digest = hashlib.sha256(context.encode()).hexdigest()
        content = {
            "place": asdict(record.place),
            "score": record.score,
            "request": record.request,
            "values": record.values,
            "context": digest,
            "recorded_at": record.recorded_at,
            "asked_by": record.asked_by,
        }
        subject, score_id = record.place.subject, record.score_id
        with self.database.write() as connection:
            append(
                connection,
                Statement("score", content, subject, score_id, record_id=score_id),
                Statement("access", _access(asker, "asked"), subject, score_id),
            )
            known = sa.select(CONTEXTS.c.digest).where(CONTEXTS.c.digest == digest)
            if connection.execute(known).first() is None:
                connection.execute(CONTEXTS.insert().values(digest=digest, content=context))

    def get(self, score_id: str) -> Record | None:
        """Return the score, or None where there is none of this id, or no longer."""
        with self.database.read() as connection:
            text = connection.execute(sa.select(CONTENTS.c.content).where(_is_score(score_id))).scalar()
            if text is None:
                return None
            content = json.loads(text)
            context = connection.execute(
                sa.select(CONTEXTS.c.content).where(CONTEXTS.c.digest == content["context"])
            ).scalar_one()
        return _record(score_id, content, json.loads(context))

    def erased(self, score_id: str) -> Erased | None:
        """Return when the score's content was erased; None where it is there, or never was."""
        erasure = ENTRIES.alias()
        with self.database.read() as connection:
            row = connection.execute(
                sa.select(erasure.c.sequence, erasure.c.at)
                .join(CONTENTS, CONTENTS.c.erased_by == erasure.c.sequence)
                .where(_is_score(score_id))
            ).first()
        return None if row is None else Erased(score_id, row.sequence, row.at)

    def scores(self, recipe: str) -> Iterator[Record]:
        """Yield every score of `recipe`, the oldest first, without its context."""
        with self.database.read() as connection:
            rows = connection.execute(
                sa.select(CONTENTS.c.score_id, CONTENTS.c.content)
                .join(ENTRIES, ENTRIES.c.sequence == CONTENTS.c.sequence)
                .where(ENTRIES.c.kind == "score", CONTENTS.c.content.is_not(None))
                .order_by(CONTENTS.c.sequence)
            )
            for row in rows:
                content = json.loads(row.content)
                if content["score"]["recipe"] == recipe:
                    yield _record(row.score_id, content, {})

    def seen(self, score_id: str, viewer: Grant, action: str) -> None:
        """Write down that `viewer` is about to see the score."""
        with self.database.write() as connection:
            append(
                connection,
                Statement("access", _access(viewer, action), _subject(connection, score_id), score_id),
            )

    def looked(self, viewer: Grant, action: str) -> None:
        """Write down that `viewer` is about to see a page about many, such as a list."""
        with self.database.write() as connection:
            append(connection, Statement("access", _access(viewer, action)))

    def what_if(self, score_id: str, viewer: Grant, asked: Mapping[str, Any], answered: Mapping[str, Any]) -> str:
        """Write down a question what a score would be if something were otherwise, and return its id.

        It is kept apart from the scores: nothing was asked for, and nothing recommended.
        """
        record_id = f"w_{secrets.token_hex(16)}"
        content = {**_access(viewer, "what_if"), "asked": dict(asked), "answered": dict(answered)}
        with self.database.write() as connection:
            append(
                connection,
                Statement("what_if", content, _subject(connection, score_id), score_id, record_id=record_id),
            )
        return record_id

    def refused(self, viewer: Grant, method: str, route: str, status: int) -> None:
        """Write down that something was refused: the route's template, never the path, which may name somebody."""
        content = {"token_id": viewer.token_id, "role": viewer.role, "method": method, "route": route, "status": status}
        with self.database.write() as connection:
            append(connection, Statement("refusal", content))

    def sightings(self, score_id: str) -> tuple[Sighting, ...]:
        """Return who saw the score, the latest first."""
        with self.database.read() as connection:
            rows = connection.execute(
                sa.select(ENTRIES.c.at, CONTENTS.c.content)
                .join(CONTENTS, CONTENTS.c.sequence == ENTRIES.c.sequence)
                .where(CONTENTS.c.score_id == score_id, ENTRIES.c.kind == "access", CONTENTS.c.content.is_not(None))
                .order_by(ENTRIES.c.sequence.desc())
            ).all()
        contents = [(row.at, json.loads(row.content)) for row in rows]
        return tuple(Sighting(at, content["role"], content["action"]) for at, content in contents)


def _is_score(score_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(CONTENTS.c.record_id == score_id, CONTENTS.c.score_id == score_id)


def _subject(connection: sa.Connection, score_id: str) -> str | None:
    """Wait for the chain, and return whom a score is about; None where that was erased meanwhile."""
    lock(connection)
    return connection.execute(sa.select(CONTENTS.c.subject).where(_is_score(score_id))).scalar()


def _record(score_id: str, content: Mapping[str, Any], context: dict[str, Any]) -> Record:
    return Record(
        score_id=score_id,
        place=Place(**content["place"]),
        score=content["score"],
        request=content["request"],
        values=content["values"],
        context=context,
        recorded_at=content["recorded_at"],
        asked_by=content["asked_by"],
    )


def _access(viewer: Grant, action: str) -> dict[str, str]:
    return {"token_id": viewer.token_id, "role": viewer.role, "action": action}
