"""What holds for every row and both kinds of candidate: exact sums, directions kept, families held to their cap."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscore.modelling.boosting import Settings, fit_trees
from riskscore.modelling.calibrated import CalibratedModel, groups_of
from riskscore.modelling.calibration import fit_line
from riskscore.modelling.recipe import ScorecardCandidate
from riskscore.modelling.woe import fit_scorecard

FEATURES = ("worst_delay", "attendance", "cycles", "shock", "peers_late", "peers_cover")
FAMILIES = dict(zip(FEATURES, ("repayment", "repayment", "repayment", "business", "group", "group"), strict=True))
RISKS = dict(zip(FEATURES, ("rises", "falls", "free", "rises", "rises", "rises"), strict=True))
CAPS = {"group": 20.0}
KINDS = ("woe_scorecard", "lightgbm")
LN2 = math.log(2.0)


@cache
def institution() -> tuple[np.ndarray, np.ndarray]:
    """Return 4,000 rows whose neighbours weigh more than a cap of 20 points allows."""
    draw = np.random.default_rng(7)
    n = 4_000
    X = np.column_stack(
        [
            draw.exponential(6.0, n).round(),
            draw.beta(8, 2, n),
            draw.integers(1, 9, n).astype(float),
            (draw.random(n) < 0.2).astype(float),
            draw.beta(1, 9, n),
            draw.poisson(0.4, n).astype(float),
        ]
    )
    late, attends, cycles, shock, peers, cover = X.T
    z = -3.2 + 0.12 * late - 3.0 * (attends - 0.8) + 0.1 * np.abs(cycles - 4) + 0.6 * shock + 9.0 * peers + 0.9 * cover
    bad = (draw.random(n) < 1 / (1 + np.exp(-z))).astype(float)
    X[draw.random(n) < 0.15, 0] = np.nan
    X[draw.random(n) < 0.15, 1] = np.nan
    X[draw.random(n) < 0.10, 4] = np.nan
    return X, bad


@cache
def model(kind: str) -> CalibratedModel:
    X, bad = institution()
    groups = groups_of(FEATURES, FAMILIES, tuple(CAPS))
    if kind == "woe_scorecard":
        margin = fit_scorecard(X, bad, FEATURES, RISKS, ScorecardCandidate(6, 0.0, 1.0)).scorecard
    else:
        tuned = Settings(0.1, 7, 40, 1.0, 0.8, 0.8, 80)
        margin = fit_trees(X, bad, FEATURES, RISKS, groups, tuned, seed=3)
    line = fit_line(margin.parts(X, groups), bad, (LN2,))
    return CalibratedModel(margin, FAMILIES, line.a, line.b, CAPS)


def value(low: float, high: float) -> st.SearchStrategy[float]:
    return st.one_of(st.just(math.nan), st.floats(low, high, allow_nan=False))


rows = st.tuples(
    value(-5, 200), value(-1, 2), value(0, 30), value(-1, 2), value(-1, 2), value(0, 20)
)  # wider than development on purpose


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=60)
@given(batch=st.lists(rows, min_size=1, max_size=8))
def test_base_and_contributions_are_the_log_odds(kind, batch):
    X = np.array(batch)
    told = model(kind).explain(X)
    # The second way goes through the leaves (or bins) and never sees a contribution.
    np.testing.assert_allclose(told.base + told.phi.sum(axis=1), model(kind).log_odds(X), rtol=0, atol=1e-9)
    np.testing.assert_allclose(told.log_odds, told.base + told.phi.sum(axis=1), rtol=0, atol=1e-9)
    np.testing.assert_allclose(told.pd, 1 / (1 + np.exp(-told.log_odds)), rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=60)
@given(row=rows, column=st.sampled_from([0, 1, 3, 4, 5]), worse=st.floats(0, 300), start=st.floats(-5, 200))
def test_a_worse_fact_never_lowers_the_pd(kind, row, column, worse, start):
    before = list(row)
    before[column] = start if math.isnan(row[column]) else row[column]
    after = list(before)
    after[column] += worse if RISKS[FEATURES[column]] == "rises" else -worse
    low, high = model(kind).log_odds(np.array([before, after]))
    assert high >= low - 1e-12


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=60)
@given(row=rows)
def test_the_neighbours_move_the_odds_by_a_factor_of_two_at_most(kind, row):
    phi = model(kind).explain(np.array([row])).phi[0]
    assert abs(phi[4] + phi[5]) <= LN2 + 1e-12


@pytest.mark.parametrize("kind", KINDS)
def test_the_cap_binds_somewhere_and_changes_only_its_family(kind):
    X, _ = institution()
    capped = model(kind)
    free = CalibratedModel(capped.margin, FAMILIES, capped.a, capped.b)
    with_cap, without = capped.explain(X).phi, free.explain(X).phi
    bound = np.abs(without[:, 4:].sum(axis=1)) > LN2
    assert bound.sum() > 100
    np.testing.assert_allclose(with_cap[bound, 4:].sum(axis=1), np.sign(without[bound, 4:].sum(axis=1)) * LN2)
    np.testing.assert_array_equal(with_cap[:, :4], without[:, :4])
    np.testing.assert_array_equal(with_cap[~bound], without[~bound])


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=30)
@given(batch=st.lists(rows, min_size=2, max_size=9), pick=st.integers(0, 8))
def test_a_row_alone_is_the_row_in_a_batch_to_the_last_bit(kind, batch, pick):
    X = np.array(batch)
    pick %= len(batch)
    alone, together = model(kind).explain(X[pick : pick + 1]), model(kind).explain(X)
    np.testing.assert_array_equal(alone.phi[0], together.phi[pick])
    assert alone.pd[0] == together.pd[pick]
    assert model(kind).log_odds(X[pick : pick + 1])[0] == model(kind).log_odds(X)[pick]


@pytest.mark.parametrize("kind", KINDS)
def test_the_reference_is_the_development_mean(kind):
    X, _ = institution()
    margin = model(kind).margin
    mean = margin.base + margin.contributions(X).sum(axis=1).mean()
    # Trees weigh their leaves by the rows they were grown on, which the bagging draws anew for each tree.
    assert mean == pytest.approx(margin.base, abs=1e-9 if kind == "woe_scorecard" else 0.02)
