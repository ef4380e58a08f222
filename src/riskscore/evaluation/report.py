"""Everything that is said about a model on one set of rows, or that there are too few bads to say it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from riskscore.errors import Fault, InvalidInput
from riskscore.evaluation.calibration import (
    Recalibration,
    brier,
    brier_skill,
    calibration,
    ece,
    ici,
    log_loss,
    observed_expected,
    shared_correlation,
)
from riskscore.evaluation.clusters import REPLICATES, Interval, cluster_bootstrap
from riskscore.evaluation.ranking import Ranked
from riskscore.evaluation.rates import Rate, reliability_table
from riskscore.evaluation.sample import Sample, cluster_codes

#: Below this many bads, or goods, no measure is computed: an AUC on 20 of each has a standard error of 0.08.
MINIMUM_BADS = 20

SEGMENT_FIGURES = ("auc", "slope", "observed_expected", "ici")


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure with its interval.

    Parameters
    ----------
    value : float
    low, high : float
        NaN where it has no interval.
    """

    value: float
    low: float = math.nan
    high: float = math.nan

    def to_dict(self) -> dict[str, float | None]:
        """Return value, low and high, None for NaN."""
        return {"value": _plain(self.value), "low": _plain(self.low), "high": _plain(self.high)}

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "–"
        if math.isnan(self.low):
            return f"{self.value:.4f}"
        return f"{self.value:.4f} ({self.low:.4f} to {self.high:.4f})"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How a model did on a set of rows.

    Parameters
    ----------
    n, bads : float
        Weighted rows and bads (expected bads for soft labels).
    clusters : int
    bad_rate : Figure
        With its clustered interval.
    mean_pd : float
    level : float
        Coverage of every interval here: the AUC's by cluster bootstrap, those of slope, intercept and observed over
        expected by a cluster-robust sandwich, the rates' by effective n.
    figures : mapping of str to Figure
        ``auc, gini, ks, brier, brier_skill, log_loss, slope, intercept, in_the_large, observed_expected, ici, ece``;
        empty where there are too few bads to say.
    icc, design_effect : float
        Correlation within clusters given the PDs' bins, and what it does to the variance of the mean.
    reliability : tuple of Rate
        Least risky first; empty where there are too few bads to say.
    segments : mapping of str to mapping of str to Evaluation
        By segment variable and value.
    too_few : str or None
        The sentence to show instead of figures.
    """

    n: float
    bads: float
    clusters: int
    bad_rate: Figure
    mean_pd: float
    level: float
    figures: Mapping[str, Figure]
    icc: float
    design_effect: float
    reliability: tuple[Rate, ...] = ()
    segments: Mapping[str, Mapping[str, Evaluation]] = field(default_factory=dict)
    too_few: str | None = None

    def __getitem__(self, name: str) -> float:
        """Return a measure's value; NaN where there are too few bads to say."""
        return self.figures[name].value if self.too_few is None else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, None for NaN."""
        return {
            "n": self.n,
            "bads": self.bads,
            "clusters": self.clusters,
            "bad_rate": self.bad_rate.to_dict(),
            "mean_pd": self.mean_pd,
            "level": self.level,
            "icc": _plain(self.icc),
            "design_effect": _plain(self.design_effect),
            "too_few": self.too_few,
            "figures": {name: figure.to_dict() for name, figure in self.figures.items()},
            "reliability": [rate.to_dict() for rate in self.reliability],
            "segments": {
                variable: {value: part.to_dict() for value, part in parts.items()}
                for variable, parts in self.segments.items()
            },
        }

    def to_markdown(self, title: str = "Evaluation") -> str:
        """Return a section with the figures, the reliability table and a line for each segment."""
        lines = [f"## {title}", "", self._head(), ""]
        if self.figures:
            lines += [f"| measure | value ({self.level:.0%} interval) |", "|---|---|"]
            lines += [f"| {name.replace('_', ' ')} | {figure} |" for name, figure in self.figures.items()]
            lines += ["", *_reliability_lines(self.reliability)]
        for variable, parts in self.segments.items():
            lines += ["", f"### By {variable}", "", "| segment | rows | bads | AUC | slope | observed/expected | ICI |"]
            lines += ["|---|---|---|---|---|---|---|"]
            lines += [_segment_line(value, part) for value, part in parts.items()]
        return "\n".join(lines) + "\n"

    def _head(self) -> str:
        counts = f"{self.n:g} rows in {self.clusters} clusters, {self.bads:g} bads, bad rate {self.bad_rate}."
        return counts if self.too_few is None else f"{counts} {self.too_few}"


def evaluate(
    y: npt.ArrayLike,
    pd: npt.ArrayLike,
    *,
    clusters: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    segments: Mapping[str, npt.ArrayLike] | None = None,
    level: float = 0.95,
    bins: int = 10,
    replicates: int = REPLICATES,
    seed: int = 0,
    minimum_bads: int = MINIMUM_BADS,
) -> Evaluation:
    """Evaluate probabilities against labels.

    Parameters
    ----------
    y : array_like (n,)
        Bad as 1, not bad (indeterminates too) as 0, or the true probability.
    pd : array_like (n,)
        Predicted probabilities in [0, 1].
    clusters : array_like (n,), optional
        The group key; each row its own where missing.
    weights : array_like (n,), optional
    segments : mapping of str to array_like (n,), optional
        Segment variables, such as ``{"cycle": [...], "regime": [...]}``: each value is evaluated by itself.
    level : float
        Coverage of the intervals.
    bins : int
        Of equal frequency, for the reliability table and ECE.
    replicates, seed : int
        Of the cluster bootstrap of the AUC.
    minimum_bads : int
        With fewer bads, or fewer goods, the answer is that there are too few to say.

    Raises
    ------
    InvalidInput
        For malformed samples, every fault at once.

    Examples
    --------
    >>> evaluate([0, 1, 0], [0.1, 0.3, 0.2]).too_few
    'Too few bads to say: 1 of at least 20.'
    """
    sample = Sample.of(y, pd, weights, probability=True)
    codes, count = cluster_codes(clusters, len(sample.y))
    named = {name: np.asarray(values).astype(str) for name, values in (segments or {}).items()}
    wrong = [name for name, values in named.items() if values.shape != sample.y.shape]
    if wrong:
        raise InvalidInput(
            [Fault(f"segments.{name}", "there is not one value a row.", "Give each row a segment.") for name in wrong]
        )
    parts: dict[str, dict[str, Evaluation]] = {}
    for name, values in named.items():
        parts[name] = {}
        for value in np.unique(values).tolist():
            rows = values == value
            if sample.weights[rows].sum() <= 0:
                continue
            parts[name][value] = evaluate(
                sample.y[rows],
                sample.score[rows],
                clusters=codes[rows],
                weights=sample.weights[rows],
                level=level,
                bins=bins,
                replicates=replicates,
                seed=seed,
                minimum_bads=minimum_bads,
            )
    table = reliability_table(sample.y, sample.score, sample.weights, clusters=codes, bins=bins, level=level)
    whole = reliability_table(sample.y, sample.score, sample.weights, clusters=codes, bins=1, level=level)[0]
    too_few = _too_few(sample, minimum_bads)
    return Evaluation(
        n=float(sample.weights.sum()),
        bads=sample.bads,
        clusters=count,
        bad_rate=Figure(whole.rate, whole.low, whole.high),
        mean_pd=whole.mean_pd,
        level=level,
        figures={} if too_few else _figures(sample, codes, count, level, bins, replicates, seed),
        icc=shared_correlation(sample.y, sample.score, codes),
        design_effect=whole.n / whole.effective_n,
        reliability=() if too_few else table,
        segments=parts,
        too_few=too_few,
    )


def _too_few(sample: Sample, minimum: int) -> str | None:
    if sample.bads < minimum:
        return f"Too few bads to say: {sample.bads:.4g} of at least {minimum}."
    if sample.goods < minimum:
        return f"Too few goods to say: {sample.goods:.4g} of at least {minimum}."
    return None


def _figures(
    sample: Sample, codes: npt.NDArray[np.int64], count: int, level: float, bins: int, replicates: int, seed: int
) -> dict[str, Figure]:
    y, pd, weights = sample.y, sample.score, sample.weights
    ranked = Ranked(y, pd)
    area = ranked.auc(weights)
    around: Interval = cluster_bootstrap(
        lambda times: ranked.auc(times * weights), codes, level=level, replicates=replicates, seed=seed
    )
    line: Recalibration = calibration(y, pd, weights, clusters=codes)
    width = float(norm.ppf((1 + level) / 2))
    ratio = observed_expected(y, pd, weights)
    gap = np.bincount(codes, weights * (y - ratio * pd), minlength=count) if math.isfinite(ratio) else np.zeros(count)
    ratio_se = math.sqrt(float(gap @ gap) * count / max(count - 1, 1)) / float(weights @ pd) if ratio > 0 else math.nan

    def normal(value: float, error: float) -> Figure:
        return Figure(value, value - width * error, value + width * error)

    return {
        "auc": Figure(area, around.low, around.high),
        "gini": Figure(2 * area - 1, 2 * around.low - 1, 2 * around.high - 1),
        "ks": Figure(ranked.ks(weights)),
        "brier": Figure(brier(y, pd, weights)),
        "brier_skill": Figure(brier_skill(y, pd, weights)),
        "log_loss": Figure(log_loss(y, pd, weights)),
        "slope": normal(line.slope, line.slope_se),
        "intercept": normal(line.intercept, line.intercept_se),
        "in_the_large": normal(line.in_the_large, line.in_the_large_se),
        # The interval is taken on the logarithm, so that it stays positive.
        "observed_expected": Figure(
            ratio, ratio * math.exp(-width * ratio_se / ratio), ratio * math.exp(width * ratio_se / ratio)
        ),
        "ici": Figure(ici(y, pd, weights)),
        "ece": Figure(ece(y, pd, weights, bins=bins)),
    }


def _reliability_lines(rates: tuple[Rate, ...]) -> list[str]:
    lines = [
        "| bin | rows | bads | mean PD | observed | clustered interval | Jeffreys |",
        "|---|---|---|---|---|---|---|",
    ]
    for rate in rates:
        clustered, plain = f"{rate.low:.4f} to {rate.high:.4f}", f"{rate.jeffreys_low:.4f} to {rate.jeffreys_high:.4f}"
        seen = f"| {rate.name} | {rate.n:g} | {rate.bads:g} | {rate.mean_pd:.4f} | {rate.rate:.4f}"
        lines.append(f"{seen} | {clustered} | {plain} |")
    return lines


def _segment_line(value: str, part: Evaluation) -> str:
    counts = f"| {value} | {part.n:g} | {part.bads:g} |"
    if part.too_few is not None:
        return f"{counts} {part.too_few} | | | |"
    return counts + "".join(f" {part.figures[name]} |" for name in SEGMENT_FIGURES)


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else value
