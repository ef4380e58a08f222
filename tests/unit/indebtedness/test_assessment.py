import math

import numpy as np
import pytest

from riskscore.errors import InvalidInput
from riskscore.indebtedness import (
    LEVELS,
    Budget,
    Columns,
    Cover,
    Debts,
    PolicyNumbers,
    Terms,
    assess,
    assess_columns,
    monthly_service,
    peers_cover,
)

WEEKS_16 = 112
#: 1 % a week, as a rate per 30 days.
ONE_A_WEEK = 0.01 * 30 / 7
BUDGET = Budget(business_revenue=900, business_costs=500, other_income=200, household_costs=300)
OWN = float(monthly_service(20, "weekly"))
OUTSIDE = 60.0 + float(monthly_service(25, "fortnightly"))
DEBTS = Debts(own_now=OWN, own_after=0.0, outside=OUTSIDE)
NUMBERS = PolicyNumbers(cap=0.70, haircut=0.10, shock=0.20)
#: The principal whose instalment is 20 a week.
TERMS = Terms(294.357475, WEEKS_16, "weekly", ONE_A_WEEK, "declining", amount_step=10)


def test_the_golden_chain():
    found = assess(BUDGET, DEBTS, TERMS, NUMBERS, peers_cover(0.05, [300.0] * 4, [30.0] * 4, term_months=4))
    assert pytest.approx(86.67, abs=0.005) == OWN
    assert pytest.approx(114.17, abs=0.005) == OUTSIDE
    assert found.surplus == 300
    assert found.instalment == pytest.approx(20.0, abs=1e-5)
    assert found.service_now == pytest.approx(212.25, abs=1e-4)
    assert found.nii_now == pytest.approx(0.7075, abs=1e-6)
    assert found.nii_post == pytest.approx(0.7075, abs=1e-6)
    assert found.headroom == pytest.approx(84.4167, abs=5e-5)
    assert found.headroom / (52 / 12) == pytest.approx(19.4808, abs=5e-5)
    assert found.largest_amount == 280
    assert found.nii_stress == pytest.approx(0.9648, abs=5e-5)
    assert found.nii_stress_with_cover == pytest.approx(0.9801, abs=5e-5)
    assert found.nii_stress_one_stops == pytest.approx((212.25 + 16.875) / 220, abs=1e-6)
    assert (found.level, found.level_now) == ("SOLVENT", "SOLVENT")
    assert found.above_cap is True
    assert found.missing == ()


def test_before_rounding_the_largest_amount_is_286_72():
    fine = Terms(280, WEEKS_16, "weekly", ONE_A_WEEK, "declining", amount_step=0.001)
    assert assess(BUDGET, DEBTS, fine, NUMBERS).largest_amount == pytest.approx(286.72, abs=0.005)


def test_the_loan_being_renewed_is_not_counted_twice():
    twice = Debts(own_now=OWN, own_after=OWN, outside=OUTSIDE)
    assert assess(BUDGET, twice, TERMS, NUMBERS).nii_post == pytest.approx(0.9964, abs=1e-4)


def test_the_haircut_touches_debts_elsewhere_only():
    only_own = assess(BUDGET, Debts(own_now=90, own_after=90, outside=0), TERMS, NUMBERS)
    only_outside = assess(BUDGET, Debts(own_now=0, own_after=0, outside=90), TERMS, NUMBERS)
    assert only_own.service_now == pytest.approx(90.0)
    assert only_outside.service_now == pytest.approx(99.0)


@pytest.mark.parametrize("name", ["business_revenue", "business_costs", "other_income", "household_costs"])
def test_a_missing_part_of_the_budget_is_unknown_and_never_zero(name):
    budget = Budget(**{**{f: getattr(BUDGET, f) for f in BUDGET.__dataclass_fields__}, name: None})
    found = assess(budget, DEBTS, TERMS, NUMBERS)
    assert (found.level, found.level_now) == ("UNKNOWN", "UNKNOWN")
    assert (found.nii_post, found.headroom, found.largest_amount, found.above_cap) == (None, None, None, None)
    assert found.missing == (name,)


def test_unknown_debts_elsewhere_are_unknown():
    found = assess(BUDGET, Debts(own_now=0, own_after=0, outside=None), TERMS, NUMBERS)
    assert found.level == "UNKNOWN"
    assert found.missing == ("outside",)


def test_debt_on_no_surplus_is_over_indebted():
    found = assess(Budget(300, 300, 0, 100), DEBTS, TERMS, NUMBERS)
    assert math.isinf(found.nii_post)
    assert (found.level, found.headroom, found.largest_amount) == ("OVER_INDEBTED", 0.0, 0.0)


@pytest.mark.parametrize("budget", [BUDGET, Budget(300, 300, 0, 100), Budget(None, None, None, None)])
def test_no_service_is_no_debt_whatever_the_income(budget):
    found = assess(budget, Debts(0, 0, 0), TERMS, NUMBERS)
    assert found.level_now == "NO_DEBT"
    assert found.nii_now == 0.0


@pytest.mark.parametrize(
    ("service", "level"),
    [(225.0, "SOLVENT"), (225.01, "AT_RISK"), (300.0, "AT_RISK"), (300.01, "OVER_INDEBTED")],
)
def test_bands_are_closed_above(service, level):
    assert assess(BUDGET, Debts(service, 0, 0), TERMS, NUMBERS).level_now == level


def test_at_the_cap_is_not_above_it():
    flat = Terms(210.0, 30.4375, "monthly", 0.0, "flat")
    assert assess(BUDGET, Debts(0, 0, 0), flat, NUMBERS).nii_post == pytest.approx(0.70)
    assert assess(BUDGET, Debts(0, 0, 0), flat, NUMBERS).above_cap is False


def test_a_loss_making_business_does_worse_in_a_bad_season():
    found = assess(Budget(400, 500, 600, 200), Debts(0, 0, 0), TERMS, NUMBERS)
    assert found.surplus == 300
    assert found.nii_stress == pytest.approx(float(monthly_service(20, "weekly")) / 280, abs=1e-6)


def test_a_column_equals_each_household_alone():
    def column(*values):
        return np.array(values, dtype=float)

    many = assess_columns(
        Columns(
            column(900, np.nan, 300),
            column(500, 500, 300),
            column(200, 200, 0),
            column(300, 300, 100),
            column(OWN, 0, OWN),
            column(0, 0, 0),
            column(OUTSIDE, 0, OUTSIDE),
            column(290, 300, 310),
            column(3.375, 0, 0),
            column(16.875, 0, 0),
        ),
        TERMS,
        NUMBERS,
    )
    first = assess(
        BUDGET, DEBTS, Terms(290, WEEKS_16, "weekly", ONE_A_WEEK, "declining"), NUMBERS, Cover(3.375, 16.875)
    )
    assert [LEVELS[code] for code in many.level] == ["SOLVENT", "UNKNOWN", "OVER_INDEBTED"]
    for name in ("nii_now", "nii_post", "nii_stress", "nii_stress_with_cover", "headroom", "largest_amount"):
        assert getattr(many, name)[0] == getattr(first, name)
        assert np.isnan(getattr(many, name)[1]) == (name != "nii_now")


def test_what_neighbours_may_ask():
    assert peers_cover(0.05, [300.0] * 4, [30.0] * 4, term_months=4) == Cover(expected=3.375, one_stops=16.875)
    assert peers_cover([0.1, 0.0], [300.0, 100.0], [30.0, 200.0], term_months=3) == Cover(
        expected=pytest.approx(27.0 / 6), one_stops=pytest.approx(135.0 / 6)
    )
    assert peers_cover(0.05, [], [], term_months=4) == Cover(0.0, 0.0)


def test_faults_come_together():
    with pytest.raises(InvalidInput) as error:
        assess(Budget(-1, 500, 200, 300), Debts(0, -5, 0), TERMS, NUMBERS)
    assert [fault.where for fault in error.value.faults] == ["business_revenue", "own_after"]
    with pytest.raises(InvalidInput) as error:
        Terms(-1, 0, "daily", -0.1, "simple", 0)
    assert len(error.value.faults) == 6
    with pytest.raises(InvalidInput) as error:
        PolicyNumbers(cap=0, haircut=-1, shock=2, at_risk_above=1.2)
    assert len(error.value.faults) == 4
    with pytest.raises(InvalidInput) as error:
        peers_cover(1.5, [1.0, 2.0], [1.0], term_months=0)
    assert len(error.value.faults) == 3
