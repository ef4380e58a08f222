"""Two scores on the same rows: the difference of their AUCs, with the interval that pairing allows.

The same measure says how much a random split flatters: `one` comes from models trained at random rows, `other` from the
honest model, and both are judged on the honest test rows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from riskscore.evaluation.clusters import REPLICATES, cluster_bootstrap
from riskscore.evaluation.ranking import Ranked
from riskscore.evaluation.report import Figure
from riskscore.evaluation.sample import Sample


def auc_difference(
    y: npt.ArrayLike,
    one: npt.ArrayLike,
    other: npt.ArrayLike,
    *,
    clusters: npt.ArrayLike | None = None,
    level: float = 0.95,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Figure:
    """Return AUC(one) - AUC(other) with its cluster-bootstrap interval.

    Each replicate draws the same clusters for both scores, so what they share cancels.

    Parameters
    ----------
    y : array_like (n,)
        Labels, soft ones allowed.
    one, other : array_like (n,)
        Higher is riskier; they need not share a scale.
    clusters : array_like (n,), optional
    level, replicates, seed
        Of the bootstrap.

    Examples
    --------
    >>> auc_difference([0, 1, 0, 1], [1, 3, 2, 4], [1, 2, 3, 4]).value
    0.25
    """
    labels = Sample.of(y, one).y
    first, second = Ranked(labels, one), Ranked(labels, other)
    around = cluster_bootstrap(
        lambda weights: first.auc(weights) - second.auc(weights),
        np.arange(len(labels)) if clusters is None else clusters,
        level=level,
        replicates=replicates,
        seed=seed,
    )
    return Figure(first.auc() - second.auc(), around.low, around.high)
