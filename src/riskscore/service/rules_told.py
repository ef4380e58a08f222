"""What a meeting's sheet says of the policy's rules: those that do not hold, to whom may read them.

Rules on the group tighten the state of the group, and rules on a member stand beside her request, for her officer and
an auditor. No score on record changes with either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from riskscore.scoring.group_facts import GroupFacts, MemberFacts
from riskscore.scoring.measures import Audience
from riskscore.scoring.rule_answers import Answer, RuleAnswers
from riskscore.service.access import Grant
from riskscore.service.records import Record
from riskscore.service.seats import Seats

#: What is told of an answer; whom it is about is said by where it stands.
_TOLD = ("code", "measure", "audience", "state", "exception", "measured", "words", "verified")


def requests_of(held: Seats) -> dict[str, Record]:
    """Return the requests that stand at a meeting, by member."""
    return {seat.member: seat.record for seat in held.seats if seat.record is not None}


def at_the_table(group: GroupFacts, requests: Mapping[str, Record]) -> GroupFacts:
    """Return the group with the requests that its meeting is about, in place of those that the core system has.

    Who lowered her request in private, or withdrew it, asks for what stands on the sheet: a rule on the old amount
    would tell her neighbours of the talk.
    """
    return replace(group, members=tuple(_asking(one, requests.get(one.member_id)) for one in group.members))


def audience_of(viewer: Grant) -> Audience:
    """Return whose rules a viewer reads."""
    return "committee" if viewer.role == "committee" else "officer"


def about_group(found: RuleAnswers, reader: Audience) -> dict[str, Any]:
    """Return the group's state by the rules that `reader` may read, and those that do not hold."""
    return {"state": found.state(reader), "not_met": [_told(one) for one in _on_group(found, reader)]}


def about_member(found: RuleAnswers, member_id: str) -> list[dict[str, Any]]:
    """Return the rules that do not hold of a member and what she asks for; never for a committee."""
    return [_told(one) for one in not_met(found.of_member(member_id))]


def tightened(outlook: Mapping[str, Any], found: RuleAnswers, reader: Audience) -> dict[str, Any]:
    """Return an outlook with the stricter state of its own and that of the rules, and the codes of those that ask."""
    codes = [one.rule.code for one in _on_group(found, reader)]
    state = "talk_first" if codes else outlook["recommendation"]["state"]
    return {**outlook, "recommendation": {"state": state, "why": codes}}


def not_met(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """Return the answers of rules that do not hold, or of which it is not known."""
    return tuple(one for one in answers if one.state != "ready")


def _asking(one: MemberFacts, record: Record | None) -> MemberFacts:
    if record is None:
        return replace(one, asked=None, term_days=None, loans_elsewhere=None)
    asked = record.request
    return replace(
        one,
        asked=Decimal(str(asked["amount"])),
        term_days=asked["term_days"],
        loans_elsewhere=asked["other_active_loans"],
    )


def _on_group(found: RuleAnswers, reader: Audience) -> tuple[Answer, ...]:
    return not_met(one for one in found.read_by(reader) if one.member_id is None)


def _told(one: Answer) -> dict[str, Any]:
    """Return an answer with the bounds it lies in as they were written; None where it could not be measured."""
    told = one.to_dict()
    return {name: told[name] for name in _TOLD} | {"bounds": None if one.band is None else dict(one.band.bounds)}
