"""Traps of joint liability: each is a wrong answer that looks right."""

import numpy as np
import pytest

from riskscore.errors import InvalidInput
from riskscore.liability import (
    AssetShares,
    DefaultCorrelations,
    Estimate,
    at_least,
    bear,
    beta_binomial,
    binomial,
    default_correlation,
    draw_worlds,
    group_pd,
    severity,
    vasicek,
)

ASSET, DEFAULT = 0.30, 0.0976


def test_trap_18_asset_correlation_is_not_passed_off_as_default_correlation():
    assert default_correlation(0.05, ASSET) == pytest.approx(DEFAULT, abs=6e-5)
    right, wrong = beta_binomial(5, 0.05, DEFAULT), beta_binomial(5, 0.05, ASSET)
    # The chance of three falls or more nearly triples where the one is taken for the other.
    assert at_least(vasicek(5, 0.05, ASSET), 3) == pytest.approx(at_least(right, 3), rel=0.1)
    assert at_least(wrong, 3) > 2.5 * at_least(right, 3)


def test_trap_18_what_is_estimated_cannot_be_drawn_from():
    one = Estimate(DEFAULT, 0.08, 0.12, 0.90, 100)
    estimated = DefaultCorrelations(of_all=one, in_bank=one, in_group=one)
    members = np.full(5, 0.05), np.zeros(5, dtype=np.int64)
    with pytest.raises(InvalidInput, match="DefaultCorrelations is no share of hidden fortunes"):
        draw_worlds(*members, shares=estimated, q=0.0, draws=10, seed=1)
    with pytest.raises(InvalidInput, match="float is no share of hidden fortunes"):
        draw_worlds(*members, shares=DEFAULT, q=0.0, draws=10, seed=1)
    assert draw_worlds(*members, shares=AssetShares(0.1, 0.1, 0.1), q=0.0, draws=10, seed=1).shape == (10, 5)


def test_trap_3_what_the_group_paid_is_her_loss_and_the_groups():
    # She paid 60 of 100, her group the other 40: the lender saw every cent.
    assert severity([100.0], [60.0], cluster=["a"]).value == pytest.approx(0.40)
    fell = np.array([[True, False, False]])
    ones = np.ones(3)
    found = bear(
        fell,
        np.zeros(3, dtype=np.int64),
        loan=100 * ones,
        severity=0.40,
        savings=10 * ones,
        spare=20 * ones,
        fund=0.0,
        stops_above=10.0,
    )
    assert found.falls.tolist() == [1]
    assert (found.loss[0], found.by_savings[0], found.by_group[0], found.by_lender[0]) == (40.0, 10.0, 30.0, 0.0)


def test_a_communal_bank_is_not_bad_because_one_member_falls():
    someone = at_least(binomial(5, 0.05), 1)
    assert someone == pytest.approx(1 - 0.95**5)
    assert group_pd(binomial(5, 0.05), loan=1, savings=0.5, spare=0.25) < someone / 9
