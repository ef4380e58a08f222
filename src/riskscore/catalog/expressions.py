"""Read one SQL expression, and say what of it is not allowed.

The lists are closed on purpose. What they hold gives the same value whatever the order of rows, on every engine and on
every day: an unlisted function is refused by name, with what to write instead where something can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

AGGREGATES: tuple[type[exp.Expr], ...] = (
    exp.Count,
    exp.Sum,
    exp.Min,
    exp.Max,
    exp.LogicalAnd,
    exp.LogicalOr,
)

SYNTAX: tuple[type[exp.Expr], ...] = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Boolean,
    exp.Null,
    exp.Paren,
    exp.Neg,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.Mod,
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.And,
    exp.Or,
    exp.Not,
    exp.Is,
    exp.In,
    exp.Between,
    exp.Case,
    exp.If,
    exp.Cast,
    exp.DataType,
    exp.DataTypeParam,
    exp.Interval,
    exp.Var,
    exp.DPipe,
    exp.Filter,
    exp.Where,
    exp.Distinct,
    exp.Star,
)

FUNCTIONS: tuple[type[exp.Expr], ...] = (
    exp.Coalesce,
    exp.Nullif,
    exp.Greatest,
    exp.Least,
    exp.Abs,
    exp.Floor,
    exp.Ceil,
    exp.DateDiff,
    exp.Month,
    exp.Year,
    exp.Contains,
)

FUNCTION_NAMES = (
    "count, sum, min, max, bool_and, bool_or, coalesce, nullif, greatest, least, abs, floor, ceil, date_diff, month, "
    "year, contains, cast, case"
)

#: What to write instead of something refused.
_INSTEAD: dict[type[exp.Expr], str] = {
    exp.Avg: "An average of doubles depends on the order of rows: write sum(x)::DOUBLE / nullif(count(x), 0).",
    exp.CurrentDate: "It is another value every day: use as_of, the moment asked.",
    exp.CurrentTimestamp: "It is another value every moment: use as_of, the moment asked.",
    exp.Rand: "It is another value every time.",
    exp.Window: "Use a feature's window and aggregates.",
    exp.Subquery: "Name the other table as a lookup of the source.",
    exp.Select: "Name the other table as a lookup of the source.",
    exp.ArgMax: "Use the window latest(), which takes the newest row.",
}

_CAST_TYPES = ("DOUBLE", "DECIMAL", "BIGINT", "INT", "DATE", "TIMESTAMP", "VARCHAR", "TEXT", "BOOLEAN")


class Unreadable(Exception):
    """The text is no SQL expression; the message says why."""


@lru_cache(maxsize=4096)
def parsed(text: str) -> exp.Expr:
    """Parse `text` into a tree that is everybody's, and that nobody may change.

    Raises
    ------
    Unreadable
        If it is no single expression.
    """
    try:
        found = sqlglot.parse_one(f"SELECT {text}", dialect="duckdb")
    except SqlglotError as error:
        raise Unreadable(str(error).split("\n", 1)[0]) from error
    opened = [token.token_type for token in sqlglot.tokenize(text, dialect="duckdb")]
    if opened.count(TokenType.L_PAREN) != opened.count(TokenType.R_PAREN):
        raise Unreadable("Its brackets do not pair.")  # The parser would close them in silence.
    if not isinstance(found, exp.Select) or len(found.expressions) != 1 or found.args.get("from_"):
        raise Unreadable("It must be a single expression.")
    only: exp.Expr = found.expressions[0]
    if isinstance(only, exp.Alias):
        raise Unreadable("It must not have an alias.")
    return only


def parse(text: str) -> exp.Expr:
    """Return `parsed` as a tree of the caller's own."""
    return parsed(text).copy()


def refusals(tree: exp.Expr, *, aggregates: int) -> list[tuple[str, str]]:
    """Return (what, remedy) of everything in `tree` outside the closed lists.

    Parameters
    ----------
    tree : Expression
    aggregates : {0, 1, 2}
        How many aggregates stand one inside the other: none, one around every column, or one around another.
    """
    found: dict[str, str] = {}
    for node in tree.walk():
        if isinstance(node, AGGREGATES):
            depth = 1 + sum(isinstance(above, AGGREGATES) for above in _above(node))
            if not aggregates:
                found[f"{node.sql('duckdb')} is an aggregate, and here there is one row."] = (
                    "Write a row-wise expression."
                )
            elif depth > aggregates:
                found[f"{node.sql('duckdb')} stands inside another aggregate."] = (
                    "Aggregate once." if aggregates == 1 else "Aggregate the rows, then their gatherings."
                )
            elif depth < aggregates and not any(inner is not node for inner in node.find_all(*AGGREGATES)):
                found[f"{node.sql('duckdb')} aggregates rows that are gathered first."] = (
                    "Write an aggregate of an aggregate, such as count(count(*)) or max(sum(x))."
                )
        elif not isinstance(node, (*SYNTAX, *FUNCTIONS)):
            name = node.name if isinstance(node, exp.Anonymous) else node.sql("duckdb").split("(")[0] or "A query"
            if node.parent is None or not isinstance(node.parent, (exp.Window, exp.Subquery)):
                found[f"{name} is not in the closed list of functions."] = _INSTEAD.get(
                    type(node), f"Use only {FUNCTION_NAMES}."
                )
        found.update(_misuse(node))
    if aggregates and not found:
        found.update(_outside(tree))
    return list(found.items())


def _misuse(node: exp.Expr) -> dict[str, str]:
    """Things of the closed lists, used in a way that is not safe."""
    if isinstance(node, exp.Div) and not _never_zero(node.expression):
        return {f"{node.sql('duckdb')} may divide by zero.": f"Divide by nullif({node.expression.sql('duckdb')}, 0)."}
    if isinstance(node, exp.Cast) and node.to.this.value.upper() not in _CAST_TYPES:
        return {f"{node.sql('duckdb')} casts to a type outside the list.": f"Cast to one of {', '.join(_CAST_TYPES)}."}
    if isinstance(node, exp.DateDiff) and (node.unit is None or node.unit.name.lower() != "day"):
        return {f"{node.sql('duckdb')} counts in another unit than days.": "Write date_diff('day', earlier, later)."}
    if isinstance(node, exp.In) and not node.expressions:
        return {f"{node.sql('duckdb')} has no list of values.": "Write in ('a', 'b')."}
    return {}


def _never_zero(divisor: exp.Expr) -> bool:
    inner = divisor.unnest()
    if isinstance(inner, exp.Cast):
        return _never_zero(inner.this)
    if isinstance(inner, exp.Literal):
        return float(inner.this) != 0
    return isinstance(inner, exp.Nullif) and inner.expression.sql() in ("0", "0.0")


def _above(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield what an expression stands inside of, from the inside out."""
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _outside(tree: exp.Expr) -> dict[str, str]:
    """Columns outside any aggregate, and the want of any aggregate at all."""
    if not tree.find(*AGGREGATES):
        return {
            "It has no aggregate, and a window holds many rows.": "Write count, sum, min, max, bool_and or bool_or."
        }
    return {
        f"The column {column.sql('duckdb')} stands outside any aggregate.": "Put it inside one."
        for column in tree.find_all(exp.Column)
        if column.sql("duckdb") != "as_of" and not _within_aggregate(column)
    }


def _within_aggregate(node: exp.Expr) -> bool:
    above = node.find_ancestor(*AGGREGATES, exp.Filter)
    return above is not None


def columns_of(tree: exp.Expr) -> set[str]:
    """Return the names of the columns in `tree`: ``name``, or ``alias.name`` for a lookup's; ``as_of`` included."""
    return {f"{column.table}.{column.name}" if column.table else column.name for column in tree.find_all(exp.Column)}


def did_you_mean(name: str, known: set[str] | tuple[str, ...]) -> str:
    """Return a hint with the nearest of `known`, or all of them where none is near."""
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(known))}."
