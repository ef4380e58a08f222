"""How often two members fall together, beyond what their own PDs explain.

For a pair with outcomes y and probabilities p, ``(y_i - p_i)(y_j - p_j)`` has the covariance of their defaults as its
mean. Summed over pairs of one kind and divided by the sum of ``sqrt(p_i (1 - p_i) p_j (1 - p_j))`` it is their default
correlation, the moment estimator of `riskscore.liability.moment_correlation` with each member's own PD in place of one
rate for all. Pairs are never listed: the square of a sum holds them all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscore.errors import Fault, InvalidInput, Refused
from riskscore.liability.shares import DefaultCorrelations, Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REPLICATES = 500


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """Who fell, how likely it was, and with whom; one entry a member and cycle. Use `Record.of`.

    Parameters
    ----------
    fell, pd : ndarray (n,)
        1 or 0, and her probability as it was known before.
    group, bank, period : ndarray of int (n,)
        Numbers of her solidarity group in that cycle, her communal bank in that cycle, and the period (and region) that
        shares a fortune. A group lies in one bank, a bank in one period.
    cluster : ndarray of int (n,)
        What is drawn whole for intervals: a communal bank with all its cycles.
    """

    fell: Floats
    pd: Floats
    group: Ints
    bank: Ints
    period: Ints
    cluster: Ints

    @classmethod
    def of(
        cls,
        fell: ArrayLike,
        pd: ArrayLike,
        *,
        group: ArrayLike,
        bank: ArrayLike,
        period: ArrayLike,
        cluster: ArrayLike,
    ) -> Record:
        """Check and number the names of groups, banks, periods and clusters.

        Raises
        ------
        InvalidInput
            Lengths that differ, outcomes other than 0 and 1, or a PD outside (0, 1); all at once.
        """
        outcomes, chances = np.asarray(fell, dtype=np.float64), np.asarray(pd, dtype=np.float64)
        names = {"group": group, "bank": bank, "period": period, "cluster": cluster}
        faults = []
        if outcomes.ndim != 1 or not np.all((outcomes == 0) | (outcomes == 1)):
            faults.append(Fault("fell", "it is no list of 0 and 1.", "Give one outcome for each member."))
        if chances.shape != outcomes.shape or not np.all((chances > 0) & (chances < 1)):
            faults.append(Fault("pd", "it is outside (0, 1) or of another length.", "Give a PD for each member."))
        faults += [
            Fault(name, "it is of another length.", "Give one for each member.")
            for name, values in names.items()
            if np.asarray(values).shape != outcomes.shape
        ]
        if faults:
            raise InvalidInput(faults)
        codes = {name: np.unique(np.asarray(one), return_inverse=True)[1] for name, one in names.items()}
        return cls(outcomes, chances, **{name: one.astype(np.int64) for name, one in codes.items()})

    def excess(self) -> tuple[float, float, float]:
        """Return the summed covariance of pairs in one group, in one bank but two groups, in one period but two banks.

        Each pair counts once. It is what `shares_behind` explains.
        """
        residual = self.fell - self.pd
        group, bank, period = (squares(residual, one).sum() for one in (self.group, self.bank, self.period))
        return (float(group - (residual**2).sum()) / 2, float(bank - group) / 2, float(period - bank) / 2)


def default_correlations(
    record: Record, *, level: float = 0.90, replicates: int = REPLICATES, seed: int = 0
) -> DefaultCorrelations:
    """Estimate the correlation of defaults in a solidarity group, in a communal bank, and over all.

    Intervals draw whole clusters, for the one over all whole periods, with replacement. A correlation may come out
    below 0.

    Raises
    ------
    Refused
        No member fell, or no solidarity group has two members: the record cannot say.
    """
    sizes = np.bincount(record.group)
    if not 0 < record.fell.sum() < record.fell.size or sizes.max(initial=0) < 2:
        raise Refused.of("record", "it holds no pair to learn a correlation from.", "Add groups or cycles.")
    residual, deviation = record.fell - record.pd, np.sqrt(record.pd * (1.0 - record.pd))
    found = []
    for inner, outer, drawn in (
        (record.bank, record.period, record.period),
        (record.group, record.bank, record.cluster),
        (None, record.group, record.cluster),
    ):
        together = _by_draw(residual, inner, outer, drawn)
        scale = _by_draw(deviation, inner, outer, drawn)
        pairs = _by_draw(np.ones_like(residual), inner, outer, drawn).sum() / 2
        found.append(_ratio(together, scale, round(pairs), level=level, replicates=replicates, seed=seed))
    return DefaultCorrelations(*found)


def ratio_estimate(
    above: Floats, below: Floats, cluster: Ints, *, level: float = 0.90, replicates: int = REPLICATES, seed: int = 0
) -> Estimate:
    """Return ``sum(above) / sum(below)`` with an interval that draws whole clusters.

    Parameters
    ----------
    above, below : ndarray (n,)
        Of each case.
    cluster : ndarray of int (n,)
    """
    codes = np.unique(cluster, return_inverse=True)[1]
    tops, bottoms = (np.asarray(np.bincount(codes, one), dtype=np.float64) for one in (above, below))
    return _ratio(tops, bottoms, len(above), level=level, replicates=replicates, seed=seed)


def drawn_clusters(count: int, replicates: int, seed: int) -> Floats:
    """Return how often each of `count` clusters is drawn, (replicates, count), each row summing to `count`."""
    draw = np.random.default_rng(seed)
    return draw.multinomial(count, np.full(count, 1.0 / count), size=replicates).astype(np.float64)


def squares(values: Floats, code: Ints) -> Floats:
    """Return the square of each place's sum."""
    return np.asarray(np.bincount(code, values) ** 2)


def _by_draw(values: Floats, inner: Ints | None, outer: Ints, drawn: Ints) -> Floats:
    """Return, for each unit that is drawn, the sum over pairs in one outer place and two inner ones, counted twice."""
    home = np.zeros(int(outer.max()) + 1, dtype=np.int64)
    home[outer] = drawn
    total = np.bincount(home, squares(values, outer), minlength=int(drawn.max()) + 1)
    if inner is None:
        return np.asarray(total - np.bincount(drawn, values**2, minlength=len(total)))
    inside = np.zeros(int(inner.max()) + 1, dtype=np.int64)
    inside[inner] = drawn
    return np.asarray(total - np.bincount(inside, squares(values, inner), minlength=len(total)))


def _ratio(above: Floats, below: Floats, cases: int, *, level: float, replicates: int, seed: int) -> Estimate:
    whole = float(below.sum())
    if whole <= 1e-12:
        return Estimate(np.nan, np.nan, np.nan, level, cases)
    value = float(above.sum()) / whole
    if len(above) < 2:
        return Estimate(value, np.nan, np.nan, level, cases)
    weights = drawn_clusters(len(above), replicates, seed)
    tops, bottoms = weights @ above, weights @ below
    drawn = tops[bottoms > 1e-12] / bottoms[bottoms > 1e-12]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]) if len(drawn) else (np.nan, np.nan)
    return Estimate(value, float(low), float(high), level, cases)
