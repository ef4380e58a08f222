"""Two rates of clustered rows: their ratio and their difference, with intervals and tests.

Adverse impact ratio (AIR)
    The rate at which a group is selected over that of the reference. Under the *line* (0.80: four fifths) it is held
    to be adverse impact, where chance does not explain it. Without anybody in the group, or anybody selected in the
    reference, there is no ratio: it is *not computable*, and never 1.

Two tests of no difference stand beside each ratio: Fisher's exact one, which takes every row as independent, and one
whose error is summed by cluster. From them and the interval comes one of three words.

fails
    The ratio is under the line and both tests find a difference beyond chance. Four fifths on small numbers without
    significance are no evidence (29 CFR 1607.4 D), and either rule alone errs too often (Roth, Bobko and Switzer 2006).
passes
    The interval's lower end is on the line or over it (Morris and Lobsenz 2000 read the ratio by its interval): a ratio
    under the line is ruled out, not merely unproved.
too few to say
    Neither, at any size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import fisher_exact, norm

from riskscore.evaluation.report import Figure
from riskscore.evaluation.sample import Floats, Ints, cluster_codes

#: ``too few``: under the smallest cell, of which nothing is told; ``too few to say``: told, and within chance.
Verdict = Literal["reference", "not computable", "too few", "fails", "too few to say", "passes"]


@dataclass(frozen=True, slots=True)
class Standard:
    """What a ratio is held against.

    Parameters
    ----------
    line : float
        The ratio under which a group is held to be worse off.
    significance : float
        Of both tests.
    minimum_cell : int
        Fewest rows of a group about which anything is told.
    """

    line: float = 0.80
    significance: float = 0.05
    minimum_cell: int = 30


@dataclass(frozen=True, slots=True)
class Ratio:
    """A group's rate over the reference's.

    Parameters
    ----------
    value : Figure
        NaN where it cannot be computed.
    fisher, clustered : float
        p of the two tests; NaN where there is none.
    verdict : str
    """

    value: Figure
    fisher: float
    clustered: float
    verdict: Verdict

    @property
    def p(self) -> float:
        """The larger of the two, which is the one that decides; NaN where there is none."""
        return float(np.fmax(self.fisher, self.clustered))

    def to_dict(self) -> Mapping[str, object]:
        """Return plain values, None for NaN."""
        plain = {key: value for key, value in asdict(self).items() if key != "value"}
        return {
            **self.value.to_dict(),
            **{key: None if isinstance(value, float) and math.isnan(value) else value for key, value in plain.items()},
        }


def impact_ratio(
    selected: npt.ArrayLike,
    group: npt.ArrayLike,
    reference: npt.ArrayLike,
    *,
    clusters: npt.ArrayLike | None = None,
    standard: Standard | None = None,
    level: float = 0.95,
) -> Ratio:
    """Return the adverse impact ratio of a group.

    The interval is symmetric in the logarithm, its error summed by cluster and never less than among independent rows.
    Where nobody or everybody of one side was selected, no row differs from its mean and the error would be none: there
    clusters stand for rows, with half of one added to either side.

    Parameters
    ----------
    selected : array_like of bool (n,)
    group, reference : array_like of bool (n,)
        Who is of the group, and who of the reference; nobody of both.
    clusters : array_like (n,), optional
    standard : Standard, optional
    level : float
        Of the interval.

    Examples
    --------
    >>> import numpy as np
    >>> chosen = np.r_[np.arange(100) < 56, np.arange(100) < 72]
    >>> theirs = np.arange(200) < 100
    >>> found = impact_ratio(chosen, theirs, ~theirs)
    >>> round(found.value.value, 3), found.verdict
    (0.778, 'fails')
    >>> impact_ratio(chosen, theirs & False, ~theirs).verdict
    'not computable'
    """
    held = standard or Standard()
    chosen, one, other = (np.asarray(part, dtype=bool) for part in (selected, group, reference))
    codes, count = cluster_codes(clusters, len(chosen))
    n, m = int(one.sum()), int(other.sum())
    hits, base = int(chosen[one].sum()), int(chosen[other].sum())
    if not n or not m or not base:
        return Ratio(Figure(math.nan), math.nan, math.nan, "not computable")
    if min(n, m) < held.minimum_cell:
        return Ratio(Figure(math.nan), math.nan, math.nan, "too few")
    fisher = float(fisher_exact([[hits, n - hits], [base, m - base]])[1])
    gap = difference(chosen.astype(np.float64), one, other, codes, count, level=level)
    ratio = (hits / n) / (base / m)
    mine, theirs = (_log_share(chosen, rows, codes) for rows in (one, other))
    varying = mine.influence - theirs.influence
    error = clustered_error(varying, codes, count) if varying.any() else 0.0
    width = float(norm.ppf(0.5 + level / 2)) * math.sqrt(error**2 + mine.variance + theirs.variance)
    low, high = (math.exp(mine.value - theirs.value + side * width) for side in (-1, 1))
    figure = Figure(ratio, min(low, ratio) if hits else 0.0, max(high, ratio))
    p = float(np.fmax(fisher, gap.p))
    return Ratio(figure, fisher, gap.p, _verdict(figure, p, held))


@dataclass(frozen=True, slots=True)
class _LogShare:
    """The logarithm of a share, what each row adds to its error, and the variance that no row shows."""

    value: float
    influence: Floats
    variance: float


def _log_share(chosen: npt.NDArray[np.bool_], rows: npt.NDArray[np.bool_], codes: Ints) -> _LogShare:
    share = float(chosen[rows].mean())
    if 0 < share < 1:
        return _LogShare(math.log(share), np.where(rows, (chosen - share) / (rows.sum() * share), 0.0), 0.0)
    units = len(np.unique(codes[rows]))
    smoothed = (units * share + 0.5) / (units + 1)
    return _LogShare(math.log(smoothed), np.zeros(len(rows)), (1 - smoothed) / (units * smoothed))


def _verdict(ratio: Figure, p: float, held: Standard) -> Verdict:
    if ratio.low >= held.line - 1e-9:
        return "passes"
    return "fails" if ratio.value < held.line - 1e-9 and p < held.significance else "too few to say"


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference of two means, with its interval and the p of no difference."""

    value: Figure
    p: float


def difference(
    values: Floats,
    one: npt.NDArray[np.bool_],
    other: npt.NDArray[np.bool_],
    codes: Ints,
    count: int,
    *,
    level: float = 0.95,
    unit: float = 1.0,
) -> Gap:
    """Return mean(one) - mean(other) in multiples of `unit`, its error summed by cluster; NaN where one is empty."""
    n, m = int(one.sum()), int(other.sum())
    if not n or not m:
        return Gap(Figure(math.nan), math.nan)
    mine, theirs = float(values[one].mean()), float(values[other].mean())
    influence = np.where(one, (values - mine) / n, 0.0) - np.where(other, (values - theirs) / m, 0.0)
    error = clustered_error(influence, codes, count)
    gap = mine - theirs
    if not error > 0:
        return Gap(Figure(gap / unit), 1.0 if gap == 0 else math.nan)
    width = float(norm.ppf(0.5 + level / 2)) * error
    return Gap(Figure(gap / unit, (gap - width) / unit, (gap + width) / unit), float(2 * norm.sf(abs(gap) / error)))


def clustered_error(influence: Floats, codes: Ints, count: int) -> float:
    """Return the standard error of a sum of influences, whole clusters varying together.

    Never less than among independent rows: a negative correlation within clusters is not believed. NaN for one cluster.
    """
    touched = len(np.unique(codes[influence != 0])) if count else 0
    if touched < 2:
        return math.nan
    sums = np.bincount(codes, influence, minlength=count)
    together = touched / (touched - 1) * float(sums @ sums)
    return math.sqrt(max(together, float(influence @ influence)))
