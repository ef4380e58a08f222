"""The whole catalogue by Spark in local mode beside DuckDB: the same lock, the same institution, equal values."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from institution import moments
from measure import Row, must_be_equal, seconds

from riskscore import Portfolio, Project
from riskscore.catalog import member_values
from riskscore.catalog.engines.session import missing_parts
from riskscore.catalog.engines.spark import on_portfolio


def rows(portfolio: Portfolio, tell: Callable[[str], None]) -> Iterator[Row]:
    """Time the catalogue over every moment of `portfolio` in a local Spark that has started, and in DuckDB.

    Settling is DuckDB's in both and is done before; Spark's start is not timed. Each runs once: the first run of a
    catalogue is what a batch is, and Spark compiles its statements within it.
    """
    lacking = missing_parts()
    if lacking:
        tell(f"  left out: {lacking} pip install 'riskscore[spark]', and Java 17")
        return
    lock = Project.open().catalog().lock()
    with portfolio.connect(threads=2) as con:
        asked = moments(con)
        least, expected = seconds(lambda: member_values(con, lock, asked))
    with on_portfolio(portfolio, lock, threads=2, memory="4GB") as spark:
        took, found = seconds(lambda: member_values(spark, lock, asked))
    must_be_equal("the catalogue by Spark", found.to_dict(as_series=False), expected.to_dict(as_series=False))
    yield Row(
        f"the whole catalogue by Spark in local mode, {len(lock.features)} features, {asked.height:,} moments",
        took,
        "s",
        least,
        "DuckDB, the same lock, equal values",
    )
