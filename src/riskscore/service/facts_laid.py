"""Facts laid over the portfolio for one request: who may name which group, and where the member then stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.portfolio import Portfolio
from riskscore.portfolio.borrower import among
from riskscore.portfolio.overlay import Overlay, overlaid
from riskscore.portfolio.overlay_faults import ROOT, group_ids, record_faults
from riskscore.scoring import Snapshot
from riskscore.service.access import Place
from riskscore.service.directory import branches
from riskscore.service.facts import Facts, capped

Reaches = Callable[[Place], bool]

_NO_GROUP = "There is no group of this name that you may see."
_NOT_THERE = "None of these rows puts her into a group at this moment."
_FROM_WHEN = "A row counts after its event_at and from its known_at on; send as_of where the moment is later."


@contextmanager
def laid(portfolio: Portfolio, subject: str, facts: Facts, reaches: Reaches) -> Iterator[Overlay]:
    """Give the portfolio with what was sent in the place of what it holds of `subject`.

    Raises
    ------
    NotFound
        A row names a group that is unknown or out of reach, and nothing that is loaded of her does; the faults of the
        other rows are told with it.
    InvalidInput
        What was sent is at fault, every row.
    """
    if not subject.isprintable():
        raise _nobody()  # no row can have such an id
    with overlaid(portfolio, subject, facts.frames) as whole:
        strange = _strange_groups(whole, reaches)
        at = {fault.where for fault in strange}
        faults = [*strange, *(fault for fault in record_faults(whole) if fault.where not in at)]
        if faults:
            raise NotFound(capped(faults)) if strange else InvalidInput(capped(faults))
        try:
            whole.lay()
            yield whole
        except duckdb.DataError as error:
            # Its message quotes a value.
            what = "These rows cannot be computed with: a date or an amount leaves the range of its type."
            raise InvalidInput.of(ROOT, what, "Correct what lies far out of range.") from error


def _strange_groups(whole: Overlay, reaches: Reaches) -> list[Fault]:
    """Return the fault of every place where a group is named that the asker does not reach."""
    named = group_ids(whole)
    if not named:
        return []
    known = whole.read(
        "SELECT id, arg_max(coalesce(parent_id, id), known_at) AS bank_id, arg_max(branch_id, known_at) AS branch_id "
        f"FROM groups WHERE {among('id', set(named))} GROUP BY id"
    )
    reached = {
        row["id"]
        for row in known.iter_rows(named=True)
        if reaches(Place(whole.subject, row["id"], row["bank_id"], row["branch_id"]))
    }
    return [
        Fault(where, _NO_GROUP, "Check the name.")
        for group, places in sorted(named.items())
        if group not in reached
        for where in places
    ]


def place_of(whole: Overlay, snapshot: Snapshot, subject: str, reaches: Reaches) -> Place:
    """Return where the member stands by what was sent.

    Raises
    ------
    NotFound
        She is no member at the moment, or out of reach.
    InvalidInput
        Memberships were sent, and none of them holds at the moment.
    """
    if subject not in snapshot.places:
        if "memberships" in whole.sent:
            raise InvalidInput.of(f"{ROOT}/memberships", _NOT_THERE, _FROM_WHEN)
        raise _nobody()
    branch = branches(whole, snapshot.as_of).get(subject)
    place = Place(subject, snapshot.group.get(subject), snapshot.bank.get(subject), branch)
    if not reaches(place):
        raise _nobody()
    return place


def _nobody() -> NotFound:
    return NotFound.of("subject", "There is no such member at this moment.", "Check the id and the moment.")
