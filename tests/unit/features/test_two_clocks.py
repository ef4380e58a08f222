"""What was known when: reversals, back-dating, rewritten schedules, budgets filled in again, facts that age out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.features.literal_portfolio import (
    asked,
    bank,
    found,
    group,
    instalment,
    loan,
    member,
    payment,
    stay,
    written,
)

AGREED = datetime(2025, 12, 1)
PAID_AHEAD = payment("P1", "L1", datetime(2025, 12, 8, 10), "100.00")


def her_loan(**more: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return M1's loan with weekly instalments due 8, 15, 22 and 29 December 2025."""
    dues = [date(2025, 12, day) for day in (8, 15, 22, 29)]
    return {
        "branches": [{"id": "BR", "name": "Puno", "region": "Puno", "rural": True, "opened_on": date(2001, 1, 1)}],
        "groups": [bank("CB", None), group("SG", "CB")],
        "members": [member("M1")],
        "memberships": [stay("1", "M1", "SG")],
        "loans": [loan("L1", "M1", "SG", date(2025, 12, 1))],
        "instalments": [instalment(f"I{n}", "L1", n + 1, due, AGREED) for n, due in enumerate(dues)],
        **more,
    }


def delay(folder: Path, tables: dict[str, list[dict[str, Any]]], as_of: datetime) -> float | None:
    return found(written(folder, tables), "M1", as_of)["worst_delay_last_cycle"]


def test_a_payment_existed_until_it_was_reversed(tmp_path: Path) -> None:
    paid = payment("P1", "L1", datetime(2025, 12, 8, 10))
    undone = paid | {"reversed": True, "event_at": datetime(2025, 12, 12), "known_at": datetime(2025, 12, 12)}
    tables = her_loan(payments=[paid, undone])
    assert delay(tmp_path / "a", tables, datetime(2025, 12, 11)) == 0.0
    assert delay(tmp_path / "b", tables, datetime(2025, 12, 13)) == 5.0


def test_a_back_dated_payment_changes_nothing_before_it_was_entered(tmp_path: Path) -> None:
    late_entry = payment("P1", "L1", datetime(2025, 12, 8, 10), known_at=datetime(2025, 12, 14, 9))
    tables = her_loan(payments=[late_entry])
    assert delay(tmp_path / "a", tables, datetime(2025, 12, 13)) == 5.0
    assert delay(tmp_path / "b", tables, datetime(2025, 12, 15)) == 0.0


def test_a_rewritten_schedule_keeps_its_first_form_for_what_had_passed(tmp_path: Path) -> None:
    rewritten = datetime(2025, 12, 20)
    moved = [instalment(f"I{n}", "L1", n + 1, date(2026, 1, 5 + 7 * n), rewritten) for n in range(4)]
    distress = {"id": "E1", "loan_id": "L1", "kind": "restructured", "reason": "distress", "event_at": rewritten}
    tables = her_loan(loan_events=[distress])
    tables["instalments"] += moved
    # The instalments of 8 and 15 December had fallen due; arrears do not vanish on the day the schedule is rewritten.
    assert delay(tmp_path / "a", tables, datetime(2025, 12, 20)) == 12.0
    assert delay(tmp_path / "b", tables, datetime(2025, 12, 21)) == 13.0
    # Those of the 22nd and 29th lay ahead and moved.
    row = found(written(tmp_path / "c", tables), "M1", datetime(2026, 1, 4))
    assert row["late_share_3_cycles"] == 1.0
    assert row["restructured_24m"] == 1.0


def test_relief_moves_what_had_passed_and_is_no_event_against_her(tmp_path: Path) -> None:
    rewritten = datetime(2025, 12, 20)
    moved = [instalment(f"I{n}", "L1", n + 1, date(2026, 1, 5 + 7 * n), rewritten) for n in range(4)]
    relief = {"id": "E1", "loan_id": "L1", "kind": "restructured", "reason": "relief", "event_at": rewritten}
    tables = her_loan(loan_events=[relief])
    tables["instalments"] += moved
    row = found(written(tmp_path / "a", tables), "M1", datetime(2026, 1, 4))
    assert (row["worst_delay_last_cycle"], row["restructured_24m"]) == (None, 0.0)


def budget(name: str, at: datetime, revenue: str) -> dict[str, Any]:
    row = {"id": name, "member_id": "M1", "business_revenue": revenue, "business_costs": "500.00", "currency": "USD"}
    return {**row, "other_income": "200.00", "household_costs": "300.00", "event_at": at, "known_at": at}


def test_a_budget_filled_in_again_does_not_overwrite_the_old_one(tmp_path: Path) -> None:
    tables = her_loan(
        budgets=[budget("B1", datetime(2025, 11, 1), "900.00"), budget("B2", datetime(2026, 1, 20), "700.00")]
    )
    portfolio = written(tmp_path / "p", tables)
    seen = [asked(portfolio, "M1", at)["surplus"] for at in (datetime(2025, 12, 1), datetime(2026, 1, 20, 1))]
    assert seen == [300.0, 100.0]


def test_a_budget_ages_out_after_180_days_and_its_age_stays_known(tmp_path: Path) -> None:
    told = datetime(2025, 7, 1)
    tables = her_loan(budgets=[budget("B1", told, "900.00")], payments=[PAID_AHEAD])
    portfolio = written(tmp_path / "p", tables)
    fresh, stale = (asked(portfolio, "M1", told + timedelta(days=n)) for n in (180, 181))
    assert (fresh["surplus"], stale["surplus"]) == (300.0, None)
    assert (fresh["instalment_to_surplus"], stale["instalment_to_surplus"]) == (0.2, None)
    assert stale["budget_months_old"] == pytest.approx(181 / 30.4375)


def report(name: str, compiled: datetime, published: datetime, **more: Any) -> dict[str, Any]:
    row = {"id": name, "member_id": "M1", "covers_until": compiled.date(), "currency": "USD"}
    return {**row, "published_on": published.date(), "event_at": compiled, "known_at": published, **more}


def test_a_bureau_report_is_used_from_its_publication_for_60_days(tmp_path: Path) -> None:
    compiled, published = datetime(2025, 9, 30), datetime(2025, 11, 10)
    tables = her_loan(bureau_reports=[report("R1", compiled, published, lenders=2, worst_category=1, inquiries_3m=3)])
    portfolio = written(tmp_path / "p", tables)
    moments = [published + timedelta(days=days) for days in (-0.1, 1, 60, 60.5, 61)]
    early, fresh, last, over, stale = (asked(portfolio, "M1", moment) for moment in moments)
    assert [row["bureau_lenders"] for row in (early, fresh, last, over, stale)] == [None, 2.0, 2.0, None, None]
    assert [row["bureau_missing"] for row in (early, fresh, last, over, stale)] == [1.0, 0.0, 0.0, 1.0, 1.0]
    assert stale["bureau_worst_category_12m"] == 1.0
    assert stale["bureau_months_old"] == pytest.approx(61 / 30.4375)


def test_a_correction_does_not_make_an_old_report_fresh(tmp_path: Path) -> None:
    published = datetime(2025, 6, 20)  # 204 days before 10 January
    told = report("R1", datetime(2025, 5, 31), published, lenders=2, balance="400.00")
    corrected = told | {"lenders": 3, "balance": "450.00", "known_at": datetime(2025, 12, 20)}
    portfolio = written(tmp_path / "p", her_loan(bureau_reports=[told, corrected]))
    row = asked(portfolio, "M1", datetime(2026, 1, 10))
    assert (row["bureau_lenders"], row["bureau_balance"], row["bureau_missing"]) == (None, None, 1.0)
    assert row["bureau_balance_6m_ago"] == 450.0
    assert row["bureau_months_old"] == pytest.approx(204 / 30.4375)


def test_growth_of_debt_is_from_the_report_half_a_year_before(tmp_path: Path) -> None:
    reports = [
        report(f"R{n}", at - timedelta(days=35), at, balance=balance, lenders=1)
        for n, (at, balance) in enumerate(
            [
                (datetime(2025, 6, 20), "400.00"),  # 204 days before
                (datetime(2025, 8, 20), "900.00"),  # 143 days before: too young for half a year ago
                (datetime(2025, 12, 20), "500.00"),
            ]
        )
    ]
    row = asked(written(tmp_path / "p", her_loan(bureau_reports=reports)), "M1", datetime(2026, 1, 10))
    assert row["bureau_debt_growth_6m"] == 0.25


def test_debts_to_the_groups_fund_count_in_what_she_owes(tmp_path: Path) -> None:
    taken = {
        "id": "F1",
        "member_id": "M1",
        "group_id": "CB",
        "amount": "60.00",
        "balance": "60.00",
        "currency": "USD",
        "disbursed_on": date(2025, 12, 10),
        "due_on": date(2025, 12, 31),
        "instalment": "12.00",
        "frequency": "weekly",
        "event_at": datetime(2025, 12, 10),
    }
    half = taken | {"balance": "24.00", "event_at": datetime(2026, 1, 6), "known_at": datetime(2026, 1, 6)}
    gone = half | {
        "balance": "0.00",
        "repaid_on": date(2026, 1, 12),
        "event_at": datetime(2026, 1, 12),
        "known_at": datetime(2026, 1, 12),
    }
    tables = her_loan(
        internal_loans=[taken, half, gone],
        budgets=[budget("B1", datetime(2025, 12, 1, 1), "900.00")],
        payments=[
            payment("P1", "L1", datetime(2025, 12, 8, 10)),
            payment("P2", "L1", datetime(2025, 12, 29, 10), "75.00"),
        ],
    )
    portfolio = written(tmp_path / "p", tables)
    before, during, after = (asked(portfolio, "M1", datetime(2026, 1, day)) for day in (5, 8, 20))
    assert [row["fund_balance"] for row in (before, during, after)] == [60.0, 24.0, 0.0]
    assert [row["fund_balance_to_amount"] for row in (before, during, after)] == [0.3, 0.12, 0.0]
    assert [row["fund_worst_delay_2_cycles"] for row in (before, during, after)] == [5.0, 8.0, 12.0]
    # The payment of 29 December settled what was due on the 15th; the loan was taken more than a week before.
    assert [row["loans_to_repay_12m"] for row in (before, during, after)] == [0.0, 0.0, 0.0]
    # 52 a month to the fund and 60 for this loan, of a surplus of 300.
    assert during["instalment_to_surplus"] == pytest.approx(112 / 300)
    assert after["instalment_to_surplus"] == pytest.approx(60 / 300)


def test_the_bad_season_takes_a_fifth_of_the_margin(tmp_path: Path) -> None:
    tables = her_loan(budgets=[budget("B1", datetime(2025, 12, 1, 1), "900.00")], payments=[PAID_AHEAD])
    portfolio = written(tmp_path / "p", tables)
    row = asked(portfolio, "M1", datetime(2026, 1, 10))
    assert row["instalment_to_surplus_bad_season"] == pytest.approx(60 / (300 - 80))
    assert row["income_concentration"] == pytest.approx(400 / 600)


def test_prices_now_a_quarter_and_a_year_ago(tmp_path: Path) -> None:
    def price(name: str, on: date, value: float) -> dict[str, Any]:
        at = datetime(on.year, on.month, on.day)
        row = {"id": name, "sector_id": "cacao", "market": "farm gate", "unit": "kg", "price": value, "currency": "PEN"}
        return {**row, "observed_on": on, "event_at": at, "known_at": at + timedelta(days=2)}

    prices = [
        price("Q1", date(2024, 12, 31), 10.0),
        price("Q2", date(2025, 9, 30), 16.0),
        price("Q3", date(2025, 12, 31), 12.0),
        price("Q4", date(2026, 1, 9), 99.0),  # published after the moment
    ]
    sector = {"id": "cacao", "name": "Cacao", "agricultural": True, "lean_months": ""}
    tables = her_loan(sectors=[sector], sector_prices=prices, members=[member("M1", sector_id="cacao")])
    row = asked(written(tmp_path / "p", tables), "M1", datetime(2026, 1, 10))
    assert row["price_change_3m"] == pytest.approx(12 / 16 - 1)
    assert row["price_change_12m"] == pytest.approx(12 / 10 - 1)
    assert row["price_range_12m"] == pytest.approx(16 / 12 - 1)


def test_the_pacific_is_heard_three_months_later_and_only_where_it_reaches(tmp_path: Path) -> None:
    def index(name: str, ends: date, value: float) -> dict[str, Any]:
        at = datetime(ends.year, ends.month, ends.day)
        row = {"id": name, "indicator": "oni", "period_ends_on": ends, "value": value}
        return {**row, "event_at": at, "known_at": at + timedelta(days=10)}

    tables = her_loan(climate=[index("C1", date(2025, 9, 30), 1.4), index("C2", date(2025, 11, 30), 2.1)])
    for exposed, expected in ((True, 1.4), (False, 0.0)):
        tables["regions"] = [{"id": "Puno", "el_nino_exposed": exposed}]
        row = asked(written(tmp_path / str(exposed), tables), "M1", datetime(2026, 1, 10))
        assert row["oni_where_exposed"] == expected
    tables["regions"] = []
    assert asked(written(tmp_path / "none", tables), "M1", datetime(2026, 1, 10))["oni_where_exposed"] is None
