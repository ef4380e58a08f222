import numpy as np
import pytest

from riskscore.errors import InvalidInput
from riskscore.indebtedness import (
    instalment,
    monthly_service,
    periods,
    periods_per_month,
    principal,
    rate_per_period,
    round_down,
)


def test_what_twenty_a_week_pays_for():
    assert principal(20, 0.01, 16, "declining") == pytest.approx(294.36, abs=0.005)
    assert principal(20, 0.01, 16, "flat") == pytest.approx(275.86, abs=0.005)


def test_the_same_rate_costs_more_when_it_is_flat():
    assert instalment(294.36, 0.01, 16, "declining") == pytest.approx(20.0, abs=0.001)
    assert instalment(275.86, 0.01, 16, "flat") == pytest.approx(20.0, abs=0.001)


def test_without_interest_the_principal_is_divided():
    assert instalment(120, 0.0, 12, "declining") == 10.0
    assert instalment(120, 0.0, 12, "flat") == 10.0


def test_columns_at_once():
    found = principal(np.array([20.0, np.nan]), np.array([0.01, 0.01]), np.array([16, 16]), "declining")
    assert found[0] == pytest.approx(294.36, abs=0.005)
    assert np.isnan(found[1])


@pytest.mark.parametrize(
    ("frequency", "per_month"),
    [
        ("weekly", 4.333333),
        ("fortnightly", 2.166667),
        ("twice_a_month", 2.0),
        ("monthly", 1.0),
        ("every_two_months", 0.5),
    ],
)
def test_instalments_a_month(frequency, per_month):
    assert periods_per_month(frequency, 120) == pytest.approx(per_month, abs=1e-6)


def test_twelve_a_week_is_fifty_two_a_month_and_not_forty_eight():
    assert monthly_service(12, "weekly") == pytest.approx(52.00, abs=1e-9)


def test_a_loan_paid_at_maturity_is_spread_over_its_months():
    assert monthly_service(400, "at_maturity", 121.75) == pytest.approx(100.0)
    assert periods(121.75, "at_maturity") == 1


@pytest.mark.parametrize(
    ("term_days", "frequency", "count"),
    [(112, "weekly", 16), (112, "fortnightly", 8), (120, "monthly", 4), (120, "every_two_months", 2), (3, "weekly", 1)],
)
def test_how_many_instalments_a_term_holds(term_days, frequency, count):
    assert periods(term_days, frequency) == count


@pytest.mark.parametrize(
    ("frequency", "rate"),
    [("weekly", 0.007), ("fortnightly", 0.014), ("monthly", 0.0304375), ("at_maturity", 0.09)],
)
def test_three_per_cent_in_thirty_days_in_proportion(frequency, rate):
    assert rate_per_period(0.03, frequency, 90) == pytest.approx(rate)


def test_rounding_down_never_rounds_up():
    assert round_down(286.72, 10) == 280
    assert round_down(279.9999999999, 10) == 280
    assert round_down(279.99, 10) == 270


def test_bimonthly_is_not_a_word():
    with pytest.raises(InvalidInput, match="twice_a_month, monthly, every_two_months"):
        periods_per_month("bimonthly", 120)
    with pytest.raises(InvalidInput, match="flat or declining"):
        instalment(100, 0.01, 10, "compound")
