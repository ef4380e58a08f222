"""Values as a Parquet file, written part by part, so that memory does not grow with the number of moments."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pyarrow.parquet as pq

from riskscore.catalog.engines.opening import opened
from riskscore.catalog.run import CHUNK, values
from riskscore.portfolio import spill

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import SparkSession

    from riskscore.catalog.engines import Engine, EngineName
    from riskscore.catalog.lock import Lock
    from riskscore.portfolio import Portfolio


def write_values(
    portfolio: Portfolio | duckdb.DuckDBPyConnection | Engine,
    lock: Lock,
    spine: pl.DataFrame,
    file: Path,
    *,
    engine: EngineName | SparkSession = "duckdb",
    threads: int = 2,
    memory: str = "4GB",
    chunk: int = CHUNK,
) -> None:
    """Write what `riskscore.catalog.values` gives for `spine` to `file`: aside first, then renamed.

    Parameters
    ----------
    portfolio : Portfolio, DuckDBPyConnection or Engine
        As for `riskscore.catalog.member_values`.
    lock : Lock
    spine : DataFrame
        Where it has more than `chunk` rows and names each row's ``bank_id``, the file has the rows of a communal bank
        beside one another, by moment; else it has the order of `spine`.
    file : Path
        Replaced where it exists; its folder is made.
    engine : {"duckdb", "spark"} or SparkSession
        What computes; the file is the same.
    threads : int
    memory : str
        DuckDB's bound, beyond which it spills to disk; the heap of a local Spark.
    chunk : int
        How many rows DuckDB computes, and this process holds, in one go.

    Raises
    ------
    InvalidInput
        If the portfolio lacks a table or column that a source of the lock needs; all of them at once.
    Refused
        Where neither memory nor the disk holds the work.
    """
    # The rows of a bank stand together in what is settled, and neighbours are mostly asked about too: bank by bank,
    # each part reads a slice, and hardly a neighbour is computed twice.
    if spine.height > chunk and "bank_id" in spine.columns:
        spine = spine.sort("bank_id", "as_of", maintain_order=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    with spill.explained(memory), opened(portfolio, lock, engine, threads=threads, memory=memory, chunk=chunk) as on:
        size = on.chunk or max(spine.height, 1)
        try:
            writer: pq.ParquetWriter | None = None
            for start in range(0, max(spine.height, 1), size):
                part = values(on, lock, spine.slice(start, size)).to_arrow()
                writer = writer or pq.ParquetWriter(aside, part.schema, compression="zstd")
                writer.write_table(part)
            if writer:
                writer.close()
            os.replace(aside, file)
        finally:
            aside.unlink(missing_ok=True)
