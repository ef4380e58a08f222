"""Calibration measures on samples whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.evaluation import (
    brier,
    brier_skill,
    calibration,
    ece,
    ici,
    log_loss,
    observed_expected,
    smooth_rate,
)
from riskscore.evaluation.calibration import equal_frequency_bins
from riskscore.evaluation.sample import Floats


def log_odds(p: Floats) -> Floats:
    return np.asarray(np.log(p / (1 - p)))


def spread(n: int = 4000, seed: int = 3) -> Floats:
    """PDs between about 0.5 % and 50 %."""
    return np.asarray(1 / (1 + np.exp(-np.random.default_rng(seed).normal(-2.5, 0.9, n))))


def test_the_truth_as_soft_label_is_perfectly_calibrated() -> None:
    pd = spread()
    found = calibration(pd, pd)
    assert found.slope == pytest.approx(1.0, abs=1e-5)
    assert found.intercept == pytest.approx(0.0, abs=1e-5)
    assert found.in_the_large == pytest.approx(0.0, abs=1e-5)
    assert observed_expected(pd, pd) == pytest.approx(1.0)
    assert ici(pd, pd) < 1e-5
    assert ece(pd, pd) < 1e-12


def test_a_planted_slope_and_intercept_are_found() -> None:
    pd = spread()
    truth = 1 / (1 + np.exp(-(0.3 + 0.8 * log_odds(pd))))
    found = calibration(truth, pd)
    assert found.slope == pytest.approx(0.8, abs=1e-4)
    assert found.intercept == pytest.approx(0.3, abs=1e-4)
    assert ici(truth, pd) == pytest.approx(float(np.mean(np.abs(truth - pd))), rel=0.01)


def test_a_slope_of_one_may_hide_a_level() -> None:
    pd = spread()
    truth = 1 / (1 + np.exp(-(0.47 + log_odds(pd))))
    found = calibration(truth, pd)
    assert found.slope == pytest.approx(1.0, abs=1e-4)
    assert found.in_the_large == pytest.approx(0.47, abs=1e-4)
    assert observed_expected(truth, pd) > 1.4


def test_drawn_labels_agree_with_the_truth_within_their_errors() -> None:
    pd = spread(20_000)
    y = (np.random.default_rng(5).random(len(pd)) < pd).astype(float)
    found = calibration(y, pd)
    assert abs(found.slope - 1.0) < 3 * found.slope_se
    assert 0.01 < found.slope_se < 0.06


def test_clusters_widen_the_errors() -> None:
    pd = np.repeat(spread(100), 20)
    y = np.repeat((np.random.default_rng(1).random(100) < pd[::20]).astype(float), 20)
    clusters = np.repeat(np.arange(100), 20)
    alone, together = calibration(y, pd), calibration(y, pd, clusters=clusters)
    assert together.slope == alone.slope
    # Twenty copies of each row: the error is that of 100 rows, root twenty times larger.
    assert together.slope_se / alone.slope_se == pytest.approx(np.sqrt(20), rel=0.02)


def test_constant_predictions_have_a_level_and_no_slope() -> None:
    found = calibration([0, 1, 0, 0], [0.25] * 4)
    assert np.isnan(found.slope)
    assert found.in_the_large == pytest.approx(0.0, abs=1e-6)
    assert smooth_rate([0, 1, 0, 0], [0.1] * 4).tolist() == [0.25] * 4


def test_one_class_has_no_calibration() -> None:
    assert np.isnan(calibration([0, 0], [0.1, 0.2]).in_the_large)


def test_brier_and_log_loss_by_hand() -> None:
    assert brier([1, 0], [0.8, 0.4]) == pytest.approx((0.04 + 0.16) / 2)
    assert brier([0.5], [0.8]) == pytest.approx(0.5 * 0.04 + 0.5 * 0.64)
    assert brier_skill([1, 0, 0, 0], [0.25] * 4) == pytest.approx(0.0)
    assert brier_skill([1, 0], [1.0, 0.0]) == 1.0
    assert log_loss([1, 0], [0.8, 0.4]) == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)
    assert np.isfinite(log_loss([1], [0.0]))


def test_weights_are_repeated_rows() -> None:
    y, pd, times = np.array([0, 1, 0, 1.0]), np.array([0.1, 0.4, 0.3, 0.7]), np.array([3, 1, 2, 2])
    again = np.repeat(y, times), np.repeat(pd, times)
    for measure in (brier, brier_skill, log_loss, observed_expected):
        assert measure(y, pd, times) == pytest.approx(measure(*again))
    assert calibration(y, pd, times).slope == pytest.approx(calibration(*again).slope, rel=1e-6)


def test_bins_hold_equal_numbers_and_ties_stay_together() -> None:
    assert np.bincount(equal_frequency_bins(np.arange(100) / 100)).tolist() == [10] * 10
    assert np.bincount(equal_frequency_bins(np.array([0.1] * 50 + [0.2] * 50))).tolist() == [50, 50]


def test_separated_classes_end_in_a_finite_slope() -> None:
    found = calibration([0, 0, 0, 1, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.7, 0.8])
    assert np.isfinite(found.slope)
    assert found.slope > 5
