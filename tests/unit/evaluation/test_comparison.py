"""Two scores on the same rows."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.errors import InvalidInput
from riskscore.evaluation import auc, auc_difference, cluster_bootstrap
from riskscore.evaluation.ranking import Ranked


def test_pairing_narrows_the_interval() -> None:
    draw = np.random.default_rng(4)
    y = (draw.random(2000) < 0.2).astype(float)
    one = y + draw.normal(size=2000)
    other = one + 0.3 * draw.normal(size=2000)
    clusters = np.repeat(np.arange(200), 10)
    gap = auc_difference(y, one, other, clusters=clusters)
    alone = cluster_bootstrap(Ranked(y, one).auc, clusters)
    assert gap.value == pytest.approx(auc(y, one) - auc(y, other))
    assert gap.low < gap.value < gap.high
    assert gap.high - gap.low < 0.6 * (alone.high - alone.low)


def test_a_score_does_not_differ_from_its_own_scale() -> None:
    gap = auc_difference([0, 1, 0, 1], [0.1, 0.4, 0.3, 0.9], [1, 4, 3, 9])
    assert (gap.value, gap.low, gap.high) == (0.0, 0.0, 0.0)


def test_scores_of_other_rows_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not one length"):
        auc_difference([0, 1], [1, 2], [1, 2, 3])
