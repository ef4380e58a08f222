"""The records: every score with the value row it came from, what was asked of it, and everyone who saw it.

Each is an entry of one chain. Nothing is changed; a member's records can be erased, and the chain still holds.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import sqlalchemy as sa

from riskscore.errors import NotFound
from riskscore.service.access import Grant, Place
from riskscore.service.behind_recorded import behind_of, statements
from riskscore.service.chain import Statement, append
from riskscore.service.context import Context
from riskscore.service.database import CONTENTS, CONTEXTS, ENTRIES, Database
from riskscore.service.kinds import COMMUNAL_BANK, MEMBER
from riskscore.service.named import is_score, is_there, subject_of
from riskscore.service.standing import CURIOUS

#: Kinds of entries that say who saw a score: whoever asks what it would be sees what it is.
_SIGHTINGS = ("access", "what_if")


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
    context : Context
        What its page and its replay need, and many scores share: the words of the model's features, the policy.
    recorded_at : str
        UTC.
    asked_by : str
        The id of the token that asked.
    history : list of dict
        Her last cycles as they stood then, the oldest first; no model reads them.
    facts : dict or None
        What was sent of her with the request (`riskscore.service.facts.Facts.told`): tables with their numbers of rows,
        and a digest; None where all was read from the portfolio.
    behind : dict of str to dict
        Of a communal bank, what is kept of each member behind its request, by her id and in order; none of whom was
        erased since. The first records have it in `values`, without ids.
    """

    score_id: str
    place: Place
    score: dict[str, Any]
    request: dict[str, Any]
    values: dict[str, Any]
    context: Context
    recorded_at: str
    asked_by: str
    history: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] | None = None
    behind: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Whom it is about: a member, a communal bank or a producer association."""
        return str(self.score.get("subject_kind", MEMBER))


@dataclass(frozen=True, slots=True)
class Sent:
    """Under which key something was sent, and the digest of what was; see `riskscore.service.sent`."""

    key: str
    body: str


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
        #: Digests of contexts that are on record, as long as no connection is made: it may lead to another database.
        self._kept: set[str] = set()
        self._kept_of = 0

    def append(self, record: Record, asker: Grant) -> None:
        """Write a score and that its asker saw it; both are on the disk when this returns."""
        self.append_all([record], asker)

    def append_all(self, every: Sequence[Record], asker: Grant, sent: Sequence[Sent] = ()) -> bool:
        """Write scores, and that their asker saw them, in one transaction; all are on the disk when this returns.

        Where they were sent under a key (each with its own `Sent`), whose names they then have, and were on record
        before, nothing is written and False comes back (`riskscore.service.sent`).
        """
        contexts: dict[str, str] = {}
        entries = []
        for place, record in enumerate(every):
            context = record.context
            contexts[context.digest] = context.text
            content: dict[str, Any] = {
                "place": {one.name: getattr(record.place, one.name) for one in fields(Place)},
                "score": record.score,
                "request": record.request,
                "values": record.values,
                "context": context.digest,
                "recorded_at": record.recorded_at,
                "asked_by": record.asked_by,
                "asked_as": asker.role,
                "history": record.history,
            }
            if record.facts is not None:
                content["facts"] = record.facts
            if sent:
                content["sent"] = {**asdict(sent[place]), "place": place, "of": len(every)}
            subject, score_id = record.place.subject, record.score_id
            entries += [
                Statement("score", content, subject, score_id, record_id=score_id),
                Statement("access", _access(asker, "asked"), subject, score_id),
                *statements(score_id, record.behind),
            ]
        with self.database.chain() as connection:
            if sent and is_there(connection, every[0].score_id):
                return False
            append(connection, *entries)
            self.keep(connection, contexts)
        self._kept |= contexts.keys()
        return True

    def keep(self, connection: sa.Connection, contexts: Mapping[str, str]) -> None:
        """Write down the contexts, by digest, that are not on record yet."""
        if self._kept_of != self.database.connections:
            self._kept, self._kept_of = set(), self.database.connections
        new = contexts.keys() - self._kept
        if not new:
            return
        there = sa.select(CONTEXTS.c.digest).where(CONTEXTS.c.digest.in_(new))
        for digest in sorted(new - set(connection.execute(there).scalars())):
            connection.execute(CONTEXTS.insert().values(digest=digest, content=contexts[digest]))

    def get(self, score_id: str) -> Record | None:
        """Return the score, or None where there is none of this id, or no longer."""
        with self.database.read() as connection:
            text = connection.execute(sa.select(CONTENTS.c.content).where(is_score(score_id))).scalar()
            if text is None:
                return None
            content = json.loads(text)
            context = connection.execute(
                sa.select(CONTEXTS.c.content).where(CONTEXTS.c.digest == content["context"])
            ).scalar_one()
            record = recorded(score_id, content, Context(json.loads(context)))
            if record.kind == COMMUNAL_BANK:
                record = replace(record, behind=behind_of(connection, score_id))
        return record

    def sent(self, score_id: str) -> tuple[Sent, int] | None:
        """Return under which key a score came, and how many came with it; None where there is none.

        Raises
        ------
        NotFound
            It was erased.
        """
        named = sa.select(CONTENTS.c.content).where(CONTENTS.c.record_id == score_id)
        with self.database.read() as connection:
            row = connection.execute(named).first()
        if row is None:
            return None
        if row.content is None:
            raise NotFound.of("score_id", "It was erased.", "Ask for a new score.")
        kept = json.loads(row.content)["sent"]
        return Sent(kept["key"], kept["body"]), kept["of"]

    def erased(self, score_id: str) -> Erased | None:
        """Return when the score's content was erased; None where it is there, or never was."""
        erasure = ENTRIES.alias()
        with self.database.read() as connection:
            row = connection.execute(
                sa.select(erasure.c.sequence, erasure.c.at)
                .join(CONTENTS, CONTENTS.c.erased_by == erasure.c.sequence)
                .where(is_score(score_id))
            ).first()
        return None if row is None else Erased(score_id, row.sequence, row.at)

    def scores(self, recipe: str) -> Iterator[Record]:
        """Yield every score of `recipe` but an analyst's, who asks for no loan; the oldest first, as `recorded`."""
        with self.database.read() as connection:
            rows = connection.execute(
                sa.select(CONTENTS.c.score_id, CONTENTS.c.content)
                .join(ENTRIES, ENTRIES.c.sequence == CONTENTS.c.sequence)
                .where(ENTRIES.c.kind == "score", CONTENTS.c.content.is_not(None))
                .order_by(CONTENTS.c.sequence)
            )
            for row in rows:
                content = json.loads(row.content)
                if content["score"]["recipe"] == recipe and content.get("asked_as") != CURIOUS:
                    yield recorded(row.score_id, content, Context())

    def seen(self, score_id: str, viewer: Grant, action: str) -> None:
        """Write down that `viewer` is about to see the score."""
        with self.database.chain() as connection:
            append(
                connection,
                Statement("access", _access(viewer, action), subject_of(connection, score_id), score_id),
            )

    def looked(self, viewer: Grant, action: str) -> None:
        """Write down that `viewer` is about to see a page about many, such as a list."""
        with self.database.chain() as connection:
            append(connection, Statement("access", _access(viewer, action)))

    def seen_together(self, score_ids: Sequence[str], viewer: Grant, action: str) -> None:
        """Write down, in one transaction, that `viewer` is about to see several scores; those erased are left out."""
        with self.database.chain() as connection:
            rows = connection.execute(
                sa.select(CONTENTS.c.score_id, CONTENTS.c.subject).where(
                    CONTENTS.c.record_id.in_(score_ids), CONTENTS.c.subject.is_not(None)
                )
            )
            subjects = {row.score_id: row.subject for row in rows}
            seen = [
                Statement("access", _access(viewer, action), subjects[score_id], score_id)
                for score_id in score_ids
                if score_id in subjects
            ]
            if seen:
                append(connection, *seen)

    def what_if(
        self,
        score_id: str,
        viewer: Grant,
        asked: Mapping[str, Any],
        answered: Mapping[str, Any],
        under: tuple[str, Sent] | None = None,
    ) -> tuple[str, Sent | None]:
        """Write down a question what a score would be if something were otherwise; return its id and under which key.

        It is kept apart from the scores: nothing was asked for, and nothing recommended. `under` holds the id that
        follows from a key, and the key: where it is on record nothing is written, and what it came with is returned.

        Raises
        ------
        NotFound
            The score was erased meanwhile; what was to be answered rests on it.
        """
        record_id, sent = under or (f"w_{secrets.token_hex(16)}", None)
        content = {**_access(viewer, "what_if"), "asked": dict(asked), "answered": dict(answered)}
        if sent is not None:
            content["sent"] = asdict(sent)
        with self.database.chain() as connection:
            subject = subject_of(connection, score_id)
            if subject is None:
                raise NotFound.of("score_id", "There is no such score.", "Check the id, and RISKSCORE_RECORDS.")
            named = sa.select(CONTENTS.c.content).where(CONTENTS.c.record_id == record_id)
            earlier = None if sent is None else connection.execute(named).scalar()
            if earlier is not None:
                return record_id, Sent(**json.loads(earlier)["sent"])
            append(connection, Statement("what_if", content, subject, score_id, record_id=record_id))
        return record_id, sent

    def refused(self, viewer: Grant, method: str, route: str, status: int) -> None:
        """Write down that something was refused: the route's template, never the path, which may name somebody."""
        content = {"token_id": viewer.token_id, "role": viewer.role, "method": method, "route": route, "status": status}
        with self.database.chain() as connection:
            append(connection, Statement("refusal", content))

    def refused_together(self, since: str, until: str, refused: Sequence[Mapping[str, Any]]) -> None:
        """Write down how often something was refused between two moments (UTC), by status and reason."""
        content = {"since": since, "until": until, "refused": [dict(one) for one in refused]}
        with self.database.chain() as connection:
            append(connection, Statement("refusal", content))

    def length(self) -> int:
        """Return how many entries the chain has."""
        with self.database.read() as connection:
            return connection.execute(sa.select(sa.func.max(ENTRIES.c.sequence))).scalar() or 0

    def sightings(self, score_id: str) -> tuple[Sighting, ...]:
        """Return who saw the score, the latest first."""
        with self.database.read() as connection:
            rows = connection.execute(
                sa.select(ENTRIES.c.at, CONTENTS.c.content)
                .join(CONTENTS, CONTENTS.c.sequence == ENTRIES.c.sequence)
                .where(CONTENTS.c.score_id == score_id, ENTRIES.c.kind.in_(_SIGHTINGS), CONTENTS.c.content.is_not(None))
                .order_by(ENTRIES.c.sequence.desc())
            ).all()
        contents = [(row.at, json.loads(row.content)) for row in rows]
        return tuple(Sighting(at, content["role"], content["action"]) for at, content in contents)


def recorded(score_id: str, content: Mapping[str, Any], context: Context) -> Record:
    """Return a score from what its own entry says and the context that it shares, without what is kept beside it."""
    return Record(
        score_id=score_id,
        place=Place(**content["place"]),
        score=content["score"],
        request=content["request"],
        values=content["values"],
        context=context,
        recorded_at=content["recorded_at"],
        asked_by=content["asked_by"],
        history=content.get("history", []),  # the first records have none
        facts=content.get("facts"),
    )


def _access(viewer: Grant, action: str) -> dict[str, str]:
    return {"token_id": viewer.token_id, "role": viewer.role, "action": action}
