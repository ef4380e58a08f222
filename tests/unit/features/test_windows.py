"""What a window must not hide: an instalment that was open inside it, whenever it fell due."""

from __future__ import annotations

from datetime import date, datetime
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

JAN_10 = datetime(2026, 1, 10)
NAMES = ("worst_delay_180d", "late_share_8_weeks")


def neighbours(*payments: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return M1 and M2 of one group; M1 owes 100 since 1 February 2025 but for `payments`."""
    return {
        "branches": [{"id": "BR", "name": "Puno", "region": "Puno", "rural": True, "opened_on": date(2001, 1, 1)}],
        "groups": [bank("CB", None), group("SG", "CB")],
        "members": [member("M1"), member("M2")],
        "memberships": [stay("1", "M1", "SG"), stay("2", "M2", "SG")],
        "loans": [loan("L1", "M1", "SG", date(2025, 1, 1), frequency="monthly")],
        "instalments": [instalment("I1", "L1", 1, date(2025, 2, 1), datetime(2025, 1, 1), "100.00")],
        "payments": list(payments),
    }


@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        ([], [343.0, 1.0]),
        # Inside both windows; inside the longer; before both.
        ([datetime(2025, 12, 20, 9)], [322.0, 1.0]),
        ([datetime(2025, 9, 1, 9)], [212.0, None]),
        ([datetime(2025, 6, 1, 9)], [None, None]),
    ],
)
def test_an_old_debt_counts_while_it_is_open(
    tmp_path: Path, paid: list[datetime], expected: list[float | None]
) -> None:
    payments = [payment(f"P{n}", "L1", at, "100.00") for n, at in enumerate(paid)]
    portfolio = written(tmp_path / "p", neighbours(*payments))
    row = found(portfolio, "M1", JAN_10)
    assert [row[name] for name in NAMES] == expected
    assert asked(portfolio, "M2", JAN_10)["peer_late_share_8_weeks"] == expected[1]


def test_what_fell_due_inside_the_window_counts_though_it_was_paid_before(tmp_path: Path) -> None:
    tables = neighbours(payment("P1", "L1", datetime(2025, 1, 20, 9), "100.00"))
    row = found(written(tmp_path / "p", tables), "M1", datetime(2025, 3, 1))
    assert [row[name] for name in NAMES] == [0.0, 0.0]
    row = found(written(tmp_path / "q", tables), "M1", datetime(2025, 4, 1))
    assert [row[name] for name in NAMES] == [0.0, None]
