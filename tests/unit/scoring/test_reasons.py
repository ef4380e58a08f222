from types import MappingProxyType

import numpy as np
import pytest

from riskscore.catalog import Lock
from riskscore.modelling.reference import FeatureReference
from riskscore.scoring.reasons import Reasons

TOLD = {
    # name: (risk, code, protected)
    "worst": ("rises", "R01", False),
    "late": ("rises", "R01", False),
    "attends": ("falls", "R07", False),
    "lenders": ("rises", "R03", False),
    "growth": ("rises", "R04", False),
    "savings": ("falls", "R05", False),
    "wordless": ("rises", None, False),
    "age": ("free", "R06", True),
}
NAMES = tuple(TOLD)
WORST = np.array([9.0, 1.5, 0.2, 4.0, 2.0, 0.0, 8.0, 70.0])


#: Of "growth" alone: under 2.5 nothing is said.
BOUNDS = {"growth": {"at_least": 2.5}}


def reasons_with(bounds, concepts=MappingProxyType({})):
    entries = [
        {
            "name": name,
            "family": "f",
            "subject": "member",
            "step": 2,
            "risk": risk,
            "protected": protected,
            "fact": False,
            "source": "",
            "window": "",
            "expression": "",
        }
        for name, (risk, _, protected) in TOLD.items()
    ]
    words = {
        name: {
            "title": {"es": name, "en": name},
            **({"concept": concepts[name]} if name in concepts else {}),
            "reason": None
            if code is None
            else {
                "code": code,
                "es": f"{name}: {{value}} {{día|días}}.",
                "en": f"{name}: {{value}} {{day|days}}.",
                "unit": "number",
                **bounds.get(name, {}),
            },
        }
        for name, (_, code, _) in TOLD.items()
    }
    support = {name: FeatureReference(1.0, 1.0, 0.0, 10.0, 0.1) for name in NAMES}
    return Reasons(Lock({"features": entries}, words), NAMES, support)


@pytest.fixture(scope="module")
def reasons():
    return reasons_with({})


def given(reasons, points, values=WORST):
    return [(one.code, one.feature) for one in reasons.of_row(np.array(points, dtype=float), np.array(values))]


def test_the_weightiest_first_one_a_concept_and_at_most_four(reasons):
    found = given(reasons, [-5, -6, -7, -4, -3, -2, 0, 0])
    assert found == [("R07", "attends"), ("R01", "late"), ("R03", "lenders"), ("R04", "growth")]


def test_ties_go_by_code_and_then_by_the_order_of_features(reasons):
    assert given(reasons, [-3, -3, -3, -3, 0, 0, 0, 0]) == [("R01", "worst"), ("R03", "lenders"), ("R07", "attends")]


def test_no_effect_no_reason(reasons):
    assert given(reasons, [-0.49, 3, 0, -0.5, 0, 0, 0, 0]) == [("R03", "lenders")]


def test_what_is_missing_or_better_than_typical_is_no_reason(reasons):
    values = np.array([np.nan, 1.0, 1.0, 0.0, 2.0, 3.0, 0, 0])
    assert given(reasons, [-5, -5, -5, -5, -5, -5, 0, 0], values) == [("R04", "growth")]


def test_never_a_protected_trait_and_never_without_words(reasons):
    assert given(reasons, [0, 0, 0, 0, 0, 0, -9, -9]) == []


def test_her_own_value_in_both_languages(reasons):
    one = reasons.of_row(np.array([-5.0, 0, 0, 0, 0, 0, 0, 0]), WORST)[0]
    assert (one.es, one.en) == ("worst: 9 días.", "worst: 9 days.")
    assert (one.value, one.typical, one.points) == (9.0, 1.0, -5.0)


@pytest.mark.parametrize(("value", "codes"), [(2.4, []), (2.5, ["R04"]), (9.0, ["R04"])])
def test_a_sentence_that_is_not_true_of_the_value_is_no_reason(value, codes):
    values = np.where(np.array(NAMES) == "growth", value, WORST)
    assert [code for code, _ in given(reasons_with(BOUNDS), [0, 0, 0, 0, -5, 0, 0, 0], values)] == codes


def test_where_the_weightiest_of_a_concept_is_not_true_another_speaks():
    bounded = reasons_with({"late": {"at_least": 1.6}, "attends": {"at_most": 0.1}})
    assert given(bounded, [-5, -6, -7, 0, 0, 0, 0, 0]) == [("R01", "worst")]


def test_a_row_alone_equals_the_row_in_a_batch(reasons):
    draw = np.random.default_rng(3)
    points, values = draw.integers(-4, 3, (200, 8)).astype(float), draw.uniform(0, 3, (200, 8))
    together = reasons.places(points, values)
    alone = [reasons.places(points[row : row + 1], values[row : row + 1])[0].tolist() for row in range(200)]
    assert together.tolist() == alone


def test_what_has_no_words_counts_to_the_concept_it_goes_with_and_another_speaks():
    alone, together = reasons_with({}), reasons_with({}, {"wordless": "R03"})
    points = np.array([-5.0, 0, 0, -1, -2, 0, -9, 0])
    assert given(alone, points) == [("R01", "worst"), ("R04", "growth"), ("R03", "lenders")]
    assert given(together, points) == [("R03", "lenders"), ("R01", "worst"), ("R04", "growth")]
    assert together.of_row(points, WORST)[0].points == -10.0


def test_a_concept_speaks_by_what_is_worse_than_typical_or_not_at_all():
    together = reasons_with({}, {"wordless": "R03"})
    usual = np.where(np.array(NAMES) == "lenders", 1.0, WORST)
    assert given(together, [-5, 0, 0, -1, 0, 0, -9, 0], usual) == [("R01", "worst")]
    assert given(together, [-5, 0, 0, 0, 0, 0, -9, 0]) == [("R03", "lenders"), ("R01", "worst")]
    assert given(together, [-5, 0, 0, 2, 0, 0, -9, 0]) == [("R01", "worst")]


def test_what_goes_with_a_concept_may_also_take_its_weight_away():
    together = reasons_with({}, {"wordless": "R03"})
    assert given(together, [-5, 0, 0, -3, 0, 0, 2.6, 0]) == [("R01", "worst")]
    assert given(together, [-5, 0, 0, -3, 0, 0, 2.5, 0]) == [("R01", "worst"), ("R03", "lenders")]
