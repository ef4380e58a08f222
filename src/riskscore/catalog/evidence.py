"""The rows of one source and subject at one moment, as queries over the row layer that values are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import duckdb
from sqlglot import exp

from riskscore.catalog.compile import flat, lookups_sql, match_sql, qualified, rows_sql, visible, window_sql
from riskscore.catalog.declare import Feature, Lookup, Source
from riskscore.catalog.expressions import AGGREGATES, columns_of, parse
from riskscore.catalog.relations import Columns
from riskscore.catalog.windows import Window

#: Why a row on record today is not among those counted: the first that holds. ``left_out``: by the source's condition.
WHYS = (
    "happened_later",
    "known_later",
    "replaced",
    "left_out",
    "no_date",
    "ahead",
    "before_window",
    "not_newest",
)
_COUNTED = 7


def aggregates_of(expression: str) -> dict[str, exp.Expr]:
    """Return each aggregate of an expression by its text, with its filter."""
    found: dict[str, exp.Expr] = {}
    for node in parse(expression).find_all(*AGGREGATES):
        whole = node.parent if isinstance(node.parent, exp.Filter) else node
        found.setdefault(whole.sql("duckdb"), whole)
    return dict(reversed(found.items()))


def aggregated(con: duckdb.DuckDBPyConnection, aggregates: Mapping[str, exp.Expr], rows: str) -> dict[str, Any]:
    """Compute each aggregate over the statement `rows`."""
    if not aggregates:
        return {}
    items = ", ".join(flat(exp.Paren(this=node.copy())).sql("duckdb") for node in aggregates.values())
    found = con.execute(f"SELECT {items} FROM ({rows})").fetchall()[0]
    return dict(zip(aggregates, found, strict=True))


class Evidence:
    """What one source holds about the subject of the relation *moments*, which has a single row.

    Parameters
    ----------
    con : DuckDBPyConnection
        With the portfolio's relations, *placements* and *moments*.
    source : Source
    subject : str
    features : mapping of str to Feature
    known : mapping of str to mapping
        Every relation's columns.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        source: Source,
        subject: str,
        features: Mapping[str, Feature],
        known: Mapping[str, Columns],
    ) -> None:
        self._con = con
        self._source = source
        self._features = features
        self._match = match_sql(source, subject)
        self._windows = list(dict.fromkeys(self._window(name) for name in features))
        self._person = "" if subject == "member" else _person(source, known)
        self._unseen = cache(self._unseen_of)
        stamps = ["id", "event_at", "known_at", source.clock]
        extras = [f"r.{name}" for name in dict.fromkeys(stamps)] + ["s.as_of"]
        extras += [f"{window_sql(window, source)} AS in_{number}" for number, window in enumerate(self._windows)]
        extras += [f"{self._person} AS person"] if self._person else []
        columns = set().union(*(self._read(name) for name in features), set()) - set(stamps)
        layer = rows_sql(source, columns, extras, "moments", self._match)
        con.execute(f"CREATE OR REPLACE TEMP TABLE evidence AS {layer}")

    def counted(self, name: str) -> tuple[int, int | None]:
        """Return the rows in the feature's window, and how many people they are about (None: her own, or nobody)."""
        persons = "count(DISTINCT person)" if self._person else "NULL"
        counts = f"SELECT count(*), {persons} FROM ({self._in_window(name)})"
        rows, people = self._con.execute(counts).fetchall()[0]
        return int(rows), None if people is None else int(people)

    def rows(self, name: str) -> tuple[dict[str, Any], ...]:
        """Return the rows in the feature's window, oldest first by its clock."""
        stamps = dict.fromkeys(["id", "event_at", "known_at", self._source.clock])
        columns = [*stamps, *(column for column in self._read(name) if column not in stamps)]
        items = ", ".join(f'{column.replace(".", "__")} AS "{column}"' for column in columns)
        order = f"{self._source.clock}, event_at, known_at, id"
        found = self._con.sql(f"SELECT {items} FROM ({self._in_window(name)}) ORDER BY {order}").pl().to_dicts()
        return tuple(found)

    def parts(self, name: str) -> dict[str, Any]:
        """Return every aggregate of the feature's expression, and what it gives."""
        return aggregated(self._con, aggregates_of(self._features[name].expression), self._in_window(name))

    def unseen(self, name: str) -> list[tuple[str, str, int]]:
        """Return (table, why, rows) of what is on record today and not counted; of lookups, by the as-of rule."""
        window = self._window(name)
        found = self._unseen(window)
        counted = next((rows for _, why, rows in found if why == ""), 0)
        older = [(self._source.table, "not_newest", counted - 1)] if window.kind == "latest" and counted > 1 else []
        return [entry for entry in found if entry[1]] + older + self._unseen_beside()

    def _window(self, name: str) -> Window:
        return self._features[name].window or Window("ever")

    def _in_window(self, name: str) -> str:
        window = self._window(name)
        newest = " ORDER BY event_at DESC, known_at DESC, id DESC LIMIT 1" if window.kind == "latest" else ""
        return f"SELECT * FROM evidence WHERE in_{self._windows.index(window)}{newest}"

    def _read(self, name: str) -> list[str]:
        """Return the columns that the expression reads, and those that its derived columns are made from."""
        read = sorted(columns_of(parse(self._features[name].expression)) - {"as_of"})
        for column in list(read):
            if column in self._source.columns:
                read += sorted(columns_of(parse(self._source.columns[column])) - {"as_of", *read})
        return read

    def _unseen_of(self, window: Window) -> list[tuple[str, str, int]]:
        source = self._source
        condition = qualified(source.where) if source.where else "TRUE"
        cases = [
            "r.event_at >= s.as_of",
            "r.known_at > s.as_of",
            "r.known_until <= s.as_of",
            f"NOT coalesce({condition}, FALSE)",
        ]
        if window.kind != "standing":
            cases += [f"r.{source.clock} IS NULL", f"r.{source.clock} >= s.as_of"]
            cases += [f"NOT coalesce({window_sql(window, source)}, FALSE)"]
        branches = " ".join(f"WHEN {case} THEN {number}" for number, case in enumerate(cases))
        sql = (
            f"SELECT place, count(*) FROM (SELECT id, known_at, max(place) AS place FROM (\n"
            f"  SELECT r.id, r.known_at, CASE {branches} ELSE {_COUNTED} END AS place\n"
            f"  FROM moments AS s JOIN {source.table} AS r ON {self._match}{lookups_sql(source)})\n"
            "GROUP BY id, known_at) GROUP BY place ORDER BY place"
        )
        found = self._con.execute(sql).fetchall()
        return [(source.table, "" if place == _COUNTED else WHYS[place], rows) for place, rows in found]

    def _unseen_beside(self) -> list[tuple[str, str, int]]:
        """Rows of lookups that would stand beside a counted row, had they been known."""
        source = self._source
        found: list[tuple[str, str, int]] = []
        earlier: dict[str, Lookup] = {}
        by_itself = source.where and not any("." in name for name in columns_of(parse(source.where)))
        condition = f" AND ({qualified(source.where)})" if by_itself else ""
        for alias, lookup in source.lookups.items():
            beside = f"{alias}.id = r.{lookup.on}" if lookup.on else f"({qualified(lookup.where)})"
            joins = lookups_sql(replace(source, lookups=earlier))
            sql = (
                f"SELECT why, count(*) FROM (SELECT DISTINCT {alias}.id, {alias}.known_at,\n"
                f"  CASE WHEN {alias}.event_at >= s.as_of THEN 0 WHEN {alias}.known_at > s.as_of THEN 1\n"
                f"       WHEN {alias}.known_until <= s.as_of THEN 2 END AS why\n"
                f"  FROM moments AS s JOIN {source.table} AS r ON {self._match}{joins}\n"
                f"  JOIN {lookup.table} AS {alias} ON {beside}\n"
                f"  WHERE {visible('r', 's.as_of')}{condition})\n"
                "WHERE why IS NOT NULL GROUP BY why ORDER BY why"
            )
            found += [(lookup.table, WHYS[why], rows) for why, rows in self._con.execute(sql).fetchall()]
            earlier = {**earlier, alias: lookup}
        return found


def _person(source: Source, known: Mapping[str, Columns]) -> str:
    """Return the column that names the member a row is about; empty where none does."""
    if source.table == "members":
        return "r.id"
    if "member_id" in known[source.table]:
        return "r.member_id"
    beside = [alias for alias, lookup in source.lookups.items() if "member_id" in known[lookup.table]]
    return f"{beside[0]}.member_id" if beside else ""
