"""The level by credibility, and whether its interval holds what it says where loans share a bank and a season."""

from datetime import datetime

import numpy as np
import polars as pl
import pytest
from scipy.special import logit, ndtri

from riskscore.modelling.communal_bank.level import Belief, corrected_level, repetition, seasons

STRANGERS = Belief(cases=200, bank_correlation=0.0, season_correlation=0.0)
BELIEF = Belief(cases=200, bank_correlation=0.05, season_correlation=0.01)


def test_the_level_by_credibility():
    log_odds, banks, season = np.full(200, np.log(0.01 / 0.99)), np.arange(200), np.arange(200)
    bad = np.zeros(200)
    found = corrected_level(log_odds, bad, banks, season, STRANGERS)
    assert (found.prior_share, found.mean) == pytest.approx((0.5, 0.005))
    bad[:10] = 1.0
    found = corrected_level(log_odds, bad, banks, season, STRANGERS)
    assert found.mean == pytest.approx(0.5 * 0.05 + 0.5 * 0.01)
    assert found.shift_low < found.shift < found.shift_high


def test_half_years_are_seasons():
    days = [datetime(2024, 6, 30), datetime(2024, 7, 1), datetime(2024, 12, 31), datetime(2025, 1, 1)]
    assert seasons(pl.Series(days)).tolist() == [4048, 4049, 4049, 4050]


def test_loans_of_one_bank_and_of_one_season_repeat_one_another():
    # Four loans of two banks in two seasons: each shares a bank with one other, and a season with the other bank's.
    bank, season = np.array([1, 1, 2, 2]), np.array([1, 2, 1, 2])
    none = np.zeros(4)
    assert repetition(none, bank, season, BELIEF) == pytest.approx(1 + 0.05 + 0.01)
    # Both loans of a bank in one season are the bank's pair, and not the season's too.
    assert repetition(none, bank, np.array([1, 1, 2, 2]), BELIEF) == pytest.approx(1 + 0.05)
    # One bank had both bads: within a bank outcomes agree wholly, between banks of a season they never do.
    assert repetition(np.array([1.0, 1.0, 0.0, 0.0]), bank, season, BELIEF) == pytest.approx(1 + 1.0 + 0.01)


def test_no_bad_at_all_still_leaves_an_interval_wider_than_strangers_would():
    bad, season = np.zeros(600), np.repeat(np.arange(6), 100)
    log_odds, banks = np.full(600, logit(0.02)), np.tile(np.arange(150), 4)
    shared, alone = (corrected_level(log_odds, bad, banks, season, one) for one in (BELIEF, STRANGERS))
    assert shared.effective < 350 < alone.effective == 600
    assert shared.low > 0.0
    assert shared.high > 1.5 * alone.high


@pytest.mark.slow
@pytest.mark.parametrize(
    ("of_bank", "of_season", "least"), [(0.0, 0.0, 0.88), (0.3, 0.0, 0.88), (0.2, 0.1, 0.88), (0.3, 0.2, 0.84)]
)
def test_the_interval_holds_the_level_where_banks_and_seasons_are_shared(of_bank, of_season, least):
    """570 loans of 150 banks in 7 half-years, the true level drawn from what the structure believes.

    `of_bank` and `of_season` are shares of hidden fortune; the last case is a season harsher than is assumed.
    """
    rng = np.random.default_rng(5)
    held, alone = [], []
    for _ in range(400):
        level = rng.beta(200 * 0.025, 200 * 0.975)
        bank, season = rng.integers(0, 150, 570), rng.integers(0, 7, 570)
        fortune = np.sqrt(of_bank) * rng.standard_normal(150)[bank]
        fortune += np.sqrt(of_season) * rng.standard_normal(7)[season]
        fortune += np.sqrt(1 - of_bank - of_season) * rng.standard_normal(570)
        bad = (fortune < ndtri(level)).astype(float)
        for belief, told in ((BELIEF, held), (STRANGERS, alone)):
            found = corrected_level(np.full(570, logit(0.025)), bad, bank, season, belief)
            told.append(found.low <= level <= found.high)
    assert np.mean(held) >= least
    assert np.mean(alone) < np.mean(held)
