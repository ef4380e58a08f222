"""The rows of one source and subject at one moment, as queries over the row layer that values are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import duckdb
from sqlglot import exp

from riskscore.catalog.compile import flat, innermost, lookups_sql, match_sql, qualified, rows_sql, visible, window_sql
from riskscore.catalog.declare import FeatureSet, Lookup, Source
from riskscore.catalog.expressions import AGGREGATES, columns_of, parse, parsed
from riskscore.catalog.relations import Columns
from riskscore.catalog.windows import Window

#: Why a row on record today is not among those counted: the first that holds. ``left_out``: by the source's condition;
#: ``own_bank``: by its ``leave_out``; ``not_gathered``: it does not name what the rows are gathered by.
WHYS = (
    "happened_later",
    "known_later",
    "replaced",
    "left_out",
    "no_date",
    "ahead",
    "after_window",
    "before_window",
    "own_bank",
    "not_gathered",
    "not_newest",
)

#: Subjects whose rows concern nobody but the member, or the group that asks.
_NEAR = ("member", "group", "bank", "organisation")


def aggregates_of(expression: str) -> dict[str, exp.Expr]:
    """Return each outermost aggregate of an expression by its text, with its filter."""
    found: dict[str, exp.Expr] = {}
    for node in parse(expression).find_all(*AGGREGATES):
        if not node.find_ancestor(*AGGREGATES):
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
    one : FeatureSet
        Of a catalogue that was checked.
    known : mapping of str to mapping
        Every relation's columns.

    Attributes
    ----------
    table, clock : str
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, one: type[FeatureSet], known: Mapping[str, Columns]) -> None:
        if one.source is None:
            raise ValueError("A catalogue that was checked has a source for every set.")
        source = one.source
        self.table = source.table
        self.clock = source.clock
        self._con = con
        self._source = source
        self._subject = one.subject
        self._by = one.by
        self._features = one.features
        self._match = match_sql(source, one.subject)
        self._windows = list(dict.fromkeys(self._window(name) for name in one.features))
        self._other = _other(source, one.subject, known)
        self._unseen = cache(self._unseen_of)
        stamps = ["id", "event_at", "known_at", source.clock]
        extras = [f"r.{name}" for name in dict.fromkeys(stamps)] + ["s.as_of"]
        extras += [f"{window_sql(window, source)} AS in_{number}" for number, window in enumerate(self._windows)]
        extras += [f"{self._other} AS other"] if self._other else []
        columns = set().union(*(self._read(name) for name in one.features), set()) - set(stamps)
        layer = rows_sql(source, columns, extras, "moments", self._match)
        con.execute(f"CREATE OR REPLACE TEMP TABLE evidence AS {layer}")

    def counted(self, name: str) -> tuple[int, int | None]:
        """Return how many rows the feature counts, and how many others they are about; None where about none."""
        others = "count(DISTINCT other)" if self._other else "NULL"
        rows, about = self._con.execute(f"SELECT count(*), {others} FROM ({self._counted(name)})").fetchall()[0]
        return int(rows), None if about is None else int(about)

    def rows(self, name: str) -> tuple[dict[str, Any], ...]:
        """Return the rows that the feature counts, oldest first by the source's clock."""
        stamps = dict.fromkeys(["id", "event_at", "known_at", self._source.clock])
        columns = [*stamps, *(column for column in self._read(name) if column not in stamps)]
        items = ", ".join(f'{column.replace(".", "__")} AS "{column}"' for column in columns)
        order = f"{self._source.clock}, event_at, known_at, id"
        found = self._con.sql(f"SELECT {items} FROM ({self._counted(name)}) ORDER BY {order}").pl().to_dicts()
        return tuple(found)

    def parts(self, name: str) -> dict[str, Any]:
        """Return every outermost aggregate of the feature's expression, and what it gives."""
        outer = aggregates_of(self._features[name].expression)
        if not self._by:
            return aggregated(self._con, outer, self._counted(name))
        inner: dict[str, str] = {}
        lifted: dict[str, exp.Expr] = {}
        for text, whole in outer.items():
            root = exp.Paren(this=flat(whole.copy()))
            for node in innermost(root):
                one = node.parent if isinstance(node.parent, exp.Filter) else node
                one.replace(exp.column(inner.setdefault(one.sql("duckdb"), f"a{len(inner)}")))
            lifted[text] = root.this
        items = "".join(f", {sql} AS {slot}" for sql, slot in inner.items())
        by = self._by.replace(".", "__")
        rows = f"SELECT {by}, any_value(as_of) AS as_of{items} FROM ({self._counted(name)}) GROUP BY {by}"
        return aggregated(self._con, lifted, rows)

    def unseen(self, name: str) -> list[tuple[str, str, int]]:
        """Return (table, why, rows) of what is on record today and not counted; of lookups, by the as-of rule."""
        found = dict(self._unseen(self._window(name)))
        counted = found.pop("", 0)
        if self._source.leave_out:
            found["own_bank"] = self._of_own_bank()
        if self._by:
            missing = f"SELECT count(*) FROM ({self._in_window(name)}) WHERE {self._by.replace('.', '__')} IS NULL"
            found["not_gathered"] = int(self._con.execute(missing).fetchall()[0][0])
        if self._window(name).kind == "latest":
            found["not_newest"] = max(counted - 1, 0)
        own = [(self._source.table, why, found[why]) for why in WHYS if found.get(why)]
        return own + self._unseen_beside()

    def _window(self, name: str) -> Window:
        return self._features[name].window or Window("ever")

    def _in_window(self, name: str) -> str:
        window = self._window(name)
        newest = " ORDER BY event_at DESC, known_at DESC, id DESC LIMIT 1" if window.kind == "latest" else ""
        return f"SELECT * FROM evidence WHERE in_{self._windows.index(window)}{newest}"

    def _counted(self, name: str) -> str:
        if not self._by:
            return self._in_window(name)
        return f"SELECT * FROM ({self._in_window(name)}) WHERE {self._by.replace('.', '__')} IS NOT NULL"

    def _read(self, name: str) -> list[str]:
        """Return the columns that the expression reads, and those that its derived columns are made from."""
        read = sorted(columns_of(parsed(self._features[name].expression)) - {"as_of"})
        read += [self._by] if self._by and self._by not in read else []
        for column in list(read):
            if column in self._source.columns:
                read += sorted(columns_of(parsed(self._source.columns[column])) - {"as_of", *read})
        return read

    def _unseen_of(self, window: Window) -> dict[str, int]:
        """Count every version by the first reason that holds; empty text stands for those in the window."""
        source = self._source
        clock = f"r.{source.clock}"
        holds = {
            "happened_later": "r.event_at >= s.as_of",
            "known_later": "r.known_at > s.as_of",
            "replaced": "r.known_until <= s.as_of",
            "left_out": f"NOT coalesce({qualified(source.where)}, FALSE)" if source.where else "FALSE",
        }
        if window.kind != "standing":
            ended = f"{clock} >= s.as_of - INTERVAL {window.ends} DAY" if window.ends else "FALSE"
            holds |= {"no_date": f"{clock} IS NULL", "ahead": f"{clock} >= s.as_of", "after_window": ended}
            holds |= {"before_window": f"NOT coalesce({window_sql(window, source)}, FALSE)"}
        branches = " ".join(f"WHEN {condition} THEN {number}" for number, condition in enumerate(holds.values()))
        # A row may stand beside several of a lookup: it is counted where one of these pairs is.
        sql = (
            f"SELECT place, count(*) FROM (SELECT id, known_at, max(place) AS place FROM (\n"
            f"  SELECT r.id, r.known_at, CASE {branches} ELSE {len(holds)} END AS place\n"
            f"  FROM moments AS s JOIN {source.table} AS r ON {self._match}{lookups_sql(source)})\n"
            "GROUP BY id, known_at) GROUP BY place ORDER BY place"
        )
        whys = [*holds, ""]
        return {whys[place]: rows for place, rows in self._con.execute(sql).fetchall()}

    def _of_own_bank(self) -> int:
        """Count the visible rows of her own communal bank, which the source leaves out."""
        match = match_sql(replace(self._source, leave_out=""), self._subject)
        sql = (
            f"SELECT count(*) FROM moments AS s JOIN {self._source.table} AS r ON {match}\n"
            f"WHERE r.{self._source.leave_out} = s.bank_id AND {visible('r', 's.as_of')}"
        )
        return int(self._con.execute(sql).fetchall()[0][0])

    def _unseen_beside(self) -> list[tuple[str, str, int]]:
        """Count the rows of lookups that would stand beside one of the source's, had they been known."""
        source = self._source
        found: list[tuple[str, str, int]] = []
        earlier: dict[str, Lookup] = {}
        by_itself = source.where and not any("." in name for name in columns_of(parsed(source.where)))
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


def _other(source: Source, subject: str, known: Mapping[str, Columns]) -> str:
    """Return the column that names the others whom a row is about; empty where it is about none.

    Rows of her group, bank or producer association are about others where they name a member; rows of her officer,
    branch, region, sector or institution also where they name another group or loan.
    """
    if subject == "member":
        return ""
    if source.table == "members":
        return "r.id"
    naming = ["member_id"] if subject in _NEAR else ["member_id", "bank_id", "group_id", "loan_id"]
    relations = {"r": source.table, **{alias: lookup.table for alias, lookup in source.lookups.items()}}
    return next(
        (f"{alias}.{name}" for name in naming for alias, table in relations.items() if name in known[table]), ""
    )
