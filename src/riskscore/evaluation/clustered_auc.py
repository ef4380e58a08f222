"""The interval of an AUC among clustered rows, in closed form.

An AUC is the mean, over bads, of the share of goods that each outranks (its *placement*), and the same over goods.
Summed by cluster, the placements vary as the clusters do (Obuchowski 1997, Biometrics 53, 567-578, the clustered form
of DeLong, DeLong and Clarke-Pearson 1988). One sort a score: a search over hundreds of columns has no time for a
bootstrap of each.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from riskscore.evaluation.ranking import hanley_mcneil_se
from riskscore.evaluation.report import Figure
from riskscore.evaluation.sample import Floats, Sample, cluster_codes


def clustered_auc(
    y: npt.ArrayLike, score: npt.ArrayLike, clusters: npt.ArrayLike | None = None, *, level: float = 0.95
) -> Figure:
    """Return the AUC with an interval that holds for rows which share a cluster.

    The interval is symmetric in log-odds, so that it stays in (0, 1). It is never narrower than that of independent
    rows with the AUC held half a cluster with a bad away from 0 and 1: an AUC of 1 on three bads is no certainty.

    Parameters
    ----------
    y : array_like (n,)
        1 for bad, 0 for good.
    score : array_like (n,)
        Higher is riskier; ties count one half.
    clusters : array_like (n,), optional
    level : float
        In (0, 1).

    Returns
    -------
    Figure
        NaN where a class is absent or all rows are of one cluster.

    Examples
    --------
    >>> round(clustered_auc([0, 0, 1, 1, 0, 1], [1, 2, 2, 3, 1, 3]).value, 3)
    0.944
    """
    sample = Sample.of(y, score)
    codes, count = cluster_codes(clusters, len(sample.y))
    bad = sample.y > 0.5
    bads, goods = int(bad.sum()), int((~bad).sum())
    if not bads or not goods:
        return Figure(math.nan, math.nan, math.nan)
    above = _placement(sample.score[bad], sample.score[~bad])
    below = 1.0 - _placement(sample.score[~bad], sample.score[bad])
    area = float(above.mean())
    with_bad, with_good = len(np.unique(codes[bad])), len(np.unique(codes[~bad]))
    if min(with_bad, with_good) < 2:
        return Figure(area, math.nan, math.nan)
    # What each cluster's bads and goods add beyond what their number explains.
    of_bads = np.bincount(codes[bad], above - area, minlength=count)
    of_goods = np.bincount(codes[~bad], below - area, minlength=count)
    variance = (
        with_bad / (with_bad - 1) * float(of_bads @ of_bads) / bads**2
        + with_good / (with_good - 1) * float(of_goods @ of_goods) / goods**2
        + 2 * count / (count - 1) * float(of_bads @ of_goods) / (bads * goods)
    )
    edge = 1.0 / (2.0 * with_bad)
    held = min(max(area, edge), 1.0 - edge)
    error = max(math.sqrt(max(variance, 0.0)), hanley_mcneil_se(held, bads, goods))
    width = float(norm.ppf(0.5 + level / 2)) * error / (held * (1.0 - held))
    centre = math.log(held / (1.0 - held))
    return Figure(area, *(1.0 / (1.0 + math.exp(-(centre + side * width))) for side in (-1, 1)))


def _placement(scores: Floats, others: Floats) -> Floats:
    """Return the share of `others` under each score, ties one half."""
    ordered = np.sort(others)
    under, through = np.searchsorted(ordered, scores, "left"), np.searchsorted(ordered, scores, "right")
    return np.asarray((under + through) / (2.0 * len(others)), dtype=np.float64)
