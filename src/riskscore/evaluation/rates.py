"""Bad rates of bins and score bands, with intervals that know that members of one group fall together.

Two intervals stand side by side. *Jeffreys* takes every row as independent: the quantiles of Beta(d + 1/2, n - d + 1/2)
for d bads in n. *Clustered* is the same formula on the effective n: rows are discounted by the design effect of one
intra-cluster correlation, estimated over all bins together because a single bin has too few bads to know its own. It
therefore never shrinks to a point: a band without a bad has a lower end of zero and an upper end above it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from riskscore.errors import InvalidInput
from riskscore.evaluation.calibration import equal_frequency_bins
from riskscore.evaluation.clusters import effective_size, intra_cluster_correlation
from riskscore.evaluation.sample import Floats, Ints, Sample, cluster_codes


@dataclass(frozen=True, slots=True)
class Rate:
    """The bad rate of one bin or band.

    Parameters
    ----------
    name : str
        The band's name, or the bin's number from 1 (least risky).
    n, bads : float
        Weighted rows and bads (expected bads for soft labels).
    rate : float
        bads / n, NaN for an empty band.
    mean_pd : float
        Mean prediction, NaN where none was given.
    low, high : float
        Clustered interval.
    jeffreys_low, jeffreys_high : float
        The interval if rows were independent.
    effective_n : float
        Rows after the design effect.
    clusters : int
        Clusters with a row in it.
    level : float
        Nominal coverage of both intervals.
    """

    name: str
    n: float
    bads: float
    rate: float
    mean_pd: float
    low: float
    high: float
    jeffreys_low: float
    jeffreys_high: float
    effective_n: float
    clusters: int
    level: float

    def to_dict(self) -> dict[str, float | int | str | None]:
        """Return plain values, None for NaN."""
        return {
            key: None if isinstance(value, float) and math.isnan(value) else value
            for key, value in asdict(self).items()
        }


def jeffreys(bads: float, n: float, *, level: float = 0.90) -> tuple[float, float]:
    """Return the equal-tailed Jeffreys interval of a rate; its open ends are 0 without bads and 1 without goods.

    Examples
    --------
    >>> [round(end, 4) for end in jeffreys(1, 20)]
    [0.0089, 0.1796]
    """
    low, high = beta.ppf([(1 - level) / 2, (1 + level) / 2], bads + 0.5, n - bads + 0.5)
    return (0.0 if bads <= 0 else float(low)), (1.0 if bads >= n else float(high))


def reliability_table(
    y: npt.ArrayLike,
    pd: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    clusters: npt.ArrayLike | None = None,
    bins: int = 10,
    level: float = 0.90,
) -> tuple[Rate, ...]:
    """Return observed rate, mean PD and both intervals for bins of equal frequency, least risky first.

    Parameters
    ----------
    y, pd, weights : array_like (n,)
        Labels, probabilities, and weights if any.
    clusters : array_like (n,), optional
        Each row its own where missing, and the two intervals are then one.
    bins : int
        Asked for; ties may leave fewer.
    level : float
        Coverage of both intervals.
    """
    sample = Sample.of(y, pd, weights, probability=True)
    codes = equal_frequency_bins(sample.score, bins)
    names = [str(number + 1) for number in range(int(codes.max()) + 1)]
    return _rates(sample, codes, names, clusters, level, predicted=True)


def band_rates(
    y: npt.ArrayLike,
    bands: npt.ArrayLike,
    *,
    clusters: npt.ArrayLike | None,
    names: Sequence[str],
    level: float = 0.90,
    pd: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
) -> tuple[Rate, ...]:
    """Return the bad rate of each score band with its clustered interval, in the order of `names`.

    Parameters
    ----------
    y : array_like (n,)
        Out-of-time labels; indeterminates count as not bad.
    bands : array_like of str (n,)
        The band of each row.
    clusters : array_like (n,) or None
    names : sequence of str
        Every band, also those without a row: they get a rate of NaN and the interval 0 to 1.
    level : float
    pd, weights : array_like (n,), optional

    Raises
    ------
    InvalidInput
        For malformed samples, or a row whose band is not among the names.
    """
    labels = np.asarray(y, dtype=np.float64)
    sample = Sample.of(labels, np.zeros_like(labels) if pd is None else pd, weights, probability=True)
    where = {name: index for index, name in enumerate(names)}
    given = [str(band) for band in np.asarray(bands).tolist()]
    strange = sorted(set(given) - set(where))
    if strange or len(given) != len(labels):
        what = f"unknown bands {strange}." if strange else f"{len(given)} bands for {len(labels)} rows."
        raise InvalidInput.of("bands", what, f"Give each row one of {list(names)}.")
    codes = np.array([where[band] for band in given], dtype=np.int64)
    return _rates(sample, codes, list(names), clusters, level, predicted=pd is not None)


def _rates(
    sample: Sample,
    codes: Ints,
    names: list[str],
    clusters: npt.ArrayLike | None,
    level: float,
    *,
    predicted: bool,
) -> tuple[Rate, ...]:
    groups, _ = cluster_codes(clusters, len(sample.y))
    n = np.bincount(codes, sample.weights, minlength=len(names))
    bads = np.bincount(codes, sample.weights * sample.y, minlength=len(names))
    expected = np.bincount(codes, sample.weights * sample.score, minlength=len(names))
    observed = np.divide(bads, n, out=np.full(len(names), np.nan), where=n > 0)
    icc = _shared(sample.y, groups, observed[codes], sample.weights)
    table = []
    for index, name in enumerate(names):
        rows = np.flatnonzero((codes == index) & (sample.weights > 0))
        if len(rows) == 0:
            table.append(Rate(name, 0.0, 0.0, math.nan, math.nan, 0.0, 1.0, 0.0, 1.0, 0.0, 0, level))
            continue
        effective = min(effective_size(sample.weights[rows], groups[rows], icc), float(n[index]))
        low, high = jeffreys(float(observed[index]) * effective, effective, level=level)
        plain_low, plain_high = jeffreys(float(bads[index]), float(n[index]), level=level)
        table.append(
            Rate(
                name=name,
                n=float(n[index]),
                bads=float(bads[index]),
                rate=float(observed[index]),
                mean_pd=float(expected[index] / n[index]) if predicted else math.nan,
                low=low,
                high=high,
                jeffreys_low=plain_low,
                jeffreys_high=plain_high,
                effective_n=effective,
                clusters=len(np.unique(groups[rows])),
                level=level,
            )
        )
    return tuple(table)


def _shared(y: Floats, groups: Ints, rates: Floats, weights: Floats) -> float:
    """One correlation for all bins, held in [0, 1]; 0 where it cannot be estimated."""
    seen = weights > 0
    estimate = intra_cluster_correlation(y[seen], groups[seen], rates[seen])
    return 0.0 if math.isnan(estimate) else min(max(estimate, 0.0), 1.0)
