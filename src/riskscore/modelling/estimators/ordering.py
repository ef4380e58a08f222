"""Categories for models of numbers: each level stands as the log-odds of bad that its rows had.

Neither the bins nor the trees take categories (the fast explainer refuses them). Ordered by risk, a category is a
number that both can cut anywhere, and one column stays one contribution. What a level is worth is learnt from the
labels, so it is learnt inside every fold, pulled towards the mean as if ten more rows had the mean rate, and for the
trees, which would otherwise see each row's own label in it, from the other folds (*cross-fitted*).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscore.modelling.margin import Floats, Groups, Margin

#: Rows of the mean rate that every level is given.
PULL = 10.0

Numbers = Mapping[int, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Ordered:
    """A margin whose columns of categories are turned into numbers first.

    Parameters
    ----------
    features : tuple of str
        Names of the columns, in order; the inner margin may have names of its own.
    numbers : mapping of int to tuple of float
        By column: what each level stands for, and last what a rare or unseen one does.
    inner : Margin
        Fitted on numbers alone.
    """

    features: tuple[str, ...]
    numbers: Numbers
    inner: Margin

    @property
    def kind(self) -> str:
        """The inner margin's."""
        return self.inner.kind

    @property
    def base(self) -> float:
        """The mean margin of the development rows."""
        return self.inner.base

    def contributions(self, X: Floats) -> Floats:
        """Return the contributions (n, k)."""
        return self.inner.contributions(numbered(X, self.numbers))

    def parts(self, X: Floats, groups: Groups) -> Floats:
        """Return (n, 1 + len(groups)), as the inner margin does."""
        return self.inner.parts(numbered(X, self.numbers), groups)


def numbers_of_levels(X: Floats, bad: Floats, categories: Mapping[int, int]) -> dict[int, tuple[float, ...]]:
    """Return what each level of each column of categories stands for.

    Parameters
    ----------
    X : ndarray (n, k)
        Of places, as `Coding.matrix` gives them.
    bad : ndarray (n,)
    categories : mapping of int to int
        The columns that hold places, and their numbers of levels.
    """
    rate = float(bad.mean())
    found = {}
    for column, levels in categories.items():
        known = ~np.isnan(X[:, column])
        place = X[known, column].astype(int) % (levels + 1)  # the place of the others, -1, comes last
        rows = np.bincount(place, minlength=levels + 1)
        bads = np.bincount(place, bad[known], minlength=levels + 1)
        share = (bads + PULL * rate) / (rows + PULL)
        found[column] = tuple(float(one) for one in np.log(share) - np.log1p(-share))
    return found


def numbered(X: Floats, numbers: Numbers) -> Floats:
    """Return the matrix with numbers for places; NaN stays NaN."""
    if not numbers:
        return X
    filled = X.copy()
    for column, worth in numbers.items():
        known = ~np.isnan(X[:, column])
        filled[known, column] = np.asarray(worth)[X[known, column].astype(int) % len(worth)]
    return filled


def cross_fitted(X: Floats, bad: Floats, categories: Mapping[int, int], folds: NDArray[np.int64]) -> Floats:
    """Return the matrix with numbers for places, each row's learnt from the rows of the other folds."""
    filled = X.copy()
    for fold in np.unique(folds):
        inside = folds == fold
        worth = numbers_of_levels(X[~inside], bad[~inside], categories)
        filled[inside] = numbered(X[inside], worth)
    return filled
