"""Rows that name something which did not exist when they say they were recorded: a stamp that cannot be true."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from riskscore.portfolio.tables import Table

#: What rows may name, and where each begins to exist.
BEGINS = {"applications": "application", "loans": "loan"}


@dataclass(frozen=True, slots=True)
class EarlyReference:
    """Rows of a table stamped before what they name was on record.

    Parameters
    ----------
    where : str
        ``"collection_calls.application_id"``.
    named : str
        "application" or "loan".
    early, rows : int
        Rows stamped before what they name, and all rows that name one.
    """

    where: str
    named: str
    early: int
    rows: int


def early_references(con: duckdb.DuckDBPyConnection, table: Table) -> list[EarlyReference]:
    """Return, for each reference of `table` to an application or a loan, how many rows are stamped before it."""
    found = []
    for column in table.columns:
        if column.references not in BEGINS:
            continue
        [(early, rows)] = con.execute(
            f"""SELECT count(*) FILTER (WHERE t.known_at < o.began), count(*)
                FROM "{table.name}" AS t
                JOIN (SELECT id, min(known_at) AS began FROM {column.references} GROUP BY id) AS o
                  ON o.id = t."{column.name}" """
        ).fetchall()
        if rows:
            found.append(EarlyReference(f"{table.name}.{column.name}", BEGINS[column.references], early, rows))
    return found
