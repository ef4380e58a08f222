"""A decision as it arrives over HTTP: who may send it, every fault at once, and the record that is answered.

A connection breaks in the hills, and what was sent is sent again: each decision comes under a key of its own, and the
same one sent twice is on record once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.service.access import Grant
from riskscore.service.before import Before
from riskscore.service.days import read_day
from riskscore.service.decisions import (
    DECIDERS,
    KEY,
    LONGEST_NAME,
    Decided,
    Decision,
    decide,
    decisions,
    faults_of,
)
from riskscore.service.examples import CURRENCY, DAY, SCORE
from riskscore.service.intake import read_fields
from riskscore.service.problem import invalid, not_found
from riskscore.service.records import Record, Records
from riskscore.service.texts import LONGEST_TEXT

#: What a key may be: visible ASCII.
KEY_PATTERN = "[!-~]{1,200}"


class DecisionBody(BaseModel):
    """What `POST /v1/scores/{score_id}/decisions` takes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    who: Annotated[
        str, Field(min_length=1, max_length=LONGEST_NAME, description="Who decided: the committee's or officer's name.")
    ]
    role: Annotated[
        str,
        Field(
            max_length=LONGEST_NAME,
            json_schema_extra={"enum": list(DECIDERS)},
            description="In what role; a committee's token enters a committee's decisions alone.",
        ),
    ]
    amount_approved: Annotated[
        float | None,
        Field(
            ge=0,
            le=1e12,
            allow_inf_nan=False,
            description="At most the amount asked for; 0 where it was rejected, null or left out where it was put off.",
        ),
    ] = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217; must be the request's.")]
    decided_on: Annotated[
        str,
        Field(
            pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            json_schema_extra={"format": "date"},
            description="The true day, by the institution's clock: from the day of the score to today.",
        ),
    ]
    opinion: Annotated[
        str | None,
        Field(
            max_length=LONGEST_TEXT,
            description="What was thought before the state was shown, where a committee wrote it on paper; needed "
            "unless its opinion is on record.",
        ),
    ] = None
    reason: Annotated[
        str | None,
        Field(max_length=LONGEST_TEXT, description="Why; needed where it overrides the recommendation, or a rule."),
    ] = None


#: A decision that a reader may copy.
EXAMPLE: dict[str, Any] = {
    "who": "Comité Las Flores",
    "role": "committee",
    "amount_approved": 800.0,
    "currency": CURRENCY,
    "decided_on": DAY,
    "opinion": "Paga bien. Este mes vendió poco.",
    "reason": "Con 800 le alcanza para la mercadería.",
}

#: What is answered to it.
ANSWER: dict[str, Any] = {
    "decision_id": "d_9b1f0c6e2d7a4835a1c4e8f20b6d3975",
    "score_id": SCORE,
    **EXAMPLE,
    "result": "reduced",
    "overrides": False,
    "rules": [],
    "recorded_at": "2026-01-06T12:00:00.000000+00:00",
}

REMEDIES = {
    "who": "Name the committee, or the officer.",
    "role": f"Use one of: {', '.join(DECIDERS)}.",
    "amount_approved": "Give 0 to the amount asked for; leave it out where the decision was put off.",
    "currency": "Give the request's currency as an ISO 4217 code, such as 'PEN'.",
    "decided_on": "Give the day on which it was decided, such as '2026-02-03'.",
    "opinion": f"Write what was thought before the state was shown, in at most {LONGEST_TEXT} characters.",
    "reason": f"Write why, in at most {LONGEST_TEXT} characters.",
}

#: Stands where a field could not be read, so that the others are still judged.
_UNREAD: dict[str, Any] = {
    "who": "",
    "role": "",
    "amount_approved": None,
    "currency": "",
    "decided_on": date.min,
    "opinion": None,
    "reason": None,
}


def enter(
    records: Records,
    record: Record,
    asker: Grant,
    keys: Sequence[str],
    content: bytes,
    *,
    before: Before,
    clock: Callable[[], str],
) -> Decided:
    """Write down the decision that `content` tells of, about a score within the reach of `asker`.

    Parameters
    ----------
    records : Records
    record : Record
        The score.
    asker : Grant
    keys : sequence of str
        The headers `Idempotency-Key`; there has to be one.
    content : bytes
        The body.
    before : Before
        What came before a committee decides.
    clock : callable
        Gives the present moment, UTC, as text.

    Raises
    ------
    Problem
        422 with every fault; 404 where the score was erased meanwhile.
    """
    fields, faults = read_fields(DecisionBody, REMEDIES, content)
    faults += read_day(fields, "decided_on", REMEDIES["decided_on"])
    unread = {fault.where for fault in faults}
    if len(keys) != 1 or re.fullmatch(KEY_PATTERN, keys[0]) is None:
        remedy = "Send one header with a random name of this decision, and the same again if you have to repeat it."
        faults.append(Fault(KEY, "The key is missing, or is none.", remedy))
    decision = Decision(score_id=record.score_id, **(_UNREAD | fields))
    if faults and "body" not in unread:
        # Whether a reason is needed follows from the amount.
        untold = unread | ({"reason"} if "amount_approved" in unread else set())
        faults += [fault for fault in faults_of(decision, record, asker, clock(), before) if fault.where not in untold]
    if faults:
        raise invalid(sorted(set(faults)))
    try:
        return decide(records.database, decision, asker, key=keys[0], before=before, clock=clock)
    except InvalidInput as error:
        raise invalid(error.faults) from error
    except NotFound as error:
        raise not_found() from error


def find(records: Records, record: Record, viewer: Grant, decision_id: str) -> Decided:
    """Return a decision on a score within the reach of `viewer`: an officer's any, a committee's what it entered.

    What an officer wrote may rest on her budget. It is not for her neighbours.

    Raises
    ------
    Problem
        404, whether there is none or it is somebody else's.
    """
    for one in decisions(records.database, record.score_id):
        if one.decision_id == decision_id and (viewer.role != "committee" or one.entered_by == viewer.token_id):
            return one
    raise not_found()


def answer(decided: Decided) -> dict[str, Any]:
    """Return a decision as it is shown to whoever may enter one; nothing of the score is in it."""
    return {
        "decision_id": decided.decision_id,
        **asdict(decided.decision),
        "decided_on": decided.decision.decided_on.isoformat(),
        "result": decided.result,
        "overrides": decided.overrides,
        "rules": decided.rules,
        "recorded_at": decided.recorded_at,
    }
