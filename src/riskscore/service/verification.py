"""Walking the chain: every entry against its content, its own hash and the entry before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from riskscore.errors import InvalidInput, Refused
from riskscore.service.chain import GENESIS, digest_of, hash_of
from riskscore.service.database import CONTENTS, CONTEXTS, ENTRIES, Database

_REMEDY = "Keep this database as it is, and compare it with the last backup that verifies."

#: What is text in every entry, and where it is told what one says. SQLite would keep bytes or numbers there as well.
_TEXTS, _TOLD = ("kind", "at", "digest", "previous", "hash"), ("record_id", "score_id", "subject", "salt", "content")

#: Times rise along the chain but for this much: the clocks of several machines are not one.
_APART = timedelta(minutes=1)

#: Names of an erased entry: its own and its score's.
_Names = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain that fits: its number and hash. Kept elsewhere, it shows later if entries are gone.

    Parameters
    ----------
    entries : int
    hash : str
    erased : int
        Entries whose content was erased, each named by an erasure.
    earlier : int or None
        The first entry that says it is more than a minute older than one before it; None where there is none. A clock
        was set back, or what it says was dated back.
    """

    entries: int
    hash: str
    erased: int
    earlier: int | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What is looked up while walking: which contexts fit, and what each erasure says it erased."""

    contexts: frozenset[str]
    erasures: Mapping[int, tuple[int, _Names]]


def verify(database: Database, *, since: tuple[int, str] | None = None) -> Head:
    """Walk the chain from its beginning.

    Parameters
    ----------
    database : Database
    since : tuple of int and str, optional
        Number and hash of an entry that was the head once, as `Head` told it then: it has to be there still.

    Raises
    ------
    Refused
        Something does not fit; the first entry of which this is so is named. Nothing that it says is repeated.
    """
    with database.read() as connection:
        last, previous, erased = 0, GENESIS, 0
        latest, earlier = "", None
        try:
            known = _Known(_contexts(connection), dict(_erasures(connection)))
            for row in _walk(connection):
                what = _fault(row, last + 1, previous, known)
                if what is None and since is not None and since[0] == row.sequence and since[1] != row.hash:
                    what = "It is not the entry that was the head then."
                if what is not None:
                    raise Refused.of(f"records: entry {last + 1}", what, _REMEDY)
                last, previous, erased = row.sequence, row.hash, erased + (row.content is None)
                if row.at < latest and earlier is None and _dated_back(row.at, latest):
                    earlier = row.sequence
                latest = max(latest, row.at)
            loose = connection.execute(
                sa.select(sa.func.count()).where(CONTENTS.c.sequence.not_in(sa.select(ENTRIES.c.sequence)))
            ).scalar_one()
        except (SQLAlchemyError, UnicodeError) as error:
            raise Refused.of(f"records: entry {last + 1}", "It cannot be read.", _REMEDY) from error
    if loose or (since is not None and since[0] > last):
        raise Refused.of(f"records: entry {last + 1}", "It is missing: there was one.", _REMEDY)
    return Head(last, previous, erased, earlier)


def faults_of(connection: sa.Connection, sequences: Collection[int]) -> dict[int, str | None]:
    """Return what does not fit of single entries, each against its content and the entry before; None where all does.

    It costs what those entries cost, and tells less than `verify`: one that is missing elsewhere does not show.
    """
    before = sa.select(ENTRIES.c.sequence, ENTRIES.c.hash).where(ENTRIES.c.sequence.in_([n - 1 for n in sequences]))
    links = {1: GENESIS} | {row.sequence + 1: row.hash for row in connection.execute(before)}
    known = _Known(_contexts(connection), dict(_erasures(connection)))
    return {
        row.sequence: _fault(row, row.sequence, links.get(row.sequence, ""), known)
        for row in _walk(connection, ENTRIES.c.sequence.in_(sequences))
    }


def read_head(text: str) -> tuple[int, str]:
    """Return number and hash of a head written as ``NUMBER:HASH``."""
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != len(GENESIS):
        raise InvalidInput.of("head", "This is not a head.", "Give the line that an earlier `verify` printed.")
    return int(number), digest


def _walk(connection: sa.Connection, *chosen: sa.ColumnElement[bool]) -> Iterator[sa.Row[Any]]:
    columns = (CONTENTS.c[name] for name in (*_TOLD, "erased_by"))
    # SQLite's text is read when its row is: one at a time, so that the row is known which cannot be. It keeps no other.
    at_once = {"max_row_buffer": 1} if connection.dialect.name == "sqlite" else {}
    rows = connection.execution_options(stream_results=True, **at_once).execute(
        sa.select(ENTRIES, CONTENTS.c.sequence.label("said"), *columns)
        .join(CONTENTS, CONTENTS.c.sequence == ENTRIES.c.sequence, isouter=True)
        .where(*chosen)
        .order_by(ENTRIES.c.sequence)
    )
    yield from rows


def _fault(row: sa.Row[Any], expected: int, previous: str, known: _Known) -> str | None:
    if row.sequence != expected:
        return "It is missing."
    if not all(isinstance(getattr(row, name), str) for name in _TEXTS) or not all(
        isinstance(getattr(row, name), str | None) for name in _TOLD
    ):
        return "It cannot be read: what should be text is not."
    if row.previous != previous:
        return "It does not follow the entry before."
    if row.hash != hash_of(row.sequence, row.kind, row.at, row.digest, row.previous):
        return "It was changed: its hash does not fit."
    if row.said is None:
        return "What it says is missing, and no erasure took it."
    if row.content is None or row.salt is None:
        named = known.erasures.get(row.sequence)
        whole = row.content is None and row.salt is None and row.subject is None
        if not whole or named != (row.erased_by, (row.record_id, row.score_id)):
            return "What it says is missing, and no erasure took it."
        return None
    if row.erased_by is not None or row.digest != digest_of(
        row.salt, row.record_id, row.score_id, row.subject, row.content
    ):
        return "What it says was changed: its digest does not fit."
    if row.sequence in known.erasures:
        return "It was erased, and is there again."
    if row.kind == "score" and _part(row.content, "context") not in known.contexts:
        return "The words and the policy it was answered with were changed or are missing."
    return None


def _contexts(connection: sa.Connection) -> frozenset[str]:
    rows = connection.execute(sa.select(CONTEXTS.c.digest, CONTEXTS.c.content))
    return frozenset(
        row.digest
        for row in rows
        if isinstance(row.content, str) and hashlib.sha256(row.content.encode()).hexdigest() == row.digest
    )


def _erasures(connection: sa.Connection) -> Iterator[tuple[int, tuple[int, _Names]]]:
    """Yield what each erasure took, and which erasure it was; one that was changed takes nothing."""
    rows = connection.execute(
        sa.select(ENTRIES.c.sequence, ENTRIES.c.digest, CONTENTS)
        .join(CONTENTS, CONTENTS.c.sequence == ENTRIES.c.sequence)
        .where(ENTRIES.c.kind == "erasure", CONTENTS.c.content.is_not(None), CONTENTS.c.salt.is_not(None))
    )
    for row in rows:
        told = [getattr(row, name) for name in _TOLD]
        if not all(isinstance(one, str | None) for one in told):
            continue
        if row.digest == digest_of(row.salt, row.record_id, row.score_id, row.subject, row.content):
            for sequence, record_id, score_id in _part(row.content, "erased") or ():
                yield sequence, (row.sequence, (record_id, score_id))


def _part(content: str, name: str) -> Any:
    """Return a part of what an entry says; None where it has none, as of one that no service wrote."""
    try:
        return json.loads(content)[name]
    except (ValueError, LookupError, TypeError):
        return None


def _dated_back(at: str, latest: str) -> bool:
    """Tell whether a moment lies further before another one than clocks of several machines differ."""
    try:
        return datetime.fromisoformat(latest) - datetime.fromisoformat(at) > _APART
    except (ValueError, TypeError):  # no moment, or one without a zone: no service wrote it
        return True
