"""The line from margin to log-odds, learnt with the cap in force."""

import numpy as np
import pytest

from riskscore.errors import InvalidInput, Refused
from riskscore.modelling import CalibratedModel
from riskscore.modelling.calibrated import Offset, calibrated_log_odds
from riskscore.modelling.calibration import fit_line
from riskscore.modelling.scorecard import Bins, Scorecard

LN2 = np.log(2.0)
SHIFTED = {"own": Offset(0.8, 0.25)}


def test_the_line_is_found_again_although_the_cap_clips():
    draw = np.random.default_rng(1)
    parts = np.column_stack([draw.normal(-1.5, 0.8, 200_000), draw.normal(0, 1.5, 200_000)])
    z = calibrated_log_odds(parts, 0.7, -0.4, (LN2,))
    y = (draw.random(200_000) < 1 / (1 + np.exp(-z))).astype(float)
    line = fit_line(parts, y, (LN2,))
    a, b = line.a, line.b
    assert (a, b) == pytest.approx((0.7, -0.4), abs=0.03)
    # Without knowing of the cap the slope comes out far too flat.
    flat = fit_line(parts, y, (1e9,)).a
    assert flat < 0.6
    # At the maximum expected and observed bads agree.
    assert (1 / (1 + np.exp(-calibrated_log_odds(parts, a, b, (LN2,))))).sum() == pytest.approx(y.sum(), rel=1e-4)


def test_a_segment_of_another_level_gets_its_offset():
    draw = np.random.default_rng(3)
    margin, first = draw.normal(-2.5, 1.0, 100_000), (draw.random(100_000) < 0.15).astype(float)
    margin -= 0.4 * first  # the margin takes first loans for safer than they are
    z = margin + 0.9 * first
    y = (draw.random(100_000) < 1 / (1 + np.exp(-z))).astype(float)
    flags = (first - first.mean())[:, None]
    line = fit_line(margin[:, None], y, (), flags)
    assert line.a == pytest.approx(1.0, abs=0.04)
    assert line.offsets[0] == pytest.approx(0.9, abs=0.07)
    told = 1 / (1 + np.exp(-(line.a * margin + line.b + line.offsets[0] * flags[:, 0])))
    for segment in (0.0, 1.0):
        assert told[first == segment].sum() == pytest.approx(y[first == segment].sum(), rel=1e-4)


def test_the_clip_by_hand():
    parts = np.array([[1.0, 2.0], [1.0, -0.5], [1.0, -3.0]])
    np.testing.assert_allclose(
        calibrated_log_odds(parts, 0.5, 0.1, (LN2,)), [0.6 + LN2, 0.6 - 0.25, 0.6 - LN2], rtol=0, atol=1e-15
    )


def test_a_margin_that_ranks_backwards_is_refused():
    draw = np.random.default_rng(2)
    margin = draw.normal(size=3000)
    y = (draw.random(3000) < 1 / (1 + np.exp(2 + margin))).astype(float)
    with pytest.raises(Refused, match="do not rank"):
        fit_line(margin[:, None], y, ())


def test_one_outcome_only_is_refused():
    with pytest.raises(Refused, match="only one outcome"):
        fit_line(np.zeros((5, 1)), np.zeros(5), ())


@pytest.fixture
def card():
    bins = tuple(Bins(name, (0.5,), (0.5, -0.5), 0.0, 0.0, -2.0, (50, 50, 0), (10, 10, 0)) for name in ("own", "peer"))
    return Scorecard(("own", "peer"), -2.0, bins)


def test_points_by_hand(card):
    model = CalibratedModel(card, {"own": "repayment", "peer": "group"}, 1.5, 0.2, {"group": 20.0})
    told = model.explain(np.array([[1.0, 1.0], [0.0, np.nan]]))
    assert told.base == pytest.approx(1.5 * -2.0 + 0.2)
    np.testing.assert_allclose(told.phi, [[1.5, LN2], [-1.5, 0.0]], rtol=0, atol=1e-12)
    # 20 points is what the capped family may take, and what it takes.
    assert model.scale.points(float(told.phi[0, 1])) == pytest.approx(-20.0)


def test_an_offset_is_part_of_its_features_contribution(card):
    model = CalibratedModel(card, {"own": "repayment", "peer": "group"}, 1.5, 0.2, {"group": 20.0}, offsets=SHIFTED)
    X = np.array([[1.0, 1.0], [0.0, 1.0], [np.nan, 1.0]])
    told = model.explain(X)
    assert told.base == pytest.approx(1.5 * -2.0 + 0.2)
    np.testing.assert_allclose(told.phi[:, 0], [1.5 + 0.8 * 0.75, -1.5 - 0.8 * 0.25, 0.0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(model.log_odds(X), told.base + told.phi.sum(axis=1), rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"offsets": {"peer": Offset(0.5, 0.2)}}, "offsets.peer"),
        ({"offsets": {"nobody": Offset(0.5, 0.2)}}, "offsets.nobody"),
        ({"offsets": {"own": Offset(float("nan"), 0.2)}}, "offsets.own"),
        ({"a": 0.0}, "calibration"),
        ({"a": -1.0}, "calibration"),
        ({"families": {"own": "repayment"}}, "families.peer"),
        ({"caps": {"group": 0.0}}, "caps.group"),
    ],
)
def test_a_model_that_may_not_be(card, change, where):
    fine = {"margin": card, "families": {"own": "x", "peer": "group"}, "a": 1.0, "b": 0.0, "caps": {"group": 20.0}}
    with pytest.raises(InvalidInput) as told:
        CalibratedModel(**{**fine, **change})
    assert [fault.where for fault in told.value.faults] == [where]


def test_infinite_values_and_missing_columns_are_named(card):
    model = CalibratedModel(card, {"own": "x", "peer": "group"}, 1.0, 0.0)
    with pytest.raises(InvalidInput) as told:
        model.pd(np.array([[1.0, np.inf]]))
    assert [fault.where for fault in told.value.faults] == ["X.peer"]
    with pytest.raises(InvalidInput, match=r"expected \(rows, 2\)"):
        model.pd(np.ones((3, 1)))


def test_no_row_is_no_error(card):
    model = CalibratedModel(card, {"own": "x", "peer": "group"}, 1.0, 0.0, {"group": 20.0})
    assert model.explain(np.empty((0, 2))).phi.shape == (0, 2)
    assert model.pd(np.empty((0, 2))).shape == (0,)
