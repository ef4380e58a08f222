"""Parts left out: no cluster of the part trains, only later rows are judged, and a refusal is kept in words."""

from __future__ import annotations

import numpy as np

from riskscore.errors import Refused
from riskscore.evaluation import leave_parts_out

N = 1200
DRAW = np.random.default_rng(4)
CLUSTERS = DRAW.integers(0, 60, N)
PARTS = np.array(["north", "south", "east"])[CLUSTERS % 3]
# One cluster of the north has a row in the south: it leaves training with either.
PARTS[np.flatnonzero(CLUSTERS == 0)[0]] = "south"
LATER = np.arange(N) >= 700
SCORE = DRAW.normal(size=N)
Y = (DRAW.random(N) < 1 / (1 + np.exp(1.5 - SCORE))).astype(float)
PD = 1 / (1 + np.exp(1.5 - SCORE))


def test_whole_clusters_leave_training_and_later_rows_are_judged() -> None:
    asked = []

    def refit(train, test):
        asked.append((train, test))
        return PD[test]

    found = leave_parts_out(
        Y, CLUSTERS, PARTS, train=~LATER, later=LATER, refit=refit, names=["north", "south"], replicates=50
    )
    assert [one.name for one in found] == ["north", "south"]
    for (train, test), one in zip(asked, found, strict=True):
        assert not (train & LATER).any()
        assert (PARTS[test] == one.name).all()
        assert LATER[test].all()
        assert not set(CLUSTERS[train]) & set(CLUSTERS[np.isin(PARTS, one.name)])
        assert (one.n, one.bads) == (test.sum(), Y[test].sum())
        assert one.auc.low < one.auc.value < one.auc.high
    assert 0 not in CLUSTERS[asked[0][0]]
    assert 0 not in CLUSTERS[asked[1][0]]


def test_a_part_that_cannot_be_fitted_says_why() -> None:
    def refit(train, test):
        raise Refused.of("training", "3 bads in the training rows, at least 100 are needed.", "")

    (one,) = leave_parts_out(Y, CLUSTERS, PARTS, train=~LATER, later=LATER, refit=refit, names=["east"])
    assert one.evaluation is None
    assert "3 bads" in one.refused
    assert one.to_dict()["auc"]["value"] is None


def test_the_left_out_part_is_judged_as_if_new() -> None:
    """A refit that learnt a part's level by heart does well where it was, and not where it was not."""
    level = {"north": 0.2, "south": 0.7, "east": 0.4}
    y = (np.random.default_rng(8).random(N) < np.array([level[one] for one in PARTS])).astype(float)

    def refit(train, test):
        return np.full(int(test.sum()), y[train].mean()) + 0.01 * SCORE[test].clip(-2, 2)

    found = leave_parts_out(
        y, CLUSTERS, PARTS, train=~LATER, later=LATER, refit=refit, names=["north", "south"], replicates=50
    )
    north, south = (one.evaluation.figures["observed_expected"].value for one in found)
    assert north < 0.6
    assert south > 1.8
