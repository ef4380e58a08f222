"""The traps of evaluation: an index that ignores n, a test that ignores clusters, an AUC without its interval."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2

from riskscore.evaluation import (
    clustered_auc,
    discrimination,
    drift,
    evaluate,
    fixed_bins,
    grade_tests,
    hanley_mcneil_se,
    hosmer_lemeshow,
    psi,
    psi_critical,
    spiegelhalter,
)
from riskscore.evaluation.one_factor import asset_correlation, default_correlation, drawn_outcomes


def test_trap_14_the_rule_of_thumb_alarms_by_chance_at_sixty_and_the_critical_value_does_not() -> None:
    draw = np.random.default_rng(14)
    found = [psi(*(np.bincount(draw.integers(0, 10, 60), minlength=10) for _ in range(2))) for _ in range(2000)]
    # One population, twice sixty: the usual 0.25 calls a shift more often than not; the critical value in 8 of 100
    # (5 where the bins hold more: with six a bin the chi-squared is only near).
    assert np.mean(np.array(found) > 0.25) > 0.5
    assert psi_critical(60, 60, 10) == pytest.approx(0.5640, abs=5e-5)
    assert 0.02 < np.mean(np.array(found) > psi_critical(60, 60, 10)) < 0.10
    # Compared with chi-squared without n, as one is often told, it never alarms at all.
    assert max(found) < chi2.ppf(0.95, 9)


def test_trap_14_drift_says_stable_within_chance_and_shift_beyond_it() -> None:
    draw = np.random.default_rng(15)
    few = drift(fixed_bins(draw.normal(size=60)), draw.normal(size=60))
    assert few.psi > 0.10
    assert few.verdict == "stable"
    moved = drift(fixed_bins(draw.normal(size=2000)), draw.normal(1.0, 1.0, size=400))
    assert (moved.verdict, moved.psi > moved.critical) == ("shift", True)
    assert drift(fixed_bins(draw.normal(size=500)), draw.normal(size=20)).verdict == "too_few"


def test_trap_16_out_of_sample_has_as_many_degrees_as_bins_and_in_sample_says_what_it_is() -> None:
    draw = np.random.default_rng(16)
    pd = draw.uniform(0.02, 0.4, 800)
    y = (draw.random(800) < pd).astype(float)
    later, fit = hosmer_lemeshow(y, pd, draws=99), hosmer_lemeshow(y, pd, of="fit", draws=99)
    assert (later.degrees, later.of) == (10, "later")
    assert (fit.degrees, fit.of) == (8, "fit")
    assert later.statistic == fit.statistic
    assert later.p_independent == pytest.approx(chi2.sf(later.statistic, 10))
    assert fit.p_independent < later.p_independent


def test_trap_16_the_table_alarms_on_clusters_and_the_clustered_reference_keeps_its_size() -> None:
    codes = np.repeat(np.arange(40), 15)
    # Women of one bank share much of what is known of them, so they share a bin too.
    draw = np.random.default_rng(1)
    pd = draw.uniform(0.02, 0.3, 40)[codes] * draw.uniform(0.8, 1.2, 600)
    plain, clustered, plain_z, clustered_z = [], [], [], []
    for seed in range(100):
        (y,) = next(drawn_outcomes(pd, codes, 40, 0.10, draws=1, seed=50_000 + seed))
        table = hosmer_lemeshow(y, pd, codes, icc=0.10, draws=199, seed=seed)
        z = spiegelhalter(y, pd, codes, icc=0.10, draws=199, seed=seed)
        plain.append(table.p_independent < 0.05)
        clustered.append(table.p_clustered < 0.05)
        plain_z.append(z.p_independent < 0.05)
        clustered_z.append(z.p_clustered < 0.05)
    assert np.mean(plain) > 0.20
    assert np.mean(plain_z) > 0.15
    assert np.mean(clustered) < 0.12
    assert np.mean(clustered_z) < 0.12


def rejected(factor: float, *, draws: int = 120) -> tuple[float, float, float]:
    """Return how often each test says no at 5 %, and the mean correlation; true rates are `factor` times the PDs."""
    codes = np.repeat(np.arange(40), 15)
    draw = np.random.default_rng(1)
    pd = draw.uniform(0.02, 0.3, 40)[codes] * draw.uniform(0.8, 1.2, 600)
    found = []
    for seed in range(draws):
        (y,) = next(drawn_outcomes(factor * pd, codes, 40, 0.10, draws=1, seed=9_000 + seed))
        table, z = (test(y, pd, codes, draws=99, seed=seed) for test in (hosmer_lemeshow, spiegelhalter))
        found.append((table.p_clustered <= 0.05, z.p_clustered <= 0.05, table.icc))
    table_says, z_says, shared = np.mean(np.array(found, dtype=float), axis=0)
    return float(table_says), float(z_says), float(shared)


def test_trap_16_a_correct_model_is_rejected_in_five_of_a_hundred_also_where_the_correlation_is_estimated() -> None:
    table, z, shared = rejected(1.0)
    assert table == pytest.approx(0.05, abs=0.04)  # two standard errors of 120 draws
    assert z == pytest.approx(0.05, abs=0.04)
    assert shared == pytest.approx(0.10, abs=0.015)


def test_trap_16_a_wrong_level_is_not_taken_for_clustering_and_is_found() -> None:
    table, z, shared = rejected(1.5)
    assert shared == pytest.approx(0.10, abs=0.015)  # around the PDs as they stand it would be .19
    assert table > 0.65  # with .19 it is .53
    assert z > 0.80  # with .19 it is .76


def test_trap_16_the_binomial_alarms_too_often_on_clusters_and_the_simulated_critical_value_does_not() -> None:
    codes, pd = np.repeat(np.arange(20), 10), np.full(200, 0.05)
    rates = {}
    for icc in (0.0, 0.05, 0.20):
        worlds = np.concatenate(list(drawn_outcomes(pd, codes, 20, icc, draws=3000, seed=77))).sum(axis=1)
        one = grade_tests(np.zeros(200), pd, ["A"] * 200, names=["A"], clusters=codes, icc=icc, seed=3)[0]
        rates[icc] = np.mean(worlds >= one.plain_yellow_from), np.mean(worlds >= one.yellow_from)
    assert rates[0.0][0] == pytest.approx(0.044, abs=0.012)
    assert rates[0.05][0] > 0.07
    assert rates[0.20][0] > 0.12
    assert all(clustered < 0.065 for _, clustered in rates.values())


def test_trap_17_auc_of_twenty_organisations_comes_with_its_interval_and_nothing_else_is_said() -> None:
    y = [0] * 16 + [1] * 4
    score = np.random.default_rng(17).normal(size=20) + np.array(y)
    found = discrimination(y, score, level=0.95)
    assert found.too_few
    assert found.figures == {}
    width = 2 * 1.96 * hanley_mcneil_se(found.auc.value, 4, 16)
    assert found.auc.low < found.auc.value < found.auc.high
    assert found.auc.high - found.auc.low > 0.6 * width
    assert found.to_dict()["auc"]["low"] is not None
    assert evaluate(y, 1 / (1 + np.exp(-score))).figures == {}
    # Three bads that all rank first are no certainty.
    perfect = clustered_auc([0] * 17 + [1] * 3, range(20))
    assert perfect.value == 1.0
    assert perfect.low < 0.6


def test_trap_17_auc_of_a_single_bad_has_no_interval_and_so_is_not_told() -> None:
    found = discrimination([1] + [0] * 17, np.linspace(0.0, 1.0, 18))
    assert found.too_few
    assert [math.isnan(one) for one in (found.auc.value, found.auc.low, found.auc.high)] == [True, True, True]


def test_trap_17_auc_without_a_bad_is_no_number_and_never_one() -> None:
    found = discrimination([0] * 20, range(20))
    assert math.isnan(found.auc.value)
    assert found.to_dict()["auc"] == {"value": None, "low": None, "high": None}


def test_trap_18_a_default_correlation_is_no_asset_correlation() -> None:
    assert default_correlation(0.20, 0.05) < 0.10
    assert asset_correlation(0.0578, 0.05) == pytest.approx(0.20, abs=0.001)
    draw = np.concatenate(
        list(drawn_outcomes(np.full(2, 0.1), np.zeros(2, dtype=np.int64), 1, 0.15, draws=60_000, seed=5))
    )
    # What is asked for as a default correlation is what the outcomes have.
    assert np.corrcoef(draw.T)[0, 1] == pytest.approx(0.15, abs=0.02)
    assert draw.mean() == pytest.approx(0.1, abs=0.004)
