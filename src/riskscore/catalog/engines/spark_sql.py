"""A statement of a lock in Spark's SQL, so that it gives what DuckDB gives, to the last bit.

sqlglot turns the words of one dialect into those of the other. What stands here is where the same words mean something
else: each rule says what DuckDB does, and writes it in Spark so that Spark does it too. The rules lean on settings of
the session (`riskscore.catalog.engines.session`): ANSI errors instead of silent nulls, timestamps without a zone,
decimals that overflow instead of losing digits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlglot
from sqlglot import exp

from riskscore.catalog.engines.kinds import Kinds

Rule = Callable[[exp.Expr, Kinds], Callable[[], exp.Expr] | None]

#: What DuckDB adds to a double, towards the sign, before it rounds to a decimal.
_NUDGE = "1e-9"
_INTEGERS = {"BIGINT", "INT", "SMALLINT", "TINYINT"}


def to_spark(sql: str, relations: Mapping[str, Mapping[str, str]]) -> str:
    """Return a DuckDB query in Spark's SQL.

    Parameters
    ----------
    sql : str
        One SELECT of the closed list of functions (`riskscore.catalog.expressions`).
    relations : mapping of str to mapping of str to str
        Type of each column of each relation it reads.
    """
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    kinds = Kinds(relations)
    # Judged on the whole statement first, as a rule may look at kinds far below; then changed from the leaves up.
    judged = [(node, change) for node in tree.walk() for rule in RULES if (change := rule(node, kinds)) is not None]
    for node, change in reversed(judged):
        node.replace(change())
    return str(tree.sql("spark"))


def division(node: exp.Expr, _: Kinds) -> Callable[[], exp.Expr] | None:
    """DuckDB divides as doubles whatever stands on the two sides; Spark divides decimals as decimals."""
    if not isinstance(node, exp.Div):
        return None
    return lambda: exp.Div(this=_cast(node.this, "DOUBLE"), expression=_cast(node.expression, "DOUBLE"))


def days_between(node: exp.Expr, kinds: Kinds) -> Callable[[], exp.Expr] | None:
    """DuckDB counts the midnights between two moments; Spark's DATEDIFF with a unit counts whole spans of 24 hours.

    A difference of two dates is a number of days in DuckDB and an interval in Spark.
    """
    between_dates = isinstance(node, exp.Sub) and kinds.of(node.this) == "date" and kinds.of(node.expression) == "date"
    if not isinstance(node, exp.DateDiff) and not between_dates:
        return None
    return lambda: exp.Anonymous(
        this="DATEDIFF", expressions=[_cast(node.this, "DATE"), _cast(node.expression, "DATE")]
    )


def double_to_decimal(node: exp.Expr, kinds: Kinds) -> Callable[[], exp.Expr] | None:
    """DuckDB rounds ``x * 10^scale`` as a double, nudged away from 0; Spark rounds the decimal text of ``x``."""
    if not isinstance(node, exp.Cast) or node.to.this != exp.DataType.Type.DECIMAL or kinds.of(node.this) != "double":
        return None
    digits = [int(param.name) for param in node.to.expressions]
    scale = digits[1] if len(digits) > 1 else 0 if digits else 3

    def change() -> exp.Expr:
        shifted = exp.Mul(this=exp.paren(node.this), expression=_double(f"1e{scale}"))
        nudge = exp.Mul(this=exp.Sign(this=shifted.copy()), expression=_double(_NUDGE))
        whole = _cast(_rint(exp.Add(this=shifted, expression=nudge)), "BIGINT")
        unit = exp.Literal.number("0." + "0" * (scale - 1) + "1" if scale else "1")
        return exp.cast(exp.Mul(this=_cast(whole, "DECIMAL(20, 0)"), expression=unit), node.to.copy())

    return change


def rounded_to_int(node: exp.Expr, kinds: Kinds) -> Callable[[], exp.Expr] | None:
    """A cast to a whole number rounds in DuckDB, doubles to even and decimals away from 0; Spark cuts off."""
    if not isinstance(node, exp.Cast) or node.to.this.value not in _INTEGERS:
        return None
    kind = kinds.of(node.this)
    if kind == "double":
        return lambda: exp.cast(_rint(node.this), node.to.copy())
    if kind == "decimal":
        return lambda: exp.cast(exp.Round(this=node.this, decimals=exp.Literal.number(0)), node.to.copy())
    return None


def floor_of_double(node: exp.Expr, kinds: Kinds) -> Callable[[], exp.Expr] | None:
    """The floor of a double is a double in DuckDB and a whole number in Spark, which then multiplies exactly."""
    if not isinstance(node, (exp.Floor, exp.Ceil)) or kinds.of(node.this) != "double":
        return None
    return lambda: _cast(node.copy(), "DOUBLE")


def sum_of_truths(node: exp.Expr, kinds: Kinds) -> Callable[[], exp.Expr] | None:
    """DuckDB sums booleans as 0 and 1; Spark refuses."""
    if not isinstance(node, exp.Sum) or kinds.of(node.this) != "bool":
        return None
    return lambda: exp.Sum(this=_cast(node.this, "BIGINT"))


def element(node: exp.Expr, _: Kinds) -> Callable[[], exp.Expr] | None:
    """An index beyond a list gives null in DuckDB and an error in Spark; sqlglot has made it count from 0."""
    if not isinstance(node, exp.Bracket):
        return None
    return lambda: exp.Anonymous(this="GET", expressions=[node.this, node.expressions[0]])


def length_of_list(node: exp.Expr, _: Kinds) -> Callable[[], exp.Expr] | None:
    """``len`` counts a list's elements within its index; Spark's LENGTH is of text alone."""
    if not isinstance(node, exp.Length) or node.find_ancestor(exp.Bracket, exp.Select) is None:
        return None
    if not isinstance(node.find_ancestor(exp.Bracket, exp.Select), exp.Bracket):
        return None
    return lambda: exp.Anonymous(this="SIZE", expressions=[node.this])


def row_of_keys(node: exp.Expr, _: Kinds) -> Callable[[], exp.Expr] | None:
    """``row(a, b)``, by which the newest is found, is a STRUCT in Spark; both order by the first key that differs."""
    if not isinstance(node, exp.Anonymous) or node.name.lower() != "row":
        return None
    return lambda: exp.Anonymous(this="STRUCT", expressions=node.expressions)


def unsigned_zero(node: exp.Expr, kinds: Kinds) -> Callable[[], exp.Expr] | None:
    """A double in the newest row comes out of DuckDB without the sign of a zero; adding 0 takes it off in Spark."""
    if not isinstance(node, exp.PropertyEQ) or kinds.of(node.expression) != "double":
        return None
    return lambda: exp.PropertyEQ(
        this=node.this, expression=exp.Add(this=exp.paren(node.expression), expression=_double("0"))
    )


RULES: tuple[Rule, ...] = (
    division,
    days_between,
    double_to_decimal,
    rounded_to_int,
    floor_of_double,
    sum_of_truths,
    element,
    length_of_list,
    row_of_keys,
    unsigned_zero,
)


def _cast(node: exp.Expr, to: str) -> exp.Expr:
    return exp.Cast(this=node, to=exp.DataType.build(to, dialect="spark"))


def _double(text: str) -> exp.Expr:
    return _cast(exp.Literal.number(text), "DOUBLE")


def _rint(node: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="RINT", expressions=[node])
