"""The WoE scorecard as it scores: bins, their weights of evidence and one coefficient a feature, in pure numpy.

The sign convention is fixed: ``WoE = ln(share of the good / share of the bad)``, so a safer bin has a higher WoE, and
``margin = alpha + sum(beta * WoE)`` is the log-odds of BAD, so every beta is negative or zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from riskscore.modelling.margin import Floats, Groups, sum_of


@dataclass(frozen=True, slots=True)
class Bins:
    """One feature's bins.

    Parameters
    ----------
    feature : str
        Its name.
    splits : tuple of float
        Ascending; bin i holds ``splits[i-1] <= value < splits[i]``.
    woe : tuple of float
        One a bin, ``len(splits) + 1`` of them.
    missing_woe : float
        Of the bin of missing values; `mean_woe` where development rows say nothing about them.
    mean_woe : float
        Mean over the development rows: the reference of the contribution.
    beta : float
        At most 0; exactly 0 where the feature is left out.
    good, bad : tuple of int
        Development rows a bin, the missing bin last.
    """

    feature: str
    splits: tuple[float, ...]
    woe: tuple[float, ...]
    missing_woe: float
    mean_woe: float
    beta: float
    good: tuple[int, ...]
    bad: tuple[int, ...]

    def of(self, values: Floats) -> Floats:
        """Return the WoE of each value, NaN being missing."""
        found = np.asarray(self.woe)[np.digitize(values, np.asarray(self.splits))]
        return np.where(np.isnan(values), self.missing_woe, found)

    @property
    def information_value(self) -> float:
        """``sum((share good - share bad) * WoE)`` over the development rows; under 0.02 is useless."""
        good, bad = np.asarray(self.good, dtype=float), np.asarray(self.bad, dtype=float)
        weight = good / good.sum() - bad / bad.sum()
        return float(weight @ np.asarray([*self.woe, self.missing_woe]))


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A fitted scorecard.

    Parameters
    ----------
    features : tuple of str
        Columns of the matrix, in order.
    alpha : float
        The margin where every WoE is 0.
    bins : tuple of Bins
        One a feature, in the same order.
    """

    features: tuple[str, ...]
    alpha: float
    bins: tuple[Bins, ...]

    @property
    def kind(self) -> str:
        """``"woe_scorecard"``."""
        return "woe_scorecard"

    @property
    def base(self) -> float:
        """The mean margin of the development rows."""
        return self.alpha + sum(one.beta * one.mean_woe for one in self.bins)

    def contributions(self, X: Floats) -> Floats:
        """Return ``beta * (WoE - mean WoE)`` for each row and feature (n, k)."""
        phi = np.zeros(X.shape)
        for column, one in enumerate(self.bins):
            if one.beta != 0.0:
                phi[:, column] = one.beta * (one.of(X[:, column]) - one.mean_woe)
        return phi

    def parts(self, X: Floats, groups: Groups) -> Floats:
        """Return the base with all ungrouped contributions, then each group's sum (n, 1 + len(groups))."""
        phi = self.contributions(X)
        grouped = {column for group in groups for column in group}
        rest = tuple(column for column in range(len(self.features)) if column not in grouped)
        return np.column_stack([self.base + sum_of(phi, rest), *(sum_of(phi, group) for group in groups)])

    def to_json(self) -> dict[str, Any]:
        """Return plain values for ``model.json``."""
        return {
            "kind": self.kind,
            "alpha": self.alpha,
            "bins": [
                {
                    "feature": one.feature,
                    "splits": list(one.splits),
                    "woe": list(one.woe),
                    "missing_woe": one.missing_woe,
                    "mean_woe": one.mean_woe,
                    "beta": one.beta,
                    "good": list(one.good),
                    "bad": list(one.bad),
                }
                for one in self.bins
            ],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Build it from `to_json`'s values, which `audit` has checked."""
        bins = tuple(
            Bins(
                feature=one["feature"],
                splits=tuple(one["splits"]),
                woe=tuple(one["woe"]),
                missing_woe=one["missing_woe"],
                mean_woe=one["mean_woe"],
                beta=one["beta"],
                good=tuple(one["good"]),
                bad=tuple(one["bad"]),
            )
            for one in content["bins"]
        )
        return cls(features=tuple(one.feature for one in bins), alpha=content["alpha"], bins=bins)
