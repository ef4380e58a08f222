"""What the riskiest few of a list hold: cumulative accuracy profile, capture, lift, precision.

Capture at 10 %
    Share of all bads among the riskiest 10 % of the rows; ties at the edge count in proportion.
Lift at 10 %
    Capture over the share looked at: how many times as many bads as a random tenth would hold.
CAP and accuracy ratio
    Capture at every share; the area between it and the diagonal over that of a perfect order. It equals Gini.
PR-AUC
    Average precision: the mean share of bads among the rows down to each bad. A useless order has the bad rate.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from riskscore.errors import InvalidInput
from riskscore.evaluation.sample import Floats, Sample

#: Shares of the list that are usually asked for.
SHARES = (0.05, 0.10, 0.20)


def cap_curve(y: npt.ArrayLike, score: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Return (share of rows looked at, share of bads found), riskiest first, both from 0 to 1.

    A corner at each distinct score, so that the straight line between them counts ties in proportion. Without a bad
    the second is NaN.
    """
    sample = Sample.of(y, score, weights)
    order = np.argsort(-sample.score, kind="stable")
    ordered = sample.score[order]
    ends = np.r_[np.flatnonzero(ordered[1:] < ordered[:-1]), len(ordered) - 1]
    seen = np.cumsum(sample.weights[order])[ends]
    found = np.cumsum((sample.weights * sample.y)[order])[ends]
    share = np.r_[0.0, seen / seen[-1]]
    if found[-1] <= 0:
        return share, np.full(len(share), np.nan)
    return share, np.r_[0.0, found / found[-1]]


def capture(y: npt.ArrayLike, score: npt.ArrayLike, share: float, weights: npt.ArrayLike | None = None) -> float:
    """Return the share of the bads among the riskiest `share` of the rows; NaN without a bad.

    Examples
    --------
    >>> capture([1, 0, 0, 1, 0], [5, 4, 3, 2, 1], 0.2)
    0.5
    """
    if not 0.0 < share < 1.0:
        raise InvalidInput.of("share", f"{share} is not between 0 and 1.", "Use 0.10 for the riskiest tenth.")
    return float(np.interp(share, *cap_curve(y, score, weights)))


def lift(y: npt.ArrayLike, score: npt.ArrayLike, share: float, weights: npt.ArrayLike | None = None) -> float:
    """Return how many times the average bad rate the riskiest `share` has; 1 is no better than chance."""
    return capture(y, score, share, weights) / share


def accuracy_ratio(y: npt.ArrayLike, score: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Return the CAP's area over the diagonal's, relative to a perfect order: 1 perfect, 0 useless; NaN for one class.

    For labels that are 0 or 1 it is 2 AUC - 1.
    """
    sample = Sample.of(y, score, weights)
    rate = sample.bads / (sample.bads + sample.goods)
    if not 0.0 < rate < 1.0:
        return math.nan
    share, found = cap_curve(y, score, weights)
    area = float(np.trapezoid(found, share))
    return (area - 0.5) / ((1.0 - rate) / 2.0)


def pr_auc(y: npt.ArrayLike, score: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Return the average precision, in [0, 1]; NaN without a bad. Ties are taken as one step."""
    sample = Sample.of(y, score, weights)
    if sample.bads <= 0:
        return math.nan
    share, found = cap_curve(y, score, weights)
    rate = sample.bads / (sample.bads + sample.goods)
    precision = found[1:] * rate / share[1:]
    return float(np.diff(found) @ precision)
