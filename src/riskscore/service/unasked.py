"""Open requests of a meeting that nobody asked a score for yet, as the officer may ask for all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from riskscore.errors import Fault
from riskscore.scoring.open_requests import OpenRequest
from riskscore.service.desk import MemberDesk
from riskscore.service.intake import read_row
from riskscore.service.seats import Seats


@dataclass(frozen=True, slots=True)
class Unasked:
    """What can be asked for a meeting.

    Parameters
    ----------
    ready : tuple of OpenRequest
        Their scores can be asked for as they stand.
    lacking : tuple of str
        Members whose request lacks something, how many other loans she has most often: it is never assumed.
    """

    ready: tuple[OpenRequest, ...] = ()
    lacking: tuple[str, ...] = ()


def unasked(bank_id: str, held: Seats, desk: MemberDesk) -> Unasked:
    """Return a communal bank's open requests that came after the last score of their member, withdrawn or not."""
    seats = {seat.member: seat for seat in held.seats}
    ready, lacking = [], []
    for one in desk.open_requests(bank_id):
        seat = seats.get(one.member_id)
        if seat is None or (seat.scored_as_of is not None and seat.scored_as_of >= one.known_at):
            continue
        fields, faults = row_of(one, desk)
        if faults or desk.limit_faults(fields):
            lacking.append(one.member_id)
        else:
            ready.append(one)
    return Unasked(tuple(ready), tuple(lacking))


def row_of(one: OpenRequest, desk: MemberDesk) -> tuple[dict[str, Any], list[Fault]]:
    """Return an open request as `POST /v1/scores` takes it, and what is wrong with it."""
    fields, faults = read_row(
        {
            "recipe": desk.recipe,
            "subject": one.member_id,
            "amount": one.amount,
            "currency": one.currency,
            "term_days": one.term_days,
            "frequency": one.frequency,
            "purpose": one.purpose or "other",
            "other_active_loans": one.other_active_loans,
        }
    )
    if one.currency != desk.currency:
        faults = [*faults, Fault("currency", "It is not the portfolio's.", f"Ask in {desk.currency}.")]
    return fields, faults
