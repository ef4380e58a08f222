"""What each column of a table became when a model was fitted, so that any later table is read the same way.

The matrix that comes out holds a number a cell: the value of a number, the place of a level in a column of categories,
NaN where nothing is known. A level on few rows stands with the levels never seen: one place for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from riskscore.errors import InvalidInput
from riskscore.modelling.estimators.special_codes import special_codes
from riskscore.modelling.estimators.table import is_number, numbers_of, words_of
from riskscore.modelling.margin import Floats

#: A level on fewer rows than this tells nothing that would hold for the next row.
RARE = 10

#: The place of rare and unseen levels.
OTHER = -1.0

CONSTANT = "the same value in every row"
UNIQUE = "another whole number in every row: a name, not a measure"
NAMES = "hardly a word stands in two rows: names, not categories"


@dataclass(frozen=True, slots=True)
class Coding:
    """How columns are read.

    Parameters
    ----------
    columns : tuple of str
        All columns of the table, in order.
    kept : tuple of str
        Those that enter the model.
    levels : mapping of str to tuple of str
        Of each column of categories: its levels, in the order of their places.
    codes : mapping of str to tuple of float
        Special codes of the columns of numbers that have any.
    left_out : mapping of str to str
        Why the other columns do not enter.
    silent : tuple of str
        Columns whose special codes are read as missing: a code follows no direction, and trees would make it.
    """

    columns: tuple[str, ...]
    kept: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, tuple[float, ...]]
    left_out: Mapping[str, str]
    silent: tuple[str, ...] = ()

    @classmethod
    def of(cls, table: pl.DataFrame) -> Self:
        """Read the table that a model is fitted on.

        Raises
        ------
        InvalidInput
            No column is left.
        """
        levels: dict[str, tuple[str, ...]] = {}
        codes: dict[str, tuple[float, ...]] = {}
        left_out: dict[str, str] = {}
        for column in table.get_columns():
            name = column.name
            if is_number(column):
                values = numbers_of(column)
                if values.n_unique() == 1:
                    left_out[name] = CONSTANT
                elif _unique_whole(values):
                    left_out[name] = UNIQUE
                elif found := special_codes(values.fill_null(np.nan).to_numpy()):
                    codes[name] = found
                continue
            words = words_of(column)
            counted = words.drop_nulls().value_counts(sort=True)
            common = counted.filter(pl.col("count") >= min(RARE, max(2, len(table) // 20)))
            if words.n_unique() == 1:
                left_out[name] = CONSTANT
            elif common.is_empty():
                left_out[name] = NAMES
            else:
                levels[name] = tuple(sorted(common[name].to_list()))
        kept = tuple(name for name in table.columns if name not in left_out)
        if not kept:
            raise InvalidInput.of(
                "X", f"No column can enter a model: {left_out}.", "Give columns that differ from row to row."
            )
        return cls(tuple(table.columns), kept, levels, codes, left_out)

    @property
    def categories(self) -> dict[int, int]:
        """The columns of the matrix that hold places, with their numbers of levels."""
        return {place: len(self.levels[name]) for place, name in enumerate(self.kept) if name in self.levels}

    def matrix(self, table: pl.DataFrame) -> Floats:
        """Return (n, kept): numbers and places; columns are taken by their position."""
        position = {name: number for number, name in enumerate(self.columns)}
        found = [self._numbers(name, table.to_series(position[name])) for name in self.kept]
        return np.ascontiguousarray(np.column_stack(found).reshape(len(table), len(self.kept)))

    def _numbers(self, name: str, column: pl.Series) -> Floats:
        if name not in self.levels:
            values = numbers_of(column).fill_null(np.nan).to_numpy().astype(np.float64)
            return np.where(np.isin(values, self.codes[name]), np.nan, values) if name in self.silent else values
        places = {level: float(place) for place, level in enumerate(self.levels[name])}
        words = words_of(column).to_list()
        return np.array([np.nan if word is None else places.get(word, OTHER) for word in words], dtype=np.float64)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "columns": list(self.columns),
            "kept": list(self.kept),
            "levels": {name: list(one) for name, one in self.levels.items()},
            "codes": {name: list(one) for name, one in self.codes.items()},
            "left_out": dict(self.left_out),
            "silent": list(self.silent),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Build it from `to_json`'s values."""
        return cls(
            columns=tuple(content["columns"]),
            kept=tuple(content["kept"]),
            levels={name: tuple(one) for name, one in content["levels"].items()},
            codes={name: tuple(one) for name, one in content["codes"].items()},
            left_out=dict(content["left_out"]),
            silent=tuple(content["silent"]),
        )


def _unique_whole(values: pl.Series) -> bool:
    """Whether a column is whole, complete and different in every row, and there are rows enough for that to tell."""
    return (
        len(values) > 2 * RARE
        and values.null_count() == 0
        and values.n_unique() == len(values)
        and bool((values == values.round()).all())
    )
