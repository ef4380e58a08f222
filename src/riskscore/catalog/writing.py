"""Values as a Parquet file, written part by part, so that memory does not grow with the number of moments."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pyarrow.parquet as pq

from riskscore.catalog.run import CHUNK, values
from riskscore.portfolio import spill

if TYPE_CHECKING:
    from riskscore.catalog.engines import EngineName
    from riskscore.catalog.lock import Lock
    from riskscore.portfolio import Portfolio


def write_values(
    portfolio: Portfolio,
    lock: Lock,
    spine: pl.DataFrame,
    file: Path,
    *,
    threads: int = 2,
    memory: str = "4GB",
    temporary: Path | None = None,
    chunk: int = CHUNK,
    engine: EngineName = "duckdb",
) -> None:
    """Write what `riskscore.catalog.values` gives for `spine` to `file`: aside first, then renamed.

    Parameters
    ----------
    portfolio : Portfolio
    lock : Lock
    spine : DataFrame
        Where it has more than `chunk` rows and names each row's ``bank_id``, the file has the rows of a communal bank
        beside one another, by moment; else it has the order of `spine`.
    file : Path
        Replaced where it exists; its folder is made.
    threads : int
    memory : str
        DuckDB's bound, beyond which it spills to disk. What is read and written beside it takes some 2 GB at most.
    temporary : Path, optional
        Folder under which this process makes its own to spill to.
    chunk : int
        How many rows are computed, and held, in one go. Spark computes all in one go, in the order of `spine`.
    engine : {"duckdb", "spark"}

    Raises
    ------
    InvalidInput
        If the portfolio lacks a table or column that a source of the lock needs; all of them at once.
    Refused
        Where neither memory nor the disk holds the work.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        if engine == "duckdb":
            _in_parts(portfolio, lock, spine, aside, threads=threads, memory=memory, temporary=temporary, chunk=chunk)
        else:
            values(portfolio, lock, spine, engine=engine).write_parquet(aside)
        os.replace(aside, file)
    finally:
        aside.unlink(missing_ok=True)


def _in_parts(
    portfolio: Portfolio,
    lock: Lock,
    spine: pl.DataFrame,
    aside: Path,
    *,
    threads: int,
    memory: str,
    temporary: Path | None,
    chunk: int,
) -> None:
    # The rows of a bank stand together in what is settled, and neighbours are mostly asked about too: bank by bank,
    # each part reads a slice, and hardly a neighbour is computed twice.
    if spine.height > chunk and "bank_id" in spine.columns:
        spine = spine.sort("bank_id", "as_of", maintain_order=True)
    with spill.explained(memory), portfolio.connect(threads, memory, temporary) as con:
        writer: pq.ParquetWriter | None = None
        for start in range(0, max(spine.height, 1), chunk):
            part = values(con, lock, spine.slice(start, chunk)).to_arrow()
            writer = writer or pq.ParquetWriter(aside, part.schema, compression="zstd")
            writer.write_table(part)
        if writer:
            writer.close()
