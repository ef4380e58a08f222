"""The outlook of a communal bank for its meeting's sheet, or why there is none."""

from __future__ import annotations

from riskscore.errors import InvalidInput, NotFound
from riskscore.service.callers import desks_of
from riskscore.service.group_outlook import GroupOutlook
from riskscore.service.parts import Parts
from riskscore.service.views import bank


def outlook_at(parts: Parts, bank_id: str) -> GroupOutlook:
    """Return the outlook of a communal bank at the portfolio's last moment, by the group's own books.

    It is the same for whoever reads the sheet. What members said outside the group is not in it, so that it tells
    neighbours nothing of a single one.
    """
    desk = desks_of(parts).bank
    if desk is None:
        return GroupOutlook(missing="no_champion")
    try:
        return GroupOutlook(bank.committee(desk.outlook(bank_id, in_books=True)))
    except (InvalidInput, NotFound):
        return GroupOutlook(missing="no_request")
