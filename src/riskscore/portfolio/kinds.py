"""What each kind of column is in Polars and in DuckDB, and empty frames of a table."""

from __future__ import annotations

import polars as pl

from riskscore.portfolio.tables import Column, Kind, Table

#: Exact money: sums of DECIMAL do not depend on the order of rows.
MONEY = pl.Decimal(18, 2)

POLARS: dict[Kind, pl.DataType] = {
    "text": pl.String(),
    "int": pl.Int64(),
    "money": MONEY,
    "double": pl.Float64(),
    "bool": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
}

DUCKDB: dict[Kind, str] = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "money": "DECIMAL(18,2)",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


def schema(table: Table) -> dict[str, pl.DataType]:
    """Return the Polars type of every column of `table`, in file order."""
    return {column.name: POLARS[column.kind] for column in table.all_columns}


def empty(table: Table) -> pl.DataFrame:
    """Return `table` without rows, with the right types."""
    return pl.DataFrame(schema=schema(table))


def lossless(column: Column, found: pl.DataType) -> bool:
    """Say whether values of type `found` become the column's type without a change of value.

    A float is never money: which cent 0.1 + 0.2 belongs to is for the institution to say.
    """
    if found == POLARS[column.kind] or found == pl.Null():
        return True
    match column.kind:
        case "text":
            return found in (pl.Categorical(), pl.String()) or isinstance(found, pl.Enum)
        case "int":
            return found.is_integer()
        case "money":
            return found.is_integer() or (isinstance(found, pl.Decimal) and (found.scale or 0) <= 2)
        case "double":
            return found.is_float() or found.is_integer()
        case "timestamp":
            return isinstance(found, pl.Datetime) and found.time_zone is None
        case _:
            return False
