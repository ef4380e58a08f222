"""The expert's hundred points: what each indicator gives for its value, and what a dimension's points say of the risk.

A missing value has points of its own, which the recipe must state: they are what the expert thinks of an association
that cannot say, and are never nought by default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from riskscore.modelling.margin import Floats


@dataclass(frozen=True, slots=True)
class Indicator:
    """A feature in bins.

    Parameters
    ----------
    feature, dimension : str
    splits : tuple of float
        Ascending; bin i holds ``splits[i-1] <= value < splits[i]``.
    points : tuple of float
        One a bin, 0 or more.
    missing : float
        Points of a missing value.
    """

    feature: str
    dimension: str
    splits: tuple[float, ...]
    points: tuple[float, ...]
    missing: float

    def of(self, values: Floats) -> Floats:
        """Return the points of each value, NaN being missing."""
        found = np.asarray(self.points)[np.digitize(values, np.asarray(self.splits))]
        return np.where(np.isnan(values), self.missing, found)


@dataclass(frozen=True, slots=True)
class Dimension:
    """One of the parts of the hundred.

    Parameters
    ----------
    name : str
    points : float
        Most it can give.
    mean, sd : float
        Prior of its coefficient; 1 is the slope that the anchor gives.
    title : mapping of str to str
        By language.
    """

    name: str
    points: float
    mean: float
    sd: float
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Anchor:
    """What points mean: at `points` the PD is `pd`, and `halving` points more halve the odds of bad.

    Parameters
    ----------
    points, halving : float
    pd : float
        In (0, 1).
    cases : float
        How many cases that PD is worth.
    verified : bool
        Whether it rests on defaults that were seen, and not on judgement alone.

    Examples
    --------
    >>> anchor = Anchor(points=50, pd=0.10, halving=15, cases=20, verified=False)
    >>> [round(float(one), 4) for one in anchor.pd_of(np.array([20.0, 35.0, 50.0, 65.0, 80.0]))]
    [0.3077, 0.1818, 0.1, 0.0526, 0.027]
    """

    points: float
    pd: float
    halving: float
    cases: float
    verified: bool

    @property
    def slope(self) -> float:
        """Log-odds of bad that one point takes away."""
        return float(np.log(2.0) / self.halving)

    def pd_of(self, points: Floats) -> Floats:
        """Return the expert's PD of points, before any case."""
        log_odds = np.log(self.pd / (1.0 - self.pd)) - self.slope * (points - self.points)
        return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


def points_of(indicators: Sequence[Indicator], X: Floats) -> Floats:
    """Return the points of each indicator (n, indicators); the columns of `X` are theirs, in order."""
    return np.column_stack([one.of(X[:, column]) for column, one in enumerate(indicators)])


def dimension_points(dimensions: Sequence[Dimension], indicators: Sequence[Indicator], points: Floats) -> Floats:
    """Return the points of each dimension (n, dimensions) from those of the indicators."""
    return np.column_stack(
        [points[:, [one.dimension == dimension.name for one in indicators]].sum(axis=1) for dimension in dimensions]
    )


def expert_log_odds(anchor: Anchor, dimensions: Sequence[Dimension], points: Floats) -> Floats:
    """Return what each dimension's points add to the log-odds by the expert's slope (n, dimensions).

    Each is nought at the dimension's share of the anchor: half of its points where the anchor is 50 of 100.
    """
    most = np.array([one.points for one in dimensions])
    return np.asarray(-anchor.slope * (points - most * anchor.points / most.sum()))
