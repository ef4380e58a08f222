"""What joint liability may ask of a member each month.

Her neighbours' uncovered loans are a stock; what she would pay of it is spread over the months of her own term,
because a stock is never added to a monthly flow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riskscore.errors import Fault, InvalidInput


@dataclass(frozen=True, slots=True)
class Cover:
    """A member's part of her neighbours' uncovered loans, in currency a month.

    Parameters
    ----------
    expected : float
        The mean over all outcomes: probability x uncovered loan, shared among those who remain.
    one_stops : float
        When one neighbour of average exposure pays nothing.
    """

    expected: float = 0.0
    one_stops: float = 0.0


def peers_cover(
    probability: float | Sequence[float], exposure: Sequence[float], savings: Sequence[float], *, term_months: float
) -> Cover:
    """Share the neighbours' uncovered loans among the members who remain.

    ``expected = sum_j p_j (EAD_j - s_j)+ / (n - 1) / months`` over the n - 1 neighbours, and ``one_stops`` the mean
    of ``(EAD_j - s_j)+ / (n - 1) / months``: a mean, so that one neighbour's exposure cannot be read from it.

    Parameters
    ----------
    probability : float or sequence of float
        Chance that a neighbour stops paying, in [0, 1]; one for all, or one each.
    exposure, savings : sequence of float
        What each neighbour will owe, and her savings held against it, in currency.
    term_months : float
        Months of the loan asked for, above 0.

    Raises
    ------
    InvalidInput
        A probability outside [0, 1], a negative amount, lengths that differ or a term that is not positive.

    Examples
    --------
    >>> peers_cover(0.05, [300.0] * 4, [30.0] * 4, term_months=4)
    Cover(expected=3.375, one_stops=16.875)
    """
    owed, saved = np.asarray(exposure, dtype=np.float64), np.asarray(savings, dtype=np.float64)
    chance = np.asarray(probability, dtype=np.float64)
    faults = []
    if not np.all((chance >= 0) & (chance <= 1)):
        faults.append(Fault("probability", "it is outside [0, 1].", "Give a chance, as a fraction."))
    if owed.shape != saved.shape or chance.shape not in ((), owed.shape):
        faults.append(Fault("exposure", "the sequences differ in length.", "Give one entry for each neighbour."))
    elif not (np.all(owed >= 0) and np.all(saved >= 0)):
        faults.append(Fault("exposure", "an amount is negative or missing.", "Give amounts of 0 or more."))
    if not term_months > 0:
        faults.append(Fault("term_months", f"{term_months!r} is not above 0.", "Give the months of the loan."))
    if faults:
        raise InvalidInput(faults)
    neighbours = owed.size
    if neighbours == 0:
        return Cover()
    uncovered = np.maximum(owed - saved, 0.0)
    share = neighbours * term_months
    return Cover(expected=float((chance * uncovered).sum() / share), one_stops=float(uncovered.mean() / share))
