"""What a committee thinks of a request before it is shown what was recommended.

An opinion is an entry of the chain: that it came before the state is shown by its number, and nobody's word. There is
one on a score; what is thought later is the reason of a decision.
"""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated, Any, Literal, get_args

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.service.access import Grant
from riskscore.service.chain import Statement, append
from riskscore.service.database import CONTENTS, ENTRIES, Database, now
from riskscore.service.days import day_faults
from riskscore.service.examples import DAY
from riskscore.service.records import Record
from riskscore.service.texts import text_faults

Would = Literal["yes", "less", "no"]

#: Longest words of an opinion, in characters.
LONGEST_WORDS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the committee would do by itself.

    Parameters
    ----------
    score_id : str
    would_approve : {"yes", "less", "no"}
    amount : float or None
        In the request's currency, where it would approve less.
    words : str or None
    written_on : date
        The true day, by the institution's clock; it may lie before the day on which it is entered.
    """

    score_id: str
    would_approve: str
    amount: float | None = None
    words: str | None = None
    written_on: date


@dataclass(frozen=True, slots=True)
class Written:
    """An opinion on record: when it was entered (UTC), and by what token of which role."""

    opinion_id: str
    opinion: Opinion
    recorded_at: str
    entered_by: str
    role: str


class OpinionBody(BaseModel):
    """What `POST /v1/scores/{score_id}/opinions` takes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    would_approve: Annotated[
        str,
        Field(
            max_length=10,
            json_schema_extra={"enum": list(get_args(Would))},
            description="Whether the committee, by itself, would approve what was asked, less, or nothing.",
        ),
    ]
    amount: Annotated[
        float | None,
        Field(gt=0, le=1e12, allow_inf_nan=False, description="How much, where it would approve less than was asked."),
    ] = None
    words: Annotated[str | None, Field(max_length=LONGEST_WORDS, description="Why, in its own words.")] = None
    written_on: Annotated[
        str,
        Field(
            pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            json_schema_extra={"format": "date"},
            description="The true day, by the institution's clock: from the day of the score to today.",
        ),
    ]


REMEDIES = {
    "would_approve": f"Use one of: {', '.join(get_args(Would))}.",
    "amount": "Give an amount below what was asked where the committee would approve less; leave it out otherwise.",
    "words": f"Write why, in at most {LONGEST_WORDS} characters, or leave it out.",
    "written_on": "Give the day on which it was written, such as '2026-02-03'.",
}

#: An opinion that a reader may copy.
EXAMPLE: dict[str, Any] = {
    "would_approve": "less",
    "amount": 800.0,
    "words": "Paga bien. Este mes vendió poco.",
    "written_on": DAY,
}


def faults_of(opinion: Opinion, record: Record, recorded_at: str) -> list[Fault]:
    """Return what speaks against entering `opinion` on `record` at the moment `recorded_at` (UTC)."""
    faults = text_faults("words", opinion.words, LONGEST_WORDS, REMEDIES["words"], needed=False)
    if opinion.would_approve not in get_args(Would):
        faults.append(Fault("would_approve", "This is no opinion that is known.", REMEDIES["would_approve"]))
    elif opinion.would_approve == "less":
        asked = float(record.request["amount"])
        if opinion.amount is None or not math.isfinite(opinion.amount) or not 0 < opinion.amount < asked:
            faults.append(Fault("amount", "Less than was asked needs its amount.", REMEDIES["amount"]))
    elif opinion.amount is not None:
        faults.append(Fault("amount", "There is nothing to lower.", REMEDIES["amount"]))
    return faults + day_faults("written_on", opinion.written_on, record, recorded_at)


def opine(
    database: Database, opinion: Opinion, record: Record, entered_by: Grant, *, clock: Callable[[], str] = now
) -> Written:
    """Write an opinion down; it is on the disk when this returns.

    The same opinion sent again by the same token answers the first record.

    Raises
    ------
    InvalidInput
        Every fault at once; or there is an opinion on this score already.
    NotFound
        The score was erased meanwhile.
    """
    recorded_at = clock()
    faults = faults_of(opinion, record, recorded_at)
    if faults:
        raise InvalidInput(sorted(faults))
    with database.chain() as connection:
        return put_down(connection, opinion, record, entered_by, recorded_at)


def put_down(
    connection: sa.Connection,
    opinion: Opinion,
    record: Record,
    entered_by: Grant,
    recorded_at: str,
    *,
    first: bool = False,
) -> Written:
    """Add a faultless opinion inside `Database.chain`; see `opine`.

    Where `first` is set, one that is on record stands, whatever this one says.
    """
    there = sa.select(CONTENTS.c.sequence).where(
        CONTENTS.c.record_id == opinion.score_id, CONTENTS.c.content.is_not(None)
    )
    if connection.execute(there).first() is None:
        raise NotFound.of("score_id", "There is no such score.", "Check the id, and RISKSCORE_RECORDS.")
    rows = connection.execute(_recorded().where(CONTENTS.c.score_id == opinion.score_id)).all()
    if rows:
        earlier = written(rows[0].record_id, json.loads(rows[0].content))
        if first or (earlier.opinion, earlier.entered_by) == (opinion, entered_by.token_id):
            return earlier
        what = "An opinion on this request is on record, and nothing takes it back."
        raise InvalidInput.of("would_approve", what, "Write what has changed as the reason of the decision.")
    made = Written(f"o_{secrets.token_hex(16)}", opinion, recorded_at, entered_by.token_id, entered_by.role)
    content = {
        **asdict(opinion),
        "written_on": opinion.written_on.isoformat(),
        "recorded_at": recorded_at,
        "token_id": entered_by.token_id,
        "role": entered_by.role,
    }
    append(
        connection,
        Statement("opinion", content, record.place.subject, record.score_id, record_id=made.opinion_id),
    )
    return made


def opinion_on(database: Database, score_id: str) -> Written | None:
    """Return the opinion on a score, or None where there is none."""
    with database.read() as connection:
        row = connection.execute(_recorded().where(CONTENTS.c.score_id == score_id)).first()
    return None if row is None else written(row.record_id, json.loads(row.content))


def written(opinion_id: str, content: Mapping[str, Any]) -> Written:
    """Return an opinion from what its entry says."""
    opinion = Opinion(
        written_on=date.fromisoformat(content["written_on"]),
        **{name: content[name] for name in ("score_id", "would_approve", "amount", "words")},
    )
    return Written(opinion_id, opinion, content["recorded_at"], content["token_id"], content["role"])


def answer(one: Written) -> dict[str, Any]:
    """Return an opinion as it is shown to whoever may enter one."""
    return {
        "opinion_id": one.opinion_id,
        **asdict(one.opinion),
        "written_on": one.opinion.written_on.isoformat(),
        "recorded_at": one.recorded_at,
    }


def _recorded() -> sa.Select[Any]:
    return (
        sa.select(CONTENTS.c.record_id, CONTENTS.c.content)
        .join(ENTRIES, ENTRIES.c.sequence == CONTENTS.c.sequence)
        .where(ENTRIES.c.kind == "opinion", CONTENTS.c.content.is_not(None))
        .order_by(CONTENTS.c.sequence)
    )
