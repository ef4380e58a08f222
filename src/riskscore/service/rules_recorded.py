"""What the policy's rules answered of a communal bank, on record, so that what a sheet said can be computed again.

It is written where it is shown or decided by, and only where it differs from what is on record last, so that a sheet
that is opened often adds nothing. Of each request the rules on her and her loan are an entry of her own, which goes
with her records when they are handed over or erased. The entry of the group follows them. It names nobody.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from riskscore.scoring.group_facts import Measured
from riskscore.scoring.rule_answers import Answer
from riskscore.service.chain import Statement, append
from riskscore.service.database import CONTENTS, ENTRIES, Database
from riskscore.service.kinds import COMMUNAL_BANK
from riskscore.service.meeting import Meeting, meeting_at
from riskscore.service.parts import Parts
from riskscore.service.records import Record, Records
from riskscore.service.rules_told import not_met, requests_of

#: An answer as it is kept, by its names.
Kept = Mapping[str, Any]

_ENTERED = (
    sa.select(CONTENTS.c.sequence, CONTENTS.c.record_id, CONTENTS.c.score_id, CONTENTS.c.subject, CONTENTS.c.content)
    .join(ENTRIES, ENTRIES.c.sequence == CONTENTS.c.sequence)
    .where(ENTRIES.c.kind == "rules", CONTENTS.c.content.is_not(None))
    .order_by(CONTENTS.c.sequence)
)


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the rules answered at a moment.

    Parameters
    ----------
    rules_id, bank_id : str
    as_of : datetime
        The portfolio's moment, local.
    context : str
        The digest of what holds the policy.
    requests : tuple of str
        The scores whose requests were at the table.
    of_group : sequence of dict
        The rules on the group that did not hold.
    of_members : mapping of str to sequence of dict
        Those on a member and her loan, by score; none of what was erased.
    """

    rules_id: str
    bank_id: str
    as_of: datetime
    context: str
    requests: tuple[str, ...]
    of_group: Sequence[Kept]
    of_members: Mapping[str, Sequence[Kept]]


def recorded_meeting(parts: Parts, bank_id: str | None) -> Meeting | None:
    """Return a meeting as `meeting_at` does, and write down what the rules answer there."""
    meeting = meeting_at(parts, bank_id)
    if meeting is not None:
        record_rules(parts.records, meeting)
    return meeting


def record_rules(records: Records, meeting: Meeting) -> None:
    """Write down what the rules answer of a communal bank where it differs from what is on record last."""
    if not meeting.rules.answers:
        return
    database = records.database
    with database.read() as connection:
        if not _news(connection, meeting):
            return
    with database.chain() as connection:
        news = _news(connection, meeting)
        there = _there(connection, [record.score_id for record in requests_of(meeting.held).values()])
        if news and there:  # nothing of a request that was erased since it was read
            append(connection, *news)
            records.keep(connection, {meeting.context.digest: meeting.context.text})


def kept(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """Return the answers that do not hold as they are kept: exact values, and no words, which the policy has."""
    return [
        {
            "code": one.rule.code,
            "state": one.state,
            "exception": one.exception,
            "measured": _exact(one.found) if isinstance(one.found, Measured) else None,
            "bounds": None if one.band is None else dict(one.band.bounds),
        }
        for one in not_met(answers)
    ]


def rules_by_id(database: Database, rules_id: str) -> Ruled | None:
    """Return what is on record under an id, or None where there is nothing, or no longer."""
    with database.read() as connection:
        rows = connection.execute(_ENTERED.where(CONTENTS.c.record_id == rules_id)).all()
        found = _ruled(connection, rows)
    return found[0] if found else None


def rules_of_score(database: Database, record: Record) -> tuple[Ruled, ...]:
    """Return what is on record of the tables at which a score's request was, the oldest first; a bank's own, of all."""
    bank_id = record.place.bank_id
    with database.read() as connection:
        rows = connection.execute(_ENTERED.where(CONTENTS.c.subject == bank_id, CONTENTS.c.score_id.is_(None))).all()
        found = _ruled(connection, rows)
    return tuple(one for one in found if record.kind == COMMUNAL_BANK or record.score_id in one.requests)


def _news(connection: sa.Connection, meeting: Meeting) -> list[Statement]:
    """Return what is to be written: of each request, and then of the group, what is not on record as it is."""
    requests, bank_id = requests_of(meeting.held), meeting.facts.bank_id
    ids = sorted(record.score_id for record in requests.values())
    before = {
        row.score_id: json.loads(row.content)
        for row in connection.execute(_ENTERED.where(CONTENTS.c.score_id.in_(ids)))
    }
    hers = [
        Statement("rules", content, member, record.score_id)
        for member, record in requests.items()
        if (content := {"not_met": kept(meeting.rules.of_member(member))}) != before.get(record.score_id)
    ]
    of_group = {
        "as_of": meeting.facts.as_of.isoformat(),
        "context": meeting.context.digest,
        "requests": ids,
        "not_met": kept([one for one in meeting.rules.answers if one.member_id is None]),
    }
    last = connection.execute(
        _ENTERED.where(CONTENTS.c.subject == bank_id, CONTENTS.c.score_id.is_(None))
        .order_by(None)
        .order_by(CONTENTS.c.sequence.desc())
        .limit(1)
    ).first()
    if not hers and last is not None and json.loads(last.content) == of_group:
        return []
    return [*hers, Statement("rules", of_group, bank_id, record_id=f"r_{secrets.token_hex(16)}")]


def _there(connection: sa.Connection, score_ids: Sequence[str]) -> bool:
    """Tell whether every score is on record still."""
    found = sa.select(sa.func.count()).where(CONTENTS.c.record_id.in_(score_ids), CONTENTS.c.content.is_not(None))
    return connection.execute(found).scalar_one() == len(score_ids)


def _ruled(connection: sa.Connection, rows: Sequence[Any]) -> list[Ruled]:
    """Return entries about groups, each with what had been written of its requests by then."""
    told = [(row, json.loads(row.content)) for row in rows]
    ids = {score_id for _, content in told for score_id in content["requests"]}
    hers = connection.execute(_ENTERED.where(CONTENTS.c.score_id.in_(ids))).all()
    return [
        Ruled(
            rules_id=row.record_id,
            bank_id=row.subject,
            as_of=datetime.fromisoformat(content["as_of"]),
            context=content["context"],
            requests=tuple(content["requests"]),
            of_group=content["not_met"],
            of_members={
                one.score_id: json.loads(one.content)["not_met"]
                for one in hers
                if one.sequence < row.sequence and one.score_id in content["requests"]
            },
        )
        for row, content in told
    ]


def _exact(found: Measured) -> dict[str, str | None]:
    return {"part": str(found.part), "whole": None if found.whole is None else str(found.whole)}
