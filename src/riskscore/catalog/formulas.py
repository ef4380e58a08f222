"""Formulas over one row: the features at the moment, and the fields of a request.

They are evaluated over arrays (`riskscore.catalog.elementwise`), so that one request costs no query.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from riskscore.catalog.elementwise import Array, Columns, Evaluate, evaluator, strange
from riskscore.catalog.expressions import Unreadable, columns_of, parsed
from riskscore.catalog.relations import REQUEST
from riskscore.errors import Fault, InvalidInput

if TYPE_CHECKING:
    from riskscore.catalog.lock import Lock

#: Fields that a caller may leave out; they are missing then.
_OPTIONAL = ("purpose", "instalment_m")

#: Columns that are text; every other is a number.
TEXTS = frozenset(name for name, kind in REQUEST.items() if kind == "VARCHAR")

Floats = NDArray[np.float64]


def _needs(expressions: Mapping[str, str]) -> dict[str, set[str]]:
    needs: dict[str, set[str]] = {}
    for name, text in expressions.items():
        try:
            needs[name] = columns_of(parsed(text)) & set(expressions)
        except Unreadable:
            needs[name] = set()
    return needs


def circle_of(expressions: Mapping[str, str]) -> list[str]:
    """Return formulas that need one another in a circle, empty where there is none."""
    try:
        TopologicalSorter(_needs(expressions)).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def in_levels(expressions: Mapping[str, str]) -> list[list[str]]:
    """Return the formulas in levels, each needing only those of earlier ones, in the order declared."""
    order = list(expressions)
    sorter = TopologicalSorter(_needs(expressions))
    sorter.prepare()
    levels: list[list[str]] = []
    while sorter.is_active():
        ready = sorter.get_ready()
        sorter.done(*ready)
        levels.append(sorted(ready, key=order.index))
    return levels


def formula_faults(where: str, text: str) -> list[Fault]:
    """Return what a formula has that is allowed elsewhere, and has no place among numbers and the request's texts."""
    remedy = "Make it a feature of a source, and read that feature here; or compare numbers with numbers."
    return [
        Fault(where, f"A formula is of numbers, and of words beside words: {part} is not.", remedy)
        for part in strange(parsed(text), TEXTS)
    ]


@lru_cache(maxsize=64)
def _plan(formulas: tuple[tuple[str, str], ...]) -> tuple[tuple[str, Evaluate], ...]:
    """Return what evaluates each formula, each after those it needs."""
    expressions = dict(formulas)
    faults = [fault for name, text in formulas for fault in formula_faults(f"lock.{name}", text)]
    if faults:
        raise InvalidInput(faults)
    return tuple((name, evaluator(parsed(expressions[name]))) for level in in_levels(expressions) for name in level)


@lru_cache(maxsize=64)
def formulas_reading(formulas: tuple[tuple[str, str], ...], columns: frozenset[str]) -> frozenset[str]:
    """Return the formulas that read one of `columns`, themselves or through another formula."""
    expressions = dict(formulas)
    reading: set[str] = set()
    for level in in_levels(expressions):
        reading |= {name for name in level if columns_of(parsed(expressions[name])) & (columns | reading)}
    return frozenset(reading)


def formula_values(
    lock: Lock, columns: Columns, rows: int, known: Mapping[str, Floats] | None = None
) -> dict[str, Floats]:
    """Return every formula's values (rows,), NaN where missing.

    Parameters
    ----------
    lock : Lock
    columns : mapping of str to ndarray (rows,)
        What ``lock.formula_needs`` names: numbers as float64, missing as NaN; text as objects, missing as None.
    rows : int
    known : mapping of str to ndarray (rows,), optional
        Formulas whose values are there already; they are not evaluated again.

    Raises
    ------
    InvalidInput
        The lock is from before a check that refuses a formula of it.
    """
    done = {} if known is None else known
    every = {**columns, **done}
    # What a branch of a CASE would divide by, and is not chosen, is nobody's concern.
    with np.errstate(all="ignore"):
        for name, values in _plan(lock.formulas):
            if name in done:
                continue
            found = np.asarray(values(every), dtype=np.float64)
            every[name] = found if found.shape == (rows,) else np.full(rows, found)
    return {name: every[name] for name, _ in lock.formulas}


def with_request(lock: Lock, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the formulas' values to rows that hold the other features and the fields of a request.

    Parameters
    ----------
    lock : Lock
    frame : DataFrame
        The columns of `riskscore.catalog.member_values`, and ``amount``, ``term_days``, ``frequency``,
        ``other_active_loans``; ``purpose`` and ``instalment_m`` (the requested loan's service a month, in the
        portfolio's currency) are missing where there is no such column.

    Returns
    -------
    DataFrame
        `frame` with one Float64 column more for each formula.

    Raises
    ------
    InvalidInput
        If a column that some formula needs is not there: all of them at once.
    """
    absent = [name for name in lock.formula_needs if name not in frame.columns]
    faults = [
        Fault(
            f"frame.{name}", "A formula of the lock needs this column.", "Pass the lock's own values and the request."
        )
        for name in absent
        if name not in _OPTIONAL
    ]
    if faults:
        raise InvalidInput(faults)
    columns = {name: _array(frame[name]) for name in lock.formula_needs if name not in absent}
    columns |= {name: np.full(frame.height, None if name in TEXTS else np.nan) for name in absent}
    found = formula_values(lock, columns, frame.height)
    return frame.with_columns(pl.Series(name, values, nan_to_null=True) for name, values in found.items())


def _array(column: pl.Series) -> Array:
    if column.dtype == pl.String:
        return column.to_numpy()
    return column.cast(pl.Float64).to_numpy()
