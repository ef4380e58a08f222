"""Monotone trees: families in trees of their own, missing that is not zero, and tuning that repeats."""

import numpy as np
import pytest

from riskscore.errors import InvalidInput
from riskscore.modelling import CalibratedModel
from riskscore.modelling.boosting import Settings, fit_trees, grouped_folds, tune
from riskscore.modelling.recipe import BoostingCandidate
from riskscore.modelling.trees import MonotoneTrees

NAMES = ("own", "load", "peer", "cover")
FAMILIES = {"own": "repayment", "load": "capacity", "peer": "group", "cover": "group"}
RISKS = dict.fromkeys(NAMES, "rises")
SETTINGS = Settings(0.1, 8, 20, 1.0, 1.0, 0.8, 60)
GROUP = ((2, 3),)
CANDIDATE = BoostingCandidate(3, 60.0, 3, 40, (0.05, 0.2), (3.0, 8.0), (10.0, 100.0), (0.1, 10.0), (0.5, 1.0), (0.5, 1))


@pytest.fixture(scope="module")
def sample():
    draw = np.random.default_rng(4)
    X = draw.normal(size=(3000, 4))
    z = -2.0 + X[:, 0] + 0.8 * X[:, 0] * (X[:, 2] > 0) + 0.5 * X[:, 3]
    bad = (draw.random(3000) < 1 / (1 + np.exp(-z))).astype(float)
    X[draw.random(3000) < 0.2, 1] = np.nan
    return X, bad, draw.integers(0, 40, 3000)


@pytest.fixture(scope="module")
def trees(sample):
    X, bad, _ = sample
    return fit_trees(X, bad, NAMES, RISKS, GROUP, SETTINGS, seed=1)


def test_a_capped_family_has_trees_of_its_own_even_where_an_interaction_is_real(sample, trees):
    X, bad, _ = sample
    assert trees.groups_kept_apart(GROUP)
    mixed = fit_trees(X, bad, NAMES, RISKS, (), SETTINGS, seed=1)
    assert not mixed.groups_kept_apart(GROUP)
    with pytest.raises(InvalidInput, match="mixes a capped family"):
        CalibratedModel(mixed, FAMILIES, 1.0, 0.0, {"group": 20.0})


def test_the_leaves_and_the_contributions_say_the_same(sample, trees):
    X = sample[0][:400]
    phi, parts = trees.contributions(X), trees.parts(X, GROUP)
    np.testing.assert_allclose(parts[:, 1], phi[:, 2:].sum(axis=1), rtol=0, atol=1e-9)
    np.testing.assert_allclose(parts[:, 0], trees.base + phi[:, :2].sum(axis=1), rtol=0, atol=1e-9)


def test_the_margin_after_the_last_tree_is_the_margin(sample, trees):
    X = sample[0][:200]
    staged = trees.staged(X)
    assert staged.shape == (200, 60)
    np.testing.assert_allclose(staged[:, -1], trees.parts(X, GROUP).sum(axis=1), rtol=0, atol=1e-9)


def test_a_fact_never_missing_before_is_not_read_as_zero(trees):
    assert set(trees.stand_ins) == {"own", "peer", "cover"}
    missing = np.array([[np.nan, 0.0, 0.0, 0.0]])
    middle = np.array([[trees.stand_ins["own"], 0.0, 0.0, 0.0]])
    assert trees.parts(missing, GROUP).tolist() == trees.parts(middle, GROUP).tolist()
    shifted = MonotoneTrees(trees.features, trees.text, {"own": 2.0})
    assert shifted.parts(missing, GROUP).sum() > trees.parts(np.zeros((1, 4)), GROUP).sum() + 0.5


def test_the_same_seed_fits_the_same_text(sample, trees):
    X, bad, _ = sample
    assert fit_trees(X, bad, NAMES, RISKS, GROUP, SETTINGS, seed=1).text == trees.text


def test_tuning_repeats_and_stays_within_its_spans(sample):
    X, bad, clusters = sample
    first = tune(X, bad, NAMES, RISKS, GROUP, clusters, CANDIDATE, seed=5)
    second = tune(X, bad, NAMES, RISKS, GROUP, clusters, CANDIDATE, seed=5)
    assert first == second
    assert first.trials == 3
    chosen = first.settings
    assert 0.05 <= chosen.learning_rate <= 0.2
    assert 3 <= chosen.num_leaves <= 8
    assert 1 <= chosen.trees <= 40
    rate = bad.mean()
    assert first.log_loss < -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate))


def test_what_was_tried_comes_best_first(sample):
    X, bad, clusters = sample
    tuning = tune(X, bad, NAMES, RISKS, GROUP, clusters, CANDIDATE, seed=5)
    losses = []
    for settings in tuning.tried:
        each = []
        for train, test in grouped_folds(bad, clusters, 3, seed=5):
            fitted = fit_trees(X[train], bad[train], NAMES, RISKS, GROUP, settings, seed=5)
            margin = fitted.parts(X[test], GROUP).sum(axis=1)
            each.append(np.mean(np.logaddexp(0.0, margin) - bad[test] * margin))
        losses.append(float(np.mean(each)))
    assert losses == sorted(losses)
    assert losses[0] == pytest.approx(tuning.log_loss, abs=1e-3)


def test_no_cluster_is_on_both_sides(sample):
    _, bad, clusters = sample
    tested = np.zeros(len(bad), dtype=int)
    for train, test in grouped_folds(bad, clusters, 4, seed=0):
        assert not set(clusters[train]) & set(clusters[test])
        tested[test] += 1
    assert (tested == 1).all()


@pytest.mark.parametrize("text", ["", "tree\nobjective=regression\n", "tree\nobjective=binary\nversion=v4\n"])
def test_other_text_is_no_model(text):
    with pytest.raises(InvalidInput):
        MonotoneTrees(NAMES, text)
