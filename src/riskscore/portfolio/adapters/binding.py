"""Whether a mapping fits: every fault of it at once, before any row is read.

Every view and expression is bound by DuckDB against empty tables of the types that the mapping gives its sources, so an
unknown column, a function that does not exist or a float where money belongs is told with the place in the mapping.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import duckdb

from riskscore.errors import Fault, InvalidInput
from riskscore.frequency import FREQUENCIES
from riskscore.portfolio.adapters.expressions import expression_fault, literal, quoted, shut, view_fault, why
from riskscore.portfolio.adapters.frequencies import MEANS_TWO, NAMED_SO, ambiguous
from riskscore.portfolio.adapters.landing import LINE
from riskscore.portfolio.adapters.mapping import Cell, Derivation, Mapping, Scalar
from riskscore.portfolio.adapters.reading import stored_type
from riskscore.portfolio.forbidden import forbidden
from riskscore.portfolio.kinds import DUCKDB
from riskscore.portfolio.tables import Column, Table

#: The value of ``event_at`` as a ``known_rule`` sees it.
EVENT = "event"
CLOCKS = ("event_at", "known_at")
INFERRED = "known_inferred"


@dataclass(frozen=True, slots=True)
class BoundCell:
    """A cell that fits its column.

    Parameters
    ----------
    column : Column
    sql : str
        Over the rows of the source; of a code, the code as text.
    codes : mapping of str to Scalar, or None
    """

    column: Column
    sql: str
    codes: MappingOf[str, Scalar] | None = None

    @property
    def value(self) -> str:
        """The SQL of the value, of the column's type; a code that is not mapped is null."""
        kind = DUCKDB[self.column.kind]
        if self.codes is None:
            return f"CAST({self.sql} AS {kind})"
        pairs = " ".join(f"WHEN {literal(code)} THEN {constant(value)}" for code, value in self.codes.items())
        return f"CAST(CASE {self.sql} {pairs} END AS {kind})" if pairs else f"CAST(NULL AS {kind})"


@dataclass(frozen=True, slots=True)
class BoundDerivation:
    """A derivation that fits its table.

    Parameters
    ----------
    table : Table
    where : str
        Its place in the mapping.
    source : str or None
    drops : sequence of (condition, reason)
    event_at, known_at : str
        SQL of the clocks, timestamps; `known_at` may speak of ``event``.
    rule : str or None
        The rule as written, where `known_at` follows from one.
    event_is_day : bool
        Whether the event is known by its date alone.
    cells : sequence of BoundCell
    """

    table: Table
    where: str
    source: str | None
    drops: Sequence[tuple[str, str]]
    event: str
    event_at: str
    known_at: str
    rule: str | None
    event_is_day: bool
    cells: Sequence[BoundCell]


def constant(value: Scalar) -> str:
    """Return a constant of a mapping as SQL."""
    if isinstance(value, bool | int | float):
        return str(value)
    return literal(value)


def bind(mapping: Mapping, tables: MappingOf[str, Table]) -> list[BoundDerivation]:
    """Return every derivation of `mapping`, bound to its table.

    Raises
    ------
    InvalidInput
        With every fault of the mapping.
    """
    binder = _Binder(mapping, tables)
    found = binder.derivations()
    if binder.faults:
        raise InvalidInput(dict.fromkeys(binder.faults))
    return found


class _Binder:
    def __init__(self, mapping: Mapping, tables: MappingOf[str, Table]) -> None:
        self.mapping, self.tables = mapping, tables
        self.faults: list[Fault] = []
        self.con = duckdb.connect()
        self.con.execute("SET TimeZone = 'UTC'")
        shut(self.con)
        self.relations: list[str] = []
        self._sources()
        self._views()
        for name, codes in mapping.codes.items():
            self._code_words(f"codes.{name}", codes)

    def fault(self, where: str, what: str, remedy: str) -> None:
        self.faults.append(Fault(where, what, remedy))

    def _sources(self) -> None:
        for name, source in self.mapping.sources.items():
            where = f"sources.{name}"
            self._allowed(where, name)
            if source.table:
                self._allowed(f"{where}.table", source.table)
            for one in source.columns:
                self._allowed(f"{where}.columns.{one}", one)
                if one.lower() in (LINE, EVENT):
                    self.fault(f"{where}.columns.{one}", "is a name that mappings use themselves.", "Rename it.")
            ways = (source.file is not None, source.table is not None, source.query is not None)
            if sum(ways) != 1 or (source.file is None) != (source.url_env is not None):
                self.fault(
                    where, "does not say in one way where it is.", "Give file, or url_env with one of table and query."
                )
            for one in source.key:
                if one not in source.columns:
                    self._unknown(f"{where}.key", one, source.columns)
            for one, column in source.columns.items():
                if column.pseudonym and column.type not in ("text", "int"):
                    self.fault(f"{where}.columns.{one}", "has a pseudonym and is no identifier.", "Read it as text.")
            columns = ", ".join(
                f"{quoted(one)} {'VARCHAR' if column.pseudonym else stored_type(column)}"
                for one, column in source.columns.items()
            )
            self._create(where, f"CREATE TABLE {quoted(name)} ({LINE} BIGINT, {columns})", name)

    def _views(self) -> None:
        for name, view in self.mapping.views.items():
            where = f"views.{name}"
            self._allowed(where, name)
            if wrong := view_fault(where, view.sql, self.relations):
                self.faults.append(wrong)
            else:
                self._create(where, f"CREATE VIEW {quoted(name)} AS {view.sql}", name)

    def _create(self, where: str, sql: str, name: str) -> None:
        try:
            self.con.execute(sql)
        except duckdb.Error as error:
            self.fault(where, why(error), "Correct it.")
        else:
            self.relations.append(name)

    def _allowed(self, where: str, name: str) -> None:
        reason = forbidden(name)
        if reason:
            self.fault(where, f"is refused: {reason}.", "Leave it out of the mapping: it is not read.")

    def _unknown(self, where: str, name: str, known: MappingOf[str, object] | Sequence[str]) -> None:
        near = get_close_matches(name, list(known), 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(known)}."
        self.fault(where, f"names {name!r}, which is not there.", hint)

    def derivations(self) -> list[BoundDerivation]:
        found = []
        for name, several in self.mapping.tables.items():
            if name not in self.tables:
                self._unknown("tables", name, self.tables)
                continue
            for number, one in enumerate(several, start=1):
                where = f"tables.{name}" if len(several) == 1 else f"tables.{name}[{number}]"
                bound = self._derivation(self.tables[name], one, where)
                if bound:
                    found.append(bound)
        return found

    def _derivation(self, table: Table, one: Derivation, where: str) -> BoundDerivation | None:
        faults_before = len(self.faults)
        if one.source is not None and one.source not in self.relations:
            # A source with a fault of its own has been told already.
            if one.source not in self.mapping.sources and one.source not in self.mapping.views:
                self._unknown(f"{where}.from", one.source, self.relations)
            return None
        rows = quoted(one.source) if one.source is not None else f"(SELECT CAST(1 AS BIGINT) AS {LINE})"
        self._names(table, one, where)
        for number, drop in enumerate(one.drop, start=1):
            place = f"{where}.drop[{number}]"
            found = self._type(place, drop.when, rows)
            if found not in (None, "BOOLEAN", '"NULL"'):
                self.fault(
                    place, f"{drop.when!r} is of type {found}, expected a condition.", "Compare it with something."
                )
        clocks = self._clocks(table, one, where, rows)
        cells = [
            cell
            for name, written in one.cells.items()
            if name not in CLOCKS
            and any(name == c.name for c in table.all_columns)
            and (cell := self._cell(table.column(name), written, f"{where}.{name}", rows))
        ]
        if len(self.faults) > faults_before or clocks is None:
            return None
        event, event_is_day, known, known_is_day = clocks
        latest = f"CAST({known} AS TIMESTAMP) + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND"
        return BoundDerivation(
            table=table,
            where=where,
            source=one.source,
            drops=[(drop.when, drop.because) for drop in one.drop],
            event=event,
            event_at=f"CAST({EVENT} AS TIMESTAMP)",
            known_at=latest if known_is_day else f"CAST({known} AS TIMESTAMP)",
            rule=one.known_rule,
            event_is_day=event_is_day,
            cells=cells,
        )

    def _names(self, table: Table, one: Derivation, where: str) -> None:
        given = {*one.cells, *(("known_at",) if one.known_rule is not None else ())}
        names = [column.name for column in table.all_columns]
        for name in one.cells:
            if name not in names:
                near = get_close_matches(name, [each for each in names if each not in given] or names, 1)
                hint = f"Did you mean {near[0]!r}?" if near else "Take it out."
                self.fault(f"{where}.{name}", f"is no column of {table.name}.", hint)
        for column in table.all_columns:
            if column.name not in given and not column.nullable and column.name != INFERRED:
                if column.name == "known_at":
                    self.fault(where, "does not say when a row was known.", "Give known_at, or a known_rule.")
                else:
                    doc = f" It is: {column.doc}" if column.doc else ""
                    self.fault(f"{where}.{column.name}", "is missing, and every row needs it.", f"Map it.{doc}")
        if "known_at" in one.cells and one.known_rule is not None:
            self.fault(f"{where}.known_rule", "stands beside known_at.", "Keep the one that is true.")

    def _clocks(self, table: Table, one: Derivation, where: str, rows: str) -> tuple[str, bool, str, bool] | None:
        event = self._plain(one.cells.get("event_at"), f"{where}.event_at")
        known = (
            one.known_rule
            if one.known_rule is not None
            else self._plain(one.cells.get("known_at"), f"{where}.known_at")
        )
        if event is None or known is None:
            return None
        kind = self._type(f"{where}.event_at", event, rows)
        if kind is None:
            return None
        told = f"(SELECT *, ({event}\n) AS {EVENT} FROM {rows})"
        place = f"{where}.{'known_rule' if one.known_rule is not None else 'known_at'}"
        known_kind = self._type(place, known, told)
        for at, found in ((f"{where}.event_at", kind), (place, known_kind)):
            if found not in (None, "DATE", "TIMESTAMP"):
                self.fault(at, f"is of type {found}, expected a date or a timestamp.", "Read its column as one.")
                return None
        return None if known_kind is None else (f"({event}\n)", kind == "DATE", f"({known}\n)", known_kind == "DATE")

    def _plain(self, cell: Cell | None, where: str) -> str | None:
        if cell is None:
            return None
        if cell.codes is not None or (cell.expression is None) == (cell.constant is None):
            self.fault(
                where, "is no clock.", 'Write an expression, such as "disbursed_on", or {constant = 2026-01-31}.'
            )
            return None
        if cell.expression is not None:
            return cell.expression
        kind = "DATE" if len(str(cell.constant)) <= len("2026-01-31") else "TIMESTAMP"
        return f"{kind} {literal(cell.constant)}"

    def _cell(self, column: Column, cell: Cell, where: str, rows: str) -> BoundCell | None:
        if (cell.expression is None) == (cell.constant is None):
            self.fault(where, "is neither an expression nor a constant.", "Write {from = …} or {constant = …}.")
            return None
        if cell.constant is not None:
            return self._constant(column, cell, where)
        text = str(cell.expression)
        found = self._type(where, text, rows)
        if found is None:
            return None
        if cell.codes is None:
            if not _suits(column, found):
                self.fault(where, f"{text!r} is of type {found}, expected {DUCKDB[column.kind]}.", _CASTS[column.kind])
                return None
            if column.choices == FREQUENCIES:
                self._literals(where, text)
            return BoundCell(column, f"({text}\n)")
        codes = self.mapping.codes.get(cell.codes) if isinstance(cell.codes, str) else cell.codes
        if codes is None:
            self._unknown(f"{where}.codes", str(cell.codes), self.mapping.codes)
            return None
        if isinstance(cell.codes, dict):
            self._code_words(f"{where}.codes", codes)
        for code, value in codes.items():
            self._choice(column, value, f"{where}.codes.{code}")
        return BoundCell(column, f"CAST(({text}\n) AS VARCHAR)", codes)

    def _constant(self, column: Column, cell: Cell, where: str) -> BoundCell | None:
        value = cell.constant
        if cell.codes is not None:
            self.fault(where, "looks up a constant.", "Write the value itself.")
            return None
        if not self._choice(column, value, where):
            return None
        return BoundCell(column, constant(value if value is not None else ""))

    def _choice(self, column: Column, value: object, where: str) -> bool:
        """Say whether a value written in the mapping may stand in `column`."""
        if column.choices == FREQUENCIES and ambiguous(str(value)):
            self.fault(where, f"{value!r} {MEANS_TWO}", NAMED_SO)
        elif column.choices and value not in column.choices:
            near = get_close_matches(str(value), column.choices, 1)
            known = f"Use one of {', '.join(column.choices)}."
            self.fault(
                where, f"{value!r} is no {column.name}.", f"Did you mean {near[0]!r}? {known}" if near else known
            )
        elif not _is_of(column, value):
            self.fault(where, f"{value!r} is not of type {column.kind}.", "Write it as that type.")
        else:
            return True
        return False

    def _code_words(self, where: str, codes: MappingOf[str, Scalar]) -> None:
        for code, value in codes.items():
            if isinstance(value, str) and ambiguous(value):
                self.fault(
                    f"{where}.{code}",
                    f"{value!r} {MEANS_TWO}",
                    NAMED_SO,
                )

    def _literals(self, where: str, text: str) -> None:
        for word in text.split("'")[1::2]:
            if ambiguous(word):
                self.fault(where, f"{word!r} {MEANS_TWO}", NAMED_SO)

    def _type(self, where: str, text: str, rows: str) -> str | None:
        """Return the DuckDB type of an expression over `rows`, None where it has none and the fault is told."""
        if wrong := expression_fault(where, text):
            self.faults.append(wrong)
            return None
        try:
            described = self.con.execute(f"DESCRIBE SELECT ({text}\n) AS value FROM {rows}").fetchall()
        except duckdb.Error as error:
            self.fault(where, f"{text!r}: {why(error)}", self._nearest(str(error), rows))
            return None
        return str(described[0][1])

    def _nearest(self, message: str, rows: str) -> str:
        names = [row[0] for row in self.con.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()]
        quotes = message.split('"')
        near = get_close_matches(quotes[1], names, 1) if len(quotes) > 2 else []
        return f"Did you mean {near[0]!r}?" if near else f"Its columns are {', '.join(names)}."


_CASTS: dict[str, str] = {
    "text": "Cast it: CAST(… AS VARCHAR).",
    "int": "Round it to a whole number: CAST(round(…) AS BIGINT).",
    "money": "Round it as your ledger does: CAST(round(…, 2) AS DECIMAL(18, 2)); money is never a float.",
    "double": "Give a number.",
    "bool": "Compare it with something.",
    "date": "Give a date: CAST(… AS DATE).",
    "timestamp": "Give a moment: CAST(… AS TIMESTAMP).",
}


def _suits(column: Column, found: str) -> bool:
    """Say whether values of the DuckDB type `found` become the column's without a change of value."""
    whole = found in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "HUGEINT")
    cents = found.startswith("DECIMAL") and int(found.rstrip(")").rsplit(",", 1)[-1]) <= 2
    if found in (DUCKDB[column.kind], '"NULL"'):
        return True
    match column.kind:
        case "int":
            return whole
        case "money":
            return whole or cents
        case "double":
            return whole or found == "FLOAT" or found.startswith("DECIMAL")
        case _:
            return False


def _is_of(column: Column, value: object) -> bool:
    match column.kind:
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "double":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "money":
            return isinstance(value, int | float) and not isinstance(value, bool) and round(value, 2) == value
        case "text":
            return isinstance(value, str)
        case "date":
            return type(value).__name__ == "date"
        case _:
            return type(value).__name__ == "datetime"
