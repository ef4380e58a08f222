"""What each cut-off lets through: how many, how many of them end badly, and how many it would leave over-indebted.

A cut-off on the probability alone is told beside the same cut-off with every other rule of a policy, because a low
probability is no proof that a loan fits a household: her group may pay, or she may by selling what she lives from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskscore.evaluation.one_rate import one_rate
from riskscore.evaluation.rates import Rate
from riskscore.evaluation.sample import Floats

Bools = npt.NDArray[np.bool_]

#: Coverage of every interval here.
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Let:
    """Who is let through, and what became of them.

    Parameters
    ----------
    n : int
    share : Rate
        Of all requests.
    bad : Rate
        Among those let through.
    over_indebted : Rate
        Among those let through whose indebtedness is known.
    unknown : int
        Let through with indebtedness unknown.
    """

    n: int
    share: Rate
    bad: Rate
    over_indebted: Rate
    unknown: int


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut-off: everybody with a probability below it, by the probability alone and by all rules."""

    below: float
    alone: Let
    with_rules: Let


def cutoffs(
    pd: Floats,
    other_rules: Bools,
    bad: Floats,
    over_indebted: Floats,
    clusters: npt.NDArray[np.generic],
    cuts: Sequence[float],
) -> tuple[Cut, ...]:
    """Return what each cut-off lets through.

    Parameters
    ----------
    pd : ndarray (n,)
        The probability that a state rests on.
    other_rules : ndarray of bool (n,)
        Whether every rule but the one on the probability is content.
    bad : ndarray (n,)
        1 is bad.
    over_indebted : ndarray (n,)
        1 where the loan leaves her over-indebted, 0 where not, NaN where it is unknown.
    clusters : ndarray (n,)
    cuts : sequence of float
        Exclusive upper ends.
    """
    return tuple(
        Cut(
            cut,
            let_through(pd < cut, bad, over_indebted, clusters),
            let_through((pd < cut) & other_rules, bad, over_indebted, clusters),
        )
        for cut in cuts
    )


def let_through(rows: Bools, bad: Floats, over_indebted: Floats, clusters: npt.NDArray[np.generic]) -> Let:
    """Return what became of the rows let through, with clustered intervals."""
    known = ~np.isnan(over_indebted)
    return Let(
        int(rows.sum()),
        one_rate(rows.astype(np.float64), np.ones_like(rows), clusters, level=LEVEL),
        one_rate(bad, rows, clusters, level=LEVEL),
        one_rate(over_indebted, rows & known, clusters, level=LEVEL),
        int((rows & ~known).sum()),
    )


@dataclass(frozen=True, slots=True)
class Swap:
    """Two policies on the same requests: what both let through, what only one does, and what neither does."""

    both: Let
    only_first: Let
    only_second: Let
    neither: Let


def swap(first: Bools, second: Bools, bad: Floats, over_indebted: Floats, clusters: npt.NDArray[np.generic]) -> Swap:
    """Return the swap set of two policies: `only_first` is out if the second comes in force, `only_second` is in."""
    cells = (first & second, first & ~second, ~first & second, ~first & ~second)
    return Swap(*(let_through(rows, bad, over_indebted, clusters) for rows in cells))
