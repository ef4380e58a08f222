"""What people decided on a recommendation: who, how much, why, and whether they went against it.

Decisions taken on paper are entered later with their true date. They are data about deciding; no outcome reads them.
"""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.scoring.measures import Audience
from riskscore.service.access import Grant
from riskscore.service.before import NOTHING, Before
from riskscore.service.chain import Statement, append
from riskscore.service.database import CONTENTS, ENTRIES, Database, now
from riskscore.service.days import day_faults
from riskscore.service.kinds import COMMUNAL_BANK, MEMBER
from riskscore.service.records import Record, Records
from riskscore.service.rule_exceptions import gone_against
from riskscore.service.texts import LONGEST_TEXT, text_faults

Result = Literal["approved", "reduced", "postponed", "rejected"]

#: Who may decide, as the table `recommendations` of a portfolio has it.
DECIDERS = ("officer", "committee")

#: Longest name, in characters.
LONGEST_NAME = 80

#: The header that carries the key under which a decision is entered.
KEY = "Idempotency-Key"

_RECORDED = (
    sa.select(CONTENTS.c.record_id, CONTENTS.c.content)
    .join(ENTRIES, ENTRIES.c.sequence == CONTENTS.c.sequence)
    .where(ENTRIES.c.kind == "decision", CONTENTS.c.content.is_not(None))
    .order_by(CONTENTS.c.sequence)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision as people took it.

    Parameters
    ----------
    score_id : str
        The recommendation it is about.
    who : str
        Who decided: the committee's name, or the officer's.
    role : {"officer", "committee"}
    amount_approved : float or None
        In `currency`; 0 where it was rejected, None where it was put off.
    currency : str
        ISO 4217.
    decided_on : date
        The true day, by the institution's clock; it may lie before the day on which it is entered.
    opinion : str or None
        What was thought before the state was shown, where it comes with the decision: of a committee that wrote on
        paper. An opinion on record (`riskscore.service.opinions`) is the source where there is one.
    reason : str or None
        Why; needed where the decision overrides the recommendation.
    """

    score_id: str
    who: str
    role: str
    amount_approved: float | None
    currency: str
    decided_on: date
    opinion: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision on record.

    Parameters
    ----------
    decision_id : str
    decision : Decision
    result : {"approved", "reduced", "postponed", "rejected"}
    overrides : bool
        It goes against the recommendation (`overrides`), or against a rule.
    rules : tuple of str or None
        Codes of the rules it goes against (`riskscore.service.rule_exceptions`); None where they were not answered.
    recorded_at : str
        UTC.
    entered_by : str
        The id of the token that entered it.
    """

    decision_id: str
    decision: Decision
    result: Result
    overrides: bool
    rules: tuple[str, ...] | None
    recorded_at: str
    entered_by: str


def decide(
    database: Database,
    decision: Decision,
    entered_by: Grant,
    *,
    key: str | None = None,
    before: Before = NOTHING,
    clock: Callable[[], str] = now,
) -> Decided:
    """Write a decision down; it is on the disk when this returns.

    A later decision on the same score does not replace an earlier one: both stay, and the last one holds.

    Parameters
    ----------
    database : Database
    decision : Decision
    entered_by : Grant
        Who enters it; that need not be who decided.
    key : str, optional
        Names this entering of it: where the same token sent the same decision on the same score under the same key
        before, nothing is written and the first record comes back.
    before : Before
        A committee decides after it has written its opinion and was shown the state; and rules may ask for a reason.
    clock : callable
        Gives the present moment, UTC, as text.

    Raises
    ------
    NotFound
        There is no such score within the reach of `entered_by`, or no longer.
    InvalidInput
        Every fault of the decision at once; nothing that it says is repeated. Or `key` named another decision.
    """
    recorded_at = clock()
    record = Records(database).get(decision.score_id)
    if record is None or not entered_by.reaches(record.place):
        raise _no_score()
    again = None if key is None else entered_before(database, decision, entered_by, key)
    if again is not None:  # what has come since, such as another member's new request, is no fault of it
        return again
    faults = faults_of(decision, record, entered_by, recorded_at, before)
    if faults:
        raise InvalidInput(sorted(faults))
    with database.chain() as connection:
        return put_down(connection, decision, record, entered_by, before, key=key, recorded_at=recorded_at)


def put_down(
    connection: sa.Connection,
    decision: Decision,
    record: Record,
    entered_by: Grant,
    before: Before,
    *,
    key: str | None,
    recorded_at: str,
    whoever: bool = False,
) -> Decided:
    """Add a faultless decision inside `Database.chain`; see `decide`.

    Where `whoever` is set, the key is nobody's own: it came in a file that several people may send.
    """
    there = sa.select(CONTENTS.c.sequence).where(
        CONTENTS.c.record_id == decision.score_id, CONTENTS.c.content.is_not(None)
    )
    if connection.execute(there).first() is None:  # erased since it was read
        raise _no_score()
    earlier = None if key is None else _entered(connection, decision.score_id, None if whoever else entered_by, key)
    if earlier is not None:
        if earlier.decision == decision:
            return earlier
        what = "This key was sent before, with another decision."
        raise InvalidInput.of(KEY, what, "Take a new key for a new decision; repeat one only to send it again.")
    against = _rules_against(decision, entered_by, before)
    made = Decided(
        f"d_{secrets.token_hex(16)}",
        decision,
        result_of(float(asked_of(record)["amount"]), decision.amount_approved),
        overrides(record, decision.amount_approved) or bool(against),
        against,
        recorded_at,
        entered_by.token_id,
    )
    content = {
        **asdict(decision),
        "decided_on": decision.decided_on.isoformat(),
        "result": made.result,
        "overrides": made.overrides,
        "rules": against,
        "recorded_at": recorded_at,
        "token_id": entered_by.token_id,
        "key": key,
    }
    subject = record.place.subject
    append(connection, Statement("decision", content, subject, record.score_id, record_id=made.decision_id))
    return made


def entered_before(database: Database, decision: Decision, entered_by: Grant | None, key: str) -> Decided | None:
    """Return the record of the same decision that the token (anybody, where None) entered under `key`, if any."""
    with database.read() as connection:
        earlier = _entered(connection, decision.score_id, entered_by, key)
    return earlier if earlier is not None and earlier.decision == decision else None


def decisions(database: Database, score_id: str | None = None) -> tuple[Decided, ...]:
    """Return the decisions on a score, or on every score, as they were recorded; those erased are not among them."""
    chosen = [] if score_id is None else [CONTENTS.c.score_id == score_id]
    with database.read() as connection:
        rows = connection.execute(_RECORDED.where(*chosen)).all()
    return tuple(decided(row.record_id, json.loads(row.content)) for row in rows)


def result_of(asked: float, approved: float | None) -> Result:
    """Return what was decided about an amount that was asked for.

    Examples
    --------
    >>> [result_of(600, amount) for amount in (600, 400, 0, None)]
    ['approved', 'reduced', 'rejected', 'postponed']
    """
    if approved is None:
        return "postponed"
    if approved == 0:
        return "rejected"
    return "approved" if approved >= asked else "reduced"


def asked_of(record: Record) -> Mapping[str, Any]:
    """Return the amount and currency asked for: a communal bank's own request is known, and comes with no body."""
    asked: Mapping[str, Any] = record.score["asked"] if record.kind == COMMUNAL_BANK else record.request
    return asked


def overrides(record: Record, approved: float | None) -> bool:
    """Tell whether a decision goes against the recommendation.

    Where that was *ready*, whatever grants less than was asked. Where it was *talk first*, granting anything but an
    amount that was lowered to the ceiling: that is what was recommended, and nothing is where no ceiling lies below
    what was asked. Then it is not the amount that speaks against the loan, and a little less of it changes nothing. A
    ceiling of nothing and one that is unknown are one here as they are to a committee: which of them it is rests on her
    budget.
    """
    recommendation, asked = record.score["recommendation"], float(asked_of(record)["amount"])
    if recommendation["state"] == "ready":
        return approved is None or approved < asked
    ceiling = recommendation.get("ceiling") or 0.0  # of an association there is none
    return approved is not None and approved > 0 and not approved <= ceiling < asked


def _no_score() -> NotFound:
    return NotFound.of("score_id", "There is no such score.", "Check the id, and RISKSCORE_RECORDS.")


def _entered(connection: sa.Connection, score_id: str, entered_by: Grant | None, key: str) -> Decided | None:
    """Return what the token (anybody, where None) entered on the score under `key`; a key is of no other score."""
    for row in connection.execute(_RECORDED.where(CONTENTS.c.score_id == score_id)):
        content = json.loads(row.content)
        if content.get("key") == key and (entered_by is None or content["token_id"] == entered_by.token_id):
            return decided(row.record_id, content)
    return None


def faults_of(decision: Decision, record: Record, entered_by: Grant, recorded_at: str, before: Before) -> list[Fault]:
    """Return what speaks against entering `decision` on `record` at the moment `recorded_at` (UTC).

    That the recommendation asks for a reason tells it: a committee that has not been shown it is not told that either.
    """
    itself = entered_by.role == "committee"
    faults = [
        *text_faults("who", decision.who, LONGEST_NAME, "Name the committee, or the officer.", needed=True),
        *text_faults(
            "opinion",
            decision.opinion,
            LONGEST_TEXT,
            "Write what the committee thought before it saw the state.",
            needed=decision.role == "committee" and not (before.opinion or before.arriving) and not itself,
        ),
    ]
    if itself and not (before.opinion or before.arriving):
        remedy = "Write it first: POST /v1/scores/{score_id}/opinions, or on the page of the meeting."
        faults.append(Fault("opinion", "No opinion of the committee is on record.", remedy))
    if itself and not before.opened:
        what = "The officer has not yet spoken with every member alone."
        faults.append(Fault("score_id", what, "Decide once the officer has; the page of the meeting says when."))
    if decision.role not in DECIDERS:
        faults.append(Fault("role", "This role does not decide.", f"Use one of: {', '.join(DECIDERS)}."))
    elif entered_by.role == "committee" and decision.role != "committee":
        faults.append(Fault("role", "A committee enters its own decisions.", "Use 'committee'."))
    elif record.kind != MEMBER and decision.role != "officer":
        faults.append(Fault("role", "On a loan to an association decides who lends.", "Use 'officer'."))
    asked = asked_of(record)
    if decision.currency != asked["currency"]:
        faults.append(Fault("currency", "The request was in another currency.", f"Use {asked['currency']}."))
    amount = decision.amount_approved
    whole = amount is None or (
        not isinstance(amount, bool) and math.isfinite(amount) and 0 <= amount <= float(asked["amount"])
    )
    if not whole:
        remedy = "Give 0 to the amount asked for; leave it out where the decision was put off."
        faults.append(Fault("amount_approved", "This amount cannot be approved.", remedy))
    unseen = itself and not before.shown
    against = ["the recommendation"] if whole and not unseen and overrides(record, amount) else []
    against += [f"rule {code}" for code in (_rules_against(decision, entered_by, before) if whole else None) or ()]
    remedy = f"Write why the decision goes against {', '.join(against)}."
    faults += text_faults("reason", decision.reason, LONGEST_TEXT, remedy, needed=bool(against))
    return faults + day_faults("decided_on", decision.decided_on, record, recorded_at)


def decided(decision_id: str, content: Mapping[str, Any]) -> Decided:
    """Return a decision from what its entry says."""
    names = ("score_id", "who", "role", "amount_approved", "currency", "opinion", "reason")
    decision = Decision(decided_on=date.fromisoformat(content["decided_on"]), **{name: content[name] for name in names})
    codes = content.get("rules")  # the first decisions have none
    against = None if codes is None else tuple(codes)
    outcome = (content["result"], content["overrides"], against, content["recorded_at"], content["token_id"])
    return Decided(decision_id, decision, *outcome)


def _rules_against(decision: Decision, entered_by: Grant, before: Before) -> tuple[str, ...] | None:
    """Return the rules that a decision goes against; to a committee's token only a committee's are told."""
    audience: Audience = "officer" if decision.role == "officer" and entered_by.role != "committee" else "committee"
    return gone_against(before.exceptions, audience, decision.amount_approved)
