import pytest

from riskscore.errors import InvalidInput
from riskscore.indebtedness import cash_balance


def test_a_year_that_balances_can_run_dry_before_its_harvest():
    found = cash_balance([0, 0, 0, 600], [60, 60, 60, 60], [40, 40, 40, 40], opening=150)
    assert found.balances == (50.0, -50.0, -150.0, 350.0)
    assert found.lowest == -150.0
    assert found.dry_months == (2, 3)


def test_without_known_savings_the_year_opens_at_nothing():
    assert cash_balance([100], [40], [60]).balances == (0.0,)
    assert cash_balance([100], [40], [60]).dry_months == ()


@pytest.mark.parametrize("income", [[], [1.0, 2.0], [float("nan")]])
def test_a_missing_month_is_not_a_month_of_nothing(income):
    with pytest.raises(InvalidInput):
        cash_balance(income, [1.0], [1.0])
