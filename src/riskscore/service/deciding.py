"""What has come before somebody decides on a score, with the rules that ask whoever approves for a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

from riskscore.scoring.rule_answers import answer_rules
from riskscore.service.access import Grant
from riskscore.service.before import Before
from riskscore.service.kinds import PRODUCER_ASSOCIATION
from riskscore.service.meeting import Meeting, before_decision
from riskscore.service.parts import Parts
from riskscore.service.records import Record
from riskscore.service.rule_exceptions import Exceptions, ask_at_all
from riskscore.service.rules_recorded import recorded_meeting
from riskscore.service.rules_told import at_the_table


def deciding(
    parts: Parts, record: Record, viewer: Grant, meeting: Callable[[], Meeting | None] | None = None
) -> Before:
    """Return what has come before a decision on a score, with the rules that ask for a reason to approve.

    Parameters
    ----------
    parts, record, viewer
    meeting : callable, optional
        Gives the meeting of her communal bank, where several decisions of one may be entered together.

    Raises
    ------
    Problem
        404 for a committee where the member withdrew the request.
    """
    before = before_decision(parts, record, viewer)
    read = meeting or partial(recorded_meeting, parts, record.place.bank_id)
    return replace(before, exceptions=cache(partial(_exceptions, parts, record, read)))


def _exceptions(parts: Parts, record: Record, read: Callable[[], Meeting | None]) -> Exceptions | None:
    """Answer the rules beside a score; what they answer of its communal bank is put on record."""
    desk = parts.state.desk
    if record.kind == PRODUCER_ASSOCIATION or (desk is not None and not ask_at_all(desk.rules)):
        return Exceptions()  # no rule is about one
    meeting = read()
    if desk is None or meeting is None:
        return None
    # The sheet's group, and of herself the very request that is decided on: another may have followed it.
    asking = at_the_table(desk.group(meeting.facts.bank_id), {record.place.subject: record})
    hers = answer_rules(desk.rules, asking).of_member(record.place.subject)
    of_group = (one for one in meeting.rules.answers if one.member_id is None)
    return Exceptions.among(of_group, hers)
