"""A small institution to change: one communal bank of one solidarity group, one member, one loan."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from riskscore.portfolio import TABLES, Column, Portfolio, write_portfolio
from riskscore.portfolio.kinds import POLARS

START = datetime(2026, 1, 1)


def rows(name: str, *given: dict[str, Any]) -> pl.DataFrame:
    """Return rows of a table; what is not given is missing, and the clocks stand at the start."""
    stamped = [{"event_at": START, "known_at": row.get("event_at", START), **row} for row in given]

    def value(row: dict[str, Any], column: Column) -> Any:
        found = row.get(column.name)
        return Decimal(found) if column.kind == "money" and found is not None else found

    return pl.DataFrame(
        {
            column.name: pl.Series([value(row, column) for row in stamped], dtype=POLARS[column.kind])
            for column in TABLES[name].all_columns
        }
    )


def standing() -> dict[str, pl.DataFrame]:
    """Return the tables around a loan, without payments."""
    return {
        "branches": rows(
            "branches",
            {"id": "BR", "name": "El Alto", "region": "La Paz", "rural": False, "opened_on": date(1991, 1, 1)},
        ),
        "groups": rows(
            "groups",
            {"id": "CB", "kind": "communal_bank", "branch_id": "BR", "formed_on": date(2025, 1, 1)},
            *(
                {
                    "id": name,
                    "kind": "solidarity_group",
                    "parent_id": "CB",
                    "branch_id": "BR",
                    "formed_on": date(2025, 1, 1),
                }
                for name in ("SG", "SH")
            ),
        ),
        "members": rows("members", {"id": "M1", "branch_id": "BR", "joined_on": date(2025, 1, 1)}),
        "memberships": rows(
            "memberships", {"id": "MS1", "member_id": "M1", "group_id": "SG", "valid_from": date(2025, 1, 1)}
        ),
        "loans": rows(
            "loans",
            {
                "id": "L1",
                "member_id": "M1",
                "group_id": "SG",
                "ledger": "internal",
                "cycle_no": 1,
                "amount": "100.00",
                "currency": "USD",
                "disbursed_on": date(2026, 1, 1),
                "term_days": 28,
                "frequency": "weekly",
            },
        ),
        "instalments": rows("instalments", *four_weeks()),
    }


def four_weeks() -> list[dict[str, Any]]:
    """Return four weekly instalments of 25 due 5, 12, 19 and 26 January 2026."""
    return [
        {
            "id": f"I{n}",
            "loan_id": "L1",
            "number": n,
            "due_on": date(2026, 1, 7 * n - 2),
            "amount": "25.00",
            "principal": "24.00",
        }
        for n in (1, 2, 3, 4)
    ]


def paid(day: date, amount: str, payer: str = "self", ident: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a payment on L1 at ten in the morning of `day`."""
    return {
        "id": ident or f"P{day}{payer}",
        "event_at": datetime(day.year, day.month, day.day, 10),
        "loan_id": "L1",
        "amount": amount,
        "currency": "USD",
        "payer": payer,
        "reversed": False,
        **more,
    }


Write = Callable[..., Portfolio]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes the small institution with some tables in the place of its own."""

    def written(data_date: date = date(2026, 6, 30), **frames: pl.DataFrame) -> Portfolio:
        write_portfolio(
            tmp_path / "portfolio",
            {**standing(), **frames},
            currency="USD",
            country="BO",
            time_zone="America/La_Paz",
            data_date=data_date,
        )
        return Portfolio.open(tmp_path / "portfolio")

    return written


@pytest.fixture
def build() -> Any:
    """Return what tables are made of: `rows`, `paid`, `four_weeks`, `standing`."""

    class Build:
        pass

    Build.rows, Build.paid, Build.four_weeks, Build.standing = map(staticmethod, (rows, paid, four_weeks, standing))
    return Build
