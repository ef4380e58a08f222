"""The same scores on Spark: each executor is handed the champion and its part of the rows, and runs `Scorer.batch`.

Nothing is written anew for Spark: a part is a small snapshot of its own, so the numbers are those of one process.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from riskscore.catalog.engines.session import spark_session
from riskscore.scoring.score_file import CHUNK, BatchScorer, write_scores
from riskscore.scoring.snapshot import Snapshot

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_VALUE = "value_{}"
_OTHERS, _UNCOVERED, _STANDS = "others", "others_uncovered", "stands"


def write_scores_on_spark(
    scorer: BatchScorer,
    snapshot: Snapshot,
    applications: pl.DataFrame,
    file: Path,
    *,
    explain: bool = False,
    session: SparkSession | None = None,
    threads: int = 2,
    memory: str = "4GB",
) -> int:
    """Do what `riskscore.scoring.score_file.write_scores` does, on Spark; the file is the same.

    Where a part has fewer rows than woodelf is worth, its points come from LightGBM itself, so that with `explain`
    single points may differ by some 1e-4 of a point between the two; everything else is equal to the last bit.

    Parameters
    ----------
    scorer, snapshot, applications, file, explain
        As there. The file's folder must be one that every executor can write to under the same path.
    session : SparkSession, optional
        An institution's own; else the active one; else a local one is started and stopped.
    threads, memory
        Of a local session.

    Raises
    ------
    Refused
        If PySpark or Java is missing.
    """
    if applications.is_empty():
        return write_scores(scorer, snapshot, applications, file, explain=explain)
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    parts = aside.with_name(f"{aside.name}.parts")
    try:
        with spark_session(session, threads=threads, memory=memory) as spark:
            spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(CHUNK))
            rows = spark.createDataFrame(_rows(snapshot, applications))
            scored = rows.mapInArrow(
                _scoring(scorer, snapshot, explain), _ddl(scorer.batch(snapshot, applications[:0], explain=explain))
            )
            scored.write.parquet(parts.resolve().as_uri())
        count = _joined(parts, aside)
        os.replace(aside, file)
    finally:
        aside.unlink(missing_ok=True)
        shutil.rmtree(parts, ignore_errors=True)
    return count


def _rows(snapshot: Snapshot, applications: pl.DataFrame) -> pa.Table:
    """Return each application with the values of who asks; rows of an unknown member are not of the snapshot."""
    places = np.array([snapshot.places.get(member, -1) for member in applications["member_id"]], dtype=np.int64)
    known = places >= 0
    missing = np.full((1, len(snapshot.names)), np.nan)
    values = np.vstack([snapshot.values, missing])[places]
    columns: dict[str, object] = {
        _STANDS: known,
        _OTHERS: np.append(snapshot.others, 0)[places],
        _UNCOVERED: np.append(snapshot.others_uncovered, 0.0)[places],
        **{_VALUE.format(place): column for place, column in enumerate(values.T)},
    }
    told = pl.concat([applications, pl.DataFrame(columns)], how="horizontal")
    return told.to_arrow(compat_level=pl.CompatLevel.oldest())


def _scoring(
    scorer: BatchScorer, snapshot: Snapshot, explain: bool
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    bare = replace(snapshot, values=snapshot.values[:0], places={}, group={}, bank={})

    def score(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = pl.DataFrame(pa.Table.from_batches([batch]))
            part = replace(
                bare,
                values=np.ascontiguousarray(rows.select(_VALUE.format(k) for k in range(len(bare.names))).to_numpy()),
                places={m: at for at, (m, here) in enumerate(rows.select("member_id", _STANDS).iter_rows()) if here},
                others=rows[_OTHERS].to_numpy(),
                others_uncovered=rows[_UNCOVERED].to_numpy(),
            )
            found = scorer.batch(part, rows, explain=explain).to_arrow(compat_level=pl.CompatLevel.oldest())
            yield from found.cast(_plain(found.schema)).to_batches()

    return score


def _plain(schema: pa.Schema) -> pa.Schema:
    """Return the schema with the text that Spark expects."""
    return pa.schema([(one.name, pa.string() if pa.types.is_large_string(one.type) else one.type) for one in schema])


def _ddl(answer: pl.DataFrame) -> str:
    """Return the columns of an answer as Spark declares them."""
    kinds = {pl.String(): "STRING", pl.Boolean(): "BOOLEAN", pl.Float64(): "DOUBLE"}
    return ", ".join(f"`{name}` {kinds[kind]}" for name, kind in answer.schema.items())


def _joined(parts: Path, file: Path) -> int:
    """Write the parts, which Spark numbers in the order of the rows, to one file; return how many have a score."""
    scored = 0
    writer: pq.ParquetWriter | None = None
    for part in sorted(parts.glob("part-*")):
        for batch in pq.ParquetFile(part).iter_batches():
            rows = pl.DataFrame(pa.Table.from_batches([batch])).to_arrow()
            scored += len(rows) - rows.column("score").null_count
            writer = writer or pq.ParquetWriter(file, rows.schema, compression="zstd")
            writer.write_table(rows)
    if writer:
        writer.close()
    return scored
