"""Bins and weights of evidence by hand, and coefficients that do not contradict them."""

import math
import subprocess
import sys

import numpy as np
import pytest

from riskscore.errors import Refused
from riskscore.modelling.recipe import ScorecardCandidate
from riskscore.modelling.woe import bins_of, find_splits, fit_scorecard, told_by_a_flag

NAN = math.nan


def test_woe_is_the_log_of_good_share_over_bad_share():
    # 60 good and 10 bad below 1, 40 good and 30 bad above: ln(.6/.25) and ln(.4/.75).
    values = np.array([0.0] * 70 + [1.0] * 70)
    bad = np.array([0.0] * 60 + [1.0] * 10 + [0.0] * 40 + [1.0] * 30)
    bins = bins_of("delay", values, bad, (0.5,))
    assert bins.woe == pytest.approx((math.log(0.6 / 0.25), math.log(0.4 / 0.75)))
    assert bins.mean_woe == pytest.approx(0.5 * (math.log(2.4) + math.log(0.4 / 0.75)))
    assert (bins.good, bins.bad) == ((60, 40, 0), (10, 30, 0))
    assert bins.missing_woe == bins.mean_woe  # nobody was missing: a missing value tells nothing
    expected = (0.6 - 0.25) * math.log(2.4) + (0.4 - 0.75) * math.log(0.4 / 0.75)
    assert bins.information_value == pytest.approx(expected)


def test_missing_has_a_bin_of_its_own_and_is_never_zero():
    values = np.array([0.0] * 50 + [9.0] * 50 + [NAN] * 40)
    bad = np.array([0.0] * 45 + [1.0] * 5 + [0.0] * 30 + [1.0] * 20 + [0.0] * 15 + [1.0] * 25)
    bins = bins_of("delay", values, bad, (5.0,))
    assert bins.missing_woe == pytest.approx(math.log((15 / 90) / (25 / 50)))
    np.testing.assert_allclose(
        bins.of(np.array([NAN, 0.0, 5.0])), [bins.missing_woe, bins.woe[0], bins.woe[1]], rtol=0, atol=0
    )


def test_few_missing_bads_are_neutral():
    values = np.array([0.0] * 50 + [9.0] * 50 + [NAN] * 10)
    bad = np.array([0.0] * 45 + [1.0] * 5 + [0.0] * 30 + [1.0] * 20 + [0.0] * 6 + [1.0] * 4)
    bins = bins_of("delay", values, bad, (5.0,))
    assert bins.missing_woe == bins.mean_woe
    assert bins.mean_woe == pytest.approx(0.5 * (bins.woe[0] + bins.woe[1]), abs=0.05)


def test_a_flag_that_tells_of_missing_values_leaves_them_neutral():
    draw = np.random.default_rng(5)
    first = (draw.random(1000) < 0.2).astype(float)
    delay = np.where(first == 1.0, NAN, draw.normal(size=1000))
    saved = np.where(draw.random(1000) < 0.2, NAN, draw.normal(size=1000))  # missing for reasons of its own
    X = np.column_stack([first, delay, saved, 1.0 - first])
    assert told_by_a_flag(X).tolist() == [False, True, False, False]
    assert told_by_a_flag(X[:, 1:3]).tolist() == [False, False]
    bad = np.where(first == 1.0, draw.random(1000) < 0.5, draw.random(1000) < 0.1).astype(float)
    assert bins_of("delay", delay, bad, (0.0,), missing_told=True).missing_woe == pytest.approx(
        bins_of("delay", delay, bad, (0.0,), missing_told=True).mean_woe
    )
    assert bins_of("delay", delay, bad, (0.0,)).missing_woe < -1.0


@pytest.fixture(scope="module")
def sample():
    draw = np.random.default_rng(11)
    delay, u_shaped, noise = draw.normal(size=5000), draw.normal(size=5000), draw.normal(size=5000)
    z = -2.2 + 0.8 * delay + 0.7 * (np.abs(u_shaped) - 0.8)
    bad = (draw.random(5000) < 1 / (1 + np.exp(-z))).astype(float)
    return np.column_stack([delay, u_shaped, noise]), bad


def test_bins_are_monotone_large_enough_and_hold_bads(sample):
    X, bad = sample
    splits = find_splits(X[:, 0], bad, "rises", 6)
    bins = bins_of("delay", X[:, 0], bad, splits)
    assert len(splits) >= 3
    assert list(bins.woe) == sorted(bins.woe, reverse=True)
    assert min(bins.bad[:-1]) >= 5
    assert min(np.add(bins.good[:-1], bins.bad[:-1])) >= 0.05 * 5000


def test_the_wrong_direction_finds_nothing(sample):
    X, bad = sample
    assert find_splits(X[:, 0], bad, "falls", 6) == ()


def test_a_free_feature_may_bend(sample):
    X, bad = sample
    bins = bins_of("u", X[:, 1], bad, find_splits(X[:, 1], bad, "free", 6))
    steps = np.sign(np.diff(bins.woe))
    assert {-1.0, 1.0} <= set(steps)


def test_every_coefficient_is_negative_and_a_contradicting_twin_is_left_out(sample):
    X, _ = sample
    draw = np.random.default_rng(3)
    # By itself the twin rises with the risk, because it follows the delay; beside the delay it lowers it.
    other = draw.normal(size=5000)
    z = -2.2 + 1.2 * X[:, 0] - 0.5 * other + 0.7 * (np.abs(X[:, 1]) - 0.8)
    bad = (draw.random(5000) < 1 / (1 + np.exp(-z))).astype(float)
    wide = np.column_stack([X, X[:, 0] + 0.8 * other])
    names = ("delay", "u", "noise", "twin")
    risks = {"delay": "rises", "u": "free", "noise": "rises", "twin": "rises"}
    fitted = fit_scorecard(wide, bad, names, risks, ScorecardCandidate(6, 0.02, 1.0))
    betas = {one.feature: one.beta for one in fitted.scorecard.bins}
    assert betas["delay"] < -0.5
    assert betas["u"] < -0.5
    assert betas["noise"] == 0.0
    assert "noise" in fitted.left_out
    assert betas["twin"] == 0.0
    assert "wrong sign" in fitted.left_out["twin"]


def test_a_feature_left_out_contributes_exactly_nothing(sample):
    X, bad = sample
    risks = {"delay": "rises", "u": "free", "noise": "rises"}
    card = fit_scorecard(X, bad, tuple(risks), risks, ScorecardCandidate(6, 0.02, 1.0)).scorecard
    assert not card.contributions(X)[:, 2].any()


def test_the_points_of_the_classical_formula_add_up_to_the_score(sample):
    """The textbook sum: Offset/J - Factor (beta WoE + alpha/J), summed, is the score; ours is relative to the mean."""
    X, bad = sample
    risks = {"delay": "rises", "u": "free", "noise": "rises"}
    card = fit_scorecard(X, bad, tuple(risks), risks, ScorecardCandidate(6, 0.02, 1.0)).scorecard
    factor, offset, count = 28.853901, 487.122876, 3
    classical = sum(
        offset / count - factor * (one.beta * one.of(X[:, column]) + card.alpha / count)
        for column, one in enumerate(card.bins)
    )
    ours = offset - factor * (card.base + card.contributions(X).sum(axis=1))
    np.testing.assert_allclose(ours, classical, rtol=0, atol=1e-9)


def test_nothing_to_tell_apart_is_refused():
    draw = np.random.default_rng(0)
    X = np.zeros((500, 1))
    with pytest.raises(Refused, match="No feature tells good from bad"):
        fit_scorecard(X, (draw.random(500) < 0.1).astype(float), ("a",), {"a": "rises"}, ScorecardCandidate(6, 0, 1))


def test_fitting_prints_nothing_and_scoring_does_not_import_the_binning():
    code = """
import sys
import numpy as np
from riskscore.modelling.scorecard import Bins, Scorecard
card = Scorecard(("a",), -2.0, (Bins("a", (0.5,), (0.4, -0.6), 0.0, 0.1, -1.0, (50, 40, 0), (5, 9, 0)),))
assert card.contributions(np.array([[1.0], [np.nan]])).round(6).tolist() == [[0.7], [0.1]]
assert "optbinning" not in sys.modules and "lightgbm" not in sys.modules
from riskscore.modelling.woe import find_splits
x = np.linspace(0, 1, 400)
assert find_splits(x, (x > 0.7).astype(float) * (np.arange(400) % 3 > 0), "rises", 4)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (told.stdout, told.stderr) == ("", "")
