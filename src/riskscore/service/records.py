"""The records: every score with the value row it came from, and everyone who saw it. Rows are only ever added."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from riskscore.service.access import Grant, Place
from riskscore.service.database import ACCESSES, CONTEXTS, SCORES, Database, now


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
        The whole score, as `riskscore.scoring.Score.to_dict` gave it.
    request : dict
        What was asked.
    values : dict of str to float or None
        The value row: every feature, at the moment asked.
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
    values: dict[str, float | None]
    context: dict[str, Any]
    recorded_at: str
    asked_by: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """Someone saw a score: when (UTC), in what role, and how."""

    at: str
    role: str
    action: str


class Records:
    """Scores and accesses in the records database.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, record: Record, asker: Grant) -> None:
        """Write a score and that its asker saw it; both are on the disk when this returns."""
        score = record.score
        context = canonical(record.context)
        texts = {
            "score": canonical(score),
            "request": canonical(record.request),
            "value_row": canonical(record.values),
            "context": hashlib.sha256(context.encode()).hexdigest(),
        }
        salt = secrets.token_hex(16)
        # Salted, so that a digest shown elsewhere cannot be compared with the digest of a guessed income.
        digest = hashlib.sha256("\n".join((salt, record.score_id, *texts.values())).encode()).hexdigest()
        row = {
            "score_id": record.score_id,
            "recorded_at": record.recorded_at,
            "asked_by": record.asked_by,
            "recipe": str(score["recipe"]),
            "subject": record.place.subject,
            "group_id": record.place.group_id,
            "bank_id": record.place.bank_id,
            "branch_id": record.place.branch_id,
            "as_of": str(score["as_of"]),
            "model_version": str(score["model_version"]),
            "lock": str(score["lock"]),
            "policy_version": str(score["policy_version"]),
            "salt": salt,
            "digest": digest,
            **texts,
        }
        with self._database.write() as connection:
            known = sa.select(CONTEXTS.c.digest).where(CONTEXTS.c.digest == texts["context"])
            if connection.execute(known).first() is None:
                connection.execute(CONTEXTS.insert().values(digest=texts["context"], content=context))
            connection.execute(SCORES.insert().values(row))
            connection.execute(ACCESSES.insert().values(_sighting(record.score_id, asker, "asked")))

    def get(self, score_id: str) -> Record | None:
        """Return the score, or None where there is none of this id."""
        with self._database.read() as connection:
            row = connection.execute(
                sa.select(SCORES, CONTEXTS.c.content)
                .join(CONTEXTS, CONTEXTS.c.digest == SCORES.c.context)
                .where(SCORES.c.score_id == score_id)
            ).first()
        if row is None:
            return None
        fields = row._mapping
        return Record(
            score_id=fields["score_id"],
            place=Place(fields["subject"], fields["group_id"], fields["bank_id"], fields["branch_id"]),
            score=json.loads(fields["score"]),
            request=json.loads(fields["request"]),
            values=json.loads(fields["value_row"]),
            context=json.loads(fields["content"]),
            recorded_at=fields["recorded_at"],
            asked_by=fields["asked_by"],
        )

    def seen(self, score_id: str, viewer: Grant, action: str) -> None:
        """Write down that `viewer` is about to see the score."""
        with self._database.write() as connection:
            connection.execute(ACCESSES.insert().values(_sighting(score_id, viewer, action)))

    def sightings(self, score_id: str) -> tuple[Sighting, ...]:
        """Return who saw the score, the latest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                sa.select(ACCESSES.c.at, ACCESSES.c.role, ACCESSES.c.action)
                .where(ACCESSES.c.score_id == score_id)
                .order_by(ACCESSES.c.number.desc())
            )
            return tuple(Sighting(row.at, row.role, row.action) for row in rows)


def canonical(content: Mapping[str, Any]) -> str:
    """Return `content` as JSON in which equal contents are equal text; floats keep every bit, NaN is refused."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _sighting(score_id: str, viewer: Grant, action: str) -> dict[str, str]:
    return {"at": now(), "token_id": viewer.token_id, "role": viewer.role, "score_id": score_id, "action": action}
