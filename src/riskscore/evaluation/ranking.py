"""How well a score puts the bad before the good.

AUC
    Probability that a bad has a higher score than a good, a tie counting one half.
Gini
    2 AUC - 1, also called accuracy ratio.
KS
    The largest distance between the score distributions of bads and goods.

Scores here rise with risk (a PD, or log-odds of bad); hand in minus the points of a scorecard. No measure of this page
depends on whether the scores are probabilities.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from riskscore.evaluation.sample import Floats, Sample


class Ranked:
    """A sample sorted once, whose AUC and KS are then asked under many weights (a bootstrap's replicates).

    Parameters
    ----------
    y : array_like (n,)
        Labels, soft ones allowed.
    score : array_like (n,)
        Higher is riskier.
    """

    def __init__(self, y: npt.ArrayLike, score: npt.ArrayLike) -> None:
        sample = Sample.of(y, score)
        self._order = np.argsort(sample.score, kind="stable")
        ordered = sample.score[self._order]
        self._y = sample.y[self._order]
        self._starts = np.flatnonzero(np.r_[True, ordered[1:] > ordered[:-1]])
        ends = np.r_[self._starts[1:], len(ordered)]
        tied = np.repeat(np.arange(len(self._starts)), ends - self._starts)
        self._bads = np.flatnonzero(self._y > 0)
        self._before, self._through = self._starts[tied[self._bads]], ends[tied[self._bads]]
        self._soft = self._y * (1.0 - self._y)
        self._hard = not self._soft.any()

    def auc(self, weights: Floats | None = None) -> float:
        """Return the AUC; NaN where a class has no weight.

        Each bad meets the goods with a lower score and half of those with its own. Sums go through einsum, which stays
        on one thread: a bootstrap asks thousands of times, and threads that wake for each sum cost ten times the work.
        """
        weighted = np.ones_like(self._y) if weights is None else weights[self._order]
        good = weighted * (1.0 - self._y)
        cumulated = np.concatenate([[0.0], np.cumsum(good)])
        bad = weighted[self._bads] * self._y[self._bads]
        met = cumulated[self._before] + cumulated[self._through]
        concordant = 0.5 * float(np.einsum("i,i->", bad, met))
        pairs = float(bad.sum()) * float(cumulated[-1])
        if not self._hard:
            # A row with a soft label is bad or good, never both: the pair of a row with itself does not exist.
            self_pairs = float(np.einsum("i,i,i->", weighted, weighted, self._soft))
            concordant -= 0.5 * self_pairs
            pairs -= self_pairs
        return concordant / pairs if pairs > 0 else math.nan

    def ks(self, weights: Floats | None = None) -> float:
        """Return the Kolmogorov-Smirnov distance in [0, 1]; NaN where a class has no weight."""
        bad, good = self._masses(weights)
        if bad.sum() <= 0 or good.sum() <= 0:
            return math.nan
        return float(np.max(np.abs(np.cumsum(bad) / bad.sum() - np.cumsum(good) / good.sum())))

    def roc(self, weights: Floats | None = None) -> tuple[Floats, Floats]:
        """Return the false and true positive rates at falling thresholds, both from 0 to 1."""
        bad, good = self._masses(weights)
        hit = np.r_[0.0, np.cumsum(bad[::-1])] / bad.sum()
        alarm = np.r_[0.0, np.cumsum(good[::-1])] / good.sum()
        return alarm, hit

    def _masses(self, weights: Floats | None) -> tuple[Floats, Floats]:
        """Weight of bads and of goods at each distinct score, rising."""
        weighted = np.ones_like(self._y) if weights is None else weights[self._order]
        bad = weighted * self._y
        return np.add.reduceat(bad, self._starts), np.add.reduceat(weighted - bad, self._starts)


def auc(y: npt.ArrayLike, score: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Return the area under the ROC curve, ties counting one half.

    For soft labels it is the expected number of concordant pairs over the expected number of pairs.

    Parameters
    ----------
    y : array_like (n,)
        Bad as 1, good as 0, or probabilities.
    score : array_like (n,)
        Higher is riskier.
    weights : array_like (n,), optional

    Returns
    -------
    float
        In [0, 1]; NaN where one class is absent.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8])
    0.875
    """
    sample = Sample.of(y, score, weights)
    return Ranked(sample.y, sample.score).auc(sample.weights)


def gini(y: npt.ArrayLike, score: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Return 2 AUC - 1, in [-1, 1]."""
    return 2.0 * auc(y, score, weights) - 1.0


def ks(y: npt.ArrayLike, score: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Return the largest distance between the cumulative score distributions of bads and goods, in [0, 1]."""
    sample = Sample.of(y, score, weights)
    return Ranked(sample.y, sample.score).ks(sample.weights)


def roc_curve(y: npt.ArrayLike, score: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Return (false positive rate, true positive rate) at each distinct score, from the riskiest down."""
    sample = Sample.of(y, score, weights)
    return Ranked(sample.y, sample.score).roc(sample.weights)


def hanley_mcneil_se(area: float, bads: float, goods: float) -> float:
    """Return the standard error of an AUC among independent observations (Hanley and McNeil 1982).

    Members of one group are not independent: for them see `riskscore.evaluation.cluster_bootstrap`. The formula says
    how little any AUC on a few bads can mean.

    Examples
    --------
    >>> round(hanley_mcneil_se(0.75, 4, 16), 3)
    0.153
    """
    one = area / (2.0 - area)
    two = 2.0 * area**2 / (1.0 + area)
    variance = area * (1.0 - area) + (bads - 1.0) * (one - area**2) + (goods - 1.0) * (two - area**2)
    return math.sqrt(max(0.0, variance) / (bads * goods))
