"""What she owes, a month: loans of the group until they are paid, and debts elsewhere as far as they can be told."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskscore.indebtedness import owed_elsewhere
from tests.unit.features.literal_portfolio import asked, bank, group, instalment, loan, member, payment, stay, written

JAN_10 = datetime(2026, 1, 10)
WEEKLY_25 = pytest.approx(25 * 52 / 12)


def household(**tables: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return M1, with 300 left over in a month, and what else is given."""
    told = datetime(2025, 12, 20)
    budget = {
        "id": "B1",
        "member_id": "M1",
        "business_revenue": "900.00",
        "business_costs": "500.00",
        "other_income": "200.00",
        "household_costs": "300.00",
        "currency": "USD",
        "event_at": told,
        "known_at": told,
    }
    return {
        "branches": [{"id": "BR", "name": "Puno", "region": "Puno", "rural": True, "opened_on": date(2001, 1, 1)}],
        "groups": [bank("CB", None), group("SG", "CB")],
        "members": [member("M1")],
        "memberships": [stay("1", "M1", "SG")],
        "budgets": [budget],
        **tables,
    }


def weekly(name: str, agreed: datetime, first: date, amounts: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Return M1's loan with an instalment a week."""
    dues = [first + timedelta(7 * n) for n in range(len(amounts))]
    return {
        "loans": [loan(name, "M1", "SG", agreed.date())],
        "instalments": [
            instalment(f"{name}-{n}", name, n + 1, due, agreed, amount)
            for n, (due, amount) in enumerate(zip(dues, amounts, strict=True))
        ],
    }


def owed(folder: Path, tables: dict[str, list[dict[str, Any]]], as_of: datetime = JAN_10) -> list[Any]:
    row = asked(written(folder, tables), "M1", as_of)
    return [row[name] for name in ("own_service_now", "own_service_after", "outstanding")]


def test_a_loan_paid_ahead_is_owed_no_more(tmp_path: Path) -> None:
    lent = weekly("L1", datetime(2025, 12, 1), date(2025, 12, 8), ["25.00"] * 10)
    assert owed(tmp_path / "before", household(**lent)) == [WEEKLY_25, WEEKLY_25, 250.0]
    paid = [payment("P1", "L1", datetime(2026, 1, 5, 10), "250.00")]
    assert owed(tmp_path / "after", household(**lent, payments=paid)) == [0.0, 0.0, 0.0]


def test_a_loan_past_its_end_is_owed_until_it_is_paid(tmp_path: Path) -> None:
    lent = {
        "loans": [loan("L1", "M1", "SG", date(2025, 1, 1), frequency="monthly", term_days=31)],
        "instalments": [instalment("I1", "L1", 1, date(2025, 2, 1), datetime(2025, 1, 1), "100.00")],
    }
    portfolio = written(tmp_path / "p", household(**lent))
    row = asked(portfolio, "M1", JAN_10)
    assert (row["own_service_now"], row["own_service_after"], row["outstanding"]) == (100.0, 100.0, 100.0)
    # 100 for it and 60 for the loan asked for, of 300.
    assert row["instalment_to_surplus"] == pytest.approx(160 / 300)


def test_a_loan_renewed_on_time_ends_and_one_with_something_overdue_goes_on(tmp_path: Path) -> None:
    lent = weekly("L1", datetime(2025, 12, 1), date(2025, 12, 15), ["25.00"] * 5)  # the last on 12 January
    on_time = [payment("P1", "L1", datetime(2026, 1, 5, 10), "100.00")]
    assert owed(tmp_path / "a", household(**lent, payments=on_time)) == [WEEKLY_25, 0.0, 25.0]
    behind = [payment("P1", "L1", datetime(2026, 1, 5, 10), "75.00")]
    assert owed(tmp_path / "b", household(**lent, payments=behind)) == [WEEKLY_25, WEEKLY_25, 50.0]


def test_a_small_last_instalment_does_not_stand_for_the_others(tmp_path: Path) -> None:
    lent = weekly("L1", datetime(2025, 12, 1), date(2026, 1, 12), ["25.00"] * 5 + ["5.00"])
    assert owed(tmp_path / "p", household(**lent)) == [WEEKLY_25, WEEKLY_25, 130.0]


def test_two_loans_are_owed_together(tmp_path: Path) -> None:
    first = weekly("L1", datetime(2025, 12, 1), date(2026, 1, 12), ["25.00"] * 5)
    second = weekly("L2", datetime(2025, 12, 15), date(2026, 1, 12), ["12.00"] * 5)
    both = {name: first[name] + second[name] for name in first}
    both["loans"][1]["cycle_no"] = 2
    assert owed(tmp_path / "p", household(**both)) == [pytest.approx(37 * 52 / 12)] * 2 + [185.0]


def test_what_is_due_at_once_is_spread_over_its_months_but_at_least_one(tmp_path: Path) -> None:
    def at_maturity(days: int) -> dict[str, list[dict[str, Any]]]:
        agreed = datetime(2026, 1, 2)
        due = agreed.date() + timedelta(days)
        return {
            "loans": [loan("L1", "M1", "SG", agreed.date(), frequency="at_maturity", term_days=days)],
            "instalments": [instalment("I1", "L1", 1, due, agreed, "120.00")],
        }

    assert owed(tmp_path / "long", household(**at_maturity(120)))[0] == pytest.approx(120 * 30.4375 / 120)
    assert owed(tmp_path / "short", household(**at_maturity(20)))[0] == pytest.approx(120 * 30.4375 / 30)


def elsewhere(name: str, instalment: str, told: datetime = datetime(2026, 1, 2), **more: Any) -> dict[str, Any]:
    """Return a monthly debt outside the group, as M1 declared it."""
    return {
        "id": name,
        "member_id": "M1",
        "lender_kind": "ngo",
        "source": "declared",
        "instalment": instalment,
        "frequency": "monthly",
        "currency": "USD",
        "event_at": told,
        "known_at": told,
        **more,
    }


UNKNOWN = {"frequency": "at_maturity"}  # without the day it ends
IN_BUREAU = {"source": "bureau", "lender_kind": "bank"}


@pytest.mark.parametrize(
    ("debts", "loans", "expected"),
    [
        ([], 0, 0.0),
        ([], 1, None),
        ([], None, None),
        ([elsewhere("D", "40.00")], 1, 40.0),
        ([elsewhere("D", "40.00")], 0, 40.0),
        ([elsewhere("D", "40.00")], 5, None),
        ([elsewhere("D", "40.00")], None, None),
        ([elsewhere("D", "40.00"), elsewhere("U", "30.00", **IN_BUREAU)], 1, 40.0),
        ([elsewhere("D", "20.00"), elsewhere("U", "30.00", **IN_BUREAU)], 1, 30.0),
        ([elsewhere("D", "3000.00", **UNKNOWN), elsewhere("U", "30.00", **IN_BUREAU)], 1, None),
        ([elsewhere("D", "40.00"), elsewhere("U", "3000.00", **IN_BUREAU, **UNKNOWN)], 1, None),
        ([elsewhere("D", "3000.00", **UNKNOWN)], 0, None),
        ([elsewhere("D", "3000.00", **UNKNOWN), elsewhere("E", "40.00")], 2, None),
        ([elsewhere("D", "40.00", ends_on=date(2026, 1, 5))], 0, 0.0),
    ],
)
def test_a_debt_that_cannot_be_told_leaves_what_is_owed_elsewhere_unknown(
    tmp_path: Path, debts: list[dict[str, Any]], loans: int | None, expected: float | None
) -> None:
    """The feature and the scorer follow one rule, each from the facts alone."""
    row = asked(written(tmp_path / "p", household(obligations=debts)), "M1", JAN_10, other_active_loans=loans)
    assert row["outside_service"] == expected
    views = ("declared_service", "declared_count", "bureau_service", "bureau_count")
    facts = [np.nan if row[name] is None else row[name] for name in views]
    found = float(owed_elsewhere(*facts, declared_loans=np.nan if loans is None else loans))
    assert (None if np.isnan(found) else found) == expected
    ratio = None if expected is None else pytest.approx((expected * 1.1 + 60) / 300)
    assert row["instalment_to_surplus"] == ratio


def seen(folder: Path, debts: list[dict[str, Any]], as_of: datetime = JAN_10) -> list[Any]:
    row = asked(written(folder, household(obligations=debts)), "M1", as_of)
    return [row[f"{view}_{what}"] for view in ("declared", "bureau") for what in ("service", "count")]


def test_what_she_declared_ages_out_with_the_budget(tmp_path: Path) -> None:
    debts = [elsewhere("D", "40.00", told=datetime(2025, 7, 1))]
    assert seen(tmp_path / "fresh", debts, datetime(2025, 12, 28)) == [40.0, 1.0, None, None]
    assert seen(tmp_path / "stale", debts, datetime(2025, 12, 28, 1)) == [None] * 4


def test_a_debt_told_again_is_one_debt(tmp_path: Path) -> None:
    renewals = [
        elsewhere("D", amount, told=datetime(2025, month, 1)) for month, amount in ((8, "40.00"), (12, "35.00"))
    ]
    files = [
        elsewhere("U", amount, told=datetime(2025, 12, day), **IN_BUREAU)
        for day, amount in ((1, "50.00"), (30, "45.00"))
    ]
    assert seen(tmp_path / "p", renewals + files) == [35.0, 1.0, 45.0, 1.0]


def month(name: str, told: datetime, first: date, income: str) -> dict[str, Any]:
    """Return a month in which M1 spends 200."""
    row = {"id": name, "member_id": "M1", "month": first, "income": income, "expenses": "200.00", "currency": "USD"}
    return {**row, "event_at": told, "known_at": told}


def test_a_month_is_short_by_the_newest_form_that_tells_it(tmp_path: Path) -> None:
    september, january = datetime(2025, 9, 1), datetime(2026, 1, 5)
    february, march, april = (date(2026, number, 1) for number in (2, 3, 4))
    forms = [
        month("S2", september, february, "100.00"),
        month("S3", september, march, "300.00"),
        month("S4", september, april, "100.00"),
        month("J2", january, february, "300.00"),
        month("J3", january, march, "100.00"),
    ]
    portfolio = written(tmp_path / "p", household(budget_months=forms))
    counted = [
        [asked(portfolio, "M1", at)[name] for name in ("months_told", "months_short", "months_short_ahead")]
        for at in (datetime(2026, 1, 4), JAN_10, datetime(2026, 3, 10), datetime(2026, 8, 1))
    ]
    # February and April by September's form; then March and April. In March only April
    # lies ahead, and that was told too long ago.
    assert counted == [[3.0, 2.0, 2.0], [3.0, 2.0, 2.0], [0.0, 0.0, None], [0.0, 0.0, None]]
