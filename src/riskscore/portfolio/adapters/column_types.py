"""Which DuckDB types, and which values of TOML, become a column's type without a change of value."""

from __future__ import annotations

from datetime import date, datetime

from riskscore.portfolio.kinds import DUCKDB
from riskscore.portfolio.tables import Column

#: DuckDB's whole numbers.
WHOLE = frozenset(
    f"{sign}{size}" for sign in ("", "U") for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
)

#: How an expression becomes a column's type.
CASTS: dict[str, str] = {
    "text": "Cast it: CAST(… AS VARCHAR).",
    "int": "Round it to a whole number: CAST(round(…) AS BIGINT).",
    "money": "Round it as your ledger does: CAST(round(…, 2) AS DECIMAL(18, 2)); money is never a float.",
    "double": "Give a number.",
    "bool": "Compare it with something.",
    "date": "Give a date: CAST(… AS DATE).",
    "timestamp": "Give a moment: CAST(… AS TIMESTAMP).",
}


def suits(column: Column, found: str) -> bool:
    """Say whether values of the DuckDB type `found` are of the column's kind as they are."""
    if found in (DUCKDB[column.kind], '"NULL"'):
        return True
    match column.kind:
        case "int":
            return found in WHOLE
        case "money":
            return found in WHOLE or _has_cents(found)
        case "double":
            return found in WHOLE or found == "FLOAT" or found.startswith("DECIMAL")
        case _:
            return False


def _has_cents(found: str) -> bool:
    return found.startswith("DECIMAL") and int(found.rstrip(")").rsplit(",", 1)[-1]) <= 2


def is_of(column: Column, value: object) -> bool:
    """Say whether a value written in TOML is of the column's kind."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match column.kind:
        case "text":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "int":
            return number and isinstance(value, int)
        case "double":
            return number
        case "money":
            return isinstance(value, int | float) and number and round(value, 2) == value
        case "date":
            return isinstance(value, date) and not isinstance(value, datetime)
        case _:
            return isinstance(value, datetime) and value.tzinfo is None
