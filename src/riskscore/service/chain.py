"""The chain over all records: each entry carries the hash of the one before, so that none can be changed or taken out.

An entry hashes the salted digest of what it says, never what it says. The content lies beside the chain and may be
erased with its salt: the digest that stays then fits nothing that anybody could guess.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

import sqlalchemy as sa

from riskscore.service.database import CONTENTS, ENTRIES, now
from riskscore.service.postgresql import insert_together

Kind = Literal[
    "score",
    "what_if",
    "decision",
    "opinion",
    "told",
    "withdrawn",
    "shown",
    "rules",
    "behind",
    "objection",
    "consent",
    "access",
    "refusal",
    "erasure",
]

# Statements of every write, made once.
_HEAD = sa.select(ENTRIES.c.sequence, ENTRIES.c.hash).order_by(ENTRIES.c.sequence.desc()).limit(1)
_NEW_ENTRIES, _NEW_CONTENTS = ENTRIES.insert(), CONTENTS.insert()

#: What stands before the first entry.
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Statement:
    """What is to become an entry.

    Parameters
    ----------
    kind : str
    content : mapping
        JSON values.
    subject : str or None
        Whom it is about; it is erased with the content.
    score_id : str or None
        The score it is, or is about.
    record_id : str or None
        Its own name, where it has one: of a score, a what-if, a decision, an opinion, an objection or a group's rules.
        Two cannot have the same.
    """

    kind: Kind
    content: Mapping[str, Any]
    subject: str | None = None
    score_id: str | None = None
    record_id: str | None = None


def append(connection: sa.Connection, *statements: Statement) -> int:
    """Add entries inside `Database.chain` and return the number of the last; they are there once it commits."""
    head = connection.execute(_HEAD).first()
    sequence, previous = (0, GENESIS) if head is None else (head.sequence, head.hash)
    links = _links(sequence, previous, statements)
    if connection.dialect.name == "postgresql":
        # Each row is sent when it is made: the server writes one while the next is hashed.
        rows = (((ENTRIES, entry), (CONTENTS, content)) for entry, content in links)
        insert_together(connection, chain.from_iterable(rows))
    else:
        entries, contents = zip(*links, strict=True)
        connection.execute(_NEW_ENTRIES, entries)
        connection.execute(_NEW_CONTENTS, contents)
    return sequence + len(statements)


def _links(
    sequence: int, previous: str, statements: Sequence[Statement]
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the row of each entry, and that of what it says, after the entry `sequence` with the hash `previous`."""
    at = now()
    for statement in statements:
        sequence += 1
        salt, content = secrets.token_hex(16), canonical(statement.content)
        digest = digest_of(salt, statement.record_id, statement.score_id, statement.subject, content)
        link = hash_of(sequence, statement.kind, at, digest, previous)
        entry = {
            "sequence": sequence,
            "kind": statement.kind,
            "at": at,
            "digest": digest,
            "previous": previous,
            "hash": link,
        }
        yield (
            entry,
            {
                "sequence": sequence,
                "record_id": statement.record_id,
                "score_id": statement.score_id,
                "subject": statement.subject,
                "salt": salt,
                "content": content,
            },
        )
        previous = link


def digest_of(salt: str, record_id: str | None, score_id: str | None, subject: str | None, content: str) -> str:
    """Return the digest of what an entry says.

    Salted, so that a digest shown elsewhere cannot be compared with the digest of a guessed income.
    """
    return _sha256([salt, record_id, score_id, subject, content])


def hash_of(sequence: int, kind: str, at: str, digest: str, previous: str) -> str:
    """Return the hash of an entry, which the next one carries."""
    return _sha256([sequence, kind, at, digest, previous])


def canonical(content: Mapping[str, Any] | Sequence[Any]) -> str:
    """Return `content` as JSON in which equal contents are equal text; floats keep every bit, NaN is refused."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _sha256(parts: list[Any]) -> str:
    # A list in JSON: no two lists of parts are the same text, as they could be if they were put one after another.
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
