"""Every column of every table, read of each case by the same rule as features: what was on record by a moment.

The moment is when the loan was paid out: late enough for all that a request or its loan may bring with it, and before
anything can have become of it. A row that is visible then claims to have been known then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import duckdb
import polars as pl

from riskscore.dataset.readings.cases import Cases
from riskscore.dataset.readings.reading import Reading
from riskscore.portfolio.tables import Column, Table

#: The key of a case that the id of a table's own row is.
OWN_ID = {
    "applications": "application_id",
    "loans": "loan_id",
    "members": "member_id",
    "groups": "group_id",
    "branches": "branch_id",
    "officers": "officer_id",
    "sectors": "sector_id",
    "products": "product_id",
}

#: What these keys name has many values of few cases each; they join and do not describe.
NAMES = ("application_id", "loan_id", "member_id", "group_id", "parent_id", "bank_id")


@dataclass(frozen=True, slots=True)
class Route:
    """How rows of a table reach a case.

    Parameters
    ----------
    table : str
    key : str
        The column of the case.
    rows : str
        SQL of the rows ``t`` with the column ``reached``, to be equal to the key.
    words : str
        Whose rows they are.
    """

    table: str
    key: str
    rows: str
    words: str


def routes(table: Table) -> tuple[Route, ...]:
    """Return every route from a table to a case; none where it names nothing that a case has."""
    names = {column.name for column in table.columns}
    name = table.name
    found: list[Route] = []

    def direct(column: str, key: str, words: str, where: str = "true") -> None:
        rows = f'SELECT t.*, t."{column}" AS reached FROM "{name}" AS t WHERE {where}'
        found.append(Route(name, key, rows, words))

    def through(column: str, other: str, wanted: str, key: str, words: str) -> None:
        of = f"(SELECT id AS of_id, any_value({wanted}) AS reached FROM {other} GROUP BY id)"
        rows = f'SELECT t.*, o.reached FROM "{name}" AS t JOIN {of} AS o ON o.of_id = t."{column}"'
        found.append(Route(name, key, rows, words))

    own = OWN_ID.get(name)
    if own:
        direct("id", own, f"the case's own row of {name}")
    if name == "groups":
        direct("id", "bank_id", "the row of her communal bank")
    if "application_id" in names:
        direct("application_id", "application_id", "rows that name this application")
    if "loan_id" in names:
        direct("loan_id", "loan_id", "rows that name this loan")
    if own in (None, "application_id", "loan_id"):
        if "member_id" in names:
            direct("member_id", "member_id", "rows that name this member")
        elif "loan_id" in names:
            through("loan_id", "loans", "member_id", "member_id", "rows of this member's loans")
        elif "application_id" in names:
            through("application_id", "applications", "member_id", "member_id", "rows of this member's applications")
        if "group_id" in names:
            # A personal table is read by person; what is left is what a bank or a group as a whole has.
            where = "t.member_id IS NULL" if "member_id" in names else "true"
            direct("group_id", "group_id", "rows that name her solidarity group", where)
            direct("group_id", "bank_id", "rows that name her communal bank", where)
        for key in ("branch_id", "officer_id", "sector_id", "product_id"):
            if key in names and not names & {"member_id", "loan_id", "application_id", "group_id"}:
                direct(key, key, f"rows that name her {key.removesuffix('_id')}")
    return tuple(found)


def unreached(tables: Mapping[str, Table], present: Mapping[str, int]) -> tuple[str, ...]:
    """Return the tables with rows that no route joins to a case."""
    return tuple(name for name, table in tables.items() if present.get(name) and not routes(table))


def table_readings(
    con: duckdb.DuckDBPyConnection, cases: Cases, table: Table, *, days_before: int
) -> Iterator[Reading]:
    """Read every column of a table for every case.

    Parameters
    ----------
    con : DuckDBPyConnection
        Of `Portfolio.connect`.
    cases : Cases
    table : Table
        As declared, the institution's own columns too.
    days_before : int
        By how many days the second reading is earlier.
    """
    frame = cases.frame
    for route in routes(table):
        columns = [column for column in table.columns if column.name not in (*NAMES, "currency")]
        moments = frame.select("case", key=pl.col(route.key), moment="started").drop_nulls("key")
        now = _read(con, route, columns, moments, frame)
        if now["rows"].is_null().all():
            continue
        shifted = moments.with_columns(pl.col("moment") - timedelta(days=days_before))
        before = _read(con, route, columns, shifted, frame)
        several = bool((now["rows"].fill_null(0) > 1).any())
        yield Reading(table.name, "rows", f"how many {route.words}", now["rows"], before["rows"])
        yield Reading(f"{table.name}.event_at", "stamp", f"the last of {route.words}", now["stamp"], before["stamp"])
        for number, column in enumerate(columns):
            for aggregate, words in (("last", "the last of"), ("mean", "the mean of")):
                name = f"{aggregate}_{number}"
                if name in now.columns and (aggregate == "last" or several):
                    yield Reading(
                        f"{table.name}.{column.name}", "column", f"{words} {route.words}", now[name], before[name]
                    )


def _read(
    con: duckdb.DuckDBPyConnection, route: Route, columns: list[Column], moments: pl.DataFrame, frame: pl.DataFrame
) -> pl.DataFrame:
    """Return one row a case, in order: ``rows``, ``stamp`` (days since the last row), ``last_N`` and ``mean_N``."""
    wanted = ["count(*)::DOUBLE AS rows", "min(date_diff('hour', t.event_at, c.moment)) / 24.0 AS stamp"]
    for number, column in enumerate(columns):
        value = _value(column)
        latest = f'arg_max({value}, row(t.event_at, t.known_at, t.id)) FILTER (WHERE t."{column.name}" IS NOT NULL)'
        wanted.append(f"{latest} AS last_{number}")
        if column.kind != "text":
            wanted.append(f"sum(({value})::DECIMAL(24,4))::DOUBLE / count({value}) AS mean_{number}")
    con.register("cases_asked", moments.to_arrow())
    found: pl.DataFrame = con.sql(
        f"""SELECT c.case, {", ".join(wanted)} FROM cases_asked AS c JOIN ({route.rows}) AS t ON t.reached = c.key
            WHERE t.event_at < c.moment AND t.known_at <= c.moment
              AND (t.known_until IS NULL OR c.moment < t.known_until)
            GROUP BY c.case"""
    ).pl()
    con.unregister("cases_asked")
    return frame.select("case").join(
        found.with_columns(pl.col("case").cast(pl.UInt32)), on="case", how="left", maintain_order="left"
    )


def _value(column: Column) -> str:
    """Return the SQL of a column as a number; a category stays text."""
    name = f't."{column.name}"'
    match column.kind:
        case "text":
            return name
        case "date" | "timestamp":
            return f"(date_diff('day', {name}::TIMESTAMP, c.moment))::DOUBLE"
        case "bool":
            return f"({name})::INT::DOUBLE"
        case _:
            return f"({name})::DOUBLE"
