"""Signs of over-indebtedness: arrears in a row, savings that pay, refinancing; and where the household stands."""

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
DUES = [date(2025, 12, 8) + timedelta(7 * n) for n in range(4)]
AS_OF = datetime(2026, 1, 10)


def her_loan(*payments: dict[str, Any], **more: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {
        "branches": [{"id": "BR", "name": "Puno", "region": "Puno", "rural": True, "opened_on": date(2001, 1, 1)}],
        "groups": [bank("CB", None), group("SG", "CB")],
        "members": [member("M1")],
        "memberships": [stay("1", "M1", "SG")],
        "loans": [loan("L1", "M1", "SG", date(2025, 12, 1))],
        "instalments": [instalment(f"I{n}", "L1", n + 1, due, AGREED) for n, due in enumerate(DUES)],
        "payments": list(payments),
        **more,
    }


def paid(*days_late: int, **more: Any) -> list[dict[str, Any]]:
    return [
        payment(
            f"P{n}",
            "L1",
            datetime.combine(DUES[n] + timedelta(days), datetime.min.time()) + timedelta(hours=12),
            **more,
        )
        for n, days in enumerate(days_late)
    ]


@pytest.mark.parametrize(
    ("days", "expected"),
    [((0, 0, 0, 0), 0.0), ((1, 1, 0, 0), 0.0), ((1, 1, 1, 0), 1.0), ((0, 2, 2, 2), 1.0), ((1, 1, 1, 1), 2.0)],
)
def test_arrears_are_chronic_from_three_periods_in_a_row(
    tmp_path: Path, days: tuple[int, ...], expected: float
) -> None:
    assert asked(written(tmp_path, her_loan(*paid(*days))), "M1", AS_OF)["chronic_arrears_12m"] == expected


def test_periods_still_open_are_late_and_those_ahead_are_not(tmp_path: Path) -> None:
    tables = written(tmp_path, her_loan())
    assert asked(tables, "M1", datetime(2025, 12, 16))["chronic_arrears_12m"] == 0.0
    assert asked(tables, "M1", datetime(2025, 12, 23))["chronic_arrears_12m"] == 1.0
    assert asked(tables, "M1", datetime(2025, 12, 30))["chronic_arrears_12m"] == 2.0


def test_without_a_loan_a_sign_is_missing_and_not_absent(tmp_path: Path) -> None:
    tables = her_loan()
    none = written(tmp_path, {name: tables[name] for name in ("branches", "groups", "members", "memberships")})
    row = asked(none, "M1", AS_OF)
    assert [row[name] for name in ("chronic_arrears_12m", "paid_from_savings_12m", "refinancings_12m")] == [None] * 3


def test_savings_that_pay_count_but_not_for_the_last_instalment(tmp_path: Path) -> None:
    seized = paid(0, 0, 0, 0, payer="savings")
    assert asked(written(tmp_path, her_loan(*seized)), "M1", AS_OF)["paid_from_savings_12m"] == 3.0


def test_relief_is_no_refinancing(tmp_path: Path) -> None:
    events = [
        {
            "id": f"E{n}",
            "loan_id": "L1",
            "kind": "restructured",
            "reason": reason,
            "event_at": datetime(2025, 12, 10 + n),
        }
        for n, reason in enumerate(("distress", "relief", None, "other"))
    ]
    row = found(written(tmp_path, her_loan(loan_events=events)), "M1", AS_OF)
    assert row["refinancings_12m"] == 3.0
    assert row["restructured_24m"] == 1.0


def test_of_sacrifices_a_flag_of_at_most_a_year_is_told_and_never_learnt_from(tmp_path: Path) -> None:
    def flag(name: str, at: datetime, answer: float) -> dict[str, Any]:
        row = {"id": name, "member_id": "M1", "group_id": "SG", "instrument": "sacrifices", "question": "flag"}
        return {**row, "answer": answer, "scale_max": 1.0, "event_at": at, "known_at": at}

    tables = written(
        tmp_path, her_loan(surveys=[flag("S1", datetime(2025, 6, 1), 0.0), flag("S2", datetime(2025, 11, 1), 1.0)])
    )
    assert found(tables, "M1", datetime(2025, 7, 1))["sacrifice_flag"] == 0.0
    assert found(tables, "M1", AS_OF)["sacrifice_flag"] == 1.0
    assert found(tables, "M1", datetime(2026, 12, 1))["sacrifice_flag"] is None
    from tests.unit.features.literal_portfolio import LOCK

    assert LOCK.feature("sacrifice_flag").role == "fact"
