from datetime import date
from decimal import Decimal

import duckdb
import polars as pl
import pytest

from riskscore.portfolio.cells import few
from riskscore.portfolio.concentration import concentration, shock_concentration


def loans(*given):
    """Return loans of (branch, banks from, members, balance each, days late); each member has one loan."""
    rows = [
        (branch, f"{branch} {first + number % banks}", balance, late, restructured)
        for branch, first, banks, members, balance, late, restructured in given
        for number in range(members)
    ]
    return pl.DataFrame(
        {
            "loan_id": [f"L{n}" for n in range(len(rows))],
            "member_id": [f"M{n}" for n in range(len(rows))],
            "branch": [row[0] or None for row in rows],
            "bank_id": [row[1] for row in rows],
            "outstanding": pl.Series([Decimal(row[2]) for row in rows], dtype=pl.Decimal(18, 2)),
            "days_late": [row[3] for row in rows],
            "restructured": [row[4] for row in rows],
            "written_off_at": pl.Series([None] * len(rows), dtype=pl.Datetime("us")),
            "written_off_amount": pl.Series([Decimal(0)] * len(rows), dtype=pl.Decimal(18, 2)),
            "region": [row[0] or None for row in rows],
            "sector": pl.Series([None] * len(rows), dtype=pl.String),
            "disbursed_on": [date(2026, 1, 1)] * len(rows),
        }
    )


def told(found):
    return [
        (cell.kind, cell.name, cell.borrowers, float(cell.balance), round(cell.share, 4), cell.at_risk)
        for cell in found.cells
    ]


def test_concentration_by_hand():
    found = concentration(
        loans(("Puno", 1, 3, 6, 100, 0, False), ("Cusco", 1, 3, 5, 60, 31, True), ("Cusco", 1, 3, 1, 100, 30, False)),
        "branch",
    )
    assert told(found) == [("named", "Puno", 6, 600.0, 0.6, 0.0), ("named", "Cusco", 6, 400.0, 0.4, 0.75)]
    assert found.hhi == pytest.approx(0.36 + 0.16)
    assert not found.withheld


def test_what_is_not_recorded_is_a_part_of_its_own_and_outside_the_index():
    found = concentration(loans(("Puno", 1, 3, 6, 100, 0, False), ("", 1, 3, 6, 100, 0, False)), "branch")
    assert [cell[:3] for cell in told(found)] == [("named", "Puno", 6), ("unrecorded", "", 6)]
    assert found.hhi == pytest.approx(1.0)


def test_small_cells_are_pooled_until_nobody_stands_out():
    found = concentration(
        loans(
            ("Puno", 1, 3, 9, 100, 0, False),
            ("Cusco", 1, 3, 6, 50, 0, False),
            ("Piura", 1, 3, 4, 90, 31, False),  # four members
            ("Ica", 1, 2, 9, 90, 0, False),  # two banks
        ),
        "branch",
    )
    # Piura and Ica together are thirteen members of five banks.
    assert told(found) == [
        ("named", "Puno", 9, 900.0, 0.3797, 0.0),
        ("named", "Cusco", 6, 300.0, 0.1266, 0.0),
        ("pooled", "", 13, 1170.0, 0.4937, pytest.approx(360 / 1170)),
    ]
    assert found.withheld


def test_one_small_cell_takes_the_next_with_it():
    found = concentration(
        loans(("Puno", 1, 3, 9, 100, 0, False), ("Cusco", 1, 3, 6, 50, 0, False), ("Piura", 1, 1, 1, 90, 31, False)),
        "branch",
    )
    assert [cell[:4] for cell in told(found)] == [("named", "Puno", 9, 900.0), ("pooled", "", 7, 390.0)]


@pytest.mark.parametrize(
    ("members", "banks", "expected"), [(5, 3, False), (4, 3, True), (5, 2, True), (0, 3, False), (0, 2, True)]
)
def test_the_smallest_cell(members, banks, expected):
    count = max(members, banks)
    cell = pl.DataFrame(
        {
            "member_id": pl.Series([f"M{n}" if members else None for n in range(count)], dtype=pl.String),
            "bank_id": [f"B{n % banks}" for n in range(count)],
        }
    )
    assert few(cell) is expected


SHOCKS = {
    "kind": ["climate", "price", "policy"],
    "region": ["Puno", None, "Cusco"],
    "sector_id": [None, "cacao", None],
    "starts_on": [date(2026, 1, 10)] * 3,
    "ends_on": [None, date(2026, 3, 1), date(2025, 12, 31)],
}


def shocks(*places):
    frame = pl.DataFrame(SHOCKS, schema_overrides={"ends_on": pl.Date})
    return frame[list(places)]


def test_shock_by_hand():
    portfolio = loans(("Puno", 1, 3, 6, 100, 31, False), ("Cusco", 1, 3, 9, 100, 0, False))
    found = shock_concentration(duckdb.connect(), portfolio, shocks(0, 2))
    # The policy shock in Cusco ended the day before the loans began.
    assert told(found) == [("named", "climate", 6, 600.0, 0.4, 1.0), ("unexposed", "", 9, 900.0, 0.6, 0.0)]
    assert found.hhi is None


def test_where_the_line_of_business_is_missing_exposure_is_not_known():
    portfolio = loans(("Puno", 1, 3, 6, 100, 31, False), ("Cusco", 1, 3, 9, 100, 0, False))
    found = shock_concentration(duckdb.connect(), portfolio, shocks(0, 1))
    assert [cell[:3] for cell in told(found)] == [("named", "climate", 6), ("unrecorded", "", 9)]
    known = portfolio.with_columns(sector=pl.lit("maize"))
    found = shock_concentration(duckdb.connect(), known, shocks(0, 1))
    assert [cell[:3] for cell in told(found)] == [("named", "climate", 6), ("unexposed", "", 9)]


def test_a_shock_whose_rest_is_too_small_is_left_out():
    portfolio = loans(("Puno", 1, 3, 6, 100, 31, False), ("Cusco", 1, 3, 4, 100, 0, False))
    found = shock_concentration(duckdb.connect(), portfolio, shocks(0))
    assert (found.cells, found.withheld) == ((), True)
