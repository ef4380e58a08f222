"""The closed-form interval of an AUC among clustered rows."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.evaluation import Ranked, auc, cluster_bootstrap
from riskscore.evaluation.clustered_auc import clustered_auc


def drawn(seed: int, clusters: int = 60, each: int = 30) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bads and scores that share an effect of their cluster."""
    draw = np.random.default_rng(seed)
    codes = np.repeat(np.arange(clusters), each)
    shared = draw.normal(0, 1, clusters)[codes]
    bad = (draw.random(len(codes)) < 1 / (1 + np.exp(1.5 - shared))).astype(float)
    return bad, draw.normal(0, 1, len(codes)) + 0.8 * bad + 0.7 * shared, codes


def test_the_value_is_the_auc_with_ties_counted_one_half() -> None:
    bad, score, codes = drawn(1)
    rounded = np.round(score)
    assert clustered_auc(bad, rounded, codes).value == pytest.approx(auc(bad, rounded), abs=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_interval_is_about_as_wide_as_a_bootstrap_of_clusters(seed: int) -> None:
    bad, score, codes = drawn(seed)
    found = clustered_auc(bad, score, codes)
    drawn_again = cluster_bootstrap(Ranked(bad, score).auc, codes, replicates=1000, seed=seed)
    assert (found.high - found.low) / (drawn_again.high - drawn_again.low) == pytest.approx(1.0, abs=0.15)


def test_copies_of_rows_in_their_own_cluster_add_no_certainty() -> None:
    bad, score, codes = drawn(4)
    once = clustered_auc(bad, score, codes)
    thrice = clustered_auc(np.tile(bad, 3), np.tile(score, 3), np.tile(codes, 3))
    assert thrice.high - thrice.low == pytest.approx(once.high - once.low, rel=0.01)


def test_a_perfect_order_of_few_bads_is_no_certainty() -> None:
    bad = np.r_[np.ones(4), np.zeros(200)]
    found = clustered_auc(bad, bad, np.arange(204), level=0.99)
    assert found.value == 1.0
    assert found.low < 0.80


def test_one_class_or_one_cluster_has_no_interval() -> None:
    assert np.isnan(clustered_auc([0, 0], [1, 2]).value)
    assert np.isnan(clustered_auc([0, 1, 0, 1], [1, 2, 3, 4], [1, 1, 1, 1]).low)
