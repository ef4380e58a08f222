"""Who bears a fall: her savings, then her solidarity group, then the bank's fund, and only then the lender.

A member's fall costs ``severity x loan``, the severity being the share she never pays herself: with the whole loan
in its place the outlook of a communal bank comes out several times too dark.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import Fault, InvalidInput
from riskscore.liability.distributions import at_least

Floats = NDArray[np.float64]


def falls_to_break(n: int, *, loan: float, savings: float, spare: float) -> int | None:
    """Return how many falls among n equal loans the group can no longer cover.

    The smallest K with ``K loan > savings + (n - K) spare``; the group covers K - 1. None where it covers them all.

    Parameters
    ----------
    n : int
        Members, at least 1.
    loan : float
        What one fall costs, in currency, above 0.
    savings : float
        Held for all falls together, in currency.
    spare : float
        What each remaining member can add, in currency.

    Raises
    ------
    InvalidInput
        A number out of range.

    Examples
    --------
    >>> falls_to_break(5, loan=1, savings=0.5, spare=0.25)
    2
    """
    if n < 1 or not loan > 0 or min(savings, spare) < 0:
        raise InvalidInput.of("group", "a number is out of range.", "Give n of 1 or more, a loan above 0, no debts.")
    return next((k for k in range(1, n + 1) if k * loan > savings + (n - k) * spare), None)


def group_pd(falls: Floats, *, loan: float, savings: float, spare: float) -> float:
    """Return the chance that falls reach the lender, in [0, 1]; never ``1 - prod(1 - p)``.

    Parameters
    ----------
    falls : ndarray
        ``P(K = 0), ..., P(K = n)``, from any distribution of this package.
    loan, savings, spare : float
        As in `falls_to_break`.

    Raises
    ------
    InvalidInput
        A number out of range.
    """
    breaking = falls_to_break(len(falls) - 1, loan=loan, savings=savings, spare=spare)
    return 0.0 if breaking is None else at_least(falls, breaking)


def external_shortfall(
    fell: NDArray[np.bool_],
    group: Sequence[int],
    *,
    loss: Sequence[float],
    savings: Sequence[float],
    spare: Sequence[float],
    fund: float,
) -> Floats:
    """Return what reaches the lender in each drawn world, in currency.

    Per solidarity group ``(sum over the fallen of (loss - savings)+  -  sum over the others of spare)+``; what the
    groups leave is met by the bank's `fund`, and the rest is the shortfall.

    Parameters
    ----------
    fell : ndarray of bool, shape (worlds, members)
    group : sequence of int
        Each member's solidarity group, numbered from 0.
    loss : sequence of float
        ``severity x loan`` of each member, in currency.
    savings, spare : sequence of float
        Her savings held against her own loan, and what she can add for others, in currency.
    fund : float
        The communal bank's own cover, in currency.

    Raises
    ------
    InvalidInput
        Lengths that differ or a negative amount; all at once.
    """
    members = fell.shape[1]
    amounts = {"loss": loss, "savings": savings, "spare": spare}
    places = np.asarray(group, dtype=np.int64)
    faults = [
        Fault(name, "it has a negative or missing amount, or another length.", "Give 0 or more for each member.")
        for name, values in amounts.items()
        if len(values) != members or not np.all(np.asarray(values, dtype=np.float64) >= 0)
    ]
    if places.shape != (members,) or places.min(initial=0) < 0:
        faults.append(Fault("group", "it does not match the members.", "Give a number from 0 for each member."))
    if not fund >= 0:
        faults.append(Fault("fund", f"{fund!r} is negative.", "Give 0 or more."))
    if faults:
        raise InvalidInput(faults)
    owed = np.maximum(np.asarray(loss, dtype=np.float64) - np.asarray(savings, dtype=np.float64), 0.0)
    in_group = np.eye(int(places.max(initial=0)) + 1)[places]
    asked = np.where(fell, owed, 0.0) @ in_group
    offered = np.where(fell, 0.0, np.asarray(spare, dtype=np.float64)) @ in_group
    return np.asarray(np.maximum(np.maximum(asked - offered, 0.0).sum(axis=1) - fund, 0.0))
