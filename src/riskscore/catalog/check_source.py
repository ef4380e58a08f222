"""Check a source of features: table, keys, clocks, lookups and expressions, as text and as DuckDB binds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb

from riskscore.catalog.compile import lookups_sql, qualified
from riskscore.catalog.declare import SUBJECTS, Source
from riskscore.catalog.expressions import Unreadable, columns_of, did_you_mean, parse, refusals
from riskscore.catalog.relations import Columns
from riskscore.errors import Fault


def source_faults(
    where: str, source: Source, known: Mapping[str, Columns], con: duckdb.DuckDBPyConnection
) -> list[Fault]:
    """Return the faults of a source; one without any is left behind in `con` as the empty view ``rows_<its id>``."""
    return list(_source(where, source, known)) or _bind_source(where, source, known, con)


def _source(where: str, source: Source, known: Mapping[str, Columns]) -> Iterator[Fault]:
    """Faults of a source that its text shows."""
    if source.table not in known:
        yield Fault(where, f"There is no table {source.table!r}.", did_you_mean(source.table, set(known)))
        return
    columns = known[source.table]
    available = {*columns, "as_of"}
    for key, column in source.keys.items():
        if key not in SUBJECTS:
            yield Fault(where, f"{key!r} is no subject.", did_you_mean(key, SUBJECTS))
        if key == "institution":
            if column:
                yield Fault(where, "The institution has every row, and no key.", 'Write "institution": "".')
        elif column not in columns:
            yield Fault(
                where, f"The key {column!r} is no column of {source.table}.", did_you_mean(column, set(columns))
            )
    if source.leave_out and source.leave_out not in columns:
        what = f"It leaves out by {source.leave_out!r}, no column of {source.table}."
        yield Fault(where, what, did_you_mean(source.leave_out, set(columns)))
    for role, column, types in (
        ("clock", source.clock, ("DATE", "TIMESTAMP")),
        *([("cycle", source.cycle, ("DATE",))] if source.cycle else []),
    ):
        if column not in columns:
            what = f"The {role} {column!r} is no column of {source.table}."
            yield Fault(where, what, did_you_mean(column, set(columns)))
        elif columns[column] not in types:
            yield Fault(where, f"The {role} {column!r} is a {columns[column]}.", f"Name a {' or '.join(types)}.")
    for alias, lookup in source.lookups.items():
        if lookup.table not in known:
            yield Fault(where, f"There is no table {lookup.table!r}.", did_you_mean(lookup.table, set(known)))
            return
        if bool(lookup.on) == bool(lookup.where):
            yield Fault(where, f"The lookup {alias!r} needs one of on and where.", "Give exactly one.")
        available |= {f"{alias}.{column}" for column in known[lookup.table]}
        if lookup.on and lookup.on not in columns:
            what = f"The lookup {alias!r} is on {lookup.on!r}, no column of {source.table}."
            yield Fault(where, what, did_you_mean(lookup.on, set(columns)))
        if lookup.where:
            yield from readable(f"{where}: lookup {alias}", lookup.where, available, aggregates=0)
    if source.where:
        yield from readable(f"{where}: where", source.where, available, aggregates=0)
    for name, text in source.columns.items():
        if name in columns:
            yield Fault(f"{where}: {name}", f"{source.table} has a column of this name.", "Choose another name.")
        yield from readable(f"{where}: {name}", text, available, aggregates=0)


def readable(where: str, text: str, available: set[str], *, aggregates: int) -> Iterator[Fault]:
    """Yield the faults of an expression that its text shows."""
    try:
        tree = parse(text)
    except Unreadable as error:
        yield Fault(where, f"It cannot be read as SQL: {error}", "Mend the expression.")
        return
    for what, remedy in refusals(tree, aggregates=aggregates):
        yield Fault(where, what, remedy)
    for name in sorted(columns_of(tree) - available):
        yield Fault(where, f"There is no column {name!r}.", did_you_mean(name, available))


def _bind_source(
    where: str, source: Source, known: Mapping[str, Columns], con: duckdb.DuckDBPyConnection
) -> list[Fault]:
    """Make the source's row layer as an empty view, which binds its own expressions, and return their faults."""
    lookups = sorted(name for name in offered(source, known) if "." in name)
    items = ["s.as_of", *(f"r.{c}" for c in known[source.table])]
    items += [f"{name} AS {name.replace('.', '__')}" for name in lookups]
    items += [f"{qualified(text)} AS {name}" for name, text in source.columns.items()]
    condition = f" WHERE {qualified(source.where)}" if source.where else ""
    view = (
        f"CREATE OR REPLACE VIEW rows_{id(source)} AS SELECT {', '.join(items)} "
        f"FROM (SELECT NULL::TIMESTAMP AS as_of) AS s, {source.table} AS r{lookups_sql(source)}{condition}"
    )
    try:
        con.execute(view)
    except duckdb.Error as error:
        return [Fault(where, f"DuckDB refuses it: {first_line(error)}", "Mend the source.")]
    return []


def offered(source: Source, known: Mapping[str, Columns]) -> set[str]:
    """Return the columns that a feature of the source may name: its table's, its own, ``alias.column``, ``as_of``."""
    lookups = {f"{alias}.{c}" for alias, lookup in source.lookups.items() for c in known[lookup.table]}
    return {"as_of", *known[source.table], *source.columns, *lookups}


def first_line(error: Exception) -> str:
    """Return what is wrong, without the picture of where that DuckDB draws below."""
    return str(error).split("\n", 1)[0]
