"""What a member reads of the policy's rules: those on herself and her loan, of the request that stands.

Nothing of another woman is in them, and no rule on the group is: those may rest on what others said outside of it.
"""

from __future__ import annotations

from typing import Any

from riskscore.service.parts import Parts
from riskscore.service.records import Record
from riskscore.service.rules_recorded import recorded_meeting
from riskscore.service.rules_told import about_member, requests_of


def own_rules(parts: Parts, record: Record) -> list[dict[str, Any]]:
    """Return the rules that do not hold of her request, and write down that they answer so.

    None of a request that she withdrew, or that another followed; none while nothing is served.
    """
    member, meeting = record.place.subject, recorded_meeting(parts, record.place.bank_id)
    if meeting is None:
        return []
    standing = requests_of(meeting.held).get(member)
    if standing is None or standing.score_id != record.score_id:
        return []
    return about_member(meeting.rules, member)
