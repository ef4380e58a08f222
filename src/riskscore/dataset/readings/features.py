"""Every feature of a catalogue, read of each case when its loan was asked for, and some days before."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from riskscore.catalog import values
from riskscore.dataset.readings.cases import Cases
from riskscore.dataset.readings.reading import Reading

if TYPE_CHECKING:
    from riskscore.catalog import Lock


def feature_readings(
    con: duckdb.DuckDBPyConnection, cases: Cases, lock: Lock, *, names: Collection[str], days_before: int
) -> Iterator[Reading]:
    """Read the features called `names` for every case; the request itself stays as it was."""
    asked = cases.frame.drop("cluster", "label", "bad", "final_at", "started", "loan_id")
    now = values(con, lock, asked)
    before = values(con, lock, asked.with_columns(pl.col("as_of") - timedelta(days=days_before)))
    for feature in lock.features:
        if feature.name in names:
            source = feature.source or feature.subject
            yield Reading(
                feature.name,
                "feature",
                f"feature of the family {feature.family}, from {source}",
                now[feature.name].cast(pl.Float64),
                before[feature.name].cast(pl.Float64),
            )
