"""DuckDB as an engine: a connection with the relations of `riskscore.portfolio.Portfolio.connect`."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import polars as pl

from riskscore.catalog.engines import beside_moments


class DuckDB:
    """Runs a lock's statements as they stand.

    Parameters
    ----------
    connection : DuckDBPyConnection
    chunk : int
        Moments in one go.
    """

    failures: tuple[type[Exception], ...] = (duckdb.Error,)

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, chunk: int) -> None:
        self._con = connection
        self.chunk: int | None = chunk

    def put(self, name: str, frame: pl.DataFrame) -> None:
        """Make a temporary table of the rows of `frame`."""
        self._con.register("put_frame", frame.to_arrow())
        self.keep(name, "SELECT * FROM put_frame")
        self._con.unregister("put_frame")

    def keep(self, name: str, sql: str) -> None:
        """Make a temporary table of what a query gives."""
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")

    def read(self, sql: str) -> pl.DataFrame:
        """Return what a query gives."""
        found: pl.DataFrame = self._con.sql(sql).pl()
        return found

    def together(self, tables: Sequence[tuple[str, Sequence[str]]], moments: str) -> pl.DataFrame:
        """Return every table's features beside their moment."""
        return self.read(beside_moments(tables, moments))

    def columns(self) -> dict[str, set[str]]:
        """Return the columns of every relation by name."""
        present: dict[str, set[str]] = {}
        for table, column in self._con.execute("SELECT table_name, column_name FROM duckdb_columns()").fetchall():
            present.setdefault(table, set()).add(column)
        return present
