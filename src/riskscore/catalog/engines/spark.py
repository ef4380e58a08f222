"""Spark as an engine: the lock's statements, rewritten (`riskscore.catalog.engines.spark_sql`), in a Spark session.

What is kept is computed at once and held in memory, and on disk beyond that: a single plan of all statements would
hold the buffers of all of them in one task. What has a row for each moment is kept divided and sorted by moment, so
that putting many beside each other neither shuffles nor sorts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from riskscore.catalog.engines.exported import exported
from riskscore.catalog.engines.session import spark_session
from riskscore.catalog.engines.spark_sql import to_spark
from riskscore.errors import ArtefactError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from riskscore.catalog.lock import Lock
    from riskscore.portfolio import Portfolio


class Spark:
    """Runs a lock's statements in a session.

    Parameters
    ----------
    session : SparkSession
        Set up by `riskscore.catalog.engines.session.spark_session`. Relations are its temporary views.
    sources : mapping of str to str
        What a fault calls each statement, by its SQL; the name of what was to be made of it where it is not told.
    """

    failures: tuple[type[Exception], ...] = (ArtefactError,)
    chunk: int | None = None

    def __init__(self, session: SparkSession, sources: Mapping[str, str] | None = None) -> None:
        self._session = session
        self._sources = sources or {}
        self._types: dict[str, dict[str, str]] = {}
        self._kept: list[DataFrame] = []

    def attach(self, name: str, file: Path) -> None:
        """Make the relation `name` of a Parquet file, or of a folder of them, that every executor can read."""
        self._stand(name, self._session.read.parquet(str(file)))

    def put(self, name: str, frame: pl.DataFrame) -> None:
        """Make a temporary table of the rows of `frame`."""
        # Spark has no unsigned numbers.
        signed = frame.with_columns(cs.unsigned_integer().cast(pl.Int64))
        self._stand(name, self._session.createDataFrame(signed.to_arrow()))

    def keep(self, name: str, sql: str) -> None:
        """Make a temporary table of what a query gives."""
        from pyspark import StorageLevel

        found = self._query(name, sql)
        if "moment_id" in found.columns:
            parts = int(self._session.conf.get("spark.sql.shuffle.partitions") or 1)
            found = found.repartition(parts, "moment_id").sortWithinPartitions("moment_id")
        found = found.persist(StorageLevel.MEMORY_AND_DISK)
        self._kept.append(found)
        with self._named(name, sql):
            found.write.format("noop").mode("overwrite").save()
        self._stand(name, found)

    def answer(self, name: str, sql: str) -> None:
        """Hold what a query gives, as `keep` does."""
        self.keep(name, sql)

    def read(self, sql: str) -> pl.DataFrame:
        """Return what a query gives."""
        query = self._query("answer", sql)
        with self._named("answer", sql):
            return pl.DataFrame(query.toArrow())

    def together(self, tables: Sequence[tuple[str, Sequence[str]]], moments: str) -> pl.DataFrame:
        """Return every table's features beside their moment: fetched one by one and joined here.

        The answer has to fit here in any case, and a single join of so many tables took Spark longer than all else.
        """
        found = self.read(
            "SELECT moment_id, member_id, CASE WHEN member_id IS NULL THEN group_id END AS group_id, as_of "
            f"FROM {moments}"
        )
        for table, features in tables:
            values = self.read(f"SELECT {', '.join(['moment_id', *features])} FROM {table}")
            found = found.join(values, on="moment_id", how="left")
        return found.drop("moment_id")

    def columns(self) -> dict[str, set[str]]:
        """Return the columns of every relation by name."""
        return {name: set(types) for name, types in self._types.items()}

    def release(self) -> None:
        """Give back the memory and the disk of everything that was kept."""
        for frame in self._kept:
            frame.unpersist()
        self._kept.clear()

    def _stand(self, name: str, frame: DataFrame) -> None:
        frame.createOrReplaceTempView(name)
        self._types[name] = dict(frame.dtypes)

    def _query(self, name: str, sql: str) -> DataFrame:
        with self._named(name, sql):
            return self._session.sql(to_spark(sql, self._types))

    @contextmanager
    def _named(self, name: str, sql: str) -> Iterator[None]:
        """Give an error of Spark's the source and the whole statement.

        What Spark says is passed on where it speaks of names and types; once rows are read it may quote one, so that
        only the name of the condition is told then.
        """
        from py4j.protocol import Py4JError
        from pyspark.errors import AnalysisException, PySparkException

        try:
            with _quiet():
                yield
        except (PySparkException, Py4JError) as error:
            said = str(error).split("\n", 1)[0] if isinstance(error, AnalysisException) else _condition(error)
            what = f"Spark does not run this statement ({said}):\n{to_spark(sql, self._types)}\n"
            remedy = "See that the tables have the types of the contract; --engine duckdb runs the same lock."
            raise ArtefactError.of(self._sources.get(sql, name), what, remedy) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep PySpark from logging an error whole, with the values that Spark quotes in it."""
    from pyspark.logger import PySparkLogger

    loggers = [PySparkLogger.getLogger(name) for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger")]
    before = [logger.disabled for logger in loggers]
    try:
        for logger in loggers:
            logger.disabled = True
        yield
    finally:
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled


def _condition(error: Exception) -> str:
    """Return the name of a condition, such as ``NUMERIC_VALUE_OUT_OF_RANGE``, without what it says of values."""
    found = re.search(r"\[([A-Z][A-Z_.]+)\]", str(error))
    return found[1] if found else type(error).__name__


@contextmanager
def on_portfolio(
    portfolio: Portfolio, lock: Lock, given: SparkSession | None = None, *, threads: int = 2, memory: str = "4GB"
) -> Iterator[Spark]:
    """Give Spark with the relations of `portfolio` that `lock` needs.

    Parameters
    ----------
    portfolio : Portfolio
        Its folder must be readable by every executor under the same path. DuckDB settles it first, here, once.
    lock : Lock
    given : SparkSession, optional
        See `riskscore.catalog.engines.session.spark_session`.
    threads, memory
        Of DuckDB while it settles and, after it, of a local session.
    """
    wanted = [need["table"] for need in lock.definition["requires"]]
    files = exported(portfolio, wanted, threads=threads, memory=memory)
    with spark_session(given, threads=threads, memory=memory) as session:
        engine = Spark(session, sources_of(lock))
        for name, file in files.items():
            engine.attach(name, file)
        try:
            yield engine
        finally:
            engine.release()


def sources_of(lock: Lock) -> dict[str, str]:
    """Return the name of the source that each statement of step 2 reads, by its SQL."""
    return {statement["sql"]: lock.feature(statement["features"][0]).source for statement in lock.definition["select"]}
