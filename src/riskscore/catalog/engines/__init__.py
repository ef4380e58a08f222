"""What runs a lock's statements. The lock is one and the same for every engine: its statements are DuckDB's dialect.

An *engine* holds the relations of a portfolio by name and makes temporary ones beside them. `riskscore.catalog.run`
says which, in what order; it does not know who does the work.

``duckdb``
    In this process, on one machine, within a bound of memory.
``spark``
    In a Spark session: a cluster's, handed in, or a local one (`riskscore.catalog.engines.spark`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import polars as pl

EngineName = Literal["duckdb", "spark"]


#: What names a moment in an answer: a group is named where it asks for itself.
KEYS = "m.member_id, CASE WHEN m.member_id IS NULL THEN m.group_id END AS group_id, m.as_of"


class Engine(Protocol):
    """Where statements run."""

    #: What it raises when a statement does not run.
    failures: tuple[type[Exception], ...]
    #: Moments in one go at most; None where the engine bounds its own memory.
    chunk: int | None

    def put(self, name: str, frame: pl.DataFrame) -> None:
        """Make the temporary relation `name` of the rows of `frame`."""

    def keep(self, name: str, sql: str) -> None:
        """Make the temporary relation `name` of what a query gives now; one of that name is replaced."""

    def answer(self, name: str, sql: str) -> None:
        """Hold what a query gives now under `name`, for `together` alone: no statement reads it."""

    def read(self, sql: str) -> pl.DataFrame:
        """Return what a query gives."""

    def together(self, tables: Sequence[tuple[str, Sequence[str]]], moments: str) -> pl.DataFrame:
        """Return what the statement of `beside_moments` gives."""

    def columns(self) -> Mapping[str, set[str]]:
        """Return the columns of every relation by name."""


def beside_moments(tables: Sequence[tuple[str, Sequence[str]]], moments: str) -> str:
    """Return the statement that puts every table's features beside their moment.

    Parameters
    ----------
    tables : sequence of (str, sequence of str)
        Name, and features, of each table with a ``moment_id``.
    moments : str
        The relation with ``moment_id``, ``member_id``, ``group_id`` and ``as_of``.
    """
    items = "".join(f", {table}.{name}" for table, features in tables for name in features)
    joins = "".join(f"\nLEFT JOIN {table} ON {table}.moment_id = m.moment_id" for table, _ in tables)
    return f"SELECT {KEYS}{items}\nFROM {moments} AS m{joins}"
