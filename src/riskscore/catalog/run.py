"""Run a lock over a portfolio: every feature of every asked moment, by the lock's own statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from riskscore.catalog.engines import beside_moments
from riskscore.catalog.engines.opening import opened
from riskscore.catalog.formulas import with_request
from riskscore.errors import Fault, InvalidInput

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import SparkSession

    from riskscore.catalog.engines import Engine, EngineName
    from riskscore.catalog.lock import Lock
    from riskscore.portfolio import Portfolio

#: Moments in one go: what bounds memory. Peers multiply them by the size of a communal bank.
CHUNK = 200_000

_KEYS = {"member_id": pl.String(), "group_id": pl.String(), "as_of": pl.Datetime("us")}


def member_values(
    portfolio: Portfolio | duckdb.DuckDBPyConnection | Engine,
    lock: Lock,
    moments: pl.DataFrame,
    *,
    engine: EngineName | SparkSession = "duckdb",
    threads: int = 2,
    memory: str = "4GB",
    chunk: int = CHUNK,
) -> pl.DataFrame:
    """Compute every feature that needs no request, for each member at each moment.

    Parameters
    ----------
    portfolio : Portfolio, DuckDBPyConnection or Engine
        Or a connection, or an engine, with the relations of `Portfolio.connect`; it is left open.
    lock : Lock
    moments : DataFrame
        ``member_id`` (text) and ``as_of`` (timestamp, local); other columns are ignored. A pair may repeat. Where
        ``member_id`` is missing, a group asks for itself and ``group_id`` names it: a communal bank or a producer
        association.
    engine : {"duckdb", "spark"} or SparkSession
        What runs the statements over a portfolio; the values are the same. "spark" is the session that is active, else
        a local one.
    threads : int
    memory : str
        DuckDB's bound, beyond which it spills to disk; the heap of a local Spark.
    chunk : int
        How many moments DuckDB computes in one go.

    Returns
    -------
    DataFrame
        A row for each row of `moments`, in its order: ``member_id``, ``as_of`` and the features of steps 2 to 4 as
        Float64. An unknown member has every feature missing.

    Raises
    ------
    InvalidInput
        If the portfolio lacks a table or column that a source of the lock needs; all of them at once.
    """
    groups = pl.when(pl.col("member_id").is_null()).then("group_id") if "group_id" in moments.columns else pl.lit(None)
    keys = moments.with_columns(groups.alias("group_id")).select(pl.col(n).cast(kind) for n, kind in _KEYS.items())
    asked = keys.unique().sort("as_of", "member_id", "group_id").with_row_index("moment_id")
    with opened(portfolio, lock, engine, threads=threads, memory=memory, chunk=chunk) as on:
        size = on.chunk or max(asked.height, 1)
        try:
            on.keep("placements", lock.definition["placements"])
            parts = [_values(on, lock, asked.slice(start, size)) for start in range(0, max(asked.height, 1), size)]
        except on.failures:
            # Looking at every view's columns costs more than one member's row: only where something did not bind.
            _explain(on, lock)
            raise
    found = keys.join(pl.concat(parts), on=list(_KEYS), how="left", maintain_order="left", nulls_equal=True)
    return found.drop("group_id")


def values(
    portfolio: Portfolio | duckdb.DuckDBPyConnection | Engine,
    lock: Lock,
    spine: pl.DataFrame,
    *,
    engine: EngineName | SparkSession = "duckdb",
) -> pl.DataFrame:
    """Compute every feature for a spine: the columns of `spine`, then those of `member_values`, then the formulas."""
    found = member_values(portfolio, lock, spine, engine=engine)
    return with_request(lock, pl.concat([spine, found.drop("member_id", "as_of")], how="horizontal"))


def _explain(on: Engine, lock: Lock) -> None:
    """Name every table and column that the lock needs and the portfolio lacks."""
    present = on.columns()
    faults = []
    for need in lock.definition["requires"]:
        table, source = need["table"], need["source"]
        if table not in present:
            what = f"The source {source} needs this table, and the portfolio has none."
            faults.append(Fault(table, what, "Ingest it, or train without that source."))
            continue
        faults += [
            Fault(f"{table}.{column}", f"The source {source} needs this column.", "Ingest it, or train without it.")
            for column in need["columns"]
            if column not in present[table]
        ]
    if faults:
        raise InvalidInput(faults)


def _values(on: Engine, lock: Lock, asked: pl.DataFrame) -> pl.DataFrame:
    """Compute one chunk: select, then peers, then everything beside its moment.

    What peers read of their neighbours is selected once, for the asked members and their neighbours together: a
    neighbour is mostly someone who is asked about too.
    """
    plan = lock.definition
    tables = [(f"selected_{number}", statement) for number, statement in enumerate(plan["select"])]
    of_both = [one for one in tables if one[1]["of_neighbours"]]
    _moments(on, plan, asked)
    for name, statement in tables:
        if not statement["of_neighbours"]:
            on.answer(name, statement["sql"])
    selected = [(name, statement["features"]) for name, statement in tables]
    if plan["peers"]:
        on.keep("origin", "SELECT * FROM moments")
        for place, sql in plan["neighbours"].items():
            on.keep(f"neighbours_{place}", sql)
        union = " UNION ".join(f"SELECT member_id, as_of FROM neighbours_{place}" for place in plan["neighbours"])
        others = on.read(f"({union}) EXCEPT SELECT member_id, as_of FROM origin")
        first = asked["moment_id"][-1] + 1 if asked.height else 0
        beside = others.select("member_id", pl.lit(None, pl.String()).alias("group_id"), "as_of")
        _moments(on, plan, pl.concat([asked, beside.with_row_index("moment_id", offset=first)]))
        for name, statement in of_both:
            on.keep(name, statement["sql"])
        on.keep("neighbour_values", beside_moments([(n, one["features"]) for n, one in of_both], "moments"))
        for number, peers in enumerate(plan["peers"]):
            on.answer(f"peers_{number}", peers["sql"])
            selected.append((f"peers_{number}", peers["features"]))
    return on.together(selected, "origin" if plan["peers"] else "moments")


def _moments(on: Engine, plan: Any, asked: pl.DataFrame) -> None:
    """Make the temporary tables that the statements of step 2 read: what is asked, and where each member stood."""
    on.put("asked", asked)
    on.keep("moments", plan["moments"])
