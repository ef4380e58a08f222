"""Features in bulk: settlement, thirty aggregates, how they grow, and the whole catalogue."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl
from institution import institution, moments
from measure import Pair, Row, must_be_equal, seconds, side_by_side
from settled_by_hand import settle_by_hand
from thirty_by_hand import statement

from riskscore import Catalog, Portfolio, Project
from riskscore.catalog import member_values
from riskscore.portfolio.connection import tables_only
from riskscore.portfolio.settlement import settle

DEFINITIONS = Path(__file__).parent / "definitions" / "thirty"

_A_THIRD = "the same on a third of the institution"


def rows(scratch: Path, portfolio: Portfolio, small_members: int) -> Iterator[Row]:
    """Time the features of `portfolio`, and of an institution of `small_members` for the growth.

    The small institution is a third of the large one, so the floor of a growth row is the same work on a third.
    """
    small = institution(scratch / "small", small_members)
    millions = portfolio.manifest.rows["instalments"] / 1e6
    fewer = small.manifest.rows["instalments"] / 1e6
    with _tables(portfolio) as con, _tables(small) as con_small:
        settling = side_by_side(_settle(portfolio, con), _settle_by_hand(portfolio, con), times=3, warm=0)
        grown = side_by_side(_settle(portfolio, con), _settle(small, con_small), times=2, warm=0)
    unit = "s per million instalments"
    yield Row(
        f"settlement, {millions:.2f} M instalments into versions",
        settling.value / millions,
        unit,
        settling.floor / millions,
        "one running sum and one join, of what is known at the end alone",
    )
    yield Row("settlement, growth with size", grown.value / millions, unit, grown.floor / fewer, _A_THIRD, 1.5)
    with portfolio.connect(threads=2) as con, small.connect(threads=2) as con_small:
        asked, asked_small = moments(con), moments(con_small)
        thirty = _thirty(con, asked)
        yield Row(
            f"30 windowed aggregates, {asked.height:,} moments, {_versions(con):,} rows",
            thirty.value,
            "s",
            thirty.floor,
            "one statement written by hand, equal values",
            1.5,
        )
        lock = Catalog.from_folder(DEFINITIONS).lock()
        grown = side_by_side(
            lambda: member_values(con, lock, asked), lambda: member_values(con_small, lock, asked_small), times=3
        )
        yield Row(
            "30 windowed aggregates, growth with size",
            1e6 * grown.value / asked.height,
            "µs per moment",
            1e6 * grown.floor / asked_small.height,
            _A_THIRD,
            1.5,
        )
        every = Project.open().catalog().lock()
        took = statistics.median(seconds(lambda: member_values(con, every, asked))[0] for _ in range(3))
        yield Row(
            f"the whole catalogue, {len(every.features)} features, {asked.height:,} moments",
            took,
            "s",
            thirty.floor,
            "the thirty aggregates by hand: 1 of its sources, no neighbours",
        )


def _thirty(con: duckdb.DuckDBPyConnection, asked: pl.DataFrame) -> Pair:
    lock = Catalog.from_folder(DEFINITIONS).lock()
    names = [feature.name for feature in lock.features]

    def by_hand() -> pl.DataFrame:
        con.register("by_hand_moments", asked.to_arrow())
        found: pl.DataFrame = con.sql(statement("by_hand_moments")).pl()
        con.unregister("by_hand_moments")
        return found

    pair = side_by_side(lambda: member_values(con, lock, asked), by_hand, times=3)
    engine, hand = pair.results
    # A moment that sees no instalment has no row by hand, and one without values in the engine.
    joined = asked.join(hand, on=["member_id", "as_of"], how="left", maintain_order="left")
    must_be_equal(
        "30 aggregates",
        engine.select(names).to_dict(as_series=False),
        joined.select(names).to_dict(as_series=False),
    )
    return pair


def _versions(con: duckdb.DuckDBPyConnection) -> int:
    return int(con.execute("SELECT count(*) FROM settled_instalments").fetchall()[0][0])


def _tables(portfolio: Portfolio) -> duckdb.DuckDBPyConnection:
    return tables_only(portfolio, threads=2, memory="4GB")


def _settle(portfolio: Portfolio, con: duckdb.DuckDBPyConnection) -> Callable[[], None]:
    """Return what settles anew into a folder that is thrown away; the portfolio's cache is left out of it."""

    def work() -> None:
        folder = Path(tempfile.mkdtemp(dir=portfolio.path.parent))
        settle(portfolio, con, folder)
        shutil.rmtree(folder)

    return work


def _settle_by_hand(portfolio: Portfolio, con: duckdb.DuckDBPyConnection) -> Callable[[], None]:
    def work() -> None:
        folder = Path(tempfile.mkdtemp(dir=portfolio.path.parent))
        settle_by_hand(con, folder / "settled.parquet")
        shutil.rmtree(folder)

    return work
