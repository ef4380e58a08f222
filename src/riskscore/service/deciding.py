"""What has come before somebody decides on a score, with the rules that ask whoever approves for a reason."""

from __future__ import annotations

from dataclasses import replace

from riskscore.scoring.rule_answers import answer_rules
from riskscore.service.access import Grant
from riskscore.service.before import Before
from riskscore.service.kinds import PRODUCER_ASSOCIATION
from riskscore.service.meeting import Meeting, before_decision
from riskscore.service.parts import Parts
from riskscore.service.records import Record
from riskscore.service.rule_exceptions import Exceptions
from riskscore.service.rules_recorded import recorded_meeting
from riskscore.service.rules_told import at_the_table


def deciding(parts: Parts, record: Record, viewer: Grant, meeting: Meeting | None = None) -> Before:
    """Return what has come before a decision on a score, with the rules that ask for a reason to approve.

    Parameters
    ----------
    parts, record, viewer
    meeting : Meeting, optional
        Of her communal bank, where it was read already.

    Raises
    ------
    Problem
        404 for a committee where the member withdrew the request.
    """
    before = before_decision(parts, record, viewer)
    if record.kind == PRODUCER_ASSOCIATION:  # no rule is about one
        return replace(before, exceptions=Exceptions())
    desk, found = parts.state.desk, meeting or recorded_meeting(parts, record.place.bank_id)
    if desk is None or found is None:
        return before
    # The sheet's group, and of herself the very request that is decided on: another may have followed it.
    asking = at_the_table(desk.group(found.facts.bank_id), {record.place.subject: record})
    hers = answer_rules(desk.rules, asking).of_member(record.place.subject)
    of_group = (one for one in found.rules.answers if one.member_id is None)
    return replace(before, exceptions=Exceptions.among(of_group, hers))
