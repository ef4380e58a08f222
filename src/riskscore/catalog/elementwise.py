"""SQL expressions over arrays, one value a row: what a formula means, without a query.

A number, or the truth of something (1 or 0), is float64 and missing as NaN; text is an array of objects and missing as
None. Three-valued logic, ``greatest`` over what is present, and what is missing where a part is missing, mean here what
they mean in DuckDB, but that a literal such as 0.1 is a double, as every column is, and no decimal; tests hold the two
equal. A row's value hangs on its own row alone: every operation is elementwise, so that one row costs no more than the
calls, and a million little more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlglot import exp

Array = NDArray[Any]
Columns = Mapping[str, Array]
Evaluate = Callable[[Columns], Array]

_MISSING = np.array([np.nan])
_NONE = np.array([None], dtype=object)

_holds = np.frompyfunc(lambda text, part: part in text, 2, 1)


def missing(values: Array) -> NDArray[np.bool_]:
    """Whether each value is missing."""
    if values.dtype == np.float64:
        return np.isnan(values)
    # What stands for no number may stand among text where a branch of a choice is missing.
    return np.asarray((values == _NONE) | (values != values), dtype=np.bool_)


def evaluator(tree: exp.Expr) -> Evaluate:
    """Return a function of columns by name that gives one value a row, or one for all where it reads no column.

    `strange` must have nothing to say of the tree.
    """
    return _NODES[type(tree)](tree)


def strange(tree: exp.Expr, texts: Collection[str]) -> list[str]:
    """Return what of the closed lists is not for arrays: dates, casts to what is no number, text beside numbers.

    Parameters
    ----------
    tree : Expression
    texts : collection of str
        The columns that are text; every other is a number.
    """
    return [node.sql("duckdb") for node in tree.walk() if _is_strange(node, texts)]


def _is_strange(node: exp.Expr, texts: Collection[str]) -> bool:
    if isinstance(node, exp.Identifier | exp.DataType):
        return False
    if type(node) not in _NODES or (isinstance(node, exp.Floor | exp.Ceil) and node.args.get("decimals") is not None):
        return True
    if isinstance(node, exp.Cast) and node.to.this.value.upper() not in _CASTS:
        return True
    every = [{_kind(part, texts) for part in parts} - {"missing"} for parts in _alike(node)]
    return any(len(kinds) > 1 for kinds in every) or (type(node) in _OF_NUMBERS and any("text" in one for one in every))


def _alike(node: exp.Expr) -> list[list[exp.Expr]]:
    """Return the parts of a node that have to be of one kind, together."""
    if isinstance(node, exp.Case):
        asked = [] if node.args.get("this") is None else [node.this, *(one.this for one in node.args["ifs"])]
        return [asked, _results(node)]
    if isinstance(node, exp.If):
        return [] if isinstance(node.parent, exp.Case) else [_results(node)]
    if isinstance(node, exp.Literal | exp.Column):
        return []
    every = (node.this, node.args.get("expression"), node.args.get("low"), node.args.get("high"), *node.expressions)
    return [[part for part in every if isinstance(part, exp.Expr)]]


def _results(node: exp.Case | exp.If) -> list[exp.Expr]:
    """Return what a choice can give."""
    branches = node.args["ifs"] if isinstance(node, exp.Case) else [node]
    otherwise = node.args.get("default" if isinstance(node, exp.Case) else "false")
    return [one.args["true"] for one in branches] + ([] if otherwise is None else [otherwise])


def _kind(node: exp.Expr, texts: Collection[str]) -> str:
    """Return whether an expression is a ``"number"``, ``"text"``, or ``"missing"`` whatever the row."""
    if isinstance(node, exp.Column):
        return "text" if node.name in texts else "number"
    if isinstance(node, exp.Literal):
        return "text" if node.is_string else "number"
    if isinstance(node, exp.Null):
        return "missing"
    if isinstance(node, exp.DPipe):
        return "text"
    parts: list[exp.Expr] = []
    if isinstance(node, exp.Case | exp.If):
        parts = _results(node)
    elif isinstance(node, exp.Paren | exp.Nullif | exp.Coalesce):
        parts = [node.this, *node.expressions]
    kinds = {_kind(part, texts) for part in parts}
    return "text" if "text" in kinds else "missing" if kinds == {"missing"} else "number"


def _column(tree: exp.Expr) -> Evaluate:
    name = tree.name
    return lambda columns: columns[name]


def _constant(value: float | str) -> Evaluate:
    held = np.array([value], dtype=object if isinstance(value, str) else np.float64)
    return lambda _: held


def _literal(tree: exp.Expr) -> Evaluate:
    return _constant(tree.name if tree.is_string else float(tree.name))


def _inner(tree: exp.Expr) -> Evaluate:
    return evaluator(tree.this)


def _condition(tree: exp.Expr) -> Evaluate:
    """Return what evaluates an expression as true or not: a number is true where it is not 0."""
    value = evaluator(tree)
    return value if isinstance(tree.unnest(), _TRUTHS) else lambda columns: _truth(value(columns))


def _of_one(
    operation: Callable[[Array], Array], part: Callable[[exp.Expr], Evaluate] = evaluator
) -> Callable[[exp.Expr], Evaluate]:
    def made(tree: exp.Expr) -> Evaluate:
        only = part(tree.this)
        return lambda columns: operation(only(columns))

    return made


def _of_two(
    operation: Callable[[Array, Array], Array], part: Callable[[exp.Expr], Evaluate] = evaluator
) -> Callable[[exp.Expr], Evaluate]:
    def made(tree: exp.Expr) -> Evaluate:
        left, right = part(tree.this), part(tree.expression)
        return lambda columns: operation(left(columns), right(columns))

    return made


def _of_many(operation: Callable[[Array, Array], Array]) -> Callable[[exp.Expr], Evaluate]:
    def made(tree: exp.Expr) -> Evaluate:
        every = [evaluator(one) for one in (tree.this, *tree.expressions)]
        return lambda columns: reduce(operation, (one(columns) for one in every))

    return made


def _compared(operation: Callable[[Array, Array], Array], *, ordered: bool = True) -> Callable[[Array, Array], Array]:
    def made(left: Array, right: Array) -> Array:
        unknown = missing(left) | missing(right)
        if ordered and object in (left.dtype, right.dtype):  # text has an order, and None none
            left, right = (np.where(missing(side), "", side) for side in (left, right))
        return np.where(unknown, np.nan, operation(left, right))

    return made


def _both(left: Array, right: Array) -> Array:
    return np.where((left == 0.0) | (right == 0.0), 0.0, left * right)


def _either(left: Array, right: Array) -> Array:
    return np.where((left == 1.0) | (right == 1.0), 1.0, left + right)


def _same(left: Array, right: Array) -> Array:
    """Return ``IS``: missing is a value like another."""
    none = missing(left), missing(right)
    return np.where(none[0] | none[1], none[0] & none[1], left == right).astype(np.float64)


def _is(tree: exp.Expr) -> Evaluate:
    if isinstance(tree.expression, exp.Null):
        value = evaluator(tree.this)
        return lambda columns: missing(value(columns)).astype(np.float64)
    left = (_condition if isinstance(tree.expression, exp.Boolean) else evaluator)(tree.this)
    right = evaluator(tree.expression)
    return lambda columns: _same(left(columns), right(columns))


def _in(tree: exp.Expr) -> Evaluate:
    value, among = evaluator(tree.this), [evaluator(one) for one in tree.expressions]
    equal = _compared(np.equal, ordered=False)

    def found(columns: Columns) -> Array:
        sought = value(columns)
        return reduce(_either, (equal(sought, one(columns)) for one in among))

    return found


def _between(tree: exp.Expr) -> Evaluate:
    value, low, high = (evaluator(one) for one in (tree.this, tree.args["low"], tree.args["high"]))
    at_least, at_most = _compared(np.greater_equal), _compared(np.less_equal)

    def found(columns: Columns) -> Array:
        sought = value(columns)
        return _both(at_least(sought, low(columns)), at_most(sought, high(columns)))

    return found


def _case(tree: exp.Expr) -> Evaluate:
    of, otherwise = tree.args.get("this"), tree.args.get("default")
    branches = [
        (
            _condition(one.this) if of is None else evaluator(exp.EQ(this=of.copy(), expression=one.this)),
            evaluator(one.args["true"]),
        )
        for one in reversed(tree.args["ifs"])
    ]
    last = (lambda _: _MISSING) if otherwise is None else evaluator(otherwise)

    def chosen(columns: Columns) -> Array:
        value = last(columns)
        for holds, then in branches:
            value = np.where(holds(columns) == 1.0, then(columns), value)
        return value

    return chosen


def _if(tree: exp.Expr) -> Evaluate:
    return _case(exp.Case(ifs=[tree], default=tree.args.get("false")))


def _joined(left: Array, right: Array) -> Array:
    unknown = missing(left) | missing(right)
    text = np.where(missing(left), "", left).astype(object) + np.where(missing(right), "", right).astype(object)
    return np.where(unknown, np.array(None, dtype=object), text)


def _contains(left: Array, right: Array) -> Array:
    unknown = missing(left) | missing(right)
    holds = _holds(np.where(missing(left), "", left), np.where(missing(right), "", right))
    return np.where(unknown, np.nan, np.asarray(holds, dtype=np.float64))


def _number(values: Array) -> Array:
    return np.asarray(values, dtype=np.float64)


def _truth(values: Array) -> Array:
    return np.where(missing(values), np.nan, values != 0.0)


#: What a cast to each type does; DuckDB rounds halves to the even neighbour.
_CASTS: dict[str, Callable[[Array], Array]] = {
    "DOUBLE": _number,
    "BIGINT": np.rint,
    "INT": np.rint,
    "BOOLEAN": _truth,
}


def _cast(tree: exp.Expr) -> Evaluate:
    only, cast = evaluator(tree.this), _CASTS[tree.args["to"].this.value.upper()]
    return lambda columns: cast(only(columns))


_NODES: dict[type[exp.Expr], Callable[[Any], Evaluate]] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Boolean: lambda tree: _constant(float(tree.this)),
    exp.Null: lambda _: lambda _: _MISSING,
    exp.Paren: _inner,
    exp.Neg: _of_one(np.negative),
    exp.Not: _of_one(lambda value: 1.0 - value, _condition),
    exp.Abs: _of_one(np.abs),
    exp.Floor: _of_one(np.floor),
    exp.Ceil: _of_one(np.ceil),
    exp.Cast: _cast,
    exp.Add: _of_two(np.add),
    exp.Sub: _of_two(np.subtract),
    exp.Mul: _of_two(np.multiply),
    exp.Div: _of_two(np.divide),
    exp.Mod: _of_two(np.fmod),
    exp.EQ: _of_two(_compared(np.equal, ordered=False)),
    exp.NEQ: _of_two(_compared(np.not_equal, ordered=False)),
    exp.GT: _of_two(_compared(np.greater)),
    exp.GTE: _of_two(_compared(np.greater_equal)),
    exp.LT: _of_two(_compared(np.less)),
    exp.LTE: _of_two(_compared(np.less_equal)),
    exp.And: _of_two(_both, _condition),
    exp.Or: _of_two(_either, _condition),
    exp.Is: _is,
    exp.DPipe: _of_two(_joined),
    exp.Contains: _of_two(_contains),
    exp.Nullif: _of_two(lambda value, other: np.where(value == other, np.nan, value)),
    exp.Coalesce: _of_many(lambda value, other: np.where(missing(value), other, value)),
    # Which of 0.0 and -0.0 these give hangs on a value's place among many; neither is left to be divided by.
    exp.Greatest: _of_many(lambda value, other: np.fmax(value, other) + 0.0),
    exp.Least: _of_many(lambda value, other: np.fmin(value, other) + 0.0),
    exp.In: _in,
    exp.Between: _between,
    exp.Case: _case,
    exp.If: _if,
}

#: What has no meaning for text.
_OF_NUMBERS = (
    *(exp.Neg, exp.Abs, exp.Floor, exp.Ceil, exp.Cast, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod),
    *(exp.Not, exp.And, exp.Or, exp.Greatest, exp.Least),
)

#: What gives 1, 0 or missing whatever it is given.
_TRUTHS = (
    *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or, exp.Not, exp.Is, exp.In, exp.Between),
    *(exp.Contains, exp.Boolean),
)
