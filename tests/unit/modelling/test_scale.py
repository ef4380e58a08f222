import numpy as np
import pytest

from riskscore.errors import InvalidInput
from riskscore.modelling.scale import ScoreScale

GOLDEN = [
    (0.01, 619.710),
    (1 / 51, 600.000),
    (0.02, 599.417),
    (0.05, 572.081),
    (0.10, 550.521),
    (0.20, 527.123),
    (0.50, 487.123),
]


def test_factor_and_offset():
    scale = ScoreScale()
    assert scale.factor == pytest.approx(28.853901, abs=5e-7)
    assert scale.offset == pytest.approx(487.122876, abs=5e-7)


@pytest.mark.parametrize(("pd", "score"), GOLDEN)
def test_golden_scores(pd, score):
    scale = ScoreScale()
    assert scale.of_pd(pd) == pytest.approx(score, abs=5e-4)
    assert scale.score(np.log(pd / (1 - pd))) == pytest.approx(score, abs=5e-4)
    assert scale.pd(scale.of_pd(pd)) == pytest.approx(pd, abs=1e-12)


def test_twenty_points_double_the_odds_of_good():
    scale = ScoreScale()
    low, high = scale.pd(550.0), scale.pd(570.0)
    assert ((1 - high) / high) / ((1 - low) / low) == pytest.approx(2.0)


def test_points_are_the_slope_of_the_score():
    scale = ScoreScale()
    phi = np.array([0.3, -0.2, 0.05])
    assert scale.score(-2.0 + phi.sum()) == pytest.approx(scale.score(-2.0) + scale.points(phi).sum(), abs=1e-9)
    assert scale.points(0.1) < 0


def test_arrays_go_through():
    scale = ScoreScale()
    scores = scale.score(np.array([0.0, -1.0]))
    assert scores == pytest.approx([487.122876, 487.122876 + 28.853901], abs=1e-5)
    assert scale.pd(scores) == pytest.approx([0.5, 1 / (1 + np.e)])


def test_every_fault_at_once():
    with pytest.raises(InvalidInput) as error:
        ScoreScale(base=float("nan"), odds=0, pdo=-1)
    assert [fault.where for fault in error.value.faults] == ["scale.odds", "scale.pdo", "scale.base"]


@pytest.mark.parametrize("pd", [0.0, 1.0, -0.1, float("nan")])
def test_a_certain_outcome_has_no_score(pd):
    with pytest.raises(InvalidInput, match=r"inside \(0, 1\)"):
        ScoreScale().of_pd(pd)
