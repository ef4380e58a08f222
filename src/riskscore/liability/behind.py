"""From the correlation of defaults to the shares of hidden fortune behind it.

Level by level, from the widest to the narrowest, the share is found at which the three-level Gaussian expects as many
pairs to fall together, at the members' own PDs, as the record holds. In a solidarity group infection has its part of
those pairs, and only the rest is shared fortune: what contagion explains is not explained twice.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from riskscore.liability.direct import direct_parts, states
from riskscore.liability.distributions import conditional_rate
from riskscore.liability.pairs import Record, squares
from riskscore.liability.shares import AssetShares

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: No share is looked for above this: members who nearly always fall together are one borrower.
MOST = 0.8


def shares_behind(record: Record, *, q: float = 0.0) -> AssetShares:
    """Return the shares a, b and c of the three-level Gaussian behind a record.

    Parameters
    ----------
    record : Record
    q : float
        Infection inside a solidarity group, in [0, 1), learnt from timing (`riskscore.liability.infection`).

    Notes
    -----
    A level at which no more pairs fell together than the wider level explains has a share of 0. Between solidarity
    groups infection is left out of account: there it only carries a shared fortune a little further.
    """
    in_group, in_bank, of_all = record.excess()
    a = _share(lambda r: apart(record.pd, record.bank, record.period, r), of_all, 0.0)
    b = _share(lambda r: apart(record.pd, record.group, record.bank, r), in_bank, a)
    c = _share(lambda r: together(record.pd, record.group, r, q), in_group, b)
    return AssetShares(a, b - a, c - b)


def apart(pd: Floats, inner: Ints, outer: Ints, r: float) -> float:
    """Return the summed covariance of pairs in one outer place and two inner ones whose fortunes correlate by `r`."""
    total = -_pairs(pd, inner, outer)
    for z, weight in states():
        total += weight * _pairs(conditional_rate(pd, r, z), inner, outer)
    return total


def together(pd: Floats, group: Ints, r: float, q: float) -> float:
    """Return the summed covariance of pairs of one solidarity group, infection included.

    Given the state, both of a pair are spared with ``(1 - p_i)(1 - p_j) prod_{k != i,j} (1 - p_k (1 - (1 - q)^2))``.
    """
    direct = direct_parts(pd, group, shared=r, q=q)
    table = _seated(direct, group)
    seats = table.shape[1]
    inside = table > 0.0
    twice = 1.0 - (1.0 - q) ** 2
    total = -_pairs(pd, np.arange(len(pd)), group)
    for z, weight in states():
        p = np.where(inside, conditional_rate(np.where(inside, table, 0.5), r, z), 0.0)
        spared = np.prod(1.0 - q * p, axis=1, keepdims=True)
        good = (1.0 - p) / (1.0 - q * p) * spared
        alone = (1.0 - p) / (1.0 - twice * p)
        both_spared = np.prod(1.0 - twice * p, axis=1)
        for i in range(seats):
            for j in range(i):
                both = 1.0 - good[:, i] - good[:, j] + alone[:, i] * alone[:, j] * both_spared
                total += weight * float(both[inside[:, i]].sum())
    return total


def _share(expected: Callable[[float], float], seen: float, least: float) -> float:
    """Return the correlation in [least, MOST] at which `expected` is `seen`, or the nearer end."""
    if seen <= expected(least):
        return least
    if seen >= expected(MOST):
        return MOST
    return float(brentq(lambda r: expected(r) - seen, least, MOST, xtol=5e-4))


def _pairs(values: Floats, inner: Ints, outer: Ints) -> float:
    return float(squares(values, outer).sum() - squares(values, inner).sum()) / 2


def _seated(values: Floats, group: Ints) -> Floats:
    """Return one row a group, its members' values first in it and 0 beyond."""
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group)
    seat = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    table = np.zeros((len(sizes), int(sizes.max())))
    table[group[order], seat] = values[order]
    return table
