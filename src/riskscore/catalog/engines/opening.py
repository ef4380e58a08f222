"""The engine that was asked for, holding a portfolio's relations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, get_args

import duckdb

from riskscore.catalog.engines import Engine, EngineName
from riskscore.catalog.engines.duckdb import DuckDB
from riskscore.errors import InvalidInput
from riskscore.portfolio import Portfolio

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from riskscore.catalog.lock import Lock


@contextmanager
def opened(
    portfolio: Portfolio | duckdb.DuckDBPyConnection | Engine,
    lock: Lock,
    engine: EngineName | SparkSession,
    *,
    threads: int,
    memory: str,
    chunk: int,
) -> Iterator[Engine]:
    """Give an engine with every relation that `lock` needs; what was opened for it is closed afterwards.

    A connection, or an engine that holds relations already, is taken as it is and left open.

    Raises
    ------
    InvalidInput
        For an engine of another name.
    Refused
        If Spark is asked for and cannot be had.
    """
    if isinstance(portfolio, duckdb.DuckDBPyConnection):
        yield DuckDB(portfolio, chunk=chunk)
    elif not isinstance(portfolio, Portfolio):
        yield portfolio
    elif engine == "duckdb":
        con = portfolio.connect(threads=threads, memory=memory)
        try:
            yield DuckDB(con, chunk=chunk)
        finally:
            con.close()
    elif isinstance(engine, str) and engine != "spark":
        raise InvalidInput.of("engine", f"{engine!r} is not known.", f"Use one of {', '.join(get_args(EngineName))}.")
    else:
        from riskscore.catalog.engines.spark import on_portfolio

        given = None if isinstance(engine, str) else engine
        with on_portfolio(portfolio, lock, given, threads=threads, memory=memory) as spark:
            yield spark
