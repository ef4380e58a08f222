"""Each test of the leak search on cases drawn so that the right answer is known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from riskscore.evaluation.leaks import Population, Thresholds, signs_of
from riskscore.evaluation.leaks.levels import levels, lifts

BANKS, EACH = 80, 80
N = BANKS * EACH
#: Loans run 120 days, the books cover four years.
RUNS, YEARS = 120.0, 4
THRESHOLDS = Thresholds()

DRAW = np.random.default_rng(7)
DAYS = DRAW.random(N) * 365 * YEARS
BANK = np.repeat(np.arange(BANKS), EACH)
GROUP = np.repeat(np.arange(BANKS * 4), EACH // 4)
RISK = DRAW.normal(0, 1, N)
ENDS_BAD = DRAW.random(N) < 1 / (1 + np.exp(3.0 - 1.2 * RISK))
OVER = DAYS > RUNS
#: Trouble shows half-way through a loan.
SHOWN = ENDS_BAD & (DAYS > RUNS / 2)


@pytest.fixture(scope="module")
def population() -> Population:
    return Population.of(
        bad=np.where(OVER, ENDS_BAD.astype(float), np.nan),
        clusters=BANK,
        folds=BANK % 5,
        days=DAYS,
        days_to_final=np.where(OVER, RUNS, np.nan),
        units={"solidarity group": GROUP, "communal bank": BANK},
        thresholds=THRESHOLDS,
    )


def failed(values: object, earlier: object, population: Population) -> list[str]:
    held = signs_of(pl.Series(values), pl.Series(earlier), population, THRESHOLDS)
    return [sign.test for sign in held.signs]


NOTHING = np.full(N, np.nan)


def test_young_are_those_of_whose_age_no_loan_is_over(population: Population) -> None:
    assert population.young.sum() == ((DAYS <= 60) & ~OVER).sum()
    assert DAYS[population.settled].min() > RUNS
    assert DAYS[population.settled].max() <= RUNS + 365
    assert DAYS[population.last_season].min() > 365
    assert DAYS[population.last_season].max() <= 365 + 60


def test_a_copy_of_the_outcome_is_too_good_and_appears_only_later(population: Population) -> None:
    found = failed(SHOWN.astype(float), NOTHING, population)
    assert found == ["too good", "only after the date", "vanishes when re-dated"]


def test_a_copy_wrong_in_a_quarter_of_cases_is_found_by_the_young_alone(population: Population) -> None:
    wrong = OVER & (np.random.default_rng(1).random(N) < 0.25)
    found = failed((wrong != SHOWN).astype(float), NOTHING, population)
    assert "too good" not in found
    assert "only after the date" in found


def test_a_status_that_is_overwritten_is_found_as_a_category(population: Population) -> None:
    status = np.where(SHOWN, "in_recovery", np.where(OVER, "closed", "active"))
    assert failed(status, status, population) == ["too good", "only after the date"]


def test_what_was_known_before_is_not_suspected_however_it_is_re_dated(population: Population) -> None:
    rating = RISK + np.random.default_rng(2).normal(0, 0.5, N)
    assert failed(rating, rating, population) == []
    assert failed(rating, NOTHING, population) == []
    # The same strength, written as trouble shows: re-dating and the young both tell.
    written = np.where(SHOWN | (OVER & (np.random.default_rng(3).random(N) < 0.2)), 1.0, 0.0)
    assert "vanishes when re-dated" in failed(written, NOTHING, population)


def test_a_value_that_changes_level_over_time_is_not_suspected_for_it(population: Population) -> None:
    inflation = DAYS + 30 * RISK
    assert failed(inflation, inflation, population) == []


def test_noise_and_constants_are_not_suspected(population: Population) -> None:
    for seed in range(40):
        noise = np.random.default_rng(seed).normal(0, 1, N)
        assert failed(noise, NOTHING, population) == []
    assert failed(np.ones(N), np.ones(N), population) == []
    assert failed(NOTHING, NOTHING, population) == []


def test_the_mean_outcome_of_a_group_is_closer_than_chance(population: Population) -> None:
    rate = np.bincount(GROUP[OVER], ENDS_BAD[OVER]) / np.bincount(GROUP[OVER])
    held = signs_of(pl.Series(rate[GROUP]), pl.Series(rate[GROUP]), population, THRESHOLDS)
    assert [sign.test for sign in held.signs] == ["too good"]
    assert "each solidarity group" in held.signs[0].seen
    # What really drives a group's rate is not: chance lies between it and what happened.
    drives = np.bincount(GROUP, 1 / (1 + np.exp(3.0 - 1.2 * RISK))) / np.bincount(GROUP)
    assert failed(drives[GROUP], drives[GROUP], population) == []


def test_a_level_gains_nothing_from_its_own_bank(population: Population) -> None:
    # Every bank a level of its own: in other banks nothing is known of it, so it says nothing.
    codes = levels(pl.Series([f"bank {bank}" for bank in BANK % 50]))
    lift = lifts(np.where(BANK < 50, codes, 51), population)
    assert np.abs(lift[(BANK < 50) & OVER]).max() < 1e-9


def test_levels_keep_missing_and_rare_categories_apart() -> None:
    assert levels(pl.Series([1.0, None, 3.0, 1.0])).tolist() == [0, 3, 1, 0]
    assert len(set(levels(pl.Series(np.arange(1000.0))).tolist())) == 12
    many = pl.Series(["a"] * 5 + [f"c{number}" for number in range(60)] + [None])
    codes = levels(many)
    assert len(set(codes.tolist())) == 52
    assert codes[-1] not in codes[:-1]
