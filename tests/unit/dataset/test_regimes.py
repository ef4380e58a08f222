"""The times of a row: what was known at its moment, the widest shock first, else the year."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from riskscore.dataset.regimes import with_regimes
from riskscore.portfolio import Portfolio, write_portfolio

START = datetime(2022, 1, 1)


def table(rows: list[tuple[object, ...]], *columns: str) -> pl.DataFrame:
    names = ["id", "event_at", "known_at", *columns]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


SHOCKS = [
    # id, told, known, kind, region, sector, from, to
    ("K1", datetime(2024, 3, 1), datetime(2024, 3, 1), "price", "Puno", "cacao", date(2024, 3, 1), date(2024, 6, 30)),
    ("K2", datetime(2024, 5, 1), datetime(2024, 5, 1), "climate", "Puno", None, date(2024, 5, 1), None),
    # Its end was told in September.
    ("K2", datetime(2024, 5, 1), datetime(2024, 9, 1), "climate", "Puno", None, date(2024, 5, 1), date(2024, 8, 31)),
    # It began in July and was recorded in October.
    ("K3", datetime(2024, 10, 1), datetime(2024, 10, 1), "recession", None, None, date(2024, 7, 1), None),
]


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    tables = {
        "branches": table(
            [("B1", START, START, "one", "Puno", START.date()), ("B2", START, START, "two", "Lima", START.date())],
            "name",
            "region",
            "opened_on",
        ),
        "sectors": table([("cacao", START, START, "Cacao", True, "")], "name", "agricultural", "lean_months"),
        "groups": table(
            [
                ("G1", START, START, "communal_bank", "B1", START.date()),
                ("G2", START, START, "communal_bank", "B2", START.date()),
            ],
            "kind",
            "branch_id",
            "formed_on",
        ),
        "members": table(
            [("M1", START, START, "B1", START.date(), "cacao"), ("M2", START, START, "B1", START.date(), None)],
            "branch_id",
            "joined_on",
            "sector_id",
        ),
        "shocks": table(SHOCKS, "kind", "region", "sector_id", "starts_on", "ends_on"),
    }
    return write_portfolio(
        tmp_path / "p", tables, currency="USD", country="PE", time_zone="America/Lima", data_date=date(2025, 12, 31)
    )


@pytest.mark.parametrize(
    ("member", "bank", "moment", "regime"),
    [
        ("M1", "G1", datetime(2024, 2, 1), "2024"),
        ("M1", "G1", datetime(2024, 3, 1), "2024"),  # told at this very instant: not before it
        ("M1", "G1", datetime(2024, 3, 2), "price"),
        ("M2", "G1", datetime(2024, 3, 2), "2024"),  # her line of business is not known
        (None, "G1", datetime(2024, 3, 2), "2024"),  # a group has none
        ("M1", "G1", datetime(2024, 5, 2), "climate"),  # of every sector goes before one sector's
        ("M1", "G2", datetime(2024, 5, 2), "2024"),  # another region
        ("M1", "G1", datetime(2024, 8, 31, 12), "climate"),
        ("M2", "G1", datetime(2024, 9, 2), "2024"),  # over, and known to be
        ("M1", "G2", datetime(2024, 8, 1), "2024"),  # it has begun and nobody knows yet
        ("M1", "G2", datetime(2024, 10, 2), "recession"),
        (None, "G1", datetime(2025, 3, 1), "recession"),
    ],
)
def test_a_regime_is_what_was_known_at_the_moment(
    portfolio: Portfolio, member: str | None, bank: str, moment: datetime, regime: str
) -> None:
    rows = pl.DataFrame(
        {"application_id": ["A"], "member_id": [member], "bank_id": [bank], "as_of": [moment]},
        schema_overrides={"member_id": pl.String, "as_of": pl.Datetime("us")},
    )
    found = with_regimes(rows, portfolio)
    assert found["regime"].to_list() == [regime]
    assert found.drop("regime").equals(rows)


def test_a_portfolio_without_shocks_has_its_years(tmp_path: Path, portfolio: Portfolio) -> None:
    tables = {name: portfolio.table(name) for name in ("branches", "sectors", "groups", "members")}
    bare = write_portfolio(
        tmp_path / "bare", tables, currency="USD", country="PE", time_zone="America/Lima", data_date=date(2025, 12, 31)
    )
    rows = pl.DataFrame(
        {
            "application_id": ["A", "B"],
            "member_id": ["M1", "M2"],
            "bank_id": ["G1", "gone"],
            "as_of": [datetime(2025, 2, 1), datetime(2024, 2, 1)],
        },
    )
    assert with_regimes(rows, bare)["regime"].to_list() == ["2025", "2024"]
