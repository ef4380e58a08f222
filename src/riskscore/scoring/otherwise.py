"""What somebody asks about: a request that was answered, were some of it otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from riskscore.errors import Fault
from riskscore.scoring.levers import DEBT_VIEWS, one_debt
from riskscore.scoring.request import ScoreRequest
from riskscore.scoring.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """The levers of a request, each as it would be; see `riskscore.scoring.levers`.

    Parameters
    ----------
    amount : float
        In the request's currency; it may be more than was asked for.
    term_days : int
    frequency : str
    savings : float
        Put by with the group first, in currency.
    finishes_debt : bool
        Whether her one debt elsewhere is finished first.
    """

    amount: float
    term_days: int
    frequency: str
    savings: float = 0.0
    finishes_debt: bool = False

    def faults(self, snapshot: Snapshot, request: ScoreRequest) -> list[Fault]:
        """Return what cannot be otherwise, as her facts in the snapshot are."""
        row, faults = snapshot.row(request.subject), []
        if self.savings and row.get("group_savings") is None:
            what = "What she has with the group is not known, so nothing can be added to it."
            faults.append(Fault("savings", what, "Leave savings out."))
        debts = [float("nan") if (value := row.get(name)) is None else value for name in DEBT_VIEWS]
        if self.finishes_debt and not one_debt(debts, float(request.other_active_loans)):
            what = "This needs exactly one loan elsewhere: of several, nobody knows which would end."
            faults.append(Fault("finishes_debt", what, "Leave finishes_debt out."))
        return faults
