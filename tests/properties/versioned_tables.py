"""Random small portfolios of versions: corrections, back-dating, missing values, late knowledge, edges that meet."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import duckdb
import polars as pl

from riskscore.catalog.relations import relations
from riskscore.portfolio.tables import TABLES

Row = dict[str, Any]
Tables = dict[str, list[Row]]

START = datetime(2022, 1, 1)
MEMBERS = ("M1", "M2", "M3", "M4", "M5")
_POOLS: dict[str, tuple[Any, ...]] = {
    "member_id": MEMBERS,
    "loan_id": ("L1", "L2", "L3"),
    "application_id": ("A1", "A2", "A3"),
    "group_id": ("G1", "G2", "G3"),
    "bank_id": ("B1", "B2"),
    "branch_id": ("N", "S"),
    "sector_id": ("commerce", "maize", None),
    "officer_id": ("O1", None),
    "region": ("north", "south", None),
    "lean_months": ("", "1,2,3", "11,12"),
    "district": ("D001", "D002", None),
    "language": ("spanish", "quechua", None),
    "periods_per_month": (1.0, 2.0, 52 / 12, 26 / 12, None),
    "label": ("good", "bad", "indeterminate"),
}
_IDS: dict[str, tuple[str, ...]] = {
    "members": MEMBERS,
    "groups": ("G1", "G2", "G3", "B1", "B2"),
    "branches": ("N", "S"),
    "sectors": ("commerce", "maize"),
    "memberships": ("S1", "S2", "S3", "S4", "S5", "S6"),
    "loans": ("L1", "L2", "L3", "L4", "L5", "L6"),
}
_CHOICES = {(name, c.name): c.choices for name, table in TABLES.items() for c in table.columns if c.choices}
#: Columns of derived relations that carry a table's choices.
_CARRIED = {c.name: c.choices for name in ("loans", "payments") for c in TABLES[name].columns if c.choices}


def moment(rng: Random) -> datetime:
    """On a coarse grid, so that moments, stamps and due dates meet."""
    return START + timedelta(days=rng.randrange(0, 500, 5), hours=rng.choice((0, 0, 10)))


def random_tables(rng: Random, rows: int) -> Tables:
    """Return every relation but *placements*, with at most `rows` versions of each, without ``known_until``."""
    tables: Tables = {}
    for name, columns in relations().items():
        if name == "placements":
            continue
        ids = _IDS.get(name, tuple(f"{name}{n}" for n in range(max(2, rows // 2))))
        count = rng.randint(0, rows) if name not in _IDS else max(len(ids), rows)
        made = [random_row(rng, name, columns, ids[k % len(ids)]) for k in range(count)]
        tables[name] = list({(row["id"], row["known_at"]): row for row in made}.values())
    return tables


def random_row(rng: Random, name: str, columns: Any, identity: str) -> Row:
    """Return one version of one fact."""
    event = moment(rng)
    row: Row = {"id": identity, "event_at": event, "known_at": event + timedelta(days=rng.choice((0, 0, 0, 5, 40)))}
    for column, kind in columns.items():
        if column not in row and column != "known_until":
            row[column] = _value(rng, name, column, kind)
    if name == "groups":
        row["parent_id"] = None if identity.startswith("B") else rng.choice(("B1", "B1", "B2"))
    if name == "memberships":
        row["valid_from"] = (START + timedelta(days=rng.randrange(0, 200, 5))).date()
        row["valid_to"] = rng.choice((None, None, (START + timedelta(days=rng.randrange(100, 500, 5))).date()))
    return row


def _value(rng: Random, name: str, column: str, kind: str) -> Any:
    if (name, column) in _CHOICES:
        return rng.choice(_CHOICES[name, column])
    if column in _POOLS:
        return rng.choice(_POOLS[column])
    if name not in TABLES and column in _CARRIED:
        return rng.choice(_CARRIED[column])
    if rng.random() < 0.15 and _may_be_missing(name, column):
        return None
    if kind == "DATE":
        return date(2022, 1, 1) + timedelta(days=rng.randrange(0, 500, 5))
    if kind == "TIMESTAMP":
        return moment(rng)
    if kind == "BIGINT":
        return rng.randint(0, 8)
    if kind.startswith("DECIMAL"):
        return Decimal(rng.randint(0, 99_999)) / 100
    if kind == "DOUBLE":
        return rng.random()
    return rng.random() < 0.5 if kind == "BOOLEAN" else "text"


def _may_be_missing(name: str, column: str) -> bool:
    return TABLES[name].column(column).nullable if name in TABLES else column == "settled_at"


def with_known_until(rows: list[Row]) -> list[Row]:
    """Return the versions with the first moment at which a later one of the same fact can be seen."""
    return [
        {
            **row,
            "known_until": min(
                (
                    max(later["known_at"], later["event_at"] + timedelta(microseconds=1))
                    for later in rows
                    if later["id"] == row["id"] and later["known_at"] > row["known_at"]
                ),
                default=None,
            ),
        }
        for row in rows
    ]


def known(tables: Tables) -> Tables:
    """Return the tables with ``known_until``."""
    return {name: with_known_until(rows) for name, rows in tables.items()}


def connected(tables: Tables) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection that holds the relations of `known` tables."""
    con = duckdb.connect(config={"threads": 1})
    for name, columns in relations().items():
        if name != "placements":
            con.execute(f"CREATE TABLE {name} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
    for name, rows in tables.items():
        if rows:
            con.register("rows", pl.DataFrame(rows, infer_schema_length=None).to_arrow())
            con.execute(f"INSERT INTO {name} BY NAME FROM rows")
            con.unregister("rows")
    return con


def moments_of(rng: Random, count: int) -> pl.DataFrame:
    """Return that many (member_id, as_of), late enough that something is known."""
    return pl.DataFrame(
        {
            "member_id": [rng.choice((*MEMBERS, "nobody")) for _ in range(count)],
            "as_of": [moment(rng) + timedelta(days=150) for _ in range(count)],
        },
        schema={"member_id": pl.String, "as_of": pl.Datetime("us")},
    )
