"""What a model may be used for, from figures alone."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.evaluation import clustered_auc, discrimination, evaluate, grade_tests
from riskscore.modelling.recipe import GateSettings
from riskscore.modelling.validation.verdict import verdict

SETTINGS = GateSettings(
    min_bads=60,
    min_auc=0.62,
    leakage_auc=0.90,
    slope=(0.8, 1.25),
    observed_expected=(0.8, 1.25),
    max_ici=0.01,
    segment_min_bads=30,
)
N = 4000
DRAW = np.random.default_rng(2)
CLUSTERS = DRAW.integers(0, 200, N)
RISK = DRAW.normal(-2.5, 1.0, N)
PD = 1 / (1 + np.exp(-RISK))
Y = (DRAW.random(N) < PD).astype(float)


def asked(y, pd, parts=(), left=()):
    grades = grade_tests(y, pd, ["A"] * len(y), names=["A"], clusters=CLUSTERS[: len(y)], draws=999)
    later = evaluate(y, pd, clusters=CLUSTERS[: len(y)], level=0.9, replicates=60)
    order = discrimination(y, pd, CLUSTERS[: len(y)], level=0.9, replicates=20)
    return verdict(SETTINGS, later, order, 0.02, parts, grades, left)


def test_a_calibrated_model_is_a_probability() -> None:
    found = asked(Y, PD)
    assert (found.use, found.cautions) == ("probability", ())


def test_a_level_that_is_off_leaves_the_order() -> None:
    found = asked((np.random.default_rng(5).random(N) < np.minimum(1.7 * PD, 1)).astype(float), PD)
    assert found.use == "order"
    assert {one.kind for one in found.cautions} == {"level", "curve", "grade"}
    (level,) = [one for one in found.cautions if one.kind == "level"]
    assert level.low > 1.25


def test_an_order_that_is_none_may_not_be_used() -> None:
    assert asked(Y, np.random.default_rng(6).permutation(PD)).use == "nothing"


def test_an_order_too_good_to_be_true_is_suspect() -> None:
    assert asked(Y, np.clip(0.9 * Y + 0.05 * PD, 0.001, 0.999)).use == "suspect"


def test_twenty_rows_are_too_few_and_no_permission() -> None:
    assert asked(Y[:20], PD[:20]).use == "too_few"


@pytest.mark.parametrize(("bads", "kinds"), [(8, ["part_few"]), (40, ["part_order", "part_level"])])
def test_a_part_is_told_by_what_is_wrong_with_it(bads: int, kinds: list[str]) -> None:
    y, pd = np.r_[np.ones(bads), np.zeros(360)], np.random.default_rng(1).uniform(0.01, 0.04, bads + 360)
    part = ("cycle", "first", clustered_auc(y, pd, level=0.9), evaluate(y, pd, level=0.9, replicates=60))
    found = asked(Y, PD, [part])
    assert [one.kind for one in found.cautions] == kinds
    assert {(one.variable, one.name) for one in found.cautions} == {("cycle", "first")}
