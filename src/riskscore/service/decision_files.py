"""Decisions that come in a file: taken on paper, or in the file of a meeting, and entered later with their true day.

All decisions of a file are written down or none, with every fault at once. A decision that is on record under its key
is not entered again, so a file may be sent as often as a bad connection needs.

Whether a decision needs a reason tells the recommendation. A committee is told that only of scores on which its opinion
is on record; so the opinions that it sends are written down first, and stay whatever comes of the decisions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.service.access import Grant
from riskscore.service.before import Before
from riskscore.service.database import Database, now
from riskscore.service.days import read_day
from riskscore.service.decision_entry import EXAMPLE as DECISION
from riskscore.service.decision_entry import KEY_PATTERN, DecisionBody
from riskscore.service.decision_entry import REMEDIES as DECISION_REMEDIES
from riskscore.service.decisions import Decided, Decision, entered_before, put_down
from riskscore.service.decisions import faults_of as decision_faults
from riskscore.service.examples import BANK, KEY_IN_FILE, SCORE
from riskscore.service.intake import named_twice, read_fields
from riskscore.service.kinds import MEMBER
from riskscore.service.opinions import EXAMPLE as OPINION
from riskscore.service.opinions import REMEDIES as OPINION_REMEDIES
from riskscore.service.opinions import Opinion, OpinionBody
from riskscore.service.opinions import faults_of as opinion_faults
from riskscore.service.opinions import put_down as put_opinion
from riskscore.service.records import Record, Records

_Made = TypeVar("_Made")

#: What the file calls itself.
FORMAT = "riskscore-decisions-1"

#: Most decisions in a file, and its longest length in bytes.
MOST, LONGEST_FILE = 200, 400_000


class LineBody(DecisionBody):
    """One decision of a file."""

    key: Annotated[str, Field(pattern=f"^{KEY_PATTERN}$", description="A random name of this decision.")]
    score_id: Annotated[str, Field(min_length=1, max_length=80, description="The recommendation it is about.")]
    opinion: Annotated[
        OpinionBody | None,  # in a file it is an opinion of its own, not a text
        Field(description="The committee's, written before it saw the state."),
    ] = None  # type: ignore[assignment]


class FileBody(BaseModel):
    """What `POST /v1/decisions/upload` takes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    format: Annotated[str, Field(json_schema_extra={"enum": [FORMAT]}, description="What the file is.")]
    group: Annotated[str, Field(max_length=80, description="The communal bank; for whoever looks for the file.")] = ""
    decisions: Annotated[list[LineBody], Field(min_length=1, max_length=MOST, description="One a score and key.")]


#: A file that a reader may copy.
EXAMPLE: dict[str, Any] = {
    "format": FORMAT,
    "group": BANK,
    "decisions": [
        {
            **DECISION,
            "key": KEY_IN_FILE,
            "score_id": SCORE,
            "opinion": OPINION,
        }
    ],
}

_REMEDIES = DECISION_REMEDIES | {
    "key": "Give each decision a random name of visible characters.",
    "score_id": "Check the id, and who may see it.",
    "opinion": "Give the committee's opinion, or leave it out where it is on record.",
}

_FILE = "Send the file as the page of the meeting saved it."


class Unfitting(InvalidInput):
    """A file that is well formed, and does not fit what is on record."""


@dataclass(frozen=True, slots=True)
class _Line:
    place: int
    record: Record
    key: str
    decision: Decision
    opinion: Opinion | None
    before: Before
    again: bool

    def told(self, faults: Iterable[Fault]) -> list[Fault]:
        """Return faults where they lie in the file."""
        return [replace(fault, where=f"decisions[{self.place}].{fault.where}") for fault in sorted(faults)]


def take(
    database: Database,
    content: bytes,
    entered_by: Grant,
    before_of: Callable[[Record], Before | None],
    *,
    clock: Callable[[], str] = now,
) -> tuple[Decided, ...]:
    """Write down every decision of a file, and each opinion of which none is on record yet.

    Parameters
    ----------
    database : Database
    content : bytes
        JSON, see `FileBody`.
    entered_by : Grant
    before_of : callable
        What came before a committee's decision on a score; None where the score is not there for who enters.
    clock : callable
        Gives the present moment, UTC, as text.

    Returns
    -------
    tuple of Decided
        In the order of the file; those on record before as they were.

    Raises
    ------
    InvalidInput
        Every fault of the file at once; then no decision of it is written. `Unfitting` where it is well formed.
    """
    recorded_at = clock()
    # What a decision answers tells the recommendation; a committee that has not been shown it has read its own alone.
    whose = entered_by if entered_by.role == "committee" else None
    lines: list[_Line] = []
    faults: list[Fault] = []
    formed = True
    for place, item in enumerate(_items(content)):
        fields, opinion, found = _read(item)
        formed = formed and not found
        record = Records(database).get(fields.get("score_id", ""))
        reached = record is not None and record.kind == MEMBER and entered_by.reaches(record.place)
        before = before_of(record) if record is not None and reached else None
        if record is None or before is None:
            if "score_id" in fields:
                found.append(Fault("score_id", "There is no such score that you may see.", _REMEDIES["score_id"]))
        elif not found:
            before = replace(before, arriving=opinion is not None and fields["role"] == "committee")
            key, decision = fields.pop("key"), Decision(**fields)
            again = entered_before(database, decision, whose, key) is not None
            line = _Line(place, record, key, decision, opinion, before, again)
            found = _record_faults(line, entered_by, recorded_at)
            lines.append(line)
        faults += [replace(fault, where=f"decisions[{place}].{fault.where}") for fault in found]
    if faults:
        raise Unfitting(faults) if formed else InvalidInput(faults)

    def opine(connection: sa.Connection, line: _Line) -> None:
        if line.opinion is not None:
            put_opinion(connection, line.opinion, line.record, entered_by, recorded_at, first=True)

    def opine_and_decide(connection: sa.Connection, line: _Line) -> Decided:
        opine(connection, line)
        whose: dict[str, Any] = {"key": line.key, "recorded_at": recorded_at, "whoever": True}
        return put_down(connection, line.decision, line.record, entered_by, line.before, **whose)

    if entered_by.role == "committee":
        _write(database, lines, opine)
        for line in lines:
            if line.before.arriving and not line.again:
                before = replace(line.before, opinion=True)
                faults += line.told(decision_faults(line.decision, line.record, entered_by, recorded_at, before))
        if faults:
            raise Unfitting(faults)
    return tuple(_write(database, lines, opine_and_decide))


def _write(database: Database, lines: Iterable[_Line], write: Callable[[sa.Connection, _Line], _Made]) -> list[_Made]:
    """Write every line down or none, with every fault at once."""
    made: list[_Made] = []
    faults: list[Fault] = []
    with database.chain() as connection:
        for line in lines:
            try:
                made.append(write(connection, line))
            except (InvalidInput, NotFound) as error:
                faults += line.told(error.faults)
        if faults:
            raise Unfitting(faults)
    return made


def _items(content: bytes) -> Iterable[Any]:
    """Return the decisions of a file, unread."""
    if len(content) > LONGEST_FILE:
        raise InvalidInput.of("body", "The file is too long.", f"Send at most {LONGEST_FILE} bytes.")
    try:
        read = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidInput.of("body", "This is no JSON.", _FILE) from error
    if not isinstance(read, dict) or read.get("format") != FORMAT or set(read) - {"format", "group", "decisions"}:
        raise InvalidInput.of("format", f"This is no file of the format {FORMAT!r}.", _FILE)
    if named_twice(content):
        raise InvalidInput.of("body", "A field stands in it twice.", _FILE)
    items = read.get("decisions")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST:
        raise InvalidInput.of("decisions", f"There are none, or more than {MOST}.", _FILE)
    return items


def _read(item: Any) -> tuple[dict[str, Any], Opinion | None, list[Fault]]:
    """Return the fields of a decision of a file and the opinion with it, and what keeps them from being read."""
    if not isinstance(item, dict):
        return {}, None, [Fault("body", "This is no decision.", _FILE)]
    said = item.get("opinion")
    fields, faults = read_fields(LineBody, _REMEDIES, json.dumps({**item, "opinion": None}).encode())
    told, worse = ({}, []) if said is None else read_fields(OpinionBody, OPINION_REMEDIES, json.dumps(said).encode())
    faults += [replace(fault, where=f"opinion.{fault.where}") for fault in worse]
    for where, holder in (("decided_on", fields), ("opinion.written_on", told)):
        faults += read_day(holder, where.rpartition(".")[2], "Give a day such as '2026-02-03'.", where=where)
    opinion = None if said is None or faults else Opinion(score_id=fields["score_id"], **told)
    return fields, opinion, sorted(faults)


def _record_faults(line: _Line, entered_by: Grant, recorded_at: str) -> list[Fault]:
    """Return what the records have against a decision, where it is not on record already, and the opinion with it."""
    faults = [] if line.again else decision_faults(line.decision, line.record, entered_by, recorded_at, line.before)
    if line.opinion is not None:
        worse = opinion_faults(line.opinion, line.record, recorded_at)
        faults += [replace(fault, where=f"opinion.{fault.where}") for fault in worse]
    return sorted(faults)
