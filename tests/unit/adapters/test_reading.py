"""What each kind of column makes of what is found, exactly or not at all."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscore.portfolio.adapters.mapping import Source
from riskscore.portfolio.adapters.reading import read

LIMA = "America/Lima"


def value(found: object, column: object, kind: str = "VARCHAR", **source: object) -> object:
    """Read one value of DuckDB type `kind`."""
    mapped = Source.model_validate({"file": "x.csv", "columns": {"x": column}, **source})
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"CREATE TABLE raw AS SELECT CAST(? AS {kind}) AS x", [found])
        row = con.execute(f"SELECT {read(mapped, 'x', kind, LIMA)} FROM raw").fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("7", "int", 7),
        (" 7.00 ", "int", 7),
        ("7.5", "int", None),
        ("1e3", "int", None),
        ("10.50", "money", Decimal("10.50")),
        ("10.500", "money", Decimal("10.50")),
        ("10.505", "money", None),
        ("ten", "money", None),
        ("1,000.00", "money", None),
        ("0.1", "double", 0.1),
        ("nan", "double", None),
        ("inf", "double", None),
        ("Sí", "bool", True),
        ("0", "bool", False),
        ("0.0", "bool", False),
        ("maybe", "bool", None),
        ("2024-02-29", "date", date(2024, 2, 29)),
        ("2023-02-29", "date", None),
        ("2024-02-29 10:00", "date", None),
        ("2024-02-29 10:00:00", "timestamp", datetime(2024, 2, 29, 10)),
        ("2024-02-29", "timestamp", None),
        ("2024-02-29 10:00:00Z", "timestamp", None),
        ("", "text", None),
        ("   ", "text", None),
        (" as it is ", "text", " as it is "),
    ],
)
def test_text(text: str, kind: str, expected: object) -> None:
    assert value(text, kind) == expected


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("31/12/2023", {"type": "date", "format": "%d/%m/%Y"}, date(2023, 12, 31)),
        ("12/31/2023", {"type": "date", "format": "%d/%m/%Y"}, None),
        ("2023.12.31", {"type": "date", "format": ["%d/%m/%Y", "%Y.%m.%d"]}, date(2023, 12, 31)),
        ("10.505", {"type": "money", "rounded": True}, Decimal("10.51")),
        ("2024-01-01T02:00:00Z", {"type": "timestamp", "zone": "offset"}, datetime(2023, 12, 31, 21)),
        ("2024-01-01 02:00:00+02", {"type": "timestamp", "zone": "offset"}, datetime(2023, 12, 31, 19)),
        ("2024-01-01 02:00:00", {"type": "timestamp", "zone": "offset"}, None),
        ("2024-01-01 02:00:00", {"type": "timestamp", "zone": "UTC"}, datetime(2023, 12, 31, 21)),
        ("2024-07-01 02:00:00", {"type": "timestamp", "zone": "America/New_York"}, datetime(2024, 7, 1, 1)),
        ("01/02/2024 03:04", {"type": "timestamp", "format": "%d/%m/%Y %H:%M"}, datetime(2024, 2, 1, 3, 4)),
    ],
)
def test_formats_and_zones(text: str, column: dict[str, object], expected: object) -> None:
    assert value(text, column) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("1.234,50", Decimal("1234.50")), ("0,5", Decimal("0.50")), ("1.5", None), ("1,234.5", None)]
)
def test_decimal_commas(text: str, expected: Decimal | None) -> None:
    assert value(text, "money", decimal=",") == expected


@pytest.mark.parametrize(
    ("found", "kind", "column", "expected"),
    [
        (Decimal("10.500000"), "DECIMAL(19,6)", "money", Decimal("10.50")),
        (Decimal("10.505000"), "DECIMAL(19,6)", "money", None),
        (10.5, "DOUBLE", "money", None),
        (10.505, "DOUBLE", {"type": "money", "rounded": True}, Decimal("10.51")),
        (12, "BIGINT", "text", "12"),
        (12.0, "DOUBLE", "int", 12),
        (12.5, "DOUBLE", "int", None),
        (float("nan"), "DOUBLE", "double", None),
        (1, "INTEGER", "bool", True),
        (2, "INTEGER", "bool", None),
        (datetime(2024, 1, 1, 2), "TIMESTAMP", {"type": "timestamp", "zone": "UTC"}, datetime(2023, 12, 31, 21)),
        (datetime(2024, 1, 1, 2), "TIMESTAMP", "timestamp", datetime(2024, 1, 1, 2)),
        ("2024-01-01 02:00:00+00", "TIMESTAMP WITH TIME ZONE", "timestamp", datetime(2023, 12, 31, 21)),
        (date(2024, 1, 1), "DATE", "date", date(2024, 1, 1)),
    ],
)
def test_typed_columns(found: object, kind: str, column: object, expected: object) -> None:
    assert value(found, column, kind) == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(-(10**15), 10**15), st.integers(1, 9))
def test_money_is_exact_or_missing(cents: int, thousandths: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    assert value(f"{amount:f}", "money") == amount
    assert value(f"{amount:f}{thousandths}", "money") is None


def test_what_the_source_means_by_missing() -> None:
    assert value("NA", "int", missing=["NA"]) is None
    assert value("-", "text", missing=["NA", "-"]) is None
    assert value("NA", "text") == "NA"
