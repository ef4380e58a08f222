"""Literal tables written as a portfolio, and the starter's values for one asker."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from riskscore.catalog import Catalog, member_values, values
from riskscore.portfolio import Portfolio, write_portfolio
from tests.unit.portfolio.conftest import rows

LOCK = Catalog.from_folder(Path(__file__).parents[3] / "features").lock()

Literal = dict[str, list[dict[str, Any]]]


def written(folder: Path, tables: Literal, data_date: date = date(2026, 6, 30)) -> Portfolio:
    """Write the tables; clocks that are not given stand at the first instant of 2026."""
    return write_portfolio(
        folder,
        {name: rows(name, *given) for name, given in tables.items()},
        currency="USD",
        country="BO",
        time_zone="America/La_Paz",
        data_date=data_date,
    )


def found(portfolio: Portfolio, member: str, as_of: datetime) -> dict[str, float | None]:
    """Return a member's values at a moment, those of the catalogue that need no request."""
    asked = pl.DataFrame({"member_id": [member], "as_of": [as_of]}).with_columns(
        pl.col("as_of").cast(pl.Datetime("us"))
    )
    return member_values(portfolio, LOCK, asked).row(0, named=True)


REQUEST = {
    "amount": 200.0,
    "term_days": 112.0,
    "frequency": "weekly",
    "purpose": None,
    "other_active_loans": 0.0,
    "instalment_m": 60.0,
}


def asked(
    portfolio: Portfolio, member: str | None, as_of: datetime, *, group: str | None = None, **request: Any
) -> dict[str, Any]:
    """Return every value of one request, formulas included; without a member the group asks."""
    row = {"member_id": member, "group_id": group, "as_of": as_of, **REQUEST, **request}
    text = {"member_id": pl.String, "group_id": pl.String, "frequency": pl.String, "purpose": pl.String}
    schema = {name: text.get(name, pl.Float64) for name in row} | {"as_of": pl.Datetime("us")}
    return values(portfolio, LOCK, pl.DataFrame([row], schema=schema)).row(0, named=True)


def bank(name: str, officer: str | None, **more: Any) -> dict[str, Any]:
    """Return a communal bank of branch BR."""
    day = {"event_at": datetime(2023, 1, 1), "known_at": datetime(2023, 1, 1)}
    row = {"id": name, "kind": "communal_bank", "branch_id": "BR", "officer_id": officer, "formed_on": date(2023, 1, 1)}
    return day | row | more


def group(name: str, parent: str) -> dict[str, Any]:
    """Return a solidarity group."""
    return bank(name, None, kind="solidarity_group", parent_id=parent)


def member(name: str, **more: Any) -> dict[str, Any]:
    """Return a member of branch BR."""
    day = {"event_at": datetime(2023, 1, 1), "known_at": datetime(2023, 1, 1)}
    return {**day, "id": name, "branch_id": "BR", "joined_on": date(2023, 1, 1), **more}


def stay(name: str, person: str, place: str, **more: Any) -> dict[str, Any]:
    """Return a membership from 2023 on."""
    day = {"event_at": datetime(2023, 1, 1), "known_at": datetime(2023, 1, 1)}
    return {**day, "id": name, "member_id": person, "group_id": place, "valid_from": date(2023, 1, 1), **more}


def loan(name: str, person: str, place: str, disbursed: date, **more: Any) -> dict[str, Any]:
    """Return a member's loan of 100, weekly over 28 days."""
    at = datetime(disbursed.year, disbursed.month, disbursed.day)
    return {
        "id": name,
        "event_at": at,
        "known_at": at,
        "application_id": more.pop("application_id", None),
        "member_id": person,
        "group_id": place,
        "ledger": "internal",
        "cycle_no": 1,
        "amount": "100.00",
        "currency": "USD",
        "disbursed_on": disbursed,
        "term_days": 28,
        "frequency": "weekly",
        **more,
    }


def instalment(name: str, of: str, number: int, due: date, agreed: datetime, amount: str = "25.00") -> dict[str, Any]:
    """Return one promised payment."""
    return {
        "id": name,
        "event_at": agreed,
        "known_at": agreed,
        "loan_id": of,
        "number": number,
        "due_on": due,
        "amount": amount,
        "principal": amount,
    }


def payment(name: str, of: str, at: datetime, amount: str = "25.00", **more: Any) -> dict[str, Any]:
    """Return a payment of her own, recorded as it was made."""
    row = {"id": name, "event_at": at, "known_at": at, "loan_id": of, "amount": amount, "currency": "USD"}
    return {**row, "payer": "self", "reversed": False, **more}
