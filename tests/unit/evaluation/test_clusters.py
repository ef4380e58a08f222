"""Intervals that draw whole clusters, and the design effect."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from riskscore.errors import InvalidInput
from riskscore.evaluation import (
    Ranked,
    band_rates,
    cluster_bootstrap,
    design_effect,
    intra_cluster_correlation,
    jeffreys,
    reliability_table,
)
from riskscore.evaluation.clusters import effective_size


def test_golden_moment_estimate() -> None:
    # Ten groups of five with 0 (seven times), 1, 1 and 3 bads.
    y = np.zeros((10, 5))
    y[7, 0] = y[8, 0] = 1
    y[9, :3] = 1
    assert intra_cluster_correlation(y.ravel(), np.repeat(np.arange(10), 5)) == pytest.approx(0.2222, abs=5e-5)


@pytest.mark.parametrize(("icc", "effect", "size"), [(0.05, 1.87, 15_260), (0.10, 2.75, 10_405), (0.20, 4.50, 6_359)])
def test_golden_design_effect(icc: float, effect: float, size: int) -> None:
    assert design_effect(18.49, icc) == pytest.approx(effect, abs=0.005)
    assert 28_606 / design_effect(18.49, icc) == pytest.approx(size, abs=1.5)


def test_effective_size_of_copies_is_the_number_of_clusters() -> None:
    assert effective_size(np.ones(40), np.repeat(np.arange(8), 5), 1.0) == pytest.approx(8)
    assert effective_size(np.ones(40), np.repeat(np.arange(8), 5), 0.0) == pytest.approx(40)
    assert effective_size(np.ones(40), np.repeat(np.arange(8), 5), 0.1) == pytest.approx(40 / design_effect(5, 0.1))


@pytest.mark.parametrize(
    ("bads", "low", "high"), [(0, 0.0, 0.0905), (1, 0.0089, 0.1796), (2, 0.0293, 0.2502), (20, 0.9095, 1.0)]
)
def test_golden_jeffreys(bads: int, low: float, high: float) -> None:
    assert jeffreys(bads, 20) == pytest.approx((low, high), abs=5e-5)


def test_the_bootstrap_draws_clusters_not_rows() -> None:
    draw = np.random.default_rng(0)
    per_cluster = draw.normal(size=200)
    values, clusters = np.repeat(per_cluster, 10), np.repeat(np.arange(200), 10)

    def mean(weights: np.ndarray) -> float:
        return float(np.average(values, weights=weights))

    whole = cluster_bootstrap(mean, clusters, replicates=2000, seed=1)
    single = cluster_bootstrap(mean, np.arange(2000), replicates=2000, seed=1)
    width = 2 * 1.96 * per_cluster.std() / np.sqrt(200)
    assert whole.high - whole.low == pytest.approx(width, rel=0.1)
    assert single.high - single.low == pytest.approx(width / np.sqrt(10), rel=0.1)


def test_the_same_seed_gives_the_same_interval() -> None:
    ranked = Ranked([0, 1, 0, 1, 1, 0], [0.1, 0.3, 0.4, 0.6, 0.2, 0.5])
    clusters = [1, 1, 2, 2, 3, 3]
    one = cluster_bootstrap(ranked.auc, clusters, replicates=50, seed=4)
    assert one == cluster_bootstrap(ranked.auc, clusters, replicates=50, seed=4)
    assert one != cluster_bootstrap(ranked.auc, clusters, replicates=50, seed=5)


def test_one_cluster_has_no_interval() -> None:
    only = cluster_bootstrap(Ranked([0, 1], [1, 2]).auc, [7, 7], replicates=10)
    assert np.isnan(only.low)
    assert np.isnan(only.high)


def test_a_level_is_a_fraction() -> None:
    with pytest.raises(InvalidInput, match="level"):
        cluster_bootstrap(Ranked([0, 1], [1, 2]).auc, [1, 2], level=95)


def test_bands_without_bads_and_without_rows_still_have_an_interval() -> None:
    y = [0.0] * 30 + [0.0, 1.0] * 15
    rates = band_rates(y, ["A"] * 30 + ["C"] * 30, clusters=None, names=["A", "B", "C"])
    assert [rate.name for rate in rates] == ["A", "B", "C"]
    assert rates[0].low == 0.0
    assert rates[0].high == pytest.approx(jeffreys(0, 30)[1])
    assert (rates[1].n, rates[1].low, rates[1].high) == (0.0, 0.0, 1.0)
    assert np.isnan(rates[1].rate)
    assert rates[1].to_dict()["rate"] is None
    assert rates[2].rate == 0.5
    assert rates[2].low < 0.5 < rates[2].high


def test_clusters_widen_a_band() -> None:
    clusters = np.repeat(np.arange(30), 10)
    y = np.repeat((np.arange(30) % 3 == 0).astype(float), 10)
    (band,) = band_rates(y, ["A"] * 300, clusters=clusters, names=["A"])
    assert band.effective_n == pytest.approx(30, rel=0.05)
    assert band.clusters == 30
    assert band.low < band.jeffreys_low
    assert band.high > band.jeffreys_high
    assert (band.low, band.high) == pytest.approx(jeffreys(10, 30), abs=0.01)


def test_an_unknown_band_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Z"):
        band_rates([0, 1], ["A", "Z"], clusters=None, names=["A"])


def test_coverage_of_the_clustered_interval_over_simulated_institutions() -> None:
    draw, wanted = np.random.default_rng(2), np.array([0.02, 0.06, 0.15])
    clusters, hits, plain_hits, rounds = np.repeat(np.arange(60), 18), np.zeros(3), np.zeros(3), 120
    for _ in range(rounds):
        band = np.repeat(draw.integers(0, 3, 60), 18)
        latent = np.sqrt(0.3) * draw.normal(size=60)[clusters] + np.sqrt(0.7) * draw.normal(size=len(clusters))
        y = (norm.cdf(latent) < wanted[band]).astype(float)
        table = band_rates(y, band.astype(str), clusters=clusters, names=["0", "1", "2"], level=0.90)
        hits += [rate.low <= truth <= rate.high for rate, truth in zip(table, wanted, strict=True)]
        plain_hits += [
            rate.jeffreys_low <= truth <= rate.jeffreys_high for rate, truth in zip(table, wanted, strict=True)
        ]
    assert (hits / rounds > 0.80).all()
    assert hits.mean() / rounds > 0.85
    assert plain_hits.mean() / rounds < 0.80


def test_reliability_rows_add_up() -> None:
    draw = np.random.default_rng(9)
    pd = draw.uniform(0.01, 0.4, 3000)
    y = (draw.random(3000) < pd).astype(float)
    table = reliability_table(y, pd, clusters=np.repeat(np.arange(300), 10))
    assert len(table) == 10
    assert sum(rate.n for rate in table) == 3000
    assert sum(rate.bads for rate in table) == y.sum()
    assert [rate.mean_pd for rate in table] == sorted(rate.mean_pd for rate in table)
    assert sum(rate.n * rate.mean_pd for rate in table) == pytest.approx(pd.sum())
