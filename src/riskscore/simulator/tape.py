"""The record of everything that happened, as integer columns, table by table.

Moments are whole minutes of local time from 1970-01-01, money is cents, names are small integers: text and decimals
are made once, at the end, in `riskscore.simulator.frames`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt

from riskscore.simulator.arrays import Ints

DAY_MINUTES = 24 * 60


def at(day: Ints, hour: int, minute: int = 0) -> Ints:
    """Return the moment, in minutes, of an hour of each day."""
    return np.asarray(day, dtype=np.int64) * DAY_MINUTES + (hour * 60 + minute)


class Tape:
    """Appends blocks of rows to tables and hands each table back as one set of columns."""

    def __init__(self) -> None:
        self._blocks: dict[str, list[dict[str, npt.NDArray[Any]]]] = defaultdict(list)
        self._rows: dict[str, int] = defaultdict(int)

    def add(self, table: str, **columns: npt.NDArray[Any]) -> Ints:
        """Append one row for each entry of `columns` and return the new rows' numbers, from 0."""
        count = len(next(iter(columns.values())))
        first = self._rows[table]
        self._rows[table] += count
        self._blocks[table].append(columns)
        return np.arange(first, first + count)

    def look(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """Return all columns of a table, blocks joined in the order they were added, and keep them."""
        blocks = self._blocks[name]
        if len(blocks) > 1:
            joined = {column: np.concatenate([block[column] for block in blocks]) for column in blocks[0]}
            self._blocks[name] = blocks = [joined]
        return blocks[0]

    def table(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """Return all columns of a table as `look` does, and forget them."""
        columns = self.look(name)
        del self._blocks[name]
        return columns
