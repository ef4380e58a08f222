"""How far a score or a feature has moved from its development, against what chance alone does.

The bins are fixed on the development rows: quantiles of the values, each value of its own where there are few, and one
bin for what is missing (*CSI* is the same index of a feature). `riskscore.evaluation.psi_critical` takes rows as
independent; where women of one bank share the value (the size of their bank), each bin's share varies by more, and the
critical value is that of Rao and Scott's first-order correction: every sample's 1/n grows by its mean design effect
over the bins.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from riskscore.evaluation.sample import Floats, Ints, cluster_codes
from riskscore.evaluation.stability import psi, psi_critical

#: The rule of thumb, which takes no notice of sample size: watch, and shift.
WATCH, SHIFT = 0.10, 0.25

#: Below this many rows nothing is said of a shift.
MINIMUM_ROWS = 30

#: A bin of fewer rows, empty or not, adds half a row to every bin of both samples. With only empty bins counting as
#: such, samples under a hundred rows alarmed by chance in 8 to 10 of a hundred.
FEW = 5

Verdict = Literal["stable", "watch", "shift", "too_few"]


@dataclass(frozen=True, slots=True)
class Bins:
    """Bins fixed on development: values up to each edge, and what is missing.

    Parameters
    ----------
    edges : ndarray (b - 1,)
        Upper ends, inclusive, of all bins of values but the last.
    shares : ndarray (b + 1,)
        Development shares, missing last.
    n : int
        Development rows.
    effect : float
        Mean design effect of the development shares.
    """

    edges: Floats
    shares: Floats
    n: int
    effect: float

    def of(self, values: Floats) -> Ints:
        """Number the bin of each value."""
        found = np.searchsorted(self.edges, values, side="left")
        return np.where(np.isnan(values), len(self.edges) + 1, found).astype(np.int64)

    def filled(self, values: npt.ArrayLike, clusters: npt.ArrayLike | None = None) -> Bins:
        """Return the same bins with the shares of another sample: last year's season, say."""
        column = np.asarray(values, dtype=np.float64)
        numbers, size = self.of(column), len(self.edges) + 2
        shares = np.bincount(numbers, minlength=size) / max(len(column), 1)
        return Bins(self.edges, shares, len(column), _effect(numbers, size, clusters))


@dataclass(frozen=True, slots=True)
class Drift:
    """One column against its development.

    Parameters
    ----------
    psi : float
    critical : float
        What chance exceeds in 5 of 100, with clusters.
    plain_critical : float
        The same for independent rows.
    bins : int
        That hold anything.
    n_development, n : int
    missing_development, missing : float
        Shares in [0, 1].
    verdict : {"stable", "watch", "shift", "too_few"}
        Stable: no more than chance, or under 0.10. Watch and shift: more than chance, and from 0.10, from 0.25.
    """

    psi: float
    critical: float
    plain_critical: float
    bins: int
    n_development: int
    n: int
    missing_development: float
    missing: float
    verdict: Verdict

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, None for NaN."""
        return {key: None if isinstance(one, float) and math.isnan(one) else one for key, one in asdict(self).items()}


def fixed_bins(values: npt.ArrayLike, clusters: npt.ArrayLike | None = None, *, bins: int = 10) -> Bins:
    """Fix bins on development values; NaN is missing.

    Parameters
    ----------
    values : array_like (n,)
    clusters : array_like (n,), optional
    bins : int
        Of about equal frequency; values that repeat leave fewer.
    """
    column = np.asarray(values, dtype=np.float64)
    seen = column[~np.isnan(column)]
    edges = (
        np.unique(np.quantile(seen, np.linspace(0, 1, bins + 1)[1:-1], method="lower")) if len(seen) else np.empty(0)
    )
    edges = edges[edges < seen.max()] if len(seen) else edges
    return Bins(np.asarray(edges, dtype=np.float64), np.empty(0), 0, 1.0).filled(column, clusters)


def drift(fixed: Bins, values: npt.ArrayLike, clusters: npt.ArrayLike | None = None, *, level: float = 0.95) -> Drift:
    """Return how far `values` have moved from the bins' development.

    Parameters
    ----------
    fixed : Bins
    values : array_like (n,)
        NaN is missing.
    clusters : array_like (n,), optional
    level : float
        1 - level of the samples of an unchanged population exceed the critical value.
    """
    column = np.asarray(values, dtype=np.float64)
    size = len(fixed.shares)
    numbers = fixed.of(column)
    now = np.bincount(numbers, minlength=size).astype(np.float64)
    before = np.round(fixed.shares * fixed.n)
    used = (now > 0) | (before > 0)
    count = int(used.sum())
    missing_before, missing = float(fixed.shares[-1]), float(now[-1] / max(len(column), 1))
    if len(column) < MINIMUM_ROWS or fixed.n < MINIMUM_ROWS:
        nan = math.nan
        return Drift(nan, nan, nan, count, fixed.n, len(column), missing_before, missing, "too_few")
    if count < 2:
        return Drift(0.0, 0.0, 0.0, count, fixed.n, len(column), missing_before, missing, "stable")
    few = min(before[used].min(), now[used].min()) < FEW
    index = psi(before[used] + 0.5, now[used] + 0.5) if few else psi(before[used], now[used])
    effect = _effect(numbers, size, clusters)
    critical = float(chi2.ppf(level, count - 1)) * (fixed.effect / fixed.n + effect / len(column))
    plain = psi_critical(fixed.n, len(column), count, level=level)
    told: Verdict = "stable" if index <= critical or index < WATCH else "watch" if index < SHIFT else "shift"
    return Drift(index, critical, plain, count, fixed.n, len(column), missing_before, missing, told)


def _effect(numbers: Ints, size: int, clusters: npt.ArrayLike | None) -> float:
    """Mean design effect of the bins' shares (Rao and Scott 1981), at least 1."""
    if clusters is None or len(numbers) == 0:
        return 1.0
    codes, count = cluster_codes(clusters, len(numbers))
    if count < 2:
        return float(len(numbers))
    n = len(numbers)
    counts = np.zeros((count, size))
    np.add.at(counts, (codes, numbers), 1.0)
    sizes = counts.sum(axis=1, keepdims=True)
    shares = counts.sum(axis=0) / n
    used = (shares > 0) & (shares < 1)
    if used.sum() < 2:
        return 1.0
    gaps = counts - sizes * shares
    clustered = (gaps**2).sum(axis=0) * count / (count - 1) / n**2
    # The mean of variance over expected share, which for independent rows is (1 - share) / n.
    return max(1.0, float((clustered[used] / shares[used]).sum() * n / (int(used.sum()) - 1)))
