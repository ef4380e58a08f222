"""Fifty funds of each kind: coverage within what fifty funds can say of it."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[3] / "experiments" / "producer_funds"
FUNDS = 50


@pytest.fixture(scope="module")
def rows():
    sys.path.insert(0, str(HERE))
    try:
        import run

        candidate = run.Recipe.load(run.RECIPE).candidates[0]
        yield {one.name: run.judged(candidate, one, FUNDS, seed=2) for one in run.settings(candidate.anchor.pd)}
    finally:
        sys.path.remove(str(HERE))
        for name in ("run", "funds", "exact"):
            sys.modules.pop(name, None)


def reaches(row, name, low, high=1.0):
    """Whether the share lies within the span, but for four standard errors of so few funds."""
    share, slack = row[name]["share"], 4 * max(row[name]["se"], 0.01)
    return low - slack <= share <= high + slack


@pytest.mark.slow
def test_intervals_hold_what_they_say_and_are_as_narrow_as_the_exact_ones(rows):
    for name in ("drawn from the prior", "drawn from the prior, three seasons"):
        assert reaches(rows[name], "association_coverage", 0.88, 0.92)
        assert reaches(rows[name], "base_rate_coverage", 0.88, 0.92)
    prior = rows["drawn from the prior"]
    assert 0.9 < prior["association_width_to_exact"] < 1.2
    assert 0.9 < prior["base_rate_width_to_exact"] < 1.2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["half its base rate", "double its base rate", "a shared bad season"])
def test_they_hold_when_the_expert_is_wrong_or_the_season_was_bad(rows, name):
    assert reaches(rows[name], "association_coverage", 0.80)
    assert reaches(rows[name], "base_rate_coverage", 0.80)


@pytest.mark.slow
def test_cases_taken_as_independent_would_not(rows):
    row = rows["a shared bad season"]
    assert row["base_rate_coverage_if_cases_were_independent"]["share"] < row["base_rate_coverage"]["share"] - 0.15
