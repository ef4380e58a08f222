"""Month by month through a season: one harvest a year hides months in which nothing is left.

A yearly ratio can look calm while the months before the harvest run dry, so for crops the balance is followed
month by month: ``B_t = B_(t-1) + income_t - costs_t - service_t``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riskscore.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class CashBalance:
    """The balance at the end of each month, in currency.

    Parameters
    ----------
    balances : tuple of float
    lowest : float
        The least of them; what has to be found elsewhere where it is below 0.
    dry_months : tuple of int
        The months, counted from 1, that end below 0.
    """

    balances: tuple[float, ...]
    lowest: float
    dry_months: tuple[int, ...]


def cash_balance(
    income: Sequence[float], costs: Sequence[float], service: Sequence[float], *, opening: float = 0.0
) -> CashBalance:
    """Follow the household's cash through the months.

    Parameters
    ----------
    income, costs, service : sequence of float
        Currency in each month; `costs` of business and household together, `service` of every debt.
    opening : float
        Savings within reach at the start; 0 where nobody knows of any.

    Raises
    ------
    InvalidInput
        No month at all, lengths that differ, or a missing value: a missing month is not a month of nothing.

    Examples
    --------
    >>> cash_balance([0, 0, 300], [50, 50, 50], [20, 20, 20], opening=100).dry_months
    (2,)
    """
    if not len(income) == len(costs) == len(service) or len(income) == 0:
        raise InvalidInput.of("months", "they are empty or differ in length.", "Give one entry for each month.")
    flows = np.asarray(income, dtype=np.float64) - np.asarray(costs, dtype=np.float64)
    flows = flows - np.asarray(service, dtype=np.float64)
    if not (np.isfinite(flows).all() and np.isfinite(opening)):
        raise InvalidInput.of("months", "an amount is missing.", "Give 0 where it is known that nothing moves.")
    balances = opening + np.cumsum(flows)
    return CashBalance(
        balances=tuple(balances.tolist()),
        lowest=float(balances.min()),
        dry_months=tuple((np.flatnonzero(balances < 0) + 1).tolist()),
    )
