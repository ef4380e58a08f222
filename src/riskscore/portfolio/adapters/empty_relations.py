"""A mapping's sources and views without a row: what DuckDB says of an expression before anything is read."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from zoneinfo import available_timezones

import duckdb

from riskscore.errors import Fault
from riskscore.portfolio.adapters.bound import EVENT
from riskscore.portfolio.adapters.expressions import expression_fault, quoted, shut, view_fault, why
from riskscore.portfolio.adapters.landing import LINE, landed_types
from riskscore.portfolio.adapters.mapping import OFFSET, Mapping, Source
from riskscore.portfolio.forbidden import forbidden


class EmptyRelations:
    """Sources and views of a mapping, empty.

    Attributes
    ----------
    names : list of str
        Those that could be made.
    faults : list of Fault
        What is wrong with the rest, and with whatever `type_of` was asked.
    """

    def __init__(self, mapping: Mapping) -> None:
        self.names: list[str] = []
        self.faults: list[Fault] = []
        self._con = duckdb.connect()
        self._con.execute("SET TimeZone = 'UTC'")
        shut(self._con)
        for name, source in mapping.sources.items():
            self._source(name, source)
        for name, view in mapping.views.items():
            self._allowed(f"views.{name}", name)
            if wrong := view_fault(f"views.{name}", view.sql, self.names):
                self.faults.append(wrong)
            elif self._made(f"views.{name}", name, f"CREATE VIEW {quoted(name)} AS {view.sql}"):
                self._own_names(f"views.{name}", self.columns(quoted(name)), EVENT)

    def columns(self, rows: str) -> list[str]:
        """Return the columns of a relation."""
        return [row[0] for row in self._con.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()]

    def type_of(self, where: str, text: str, rows: str) -> str | None:
        """Return the DuckDB type of an expression over `rows`; None, with a fault, where it has none."""
        if wrong := expression_fault(where, text):
            self.faults.append(wrong)
            return None
        try:
            described = self._con.execute(f"DESCRIBE SELECT ({text}\n) AS value FROM {rows}").fetchall()
        except duckdb.Error as error:
            self.faults.append(Fault(where, f"{text.strip()!r}: {why(error)}", self._nearest(str(error), rows)))
            return None
        return str(described[0][1])

    def _source(self, name: str, source: Source) -> None:
        where = f"sources.{name}"
        self._allowed(where, name)
        if source.table:
            self._allowed(f"{where}.table", source.table)
        self._own_names(where, source.columns, LINE, EVENT)
        for one, column in source.columns.items():
            self._allowed(f"{where}.columns.{one}", one)
            if column.zone not in (None, OFFSET) and column.zone not in available_timezones():
                self._fault(f"{where}.columns.{one}.zone", f"{column.zone!r} is no zone.", "Write it as America/Lima.")
            if column.format and not self._can_parse(column.format):
                self._fault(
                    f"{where}.columns.{one}.format", "is no format of strptime.", "Write it as '%d/%m/%Y %H:%M:%S'."
                )
            if column.pseudonym and column.type not in ("text", "int"):
                self._fault(f"{where}.columns.{one}", "has a pseudonym and is no identifier.", "Read it as text.")
        ways = (source.file is not None, source.table is not None, source.query is not None)
        if sum(ways) != 1 or (source.file is None) != (source.url_env is not None):
            self._fault(where, "does not say in one way where it is.", "Give file, or url_env with table or query.")
        for one in source.key:
            if one not in source.columns:
                near = get_close_matches(one, list(source.columns), 1)
                hint = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(source.columns)}."
                self._fault(f"{where}.key", f"names {one!r}, which is none of its columns.", hint)
        columns = ", ".join(f"{quoted(one)} {kind}" for one, kind in landed_types(source).items())
        self._made(where, name, f"CREATE TABLE {quoted(name)} ({columns})")

    def _can_parse(self, formats: list[str]) -> bool:
        try:
            self._con.execute("SELECT try_strptime('', ?)", [formats])
        except duckdb.Error:
            return False
        return True

    def _made(self, where: str, name: str, sql: str) -> bool:
        try:
            self._con.execute(sql)
        except duckdb.Error as error:
            self._fault(where, why(error), "Correct it.")
            return False
        self.names.append(name)
        return True

    def _allowed(self, where: str, name: str) -> None:
        reason = forbidden(name)
        if reason:
            self._fault(where, f"is refused: {reason}.", "Leave it out of the mapping: it is not read.")

    def _own_names(self, where: str, columns: Iterable[str], *own: str) -> None:
        for one in columns:
            if one.lower() in own:
                self._fault(f"{where}.{one}", "is a name that mappings use themselves.", "Give it another name.")

    def _nearest(self, message: str, rows: str) -> str:
        names = self.columns(rows)
        quotes = message.split('"')
        near = get_close_matches(quotes[1], names, 1) if len(quotes) > 2 else []
        return f"Did you mean {near[0]!r}?" if near else f"Its columns are {', '.join(names)}."

    def _fault(self, where: str, what: str, remedy: str) -> None:
        self.faults.append(Fault(where, what, remedy))
