"""Contributions in bulk: near LightGBM's own, with sums that are exact in every group."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.modelling import CalibratedModel, bulk
from riskscore.modelling.boosting import Settings, fit_trees

NAMES = ("own", "load", "odd", "peer", "cover")
FAMILIES = {"own": "repayment", "load": "capacity", "odd": "capacity", "peer": "group", "cover": "group"}
GROUP = ((3, 4),)
ROWS = 12_000


@pytest.fixture(scope="module")
def rows():
    draw = np.random.default_rng(9)
    X = draw.normal(size=(ROWS, 5))
    z = -2.0 + X[:, 0] + 0.8 * X[:, 0] * (X[:, 1] > 0) + 0.9 * X[:, 3] + 0.4 * X[:, 4]
    bad = (draw.random(ROWS) < 1 / (1 + np.exp(-z))).astype(float)
    X[draw.random(ROWS) < 0.2, 1] = np.nan
    X[:, 2] = 0.0
    return X, bad


@pytest.fixture(scope="module")
def trees(rows):
    return fit_trees(*rows, NAMES, dict.fromkeys(NAMES, "rises"), GROUP, Settings(0.1, 8, 20, 1, 1, 1, 80), seed=1)


def test_single_contributions_agree_to_a_hundred_thousandth(rows, trees):
    pytest.importorskip("woodelf", reason="woodelf is not installed: pip install 'riskscore[bulk]'")
    X, _ = rows
    assert bulk.serves(ROWS)
    phi, exact = trees.contributions_in_bulk(X, GROUP), trees.contributions(X)
    assert np.abs(phi - exact).max() < 1e-5
    assert not np.array_equal(phi, exact)
    assert not phi[:, 2].any()  # no tree speaks of it: no effect stays none


def test_every_groups_sum_is_exact(rows, trees):
    X, _ = rows
    phi, parts = trees.contributions_in_bulk(X, GROUP), trees.parts(X, GROUP)
    np.testing.assert_allclose(phi[:, :3].sum(axis=1) + trees.base, parts[:, 0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(phi[:, 3:].sum(axis=1), parts[:, 1], rtol=0, atol=1e-12)


def test_a_capped_models_log_odds_are_the_same_either_way(rows, trees):
    X, _ = rows
    model = CalibratedModel(trees, FAMILIES, 0.9, 0.1, {"group": 5.0})
    quick, exact = model.explain(X, in_bulk=True), model.explain(X)
    np.testing.assert_allclose(quick.log_odds, exact.log_odds, rtol=0, atol=1e-12)
    np.testing.assert_allclose(quick.base + quick.phi.sum(axis=1), model.log_odds(X), rtol=0, atol=1e-12)
    np.testing.assert_allclose(quick.phi, exact.phi, rtol=0, atol=1e-5)


def test_few_rows_and_a_machine_without_woodelf_get_lightgbms_own(rows, trees, monkeypatch):
    X = rows[0]
    few = X[: bulk.LEAST_ROWS - 1]
    assert np.array_equal(trees.contributions_in_bulk(few, GROUP), trees.contributions(few))
    monkeypatch.setattr(bulk, "find_spec", lambda name: None)
    assert np.array_equal(trees.contributions_in_bulk(X, GROUP), trees.contributions(X))


def test_what_is_lacking_goes_on_the_largest_of_its_group():
    phi = np.array([[1.0, -2.0, 0.0, 0.25, 0.5]])
    found = bulk.made_to_add_up(phi, np.array([[-1.5, 0.5]]), GROUP)
    assert found.tolist() == [[1.0, -2.5, 0.0, 0.25, 0.25]]
