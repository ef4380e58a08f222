"""What a member says against a score: that a fact is wrong, that she objects, that a person should look again.

She says it herself or her officer writes it down for her; an officer answers. Each is an entry of the chain, erased
with her records. A correction itself is a new version in the portfolio, and another score.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.service.access import Grant
from riskscore.service.chain import Statement, append
from riskscore.service.database import CONTENTS, ENTRIES, Database, now
from riskscore.service.decisions import KEY
from riskscore.service.records import Record
from riskscore.service.texts import LONGEST_TEXT, text_faults

Topic = Literal["correction", "objection", "review"]

TOPICS: tuple[Topic, ...] = get_args(Topic)

#: What is missing where a text is.
REMEDIES = {
    "topic": f"Use one of: {', '.join(TOPICS)}.",
    "text": f"Write what she wants to say, in at most {LONGEST_TEXT} characters.",
    "answer": f"Write the answer, in at most {LONGEST_TEXT} characters.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an officer answered, and when (UTC)."""

    answer_id: str
    text: str
    recorded_at: str


@dataclass(frozen=True, slots=True)
class Objection:
    """What was said against a score.

    Parameters
    ----------
    objection_id, score_id : str
    topic : {"correction", "objection", "review"}
    text : str
    role : str
        Whose token wrote it: hers, or the officer's on her behalf.
    recorded_at : str
        UTC.
    answers : tuple of Answer
        The oldest first.
    """

    objection_id: str
    score_id: str
    topic: str
    text: str
    role: str
    recorded_at: str
    answers: tuple[Answer, ...] = ()


def object_to(
    database: Database,
    record: Record,
    topic: str,
    text: str,
    speaker: Grant,
    *,
    key: str,
    clock: Callable[[], str] = now,
) -> Objection:
    """Write down what is said against a score; it is on the disk when this returns.

    Parameters
    ----------
    database : Database
    record : Record
        The score, within the reach of `speaker`.
    topic, text : str
    speaker : Grant
    key : str
        Names this saying of it: the same words sent again under it by the same token are on record once.
    clock : callable
        Gives the present moment, UTC, as text.

    Raises
    ------
    InvalidInput
        Every fault at once; or `key` named something else.
    NotFound
        The score was erased meanwhile.
    """
    faults = text_faults("text", text, LONGEST_TEXT, REMEDIES["text"], needed=True)
    if topic not in TOPICS:
        faults.append(Fault("topic", "This is no kind of objection.", REMEDIES["topic"]))
    if faults:
        raise InvalidInput(sorted(faults))
    said = {"topic": topic, "text": text}
    objection_id = _write(database, record, said, speaker, key, clock)
    return next(one for one in objections(database, record.score_id) if one.objection_id == objection_id)


def answer(
    database: Database,
    record: Record,
    objection_id: str,
    text: str,
    officer: Grant,
    *,
    key: str,
    clock: Callable[[], str] = now,
) -> Objection:
    """Write down an officer's answer, and return the objection with it. See `object_to`.

    Raises
    ------
    InvalidInput
        The answer cannot be kept; or `key` named something else.
    NotFound
        Nothing of this id was said against this score.
    """
    if all(one.objection_id != objection_id for one in objections(database, record.score_id)):
        raise _nothing()
    faults = text_faults("answer", text, LONGEST_TEXT, REMEDIES["answer"], needed=True)
    if faults:
        raise InvalidInput(faults)
    _write(database, record, {"answers": objection_id, "text": text}, officer, key, clock)
    return next(one for one in objections(database, record.score_id) if one.objection_id == objection_id)


def objections(database: Database, score_id: str) -> tuple[Objection, ...]:
    """Return what was said against a score, the oldest first, with its answers."""
    with database.read() as connection:
        found = list(_said(connection, score_id))
    answers: dict[str, list[Answer]] = {}
    for record_id, content in found:
        if "answers" in content:
            answers.setdefault(content["answers"], []).append(
                Answer(record_id, content["text"], content["recorded_at"])
            )
    return tuple(
        Objection(
            record_id,
            score_id,
            content["topic"],
            content["text"],
            content["role"],
            content["recorded_at"],
            tuple(answers.get(record_id, ())),
        )
        for record_id, content in found
        if "topic" in content
    )


def shown(objection: Objection) -> dict[str, Any]:
    """Return an objection as JSON values."""
    return {
        "objection_id": objection.objection_id,
        "score_id": objection.score_id,
        "topic": objection.topic,
        "text": objection.text,
        "role": objection.role,
        "recorded_at": objection.recorded_at,
        "answers": [
            {"answer_id": one.answer_id, "text": one.text, "recorded_at": one.recorded_at} for one in objection.answers
        ],
    }


def _write(
    database: Database, record: Record, said: Mapping[str, Any], speaker: Grant, key: str, clock: Callable[[], str]
) -> str:
    """Add the entry, unless the same token sent the same under the same key, and return its id."""
    record_id = f"o_{secrets.token_hex(16)}"
    content = {
        **said,
        "role": speaker.role,
        "recorded_at": clock(),
        "token_id": speaker.token_id,
        "key": key,
    }
    with database.chain() as connection:
        there = sa.select(CONTENTS.c.sequence).where(
            CONTENTS.c.record_id == record.score_id, CONTENTS.c.content.is_not(None)
        )
        if connection.execute(there).first() is None:  # erased since it was read
            raise _nothing()
        for earlier, told in _said(connection, record.score_id):
            if (told["token_id"], told["key"]) == (speaker.token_id, key):
                if all(told.get(name) == value for name, value in said.items()):
                    return earlier
                what = "This key was sent before, with other words."
                raise InvalidInput.of(KEY, what, "Take a new key for new words; repeat one only to send them again.")
        statement = Statement("objection", content, record.place.subject, record.score_id, record_id=record_id)
        append(connection, statement)
    return record_id


def _said(connection: sa.Connection, score_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = connection.execute(
        sa.select(CONTENTS.c.record_id, CONTENTS.c.content)
        .join(ENTRIES, ENTRIES.c.sequence == CONTENTS.c.sequence)
        .where(ENTRIES.c.kind == "objection", CONTENTS.c.score_id == score_id, CONTENTS.c.content.is_not(None))
        .order_by(CONTENTS.c.sequence)
    )
    for row in rows.all():
        yield row.record_id, json.loads(row.content)


def _nothing() -> NotFound:
    return NotFound.of("objection_id", "There is no such objection.", "Check the id.")
