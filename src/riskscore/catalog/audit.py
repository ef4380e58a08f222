"""Judge a lock's statements before any of them runs.

A lock comes from a file, and its hash only says that the file was not damaged. So each statement must be one SELECT,
over relations of a portfolio or the temporary tables that running makes, by functions of the closed list: nothing that
reads a file, writes, or settles anything about the engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from riskscore.catalog.expressions import AGGREGATES, FUNCTIONS, SYNTAX, Unreadable, parse, refusals
from riskscore.errors import Fault

_COMPILED: tuple[type[exp.Expr], ...] = (
    exp.Select,
    exp.Subquery,
    exp.From,
    exp.Join,
    exp.Table,
    exp.TableAlias,
    exp.Alias,
    exp.Group,
    exp.AnyValue,
    exp.IgnoreNulls,
    exp.ArgMax,
    exp.Struct,
    exp.PropertyEQ,
    exp.Bracket,
    exp.Length,
    exp.ArraySort,
    exp.ArrayAgg,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
)
_TEMPORARY = {"asked", "moments", "origin", "placements", "neighbours_bank", "neighbours_group", "neighbour_values"}
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def faults_of_definition(definition: Mapping[str, Any]) -> list[Fault]:
    """Return what of a lock's definition must not run."""
    try:
        return list(_faults(definition))
    except (KeyError, TypeError, AttributeError) as error:
        what = f"It does not have the shape of a definition ({type(error).__name__}: {error})."
        return [Fault("lock.definition", what, "Take the artefact anew.")]


def _faults(definition: Mapping[str, Any]) -> Iterator[Fault]:
    tables = _TEMPORARY | {need["table"] for need in definition["requires"]}
    names = [feature["name"] for feature in definition["features"]]
    statements = {"placements": definition["placements"], "moments": definition["moments"]}
    statements |= {f"neighbours.{place}": sql for place, sql in definition["neighbours"].items()}
    for part in ("select", "peers"):
        for number, statement in enumerate(definition[part]):
            statements[f"{part}[{number}]"] = statement["sql"]
            names += statement["features"]
    for number, statement in enumerate(definition["select"]):
        if not isinstance(statement["of_neighbours"], bool):
            yield Fault(f"lock.definition.select[{number}]", "of_neighbours is not said.", "Take the artefact anew.")
    for name in {*names, *tables, *definition["neighbours"]}:
        if not _NAME.fullmatch(name):
            yield Fault("lock.definition", f"{name!r} is no name.", "Take the artefact anew.")
    for where, sql in statements.items():
        for what in _refused(sql, tables):
            yield Fault(f"lock.definition.{where}", what, "Take the artefact anew from where it was trained.")
    for feature in definition["features"]:
        if feature["step"] == 5:
            try:
                found = refusals(parse(feature["expression"]), aggregates=False)
            except Unreadable as error:
                found = [(str(error), "")]
            for what, remedy in found:
                yield Fault(f"lock.definition.{feature['name']}", what, remedy)


def _refused(sql: str, tables: set[str]) -> Iterator[str]:
    try:
        trees = sqlglot.parse(sql, dialect="duckdb")
    except SqlglotError:
        yield "The statement cannot be read."
        return
    if len(trees) != 1 or not isinstance(trees[0], exp.Select):
        yield "It is not a single SELECT."
        return
    for node in trees[0].walk():
        if isinstance(node, exp.Table):
            if not isinstance(node.this, exp.Identifier) or node.name not in tables or node.args.get("db"):
                yield f"It reads {node.sql('duckdb')}, which is no relation that the lock states."
        elif isinstance(node, exp.Anonymous):
            if node.name.lower() != "row":
                yield f"It calls {node.name}."
        elif not isinstance(node, (*SYNTAX, *FUNCTIONS, *AGGREGATES, *_COMPILED)):
            yield f"It holds {type(node).__name__}."
