import math

from hypothesis import given
from hypothesis import strategies as st

from riskscore.frequency import PERIODS_PER_MONTH
from riskscore.indebtedness import (
    Budget,
    Debts,
    PolicyNumbers,
    Terms,
    assess,
    instalment,
    monthly_service,
    principal,
)

money = st.floats(0, 5_000).map(lambda value: round(value, 2))
rates = st.floats(0, 0.1)
methods = st.sampled_from(["flat", "declining"])
budgets = st.builds(Budget, money, money, money, money)
debts = st.builds(Debts, money, money, money)
terms = st.builds(
    Terms,
    st.floats(10, 5_000),
    st.integers(30, 365).map(float),
    st.sampled_from([*PERIODS_PER_MONTH, "at_maturity"]),
    rates,
    methods,
    st.just(10.0),
)
numbers = PolicyNumbers()


@given(st.floats(1, 10_000), rates, st.integers(1, 60), methods)
def test_principal_is_the_inverse_of_instalment(amount, rate, n, method):
    assert math.isclose(float(principal(instalment(amount, rate, n, method), rate, n, method)), amount, rel_tol=1e-9)


@given(st.floats(1, 10_000), rates, st.integers(1, 60), methods)
def test_instalments_repay_at_least_the_principal(amount, rate, n, method):
    assert float(instalment(amount, rate, n, method)) * n >= amount * (1 - 1e-9)


@given(budgets, debts, terms, st.floats(1, 1_000))
def test_more_debt_never_looks_better(budget, owed, loan, extra):
    more = Debts(owed.own_now + extra, owed.own_after + extra, owed.outside + extra)
    before, after = assess(budget, owed, loan, numbers), assess(budget, more, loan, numbers)
    for name in ("nii_now", "nii_post", "nii_stress"):
        assert getattr(after, name) >= getattr(before, name)
    assert after.headroom <= before.headroom
    assert after.largest_amount <= before.largest_amount


@given(budgets, debts, terms)
def test_the_largest_amount_fits_under_the_cap_and_one_step_more_does_not(budget, owed, loan):
    found = assess(budget, owed, loan, numbers)

    def asked(amount):
        return assess(
            budget,
            owed,
            Terms(amount, loan.term_days, loan.frequency, loan.rate_per_30_days, loan.method, loan.amount_step),
            numbers,
        )

    if found.headroom > 0:
        assert asked(found.largest_amount).above_cap is False
    assert asked(found.largest_amount + 2 * loan.amount_step).above_cap is True


@given(budgets, debts, terms)
def test_a_bad_season_is_never_kinder(budget, owed, loan):
    found = assess(budget, owed, loan, numbers)
    assert found.nii_stress >= found.nii_post


@given(budgets, debts, terms, st.sampled_from([0.1, 10.0, 3.75]))
def test_the_index_has_no_currency(budget, owed, loan, exchange):
    """Every amount in another currency moves no index, and moves the headroom by the exchange rate."""
    other = assess(
        Budget(*(getattr(budget, name) * exchange for name in budget.__dataclass_fields__)),
        Debts(owed.own_now * exchange, owed.own_after * exchange, owed.outside * exchange),
        Terms(loan.amount * exchange, loan.term_days, loan.frequency, loan.rate_per_30_days, loan.method),
        numbers,
    )
    found = assess(budget, owed, loan, numbers)
    if found.surplus is not None and abs(found.surplus) > 1e-6:
        assert math.isclose(other.nii_post, found.nii_post, rel_tol=1e-6) or math.isinf(found.nii_post)
        assert math.isclose(other.headroom, found.headroom * exchange, rel_tol=1e-6, abs_tol=1e-6)


@given(st.floats(0.5, 500), st.sampled_from(list(PERIODS_PER_MONTH)))
def test_a_year_of_months_is_a_year_of_instalments(each, frequency):
    in_a_year = {"weekly": 52, "fortnightly": 26, "twice_a_month": 24, "monthly": 12, "every_two_months": 6}
    assert math.isclose(12 * float(monthly_service(each, frequency)), in_a_year[frequency] * each)
