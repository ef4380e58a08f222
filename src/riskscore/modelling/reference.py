"""What a champion remembers of the rows it was made from: enough to explain a score, not enough to know a person.

Per feature the mean and median of the training rows (what a contribution is relative to), the share missing, and the
smallest and largest value of the training and the later rows: beyond them the model extrapolates. Per score band the
bad rate that was seen out of time, with its clustered interval: it is what "of 100 like her" quotes.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from riskscore.modelling.margin import Floats

#: A band is joined with its neighbour until it has this many rows and clusters: fewer say nothing of "100 like her".
BAND_ROWS, BAND_CLUSTERS = 60, 10

#: Coverage of a band's interval.
BAND_LEVEL = 0.90


@dataclass(frozen=True, slots=True)
class FeatureReference:
    """One feature over the development rows; None where no row had a value.

    Parameters
    ----------
    mean, median, low, high : float or None
        In the feature's own unit, over the rows that had a value.
    missing_share : float
        In [0, 1].
    safe_end : {"low", "high"} or None
        The end beyond which the declared direction says that the risk is no higher than at the end.
    """

    mean: float | None
    median: float | None
    low: float | None
    high: float | None
    missing_share: float
    safe_end: str | None = None

    @classmethod
    def of(cls, values: Floats, later: Floats, risk: str) -> Self:
        """Describe a column, NaN being missing.

        Parameters
        ----------
        values, later : ndarray
            Of the training rows, and of the rows that the bands' rates were seen on.
        risk : {"rises", "falls", "free"}
        """
        seen = values[~np.isnan(values)]
        if len(seen) == 0:
            return cls(None, None, None, None, 1.0)
        both = np.concatenate([seen, later[~np.isnan(later)]])
        return cls(
            mean=float(seen.mean()),
            median=float(np.median(seen)),
            low=float(both.min()),
            high=float(both.max()),
            missing_share=1.0 - len(seen) / len(values),
            safe_end={"rises": "low", "falls": "high"}.get(risk),
        )

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest value that rows had values around, or riskier ones; nothing lies within where none had."""
        if self.low is None or self.high is None:
            return math.inf, -math.inf
        return (
            -math.inf if self.safe_end == "low" else self.low,
            math.inf if self.safe_end == "high" else self.high,
        )


@dataclass(frozen=True, slots=True)
class Band:
    """A span of scores and what became of the people in it, out of time.

    Parameters
    ----------
    from_score, to_score : float or None
        ``from_score <= score < to_score``; None is open.
    n, bads, clusters : int
        Out-of-time rows, their bads, and the groups they come from.
    rate, low, high : float
        Bad rate and its interval clustered by group.
    level : float
        Coverage of the interval.
    """

    from_score: float | None
    to_score: float | None
    n: int
    bads: int
    clusters: int
    rate: float
    low: float
    high: float
    level: float

    def holds(self, score: float) -> bool:
        """Whether a score falls in it."""
        return (self.from_score is None or score >= self.from_score) and (
            self.to_score is None or score < self.to_score
        )


@dataclass(frozen=True, slots=True)
class Reference:
    """Development and out-of-time facts of a champion."""

    features: Mapping[str, FeatureReference]
    bands: tuple[Band, ...]
    metrics: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return plain values for ``reference.json``."""
        return {
            "features": {name: asdict(one) for name, one in self.features.items()},
            "bands": [asdict(band) for band in self.bands],
            "metrics": dict(self.metrics),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Build it from `to_json`'s values, which `audit` has checked."""
        return cls(
            features={name: FeatureReference(**one) for name, one in content["features"].items()},
            bands=tuple(Band(**one) for one in content["bands"]),
            metrics=content["metrics"],
        )


def score_bands(scores: Floats, y: Floats, clusters: Sequence[Any], edges: Sequence[float]) -> tuple[Band, ...]:
    """Return the bands between the edges, thin ones joined with the next band towards the middle.

    Parameters
    ----------
    scores : ndarray (n,)
        Out-of-time scores, in points.
    y : ndarray (n,)
        1 is bad; indeterminate counts as 0.
    clusters : sequence (n,)
        The group key of each row.
    edges : sequence of float
        Ascending scores.
    """
    from riskscore.evaluation import band_rates

    groups = np.asarray(clusters)
    kept = _joined(scores, groups, list(edges))
    names = [str(number) for number in range(len(kept) + 1)]
    held = [names[bisect_right(kept, score)] for score in scores.tolist()]
    rates = band_rates(y, held, clusters=groups, names=names, level=BAND_LEVEL)
    return tuple(
        Band(
            from_score=low,
            to_score=high,
            n=int(rate.n),
            bads=int(rate.bads),
            clusters=rate.clusters,
            rate=rate.rate,
            low=rate.low,
            high=rate.high,
            level=BAND_LEVEL,
        )
        for low, high, rate in zip([None, *kept], [*kept, None], rates, strict=True)
    )


def _joined(scores: Floats, groups: np.ndarray[Any, Any], edges: list[float]) -> list[float]:
    """Drop edges until every band has rows and clusters enough; with one band left, whatever it has."""
    while edges:
        held = np.searchsorted(edges, scores, side="right")
        thin = [
            band
            for band in range(len(edges) + 1)
            if (held == band).sum() < BAND_ROWS or len(np.unique(groups[held == band])) < BAND_CLUSTERS
        ]
        if not thin:
            break
        # The outermost thin band goes first, so that the ends of the scale grow inwards.
        band = max(thin, key=lambda number: abs(number - len(edges) / 2))
        edges.pop(band if band < len(edges) / 2 else band - 1)
    return edges
