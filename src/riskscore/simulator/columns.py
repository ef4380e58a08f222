"""From integers to the contract's columns: names, moments, dates and money."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from riskscore.portfolio.tables import Table
from riskscore.simulator.arrays import Ints

MINUTE_US = 60_000_000
CURRENCY = "USD"


def names(prefix: str, numbers: Any, width: int = 7) -> pl.Series:
    """Return the text id of each number: ``names("M", [12])`` is ``M0000012``; negative numbers are missing."""
    series = pl.Series(np.asarray(numbers, dtype=np.int64))
    text = prefix + (series + 1).cast(pl.String).str.zfill(width)
    if series.len() and int(series.min()) < 0:  # type: ignore[arg-type]
        return pl.select(pl.when(series >= 0).then(text)).to_series()
    return text


def words(choices: tuple[str, ...], codes: Any) -> pl.Series:
    """Return the word of each code."""
    return pl.Series(choices, dtype=pl.String).gather(pl.Series(np.asarray(codes, dtype=np.int64)))


def moments(minutes: Any) -> pl.Series:
    """Return minutes from 1970-01-01 as timestamps in microseconds."""
    return pl.Series(np.asarray(minutes, dtype=np.int64) * MINUTE_US).cast(pl.Datetime("us"))


def dates(days: Any) -> pl.Series:
    """Return days from 1970-01-01 as dates; negative days are missing."""
    series = pl.Series(np.asarray(days, dtype=np.int32))
    return pl.select(pl.when(series >= 0).then(series)).to_series().cast(pl.Date)


def money(cents: Any) -> pl.Series:
    """Return cents as DECIMAL(18, 2), exactly; negative amounts are missing."""
    value: Ints = np.ascontiguousarray(cents, dtype=np.int64)
    # A decimal of 128 bits is its integer in two words; amounts are never negative, so the upper one is 0.
    wide = np.zeros((len(value), 2), dtype=np.int64)
    wide[:, 0] = np.maximum(value, 0)
    array = pa.Array.from_buffers(pa.decimal128(18, 2), len(value), [None, pa.py_buffer(wide)])
    series = pl.Series(pl.from_arrow(array))
    if len(value) and int(value.min()) < 0:
        return pl.select(pl.when(pl.Series(value >= 0)).then(series)).to_series()
    return series


def framed(table: Table, **columns: Any) -> pl.DataFrame:
    """Return a frame in the table's order; `event` and `known` are minutes, `currency` is filled in."""
    given = {
        "event_at": moments(columns.pop("event")),
        "known_at": moments(columns.pop("known")),
        **columns,
    }
    height = len(given["event_at"])
    wanted = [column.name for column in table.all_columns]
    if "currency" in wanted:
        given.setdefault("currency", pl.Series(CURRENCY, [CURRENCY]).new_from_index(0, height))
    return pl.DataFrame({name: given[name] for name in wanted if name in given})
