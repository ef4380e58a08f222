"""The two files of a meeting for where there is no connection: the committee's, and the officer's, closed.

The committee's holds what its page holds. Its states lie in it out of sight, not locked: a script shows each once an
opinion was written, and they are in it only when everybody was spoken with. The officer's alone tells what another
amount or term would do: where the state turns as the amount rises tells what a member earns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from riskscore.service.access import Grant
from riskscore.service.days import day_of
from riskscore.service.file_pages import FilePages
from riskscore.service.group_outlook import GroupOutlook
from riskscore.service.meeting import Meeting
from riskscore.service.records import Record
from riskscore.service.rules_told import about_group, about_member, audience_of
from riskscore.service.sealed import LABEL, seal
from riskscore.service.serializer import Serializer, recommended
from riskscore.service.sheet import sheet

#: Gives ``amount, term_days, state, nii_post`` of other amounts and terms of a stored score; none where it cannot.
Grid = Callable[[Record], Sequence[Mapping[str, Any]]]


def committee_file(
    meeting: Meeting, outlook: GroupOutlook, serializer: Serializer, pages: FilePages, language: str
) -> str:
    """Return the committee's file as HTML; its bytes depend on nothing that its page does not show."""
    facts = meeting.facts
    reader = Grant("file", "committee", "group", facts.bank_id)
    records = [seat.record for seat in meeting.held.seats if seat.record is not None]
    states = {
        seat.record.score_id: recommended(seat.record, meeting.before(seat), withheld=False)["recommendation"]
        for seat in meeting.held.seats
        if meeting.held.opened and seat.record is not None
    }
    # One day for all: whose score is newer than the others' came back to it, and that is hers to tell.
    first = max((day_of(one.recorded_at, one.context["time_zone"]) for one in records), default=None)
    return pages.committee_file(sheet(meeting, reader, serializer, outlook), states, first, facts.country, language)


def officer_file(
    meeting: Meeting, serializer: Serializer, pages: FilePages, grid: Grid, passphrase: str, language: str
) -> str:
    """Return the officer's file as HTML, closed with `passphrase`.

    Raises
    ------
    InvalidInput
        The passphrase is too weak.
    """
    facts = meeting.facts
    officer = Grant("file", "officer", "group", facts.bank_id)
    members = [
        (seat.member, None, (), ())
        if seat.record is None
        else (
            seat.member,
            serializer.page(seat.record, officer, ()),
            grid(seat.record),
            about_member(meeting.rules, seat.member),
        )
        for seat in meeting.held.seats
    ]
    of_group = about_group(meeting.rules, audience_of(officer))["not_met"]
    inside = pages.officer_inside(facts.bank_id, facts.as_of.isoformat(), of_group, members, language)
    closed = seal(inside, passphrase)
    return pages.officer_file({**asdict(closed), "label": LABEL.decode()}, language)
