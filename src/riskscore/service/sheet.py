"""The sheet of a group's meeting as each role may see it.

It holds what the group's books say of each member, one of two states, a ceiling, the outlook of the whole, and what
the policy's rules ask for where they do not hold: those on one member only where her officer or an auditor reads.
Members stand in the order of their ids, which says nothing of them. Nothing that rests on one member's facts from
outside the group is in it, beyond her state and her ceiling, and what she herself shows of this request.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from riskscore.evaluation.agreement import Agreement, agreement
from riskscore.service.access import Grant
from riskscore.service.decisions import Decided
from riskscore.service.group_outlook import GroupOutlook
from riskscore.service.meeting import Meeting
from riskscore.service.opinions import Written
from riskscore.service.rules_told import about_group, about_member, audience_of, tightened
from riskscore.service.seats import Seat, Seats
from riskscore.service.serializer import NOTICE, Serializer, day_answered_for, recommended, spoken
from riskscore.service.shown import values_of


def sheet(meeting: Meeting, viewer: Grant, serializer: Serializer, outlook: GroupOutlook) -> dict[str, Any]:
    """Return the sheet as JSON values.

    Parameters
    ----------
    meeting : Meeting
    viewer : Grant
        A committee is shown a state after it wrote its opinion and everybody heard hers alone; officer and auditor at
        once, the auditor under pseudonyms.
    serializer : Serializer
        Gives the pseudonyms.
    outlook : GroupOutlook
        The communal bank's.
    """
    facts, held, reader = meeting.facts, meeting.held, audience_of(viewer)
    members = [_member(meeting, seat, viewer, serializer) for seat in held.seats]
    shown: dict[str, Any] = {
        "group": facts.bank_id,
        "as_of": facts.as_of.isoformat(),
        "currency": facts.currency,
        "members": sorted(members, key=lambda one: one["member"]),
        "arrears": {
            "own_loan": asdict(facts.own_loan),
            "between_members": _without_days(asdict(facts.between_members)),
        },
        "rules": about_group(meeting.rules, reader),
        "outlook": None if outlook.content is None else tightened(outlook.content, meeting.rules, reader),
        "outlook_missing": outlook.missing,
        "not_ready": not held.opened,
        "notice": NOTICE,
    }
    if viewer.role != "committee":
        counted = agreed(held)
        shown["waiting"] = held.waiting
        shown["agreement"] = {
            "decisions": counted.decisions,
            "agreed": counted.agreed,
            "rubber_stamp": counted.rubber_stamp,
        }
    return shown


def agreed(held: Seats) -> Agreement:
    """Count how often the committee decided as was recommended, over all its decisions on record of these members."""
    ready = np.array([record.score["recommendation"]["state"] == "ready" for record, _ in held.judged], dtype=np.bool_)
    whole = np.array([decided.result == "approved" for _, decided in held.judged], dtype=np.bool_)
    return agreement(ready, whole)[0]


def _member(meeting: Meeting, seat: Seat, viewer: Grant, serializer: Serializer) -> dict[str, Any]:
    committee, record = viewer.role == "committee", seat.record
    name = serializer.pseudonym(seat.member) if viewer.role == "auditor" else seat.member
    shown: dict[str, Any] = {
        "member": name,
        "group_record": dict(meeting.facts.members[seat.member]),
        "score_id": None,
        "as_of": None,
        "request": None,
        "recommendation": None,
        "opinion_needed": False,
        "not_ready": False,
        "opinion": None,
        "decision": None,
    }
    if record is None:
        return shown
    before = meeting.before(seat)
    shown |= {
        "score_id": record.score_id,
        "as_of": day_answered_for(record) if committee else record.score["as_of"],
        "request": spoken(record),
        **recommended(record, before, withheld=committee),
        "opinion": None if seat.opinion is None else _opinion(seat.opinion, committee=committee),
        "decision": None if seat.decision is None else _decision(seat.decision),
    }
    if not committee:
        shown |= {"told": seat.told, "rules": about_member(meeting.rules, seat.member)}
    elif seat.shown:  # of whoever shows nothing there is no word, not even that
        shown["shown"] = values_of(record, seat.shown)
    return shown


def _opinion(one: Written, *, committee: bool) -> dict[str, Any]:
    """Return an opinion; words that an officer entered may rest on a budget, and are not for her neighbours."""
    words = None if committee and one.role != "committee" else one.opinion.words
    return {"would_approve": one.opinion.would_approve, "amount": one.opinion.amount, "words": words}


def _decision(one: Decided) -> dict[str, Any]:
    """Return what the committee decided; its reasons stay with who may read the decision itself."""
    return {
        "decision_id": one.decision_id,
        "amount_approved": one.decision.amount_approved,
        "decided_on": one.decision.decided_on.isoformat(),
        "result": one.result,
    }


def _without_days(owed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in owed.items() if name != "days_late"}
