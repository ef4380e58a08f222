"""What she will not change, or not beyond: the nearest change is not always the one that people can live with."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import Fault, InvalidInput
from riskscore.frequency import FREQUENCIES
from riskscore.scoring.cases import Cases


@dataclass(frozen=True, slots=True)
class Limits:
    """Her own limits, inclusive; None sets none.

    Parameters
    ----------
    least_amount : float or None
        Less would not do, in the portfolio's currency.
    longest_term_days : int or None
        Days.
    frequencies : tuple of str or None
        The only ones she can keep to.
    most_savings : float or None
        What she can put by with the group before the loan, in currency; 0 where nothing.
    can_finish_debt : bool
        Whether she can wait until another debt of hers is paid.

    Raises
    ------
    InvalidInput
        Every limit that is none, at once.

    Examples
    --------
    Not under 400, not over six months, and every fortnight as now:

    >>> Limits(least_amount=400, longest_term_days=183, frequencies=("fortnightly",)).most_savings is None
    True
    """

    least_amount: float | None = None
    longest_term_days: int | None = None
    frequencies: tuple[str, ...] | None = None
    most_savings: float | None = None
    can_finish_debt: bool = True

    def __post_init__(self) -> None:
        faults = [
            Fault(f"limits.{name}", "This is not a limit.", remedy)
            for name, value, least, remedy in (
                ("least_amount", self.least_amount, 0.0, "Give an amount of 0 or more, or leave it out."),
                ("longest_term_days", self.longest_term_days, 1.0, "Give days, at least 1, or leave it out."),
                ("most_savings", self.most_savings, 0.0, "Give an amount of 0 or more, or leave it out."),
            )
            if value is not None and not (math.isfinite(value) and value >= least)
        ]
        if self.frequencies is not None and (not self.frequencies or set(self.frequencies) - set(FREQUENCIES)):
            remedy = f"Name some of: {', '.join(FREQUENCIES)}; or leave it out."
            faults.append(Fault("limits.frequencies", "These are not frequencies.", remedy))
        if faults:
            raise InvalidInput(faults)

    def allow(self, cases: Cases, savings: NDArray[np.float64], finishes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which cases (n,) she can live with.

        Parameters
        ----------
        cases : Cases
        savings : ndarray (n,)
            What she would put by.
        finishes : ndarray of bool (n,)
            Whether a debt would be finished first.
        """
        allowed = np.ones(len(cases.amount), dtype=np.bool_)
        if self.least_amount is not None:
            allowed &= cases.amount >= self.least_amount
        if self.longest_term_days is not None:
            allowed &= cases.term_days <= self.longest_term_days
        if self.frequencies is not None:
            allowed &= np.array([one in self.frequencies for one in cases.frequency], dtype=np.bool_)
        if self.most_savings is not None:
            allowed &= savings <= self.most_savings
        return allowed & (self.can_finish_debt | ~finishes)
