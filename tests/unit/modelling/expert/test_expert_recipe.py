"""The expert's scorecard as a recipe states it: what it says, and every fault at once."""

import pytest

from riskscore.errors import InvalidInput
from riskscore.modelling import Recipe
from riskscore.modelling.expert.candidate import faults_beside

from .conftest import RECIPE


def broken(*changes):
    text = RECIPE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    with pytest.raises(InvalidInput) as error:
        Recipe.parse(text, where="r")
    lines = text.splitlines()
    for fault in error.value.faults:  # each names a line, of the field or of the table that it should stand in
        assert 0 < int(fault.where.split(":")[1]) <= len(lines)
    return [fault.where.rpartition(" ")[2] for fault in error.value.faults]


def test_five_dimensions_of_a_hundred_points(candidate):
    assert {one.name: one.points for one in candidate.dimensions} == {
        "governance": 25,
        "payment_capacity": 25,
        "market": 20,
        "production": 15,
        "credit_history": 15,
    }
    assert (candidate.anchor.points, candidate.anchor.pd, candidate.anchor.halving) == (50, 0.10, 15)
    assert candidate.anchor.verified is False
    assert [one.name for one in candidate.entry] == ["legal_person", "accounts", "debt_service_cover"]
    assert not any(one.verified for one in candidate.entry)


def test_a_missing_value_has_points_of_its_own_and_none_gives_nought(candidate):
    assert all(0 < one.missing < max(one.points) for one in candidate.indicators)


def test_the_starter_fits_its_catalogue(recipe, candidate, starter_lock):
    assert faults_beside(recipe, candidate, starter_lock) == []


def test_every_fault_is_told_at_once_with_its_place():
    places = broken(
        ("points = [0, 5]\nmissing = 2", "points = [0, 4]\nmissing = 9"),
        ('dimension = "market"\nsplits = [0.20', 'dimension = "mercado"\nsplits = [0.20'),
        ("verified = false\n\n# What cases", "verified = 3\n\n# What cases"),
        ("season = 0.60 ", "season = 0.0 "),
        ("points = [0, 3]\nmissing = 1", "points = [0, 1, 3]\nmissing = 1"),
        ("at_least = 1.2", "at_least = 1.2\nat_most = 3"),
    )
    assert places == [
        "candidates[1].anchor.verified",
        "candidates[1].pools.season",
        "candidates[1].indicators[1].missing",
        "candidates[1].indicators[2].points",
        "candidates[1].entry[3].at_least",
        "candidates[1].indicators[11].dimension",
        "candidates[1].dimensions.governance",
        "candidates[1].dimensions.market",
    ]


def test_a_missing_value_without_points_is_a_fault_and_not_nought():
    assert broken(("points = [0, 5]\nmissing = 2", "points = [0, 5]")) == ["candidates[1].indicators[1].missing"]


def test_points_that_rise_with_the_risk_are_a_fault(starter_lock):
    text = RECIPE.read_text(encoding="utf-8").replace("points = [0, 2, 4, 6]", "points = [6, 4, 2, 0]")
    text = text.replace('feature = "equity_ratio"', 'feature = "equity_share"')
    recipe = Recipe.parse(text, where="r")
    found = [fault.where for fault in faults_beside(recipe, recipe.candidates[0], starter_lock)]
    places = [where.rpartition(" ")[2] for where in found]
    assert places == ["candidates[1].indicators[9].feature", "candidates[1].indicators[4].points"]
    lines = [text.splitlines()[int(where.split(":")[1]) - 1] for where in found]
    assert lines == ['feature = "equity_share"', "points = [6, 4, 2, 0]"]


def test_an_entry_gate_fails_passes_or_does_not_know(candidate):
    person, accounts, cover = candidate.entry
    assert [person.answer(one) for one in (1.0, 0.0, None)] == ["passed", "failed", "unknown"]
    assert [accounts.answer(one) for one in (24.0, 24.1, float("nan"))] == ["passed", "failed", "unknown"]
    assert [cover.answer(one) for one in (1.2, 1.19)] == ["passed", "failed"]
