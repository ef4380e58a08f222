"""The model that people meet: a candidate's margin, made a probability by one straight line and capped families.

``log-odds = a * margin + b`` with ``a > 0``, so that every contribution of the margin becomes points by one factor and
the sum stays exact. Where one line for all is not enough, a 0/1 feature may carry an *offset*: the level of its
segment, learnt with the line, and part of that feature's contribution.

A family that is capped (the record of her neighbours) moves the log-odds by at most its cap: where its contributions
sum to more, all of them shrink in proportion. A clipped sum is monotone in the sum, and the sum is monotone in the
family's features because no tree mixes them with others, so the cap costs no monotonicity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.special import expit

from riskscore.errors import Fault, InvalidInput
from riskscore.modelling.margin import Floats, Groups, Margin, matrix, sum_of
from riskscore.modelling.scale import ScoreScale


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the log-odds are what they are, for n rows and k features.

    Parameters
    ----------
    features : tuple of str
        Names of the k columns.
    base : float
        Log-odds of bad of the reference, the development mean; the same in every row.
    phi : ndarray (n, k)
        Contributions to the log-odds of bad: above 0 raises the risk. ``base + phi.sum(axis=1)`` is `log_odds`.
    log_odds : ndarray (n,)
        Calibrated log-odds of bad.
    pd : ndarray (n,)
        Probability of bad, in (0, 1).
    """

    features: tuple[str, ...]
    base: float
    phi: Floats
    log_odds: Floats
    pd: Floats


@dataclass(frozen=True, slots=True)
class Offset:
    """What a 0/1 feature adds to the log-odds where it is 1, and its mean over the development rows."""

    value: float
    mean: float


@dataclass(frozen=True, eq=False)
class CalibratedModel:
    """A margin with its calibration, caps and score scale.

    Parameters
    ----------
    margin : Margin
        The fitted candidate.
    families : mapping of str to str
        The family of every feature.
    a, b : float
        Slope (above 0) and intercept of the calibration.
    caps : mapping of str to float
        Most points, up or down, by which a family may move the score.
    scale : ScoreScale
        Turns log-odds into points.
    offsets : mapping of str to Offset
        By 0/1 feature; none of a capped family.

    Raises
    ------
    InvalidInput
        ``a <= 0``, a feature without family, a cap of no family or not above 0, or trees that mix a capped family
        with others.
    """

    margin: Margin
    families: Mapping[str, str]
    a: float
    b: float
    caps: Mapping[str, float] = field(default_factory=dict)
    scale: ScoreScale = field(default_factory=ScoreScale)
    offsets: Mapping[str, Offset] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = []
        if not (np.isfinite(self.a) and self.a > 0 and np.isfinite(self.b)):
            faults.append(
                Fault("calibration", f"a = {self.a}, b = {self.b}; a must be above 0.", "Train the recipe again.")
            )
        faults += [
            Fault(f"families.{name}", "The feature has no family.", "Give every feature its family.")
            for name in self.features
            if name not in self.families
        ]
        faults += [
            Fault(f"caps.{family}", f"{points} points cannot cap it.", "Give a number above 0.")
            for family, points in self.caps.items()
            if not (np.isfinite(points) and points > 0)
        ]
        faults += [
            Fault(f"offsets.{name}", "It is no feature outside the capped families, or no number.", "Train again.")
            for name, offset in self.offsets.items()
            if name not in self.features
            or self.families.get(name) in self.caps
            or not (np.isfinite(offset.value) and 0.0 <= offset.mean <= 1.0)
        ]
        if faults:
            raise InvalidInput(faults)
        kept_apart = getattr(self.margin, "groups_kept_apart", None)
        if kept_apart is not None and not kept_apart(self.groups):
            raise InvalidInput.of(
                "booster",
                "A tree mixes a capped family with other features, so the cap would not be exact.",
                "Train with interaction constraints that keep the family in trees of its own.",
            )

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns of X, in order."""
        return self.margin.features

    @property
    def kind(self) -> str:
        """What the candidate is: ``"woe_scorecard"`` or ``"lightgbm"``."""
        return self.margin.kind

    @property
    def base(self) -> float:
        """Calibrated log-odds of the reference, the development mean."""
        return self.a * self.margin.base + self.b

    @cached_property
    def groups(self) -> Groups:
        """Columns of each capped family, in the order of `caps`."""
        return groups_of(self.features, self.families, tuple(self.caps))

    @cached_property
    def limits(self) -> tuple[float, ...]:
        """Caps in log-odds, in the order of `caps`: 20 points are ln 2."""
        return tuple(points / self.scale.factor for points in self.caps.values())

    def shifts(self, values: Floats) -> Iterator[tuple[int, Floats]]:
        """Yield the column of each feature with an offset, and what the offset adds to every row's log-odds."""
        for name, offset in self.offsets.items():
            column = self.features.index(name)
            yield column, shift_of(values[:, column], offset)

    def explain(self, X: object, *, in_bulk: bool = False) -> Explanation:
        """Return the contribution of every feature to every row's log-odds.

        Parameters
        ----------
        X : array (n, k)
            Float64, one column a feature; NaN is missing.
        in_bulk : bool
            Trees may then give single contributions to some 1e-6 (`riskscore.modelling.bulk`); log-odds stay exact.

        Raises
        ------
        InvalidInput
            A wrong number of columns, or an infinite value.
        """
        values = matrix(X, self.features)
        quick = getattr(self.margin, "contributions_in_bulk", None) if in_bulk else None
        phi = self.a * (self.margin.contributions(values) if quick is None else quick(values, self.groups))
        for column, shift in self.shifts(values):
            phi[:, column] += shift
        for group, limit in zip(self.groups, self.limits, strict=True):
            total = sum_of(phi, group)
            excess = np.abs(total) > limit
            shrink = np.where(excess, limit / np.where(excess, np.abs(total), 1.0), 1.0)
            for column in group:
                phi[:, column] *= shrink
        log_odds = self.base + sum_of(phi, tuple(range(phi.shape[1])))
        return Explanation(self.features, self.base, phi, log_odds, np.asarray(expit(log_odds)))

    def log_odds(self, X: object) -> Floats:
        """Return the calibrated log-odds without explaining them: cheaper, and equal to `explain`'s to 1e-9."""
        values = matrix(X, self.features)
        total = calibrated_log_odds(self.margin.parts(values, self.groups), self.a, self.b, self.limits)
        for _, shift in self.shifts(values):
            total += shift
        return total

    def pd(self, X: object) -> Floats:
        """Return the probability of bad, in (0, 1), of every row."""
        return np.asarray(expit(self.log_odds(X)))


def groups_of(features: tuple[str, ...], families: Mapping[str, str], capped: tuple[str, ...]) -> Groups:
    """Return the columns of each capped family."""
    return tuple(tuple(column for column, name in enumerate(features) if families[name] == family) for family in capped)


def shift_of(flag: Floats, offset: Offset) -> Floats:
    """Return what an offset adds to the log-odds, relative to the development mean; a missing flag adds nothing."""
    return offset.value * np.nan_to_num(flag - offset.mean)


def calibrated_log_odds(parts: Floats, a: float, b: float, limits: tuple[float, ...]) -> Floats:
    """Return ``a * rest + b`` plus each group's ``a * sum``, clipped to its limit.

    Parameters
    ----------
    parts : ndarray (n, 1 + groups)
        As `Margin.parts` gives them.
    a, b : float
        The calibration.
    limits : tuple of float
        Each group's cap, in log-odds.
    """
    total = a * parts[:, 0] + b
    for column, limit in enumerate(limits, start=1):
        total += np.clip(a * parts[:, column], -limit, limit)
    return np.asarray(total)
