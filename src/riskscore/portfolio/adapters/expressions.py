"""What an expression of a mapping may be: DuckDB's SQL, over the rows it is given and nothing else.

An expression is read by sqlglot before DuckDB sees it, and DuckDB runs it with its access to files and to its own
settings shut: a mapping that somebody else wrote can at worst make wrong numbers, never read another file. What
differs from run to run (the clock, chance) is refused: the same files give the same portfolio.
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

import duckdb
import sqlglot
from sqlglot import exp

from riskscore.errors import Fault

_UNSTEADY = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime, exp.CurrentDatetime, exp.Rand, exp.Uuid)
_UNSTEADY_NAMES = frozenset(
    {
        "current_localtime",
        "current_localtimestamp",
        "current_setting",
        "current_user",
        "gen_random_uuid",
        "get_current_time",
        "get_current_timestamp",
        "nextval",
        "now",
        "random",
        "setseed",
        "today",
        "transaction_timestamp",
        "uuid",
        "uuidv4",
        "uuidv7",
        "version",
    }
)


def expression_fault(where: str, text: str) -> Fault | None:
    """Return what is wrong with one expression over one row, None where nothing is."""
    try:
        parsed = [one for one in sqlglot.parse(text, dialect="duckdb") if one is not None]
    except sqlglot.errors.SqlglotError:
        parsed = []
    if len(parsed) != 1 or isinstance(parsed[0], exp.Command | exp.Alias):
        return Fault(
            where, f"{text!r} is no expression of DuckDB's SQL.", "Texts stand in single quotes: \"'weekly'\"."
        )
    if parsed[0].find(exp.Query, exp.DML, exp.DDL):
        return Fault(where, f"{text!r} holds a query.", "Write it as a view under [views], and name its columns here.")
    return _unsteady(where, parsed[0])


def columns_of(text: str) -> list[str]:
    """Return the columns that an expression speaks of, in order. It must be an expression."""
    return list(dict.fromkeys(one.name for one in sqlglot.parse_one(text, dialect="duckdb").find_all(exp.Column)))


def view_fault(where: str, sql: str, known: Collection[str]) -> Fault | None:
    """Return what is wrong with the SELECT of a view over the relations `known`, None where nothing is."""
    try:
        parsed = [one for one in sqlglot.parse(sql, dialect="duckdb") if one is not None]
    except sqlglot.errors.SqlglotError:
        parsed = []
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
        return Fault(where, "is no SELECT of DuckDB's SQL.", "Write one SELECT over sources and earlier views.")
    query = parsed[0]
    own = {cte.alias for cte in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        name = table.name if isinstance(table.this, exp.Identifier) and not table.db else table.sql(dialect="duckdb")
        if name not in known and name not in own:
            near = get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known here are {', '.join(sorted(known)) or 'none'}."
            return Fault(where, f"reads {name!r}, which is no source and no earlier view.", hint)
    return _unsteady(where, query)


def _unsteady(where: str, parsed: exp.Expr) -> Fault | None:
    for node in parsed.walk():
        named = node.name.lower() if isinstance(node, exp.Anonymous) else ""
        if isinstance(node, _UNSTEADY) or named in _UNSTEADY_NAMES:
            return Fault(
                where,
                f"{node.sql(dialect='duckdb')!r} differs from run to run.",
                "Use what the source recorded, or the portfolio's data_date written out.",
            )
    return None


def quoted(name: str) -> str:
    """Return `name` as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """Return `value` as a SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def shut(con: duckdb.DuckDBPyConnection, *folders: str) -> None:
    """Leave a connection no file beyond `folders`, and no way to open it again."""
    con.execute(f"SET allowed_directories = [{', '.join(literal(folder) for folder in folders)}]")
    con.execute("SET enable_external_access = false")
    con.execute("SET python_enable_replacements = false")
    con.execute("SET lock_configuration = true")


def why(error: duckdb.Error) -> str:
    """Return DuckDB's reason in one line, without its candidates. Only for statements over empty tables.

    Over rows the reason may quote a value.
    """
    first = str(error).split("\n", 1)[0]
    return first.split(": ", 1)[-1].rstrip("!. ") + "."
