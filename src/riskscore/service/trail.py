"""The trail: entries of the chain, the newest first, as an auditor may read them.

Nobody is named: whom an entry is about is a pseudonym. What people wrote in their own words stays out too, for it may
name a neighbour; that something was written is told.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from riskscore.service.access import Grant, Place
from riskscore.service.database import CONTENTS, ENTRIES
from riskscore.service.records import Records
from riskscore.service.serializer import Serializer
from riskscore.service.verification import faults_of

#: Entries of one page.
PAGE = 50

#: Entries that are looked through at once for somebody who may see those of one branch.
LOOKED_THROUGH = 2000

#: Ids as this service gives them, and numbers of entries that any database can hold.
SCORE_ID, NUMBER = "[A-Za-z0-9_]{1,80}", "[0-9]{1,18}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, without names.

    Parameters
    ----------
    sequence : int
    kind : str
    at : str
        UTC.
    role : str or None
        Of whoever did it; of a decision, who decided.
    token_id : str or None
        Names the token in records and logs; it opens nothing.
    score_id : str or None
    subject : str or None
        A pseudonym.
    says : dict
        What else may be told of this kind.
    erased : bool
        Its content was erased.
    fault : str or None
        What does not fit in this entry, its content or its link to the one before.
    """

    sequence: int
    kind: str
    at: str
    role: str | None
    token_id: str | None
    score_id: str | None
    subject: str | None
    says: Mapping[str, Any]
    erased: bool
    fault: str | None

    @property
    def overrides(self) -> bool:
        """Whether it is a decision against the recommendation."""
        return bool(self.says.get("overrides"))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the trail is asked for.

    Parameters
    ----------
    kind, score_id : str, optional
        Only these.
    before : int, optional
        Only entries of lower numbers.
    """

    kind: str | None = None
    score_id: str | None = None
    before: int | None = None


def trail(
    records: Records, serializer: Serializer, viewer: Grant, asked: Asked, *, most: int = PAGE
) -> tuple[tuple[Entry, ...], int | None]:
    """Return entries within the viewer's scope, the newest first, and the number to go on before, if there are more.

    Whoever sees one branch sees what is about its scores; refusals and erasures are nobody's branch.
    """
    everywhere = viewer.scope_kind == "all"
    window = most + 1 if everywhere else LOOKED_THROUGH
    conditions = [
        *([] if asked.kind is None else [ENTRIES.c.kind == asked.kind]),
        *([] if asked.score_id is None else [CONTENTS.c.score_id == asked.score_id]),
        *([] if asked.before is None else [ENTRIES.c.sequence < asked.before]),
    ]
    with records.database.read() as connection:
        rows = connection.execute(
            sa.select(ENTRIES.c.sequence, CONTENTS.c.score_id)
            .join(CONTENTS, CONTENTS.c.sequence == ENTRIES.c.sequence)
            .where(*conditions)
            .order_by(ENTRIES.c.sequence.desc())
            .limit(window)
        ).all()
        within = None if everywhere else _reached(connection, viewer, {row.score_id for row in rows if row.score_id})
        kept = [row.sequence for row in rows if within is None or row.score_id in within]
        shown = kept[:most]
        # Where no more were found it goes on from the last that was looked at.
        goes_on = shown if len(kept) > most else [row.sequence for row in rows] if len(rows) == window else [None]
        older = goes_on[-1]
        faults = faults_of(connection, shown)
        found = connection.execute(
            sa.select(ENTRIES.c.kind, ENTRIES.c.at, CONTENTS)
            .join(CONTENTS, CONTENTS.c.sequence == ENTRIES.c.sequence)
            .where(ENTRIES.c.sequence.in_(shown))
            .order_by(ENTRIES.c.sequence.desc())
        ).all()
    return tuple(_entry(row, serializer, faults[row.sequence]) for row in found), older


def head(records: Records) -> str | None:
    """Return number and hash of the last entry, as ``riskscore records verify --head`` takes them; None without one."""
    with records.database.read() as connection:
        row = connection.execute(
            sa.select(ENTRIES.c.sequence, ENTRIES.c.hash).order_by(ENTRIES.c.sequence.desc()).limit(1)
        ).first()
    return None if row is None else f"{row.sequence}:{row.hash}"


def _reached(connection: sa.Connection, viewer: Grant, score_ids: Collection[str]) -> set[str]:
    """Return which of the scores lie within the viewer's scope; an erased one has no place any more."""
    rows = connection.execute(
        sa.select(CONTENTS.c.score_id, CONTENTS.c.content).where(
            CONTENTS.c.record_id == CONTENTS.c.score_id,
            CONTENTS.c.score_id.in_(score_ids),
            CONTENTS.c.content.is_not(None),
        )
    )
    return {row.score_id for row in rows if viewer.reaches(Place(**json.loads(row.content)["place"]))}


def _entry(row: sa.Row[Any], serializer: Serializer, fault: str | None) -> Entry:
    content = {} if row.content is None else json.loads(row.content)
    says = _says(row.kind, content) if content else {}
    subject = row.subject and serializer.pseudonym(row.subject)
    return Entry(
        sequence=row.sequence,
        kind=row.kind,
        at=row.at,
        role=content.get("role"),
        token_id=content.get("token_id") or content.get("asked_by"),
        score_id=row.score_id,
        subject=content.get("pseudonym") if row.kind == "erasure" else subject,
        says=says | {"rules_id": row.record_id} if row.kind == "rules" and row.record_id else says,
        erased=row.content is None,
        fault=fault,
    )


def _says(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be told of an entry: an allow-list a kind; of a kind that is not listed, nothing."""
    if kind == "score":
        score = content["score"]
        return {
            **{name: score.get(name) for name in ("recipe", "as_of", "model_version", "policy_version")},
            "state": score.get("recommendation", {}).get("state"),
        }
    if kind == "decision":
        told = {name: content[name] for name in ("result", "overrides", "decided_on")}
        told |= {"reason_given": bool(content["reason"]), "opinion_given": bool(content["opinion"])}
        return told | {"rules": content.get("rules")}  # the first decisions have none
    if kind == "rules":
        return {"not_met": [one["code"] for one in content["not_met"]]}
    if kind == "erasure":
        return {"entries": len(content["erased"])}
    if kind == "refusal" and "refused" in content:  # of strangers, counted together
        return {"times": sum(one["times"] for one in content["refused"])}
    listed = {"access": ("action",), "refusal": ("method", "route", "status")}
    return {name: content[name] for name in listed.get(kind, ())}
