"""Formulas over one row: the features at the moment, and the fields of a request.

They are evaluated by Polars, so that one request costs no query. Three-valued logic, ``greatest`` over what is present
and division by ``nullif`` mean there what they mean in DuckDB; a property test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import polars as pl
from sqlglot import exp

from riskscore.catalog.expressions import Unreadable, columns_of, parse, parsed
from riskscore.catalog.relations import REQUEST
from riskscore.errors import Fault, InvalidInput

if TYPE_CHECKING:
    from riskscore.catalog.lock import Lock

#: Fields that a caller may leave out; they are missing then.
_OPTIONAL = ("purpose", "instalment_m")

#: What the names of columns of constants begin with, which no feature's name can.
_DIVISOR = "/ "

_POLARS = {"DOUBLE": pl.Float64, "VARCHAR": pl.String}


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


@lru_cache(maxsize=64)
def _plan(formulas: tuple[tuple[str, str], ...]) -> tuple[tuple[tuple[pl.Expr, ...], ...], dict[str, float]]:
    """Return the levels of expressions, and the columns of divisors that they need besides."""
    expressions, divisors = dict(formulas), dict[str, float]()
    levels = tuple(
        tuple(pl.sql_expr(_for_polars(expressions[name], divisors)).cast(pl.Float64).alias(name) for name in level)
        for level in in_levels(expressions)
    )
    return levels, divisors


def _for_polars(text: str, divisors: dict[str, float]) -> str:
    """Return the formula with every number a double, and every constant divisor a column of `divisors`.

    Polars would read 1.10 as a decimal and round what it divides. Many rows it divides by a constant by multiplying
    with its inverse, and one row it does not: a value would then hang on who else is asked about.
    """
    tree = exp.Paren(this=parse(text))
    for column in list(tree.find_all(exp.Column)):
        if REQUEST.get(column.name) == "DOUBLE":
            column.replace(exp.cast(column.copy(), "DOUBLE"))
    for literal in list(tree.find_all(exp.Literal)):
        if not literal.is_string:
            literal.replace(exp.cast(literal.copy(), "DOUBLE"))
    for division in list(tree.find_all(exp.Div)):
        by = division.expression
        if by.find(exp.Column) is None:
            value = float(pl.select(pl.sql_expr(by.sql("duckdb")).cast(pl.Float64)).item())
            name = f"{_DIVISOR}{value!r}"
            divisors[name] = value
            by.replace(exp.column(name, quoted=True))
    return str(tree.sql("duckdb"))


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
    if absent:
        given = frame.with_columns(pl.lit(None, dtype=_POLARS[REQUEST[name]]).alias(name) for name in absent)
    else:
        given = frame
    levels, divisors = _plan(lock.formulas)
    given = given.hstack([pl.Series(name, [value] * given.height, pl.Float64) for name, value in divisors.items()])
    for level in levels:
        given = given.with_columns(level)
    return given.drop(*absent, *divisors)
