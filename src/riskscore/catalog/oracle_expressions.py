"""Evaluate one expression in plain Python, slowly and so that it can be seen to be right.

Missing is None and spreads through everything that does not say otherwise; conditions are true, false or unknown.
Money is `decimal.Decimal`, and everything divided becomes a float, as in DuckDB.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from sqlglot import exp

Row = Mapping[str, Any]


def over_row(tree: exp.Expr, row: Row) -> Any:
    """Evaluate an expression without aggregates over one row."""
    return _evaluate(tree, row, None)


def over_rows(tree: exp.Expr, rows: Sequence[Row], outside: Row) -> Any:
    """Evaluate an expression with aggregates over many rows; `outside` holds ``as_of``."""
    return _evaluate(tree, outside, rows)


def as_number(value: Any) -> float | None:
    """Return a feature's value: a float, or None."""
    return None if value is None else float(value)


def _evaluate(node: Any, row: Row, rows: Sequence[Row] | None) -> Any:
    def of(part: Any) -> Any:
        return _evaluate(part, row, rows)

    match node:
        case exp.Paren() | exp.Distinct():
            return of(node.this)
        case exp.Column():
            return row[f"{node.table}.{node.name}" if node.table else node.name]
        case exp.Literal():
            return node.this if node.is_string else Decimal(node.this) if "." in node.this else int(node.this)
        case exp.Null():
            return None
        case exp.Boolean():
            return bool(node.this)
        case exp.Filter() | exp.Count() | exp.Sum() | exp.Min() | exp.Max() | exp.LogicalAnd() | exp.LogicalOr():
            return _aggregate(node, rows or [])
        case exp.And():
            return _all_of([of(node.this), of(node.expression)])
        case exp.Or():
            return _not(_all_of([_not(of(node.this)), _not(of(node.expression))]))
        case exp.Not():
            return _not(of(node.this))
        case exp.Is():
            return of(node.this) is of(node.expression)
        case exp.In():
            return _any_equal(of(node.this), [of(value) for value in node.expressions])
        case exp.Between():
            value = of(node.this)
            return _all_of(
                [
                    _compare(value, of(node.args["low"]), operator.ge),
                    _compare(of(node.args["high"]), value, operator.ge),
                ]
            )
        case exp.Case():
            return _case(node, of)
        case exp.Coalesce():
            return next((v for v in map(of, (node.this, *node.expressions)) if v is not None), None)
        case exp.Nullif():
            left, right = of(node.this), of(node.expression)
            return None if _compare(left, right, operator.eq) else left
        case exp.Greatest() | exp.Least():
            present = [v for v in map(of, (node.this, *node.expressions)) if v is not None]
            pick = max if isinstance(node, exp.Greatest) else min
            return pick(present, key=_comparable) if present else None
        case exp.Interval():
            return timedelta(days=int(node.this.this))
    return _strict(node, of)


def _strict(node: Any, of: Callable[[Any], Any]) -> Any:
    """Evaluate what is missing wherever a part of it is missing."""
    parts = [of(part) for part in (node.this, node.args.get("expression")) if isinstance(part, exp.Expr)]
    if any(part is None for part in parts):
        return None
    match node, parts:
        case exp.EQ(), [a, b]:
            return _compare(a, b, operator.eq)
        case exp.NEQ(), [a, b]:
            return not _compare(a, b, operator.eq)
        case exp.GTE(), [a, b]:
            return _compare(a, b, operator.ge)
        case exp.LT(), [a, b]:
            return not _compare(a, b, operator.ge)
        case exp.LTE(), [a, b]:
            return _compare(b, a, operator.ge)
        case exp.GT(), [a, b]:
            return not _compare(b, a, operator.ge)
        case exp.Add(), [a, b]:
            return _shifted(a, b, 1) if isinstance(a, date) else _plain(a, b, lambda x, y: x + y)
        case exp.Sub(), [a, b]:
            return _shifted(a, b, -1) if isinstance(a, date) else _plain(a, b, lambda x, y: x - y)
        case exp.Mul(), [a, b]:
            return _plain(a, b, lambda x, y: x * y)
        case exp.Div(), [a, b]:
            return float(a) / float(b)
        case exp.Mod(), [a, b]:
            return a - b * int(a / b)
        case exp.Neg(), [a]:
            return -a
        case exp.Abs(), [a]:
            return abs(a)
        case exp.Floor(), [a]:
            return math.floor(a)
        case exp.Ceil(), [a]:
            return math.ceil(a)
        case exp.Month(), [a]:
            return a.month
        case exp.Year(), [a]:
            return a.year
        case exp.DPipe(), [a, b]:
            return f"{a}{b}"
        case exp.Contains(), [a, b]:
            return b in a
        case exp.DateDiff(), [later, earlier]:
            return (_day(later) - _day(earlier)).days
        case exp.Cast(), [a, *_]:
            return _cast(a, node.to)
    raise NotImplementedError(f"The oracle does not know {node.sql('duckdb')}.")


def _aggregate(node: Any, rows: Sequence[Row]) -> Any:
    if isinstance(node, exp.Filter):
        return _aggregate(node.this, [row for row in rows if over_row(node.expression.this, row) is True])
    if isinstance(node.this, exp.Star):
        return len(rows)
    if isinstance(node.this, exp.Distinct):
        found = {over_row(node.this.expressions[0], row) for row in rows} - {None}
        present: list[Any] = list(found)
    else:
        present = [value for row in rows if (value := over_row(node.this, row)) is not None]
    if isinstance(node, exp.Count):
        return len(present)
    if not present:
        return None
    match node:
        case exp.Sum():
            return sum(present)
        case exp.Min():
            return min(present, key=_comparable)
        case exp.Max():
            return max(present, key=_comparable)
        case exp.LogicalAnd():
            return all(present)
    return any(present)


def _case(node: exp.Case, of: Callable[[Any], Any]) -> Any:
    for branch in node.args["ifs"]:
        chosen = _compare(of(node.this), of(branch.this), operator.eq) if node.this else of(branch.this)
        if chosen is True:
            return of(branch.args["true"])
    otherwise = node.args.get("default")
    return None if otherwise is None else of(otherwise)


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _all_of(values: Sequence[bool | None]) -> bool | None:
    if any(value is False for value in values):
        return False
    return None if any(value is None for value in values) else True


def _any_equal(value: Any, among: Sequence[Any]) -> bool | None:
    return _not(_all_of([_not(_compare(value, other, operator.eq)) for other in among]))


def _compare(a: Any, b: Any, how: Callable[[Any, Any], bool]) -> bool | None:
    if a is None or b is None:
        return None
    if isinstance(a, float) or isinstance(b, float):
        return how(float(a), float(b))
    return how(_comparable(a), _comparable(b))


def _comparable(value: Any) -> Any:
    """A bare date is its first instant."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _shifted(moment: date, by: Any, sign: int) -> Any:
    """Move a date by whole days; by an interval a date becomes its first instant."""
    if isinstance(by, timedelta):
        return _comparable(moment) + sign * by
    return moment + timedelta(days=sign * int(by))


def _plain(a: Any, b: Any, how: Callable[[Any, Any], Any]) -> Any:
    if isinstance(a, float) or isinstance(b, float):
        return how(float(a), float(b))
    with localcontext(prec=60):
        return how(a, b)


def _cast(value: Any, to: exp.DataType) -> Any:
    kind = to.this.value.upper()
    if kind == "DOUBLE":
        return float(value)
    if kind == "DECIMAL":
        return _as_decimal(value, int(to.expressions[1].this.this))
    if kind in ("BIGINT", "INT"):
        return round(value) if isinstance(value, float) else int(Decimal(value).to_integral_value(ROUND_HALF_UP))
    if kind == "DATE":
        return _day(value)
    if kind == "TIMESTAMP":
        return _comparable(value)
    if kind == "BOOLEAN":
        return bool(value)
    return str(value)


def _as_decimal(value: Any, scale: int) -> Decimal:
    with localcontext(prec=60):
        if isinstance(value, float):
            scaled = value * 10.0**scale
            units = math.copysign(math.floor(abs(scaled) + 0.5), scaled)
            return Decimal(int(units)).scaleb(-scale)
        return Decimal(value).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
