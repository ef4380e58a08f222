"""Scores as a Parquet file, written part by part, so that memory does not grow with the number of applications."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow.parquet as pq

from riskscore.scoring.snapshot import Snapshot

#: Applications in one go: enough for woodelf, and some 350 MB with points of sixty features.
CHUNK = 100_000


class BatchScorer(Protocol):
    """What answers many applications at once."""

    def batch(self, snapshot: Snapshot, applications: pl.DataFrame, *, explain: bool = False) -> pl.DataFrame:
        """Return a row for each application, in order; see `riskscore.scoring.Scorer.batch`."""


def write_scores(
    scorer: BatchScorer,
    snapshot: Snapshot,
    applications: pl.DataFrame,
    file: Path,
    *,
    explain: bool = False,
    chunk: int = CHUNK,
    done: Callable[[int], None] | None = None,
) -> int:
    """Write what `Scorer.batch` gives to `file`, aside first, then renamed, and return how many have a score.

    Parameters
    ----------
    scorer : Scorer or OverIndebtednessScorer
    snapshot : Snapshot
    applications : DataFrame
        As for `Scorer.batch`; the file has their order.
    file : Path
        Replaced where it exists; its folder is made.
    explain : bool
        Add points and reasons. Single points of trees are then good to some 1e-4 of a point, and their sum is exact.
    chunk : int
        How many are held at once.
    done : callable, optional
        Told after each part how many applications it was.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    scored = 0
    try:
        writer: pq.ParquetWriter | None = None
        for start in range(0, max(applications.height, 1), chunk):
            part = scorer.batch(snapshot, applications.slice(start, chunk), explain=explain)
            scored += part.height - part["score"].null_count()
            rows = part.to_arrow()
            writer = writer or pq.ParquetWriter(aside, rows.schema, compression="zstd")
            writer.write_table(rows)
            if done is not None:
                done(part.height)
        if writer:
            writer.close()
        os.replace(aside, file)
    finally:
        aside.unlink(missing_ok=True)
    return scored
