"""Stamps beside those of what a row names: earlier ones cannot be true, and equal ones were copied."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from riskscore.portfolio.tables import Table

#: What rows may name, and where each begins to exist.
BEGINS = {"applications": "application", "loans": "loan"}


@dataclass(frozen=True, slots=True)
class StampedReference:
    """How the rows of a table are stamped beside the application or loan that they name.

    Parameters
    ----------
    where : str
        ``"collection_calls.application_id"``.
    named : str
        "application" or "loan".
    early, same, rows : int
        Rows stamped before what they name was on record, rows with its very stamp, and all rows that name one.
    """

    where: str
    named: str
    early: int
    same: int
    rows: int


def stamped_references(con: duckdb.DuckDBPyConnection, table: Table) -> list[StampedReference]:
    """Return, for each reference of `table` to an application or a loan, how its rows are stamped."""
    found = []
    for column in table.columns:
        if column.references not in BEGINS:
            continue
        [(early, same, rows)] = con.execute(
            f"""SELECT count(*) FILTER (WHERE t.known_at < o.began),
                       count(*) FILTER (WHERE t.known_at = o.began), count(*)
                FROM "{table.name}" AS t
                JOIN (SELECT id, min(known_at) AS began FROM {column.references} GROUP BY id) AS o
                  ON o.id = t."{column.name}" """
        ).fetchall()
        if rows:
            found.append(StampedReference(f"{table.name}.{column.name}", BEGINS[column.references], early, same, rows))
    return found
