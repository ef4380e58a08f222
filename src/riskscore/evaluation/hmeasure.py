"""Hand's H-measure: a ranking figure that weighs the costs of errors alike for every model (Hand 2009).

A good called bad costs c, a bad called good 1 - c, and c follows a Beta distribution. H is one minus the expected
smallest loss of the score over the expected smallest loss without one. Class 1 is the bad.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from riskscore.evaluation.ranking import roc_curve
from riskscore.evaluation.sample import Floats, Sample


def h_measure(
    y: npt.ArrayLike, score: npt.ArrayLike, *, a: float = 2.0, b: float = 2.0, weights: npt.ArrayLike | None = None
) -> float:
    """Return the H-measure under costs c ~ Beta(a, b).

    Parameters
    ----------
    y, score, weights : array_like (n,)
        As in `riskscore.evaluation.auc`.
    a, b : float
        Hand's first proposal is Beta(2, 2). Packages differ in their default, so the choice belongs beside the figure.

    Returns
    -------
    float
        In [0, 1]; 0 where the score is no better than calling everyone alike.
    """
    sample = Sample.of(y, score, weights)
    share_bad = sample.bads / (sample.bads + sample.goods)
    alarm, hit = _upper_hull(*roc_curve(y, score, weights))

    def loss(alarms: Floats, hits: Floats, edges: Floats) -> float:
        # Corner k of the ROC hull is best for costs between edges k and k + 1.
        mass = np.diff(betainc(a, b, edges))
        cost_mass = np.diff(betainc(a + 1.0, b, edges)) * a / (a + b)
        return float((1.0 - share_bad) * (alarms @ cost_mass) + share_bad * ((1.0 - hits) @ (mass - cost_mass)))

    rise, run = share_bad * np.diff(hit), (1.0 - share_bad) * np.diff(alarm)
    switches = rise / (rise + run)
    ours = loss(alarm[::-1], hit[::-1], np.r_[0.0, switches[::-1], 1.0])
    without = loss(np.array([1.0, 0.0]), np.array([1.0, 0.0]), np.array([0.0, share_bad, 1.0]))
    return 1.0 - ours / without


def _upper_hull(alarm: Floats, hit: Floats) -> tuple[Floats, Floats]:
    """Keep the corners of the ROC curve's convex hull, from (0, 0) to (1, 1)."""
    kept: list[int] = []
    for index in range(len(alarm)):
        while len(kept) > 1:
            before, last = kept[-2], kept[-1]
            turn = (alarm[last] - alarm[before]) * (hit[index] - hit[before]) - (hit[last] - hit[before]) * (
                alarm[index] - alarm[before]
            )
            if turn < 0:
                break
            kept.pop()
        kept.append(index)
    return alarm[kept], hit[kept]
