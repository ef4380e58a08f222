"""What kind of value each part of a statement gives, as far as another dialect must know to give the same.

A statement of a lock names no types. Most of it means the same to every engine whatever they are; a cast, a rounding
and a difference do not. The kinds of columns are told; those of everything built on them follow from DuckDB's rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from sqlglot import exp

Kind = Literal["int", "decimal", "double", "text", "bool", "date", "timestamp"]

_BY_TYPE: tuple[tuple[str, Kind], ...] = (
    ("decimal", "decimal"),
    ("double", "double"),
    ("float", "double"),
    ("timestamp", "timestamp"),
    ("date", "date"),
    ("bool", "bool"),
    ("varchar", "text"),
    ("text", "text"),
    ("string", "text"),
    ("bigint", "int"),
    ("int", "int"),
)
_NUMBERS: tuple[Kind, ...] = ("int", "decimal", "double")

#: What has the kind of its first argument.
_LIKE_ITS_ARGUMENT = (
    exp.Paren,
    exp.Alias,
    exp.Neg,
    exp.Abs,
    exp.Floor,
    exp.Ceil,
    exp.Filter,
    exp.Min,
    exp.Max,
    exp.AnyValue,
    exp.IgnoreNulls,
    exp.Nullif,
)
_TRUTHS = (exp.Predicate, exp.And, exp.Or, exp.Not, exp.Boolean, exp.LogicalAnd, exp.LogicalOr, exp.Contains)
_COUNTS = (exp.Count, exp.DateDiff, exp.Month, exp.Year, exp.Length)


def kind_of_type(name: str) -> Kind | None:
    """Return the kind of a type by its name in DuckDB or Spark, None for lists, structs and what else there is."""
    lower = name.lower()
    return next((kind for start, kind in _BY_TYPE if lower.startswith(start)), None)


class Kinds:
    """The kinds of a statement's parts.

    Parameters
    ----------
    relations : mapping of str to mapping of str to str
        Type of each column of each relation the statement reads.
    """

    def __init__(self, relations: Mapping[str, Mapping[str, str]]) -> None:
        self._relations = relations

    def of(self, node: exp.Expr | None) -> Kind | None:
        """Return the kind of `node`, None where it is none of them or cannot be told."""
        match node:
            case exp.Column():
                return self._of_column(node)
            case exp.Literal():
                return _of_literal(node)
            case exp.Cast():
                return kind_of_type(node.to.this.value)
            case exp.Div():
                return "double"
            case exp.Sum():
                return "int" if self.of(node.this) == "bool" else self.of(node.this)
            case exp.Case():
                return self._wider([*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")])
            case exp.Coalesce() | exp.Greatest() | exp.Least():
                return self._wider([node.this, *node.expressions])
            case exp.Add() | exp.Sub():
                return self._of_sum(node)
            case exp.Mul() | exp.Mod():
                return self._wider([node.this, node.expression])
            case _ if isinstance(node, _LIKE_ITS_ARGUMENT):
                return self.of(node.this)
            case _ if isinstance(node, _COUNTS):
                return "int"
            case _ if isinstance(node, _TRUTHS):
                return "bool"
        return None

    def _wider(self, nodes: Iterable[exp.Expr | None]) -> Kind | None:
        """Return the kind that holds every one of `nodes`; what is missing or null has none of its own."""
        found = [kind for node in nodes if (kind := self.of(node)) is not None]
        if not found:
            return None
        if all(kind in _NUMBERS for kind in found):
            return max(found, key=_NUMBERS.index)
        return "timestamp" if set(found) == {"date", "timestamp"} else found[0]

    def _of_sum(self, node: exp.Add | exp.Sub) -> Kind | None:
        left, right = self.of(node.this), self.of(node.expression)
        if isinstance(node.expression, exp.Interval) or isinstance(node.this, exp.Interval):
            return "timestamp"
        if "date" in (left, right):
            return "int" if left == right else "date"
        return self._wider([node.this, node.expression])

    def _of_column(self, column: exp.Column) -> Kind | None:
        query = column.find_ancestor(exp.Select)
        for source in _sources(query):
            if not column.table or source.alias_or_name == column.table:
                kind = self._within(source, column.name)
                if kind is not None:
                    return kind
        return None

    def _within(self, source: exp.Expr, name: str) -> Kind | None:
        """Return the kind of the column `name` of a table, or of a query that stands in a FROM."""
        if isinstance(source, exp.Table):
            query = _named_query(source)
            if query is None:
                return kind_of_type(self._relations.get(source.name, {}).get(name, ""))
        else:
            query = source.this
        while isinstance(query, (exp.SetOperation, exp.Subquery)):
            query = query.this
        if not isinstance(query, exp.Select):
            return None
        for item in query.expressions:
            if item.alias_or_name == name:
                return self.of(item)
        if any(item.is_star for item in query.expressions):
            found = (self._within(inner, name) for inner in _sources(query))
            return next((kind for kind in found if kind is not None), None)
        return None


def _of_literal(node: exp.Literal) -> Kind:
    if node.is_string:
        return "text"
    text = str(node.this).lower()
    return "double" if "e" in text else "decimal" if "." in text else "int"


def _sources(query: exp.Expr | None) -> Iterator[exp.Expr]:
    """Yield what stands in the FROM and the joins of `query`."""
    if isinstance(query, exp.Select):
        start = query.args.get("from_")
        if start is not None:
            yield start.this
        for join in query.args.get("joins") or ():
            yield join.this


def _named_query(table: exp.Table) -> exp.Expr | None:
    """Return the query that a WITH above gives the table's name to, None where it is a relation."""
    above = table.find_ancestor(exp.Select)
    while above is not None:
        named = above.args.get("with_")
        for query in named.expressions if named is not None else ():
            if query.alias == table.name and table.find_ancestor(exp.CTE) is not query:
                found: exp.Expr = query.this
                return found
        above = above.find_ancestor(exp.Select)
    return None
