"""A large institution out of a small one: its rows over and over, under other ids.

Simulating hundreds of thousands of members takes long and teaches a benchmark nothing. What is repeated is everything
that hangs on a branch (branches, officers, groups, members, loans ...); what stands for itself (sectors, products,
shocks ...) stays as it is. So every replica's features equal those of the institution it was made of, which is checked.

Rows stand in the order in which they were recorded, every replica's beside one another, as in an institution of that
size: what belongs to one member or one bank is spread over the whole file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl

from riskscore import Portfolio
from riskscore.portfolio.folder import table_files
from riskscore.portfolio.manifest import FILE
from riskscore.portfolio.tables import Table

#: The first table that is repeated; the others are those that name a repeated one.
ROOT = "branches"


#: What stands between an id and the number of its replica.
MARK = "~"


def replicate(portfolio: Portfolio, into: Path, times: int, tables: Mapping[str, Table]) -> Portfolio:
    """Write `times` replicas of `portfolio` into the folder `into`, streaming: memory does not grow with them.

    Parameters
    ----------
    portfolio : Portfolio
    into : Path
        Must not exist.
    times : int
    tables : mapping of str to Table
        The contract with the institution's own tables.
    """
    into.mkdir(parents=True)
    repeated = _repeated(tables)
    rows: dict[str, int] = {}
    with duckdb.connect(config={"threads": 2, "memory_limit": "2GB", "temp_directory": str(into / ".spill")}) as con:
        for name, count in portfolio.manifest.rows.items():
            table, source = tables[name], f"read_parquet('{portfolio.path / name}.parquet')"
            if name in repeated:
                source = f"(SELECT *, unnest(range({times})) AS replica FROM (FROM {source} ORDER BY known_at, id))"
            columns = _columns(table, repeated, pl.read_parquet_schema(portfolio.path / f"{name}.parquet"))
            con.execute(f"COPY (SELECT {columns} FROM {source}) TO '{into / name}.parquet' (FORMAT parquet)")
            rows[name] = count * (times if name in repeated else 1)
    # Without a first complete day every application counts.
    manifest = replace(portfolio.manifest, rows=rows, complete_from=None)
    manifest = replace(manifest, content_hash=manifest.hash_of(table_files(into)))
    (into / FILE).write_text(manifest.to_json(), encoding="utf-8")
    return Portfolio.open(into)


def _repeated(tables: Mapping[str, Table]) -> set[str]:
    found = {ROOT}
    for name, table in tables.items():
        if any(column.references in found for column in table.columns):
            found.add(name)
    return found


def _columns(table: Table, repeated: set[str], present: Collection[str]) -> str:
    if table.name not in repeated:
        return "*"
    ids = ["id", *(column.name for column in table.columns if column.references in repeated and column.name in present)]
    renamed = ", ".join(f"{name} || '{MARK}' || replica AS {name}" for name in ids)
    return f"* EXCLUDE (replica) REPLACE ({renamed})"
