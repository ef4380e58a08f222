"""DuckDB as an engine: a connection with the relations of `riskscore.portfolio.Portfolio.connect`."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import polars as pl

from riskscore.catalog.engines import KEYS, beside_moments

#: Moments up to which what is told of them is fetched statement by statement.
FEW = 4

_KEYS: dict[str, pl.DataType] = {"member_id": pl.String(), "group_id": pl.String(), "as_of": pl.Datetime("us")}
_Rows = dict[int, dict[str, object]]


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
        self._few = False
        self._answers: dict[str, _Rows] = {}

    def put(self, name: str, frame: pl.DataFrame) -> None:
        """Make a temporary table of the rows of `frame`."""
        self._few = frame.height <= FEW
        self._con.register("put_frame", frame.to_arrow())
        self.keep(name, "SELECT * FROM put_frame")
        self._con.unregister("put_frame")

    def keep(self, name: str, sql: str) -> None:
        """Make a temporary table of what a query gives."""
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")

    def answer(self, name: str, sql: str) -> None:
        """Hold what a query gives: in a table, or as it is where few moments were put."""
        self._answers.pop(name, None)
        if self._few:
            self._answers[name] = self._rows(sql)
        else:
            self.keep(name, sql)

    def read(self, sql: str) -> pl.DataFrame:
        """Return what a query gives."""
        found: pl.DataFrame = self._con.sql(sql).pl()
        return found

    def together(self, tables: Sequence[tuple[str, Sequence[str]]], moments: str) -> pl.DataFrame:
        """Return every table's features beside their moment."""
        keys = self._con.execute(f"SELECT moment_id, {KEYS} FROM {moments} AS m LIMIT {FEW + 1}").fetchall()
        if len(keys) > FEW:
            return self.read(beside_moments(tables, moments))
        # To plan one join of thirty tables, and to make frames of them, costs more than thirty small answers.
        found: dict[int, dict[str, object]] = {key[0]: dict(zip(_KEYS, key[1:], strict=True)) for key in keys}
        for name, features in tables:
            held = self._answers.get(name)
            if held is None:
                held = self._rows(f"SELECT moment_id, {', '.join(features)} FROM {name}")
            for moment, values in held.items():
                if moment in found:
                    found[moment] |= values
        names = [feature for _, features in tables for feature in features]
        return pl.DataFrame(list(found.values()), schema=_KEYS | dict.fromkeys(names, pl.Float64()))

    def _rows(self, sql: str) -> _Rows:
        """Return the columns of each row by name, by its ``moment_id``, which stands first."""
        asked = self._con.execute(sql)
        names = [column[0] for column in asked.description or ()][1:]
        return {row[0]: dict(zip(names, row[1:], strict=True)) for row in asked.fetchall()}

    def columns(self) -> dict[str, set[str]]:
        """Return the columns of every relation by name."""
        present: dict[str, set[str]] = {}
        for table, column in self._con.execute("SELECT table_name, column_name FROM duckdb_columns()").fetchall():
            present.setdefault(table, set()).add(column)
        return present
