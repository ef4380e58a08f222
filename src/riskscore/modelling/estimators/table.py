"""Any table a notebook may hold, read as Polars: pandas, Polars, Arrow, arrays.

Dates, lists and other shapes are refused by name: how long ago is a number, and the caller knows since when.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from riskscore.errors import Fault, InvalidInput

#: Share of a text column's rows that must be numbers for the column to be one.
MOSTLY_NUMBERS = 0.9


def is_frame(X: object) -> bool:
    """Whether X knows its column names."""
    return not isinstance(X, np.ndarray) and (hasattr(X, "columns") or hasattr(X, "__arrow_c_stream__"))


def read_table(X: Any) -> pl.DataFrame:
    """Return X as a Polars frame whose columns are numbers, truth values or text.

    Parameters
    ----------
    X : pandas, Polars or Arrow table, or ndarray (n, k)

    Raises
    ------
    InvalidInput
        A column is a date, a list or another shape, or a name stands twice; every fault at once.
    """
    frame = frame_of(X)
    faults = []
    for column in frame.get_columns():
        kind = column.dtype
        if kind.is_temporal():
            what, remedy = "It is a date or a time.", "Give the days between it and the request, or leave it out."
            faults.append(Fault(column.name, what, remedy))
        elif not (kind.is_numeric() or kind in (pl.Boolean, pl.Null, pl.String, pl.Categorical, pl.Enum)):
            faults.append(Fault(column.name, f"A column of {kind} is no number and no text.", "Leave it out."))
    if faults:
        raise InvalidInput(faults)
    return frame


def frame_of(X: Any) -> pl.DataFrame:
    """Return X as a Polars frame, whatever its columns hold."""
    if isinstance(X, pl.LazyFrame):
        return X.collect()
    if isinstance(X, pl.DataFrame):
        return X
    if isinstance(X, np.ndarray):
        return pl.DataFrame([_series(f"x{number}", column) for number, column in enumerate(X.T)])
    pandas = hasattr(X, "iloc")
    names = [str(name) for name in (X.columns if pandas else getattr(X, "column_names", ()))]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput(Fault(name, "Two columns bear this name.", "Rename one of them.") for name in twice)
    if pandas:
        return pl.DataFrame([_series(name, X.iloc[:, number]) for number, name in enumerate(names)])
    return pl.DataFrame(X)


def _series(name: str, values: Any) -> pl.Series:
    """Return a column; one of objects is read value by value, for it may mix text, numbers and gaps."""
    if values.dtype != object:
        return pl.Series(name, values, nan_to_null=True)
    held = [None if one is None or one != one else one for one in values.tolist()]
    present = [one for one in held if one is not None]
    if any(isinstance(one, dict | list | set | tuple) for one in present):
        raise TypeError(f"{name}: the argument must be a string or a number, not a collection of them.")
    if any(hasattr(one, "year") for one in present):
        return pl.Series(name, [None] * len(held), dtype=pl.Datetime)
    if any(isinstance(one, str) for one in present):
        return pl.Series(name, [None if one is None else str(one) for one in held], dtype=pl.String)
    return pl.Series(name, [None if one is None else float(one) for one in held], dtype=pl.Float64)


def numbers_of(column: pl.Series) -> pl.Series:
    """Return a column as numbers; a word among them, and an infinity, is missing: nothing was measured there."""
    values = (column.cast(pl.String).str.strip_chars() if _is_text(column) else column).cast(pl.Float64, strict=False)
    return values.set(~values.is_finite(), None)


def words_of(column: pl.Series) -> pl.Series:
    """Return a column as text, an empty text being missing; a whole number reads the same with and without ``.0``."""
    if column.dtype.is_float() and column.is_not_null().any():
        whole = column.drop_nulls()
        if (whole == whole.round()).all():
            column = column.cast(pl.Int64, strict=False)
    text = column.cast(pl.String).str.strip_chars()
    return text.set(text == "", None)


def is_number(column: pl.Series) -> bool:
    """Whether a column is to be read as numbers: it is of numbers, or text that is mostly numbers.

    A column declared to be of categories is one, whatever its labels look like.
    """
    if column.dtype in (pl.Categorical, pl.Enum):
        return False
    if column.dtype != pl.String:
        return True
    text = words_of(column)
    seen = len(text) - text.null_count()
    return bool(seen and text.cast(pl.Float64, strict=False).is_not_null().sum() >= MOSTLY_NUMBERS * seen)


def _is_text(column: pl.Series) -> bool:
    return column.dtype in (pl.String, pl.Categorical, pl.Enum)
