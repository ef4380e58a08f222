"""Whether a mapping fits: every fault of it at once, before any row is read.

Every view and expression is bound by DuckDB against empty tables of the types that the mapping gives its sources, so an
unknown column, a function that does not exist or a float where money belongs is told with the place in the mapping.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from difflib import get_close_matches

from riskscore.errors import Fault, InvalidInput
from riskscore.frequency import FREQUENCIES
from riskscore.portfolio.adapters.bound import EVENT, BoundCell, BoundDerivation, constant, rows_of
from riskscore.portfolio.adapters.column_types import CASTS, is_of, suits
from riskscore.portfolio.adapters.empty_relations import EmptyRelations
from riskscore.portfolio.adapters.expressions import columns_of, literal
from riskscore.portfolio.adapters.frequencies import MEANS_TWO, NAMED_SO, ambiguous
from riskscore.portfolio.adapters.mapping import Cell, Derivation, Mapping, Scalar
from riskscore.portfolio.forbidden import protected
from riskscore.portfolio.kinds import DUCKDB
from riskscore.portfolio.tables import Column, Table
from riskscore.portfolio.tables.column import KNOWN_INFERRED

_CLOCKS = ("event_at", "known_at", "known_rule", KNOWN_INFERRED.name)


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
        self.empty = EmptyRelations(mapping)
        self.faults = self.empty.faults
        for name, codes in mapping.codes.items():
            self._code_words(f"codes.{name}", codes)

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
        before = len(self.faults)
        self._names(table, one, where)
        if one.source is not None and one.source not in self.empty.names:
            # A source with a fault of its own has been told already.
            if one.source not in self.mapping.sources and one.source not in self.mapping.views:
                self._unknown(f"{where}.from", one.source, self.empty.names)
            return None
        rows = rows_of(one.source)
        for number, drop in enumerate(one.drop, start=1):
            place = f"{where}.drop[{number}]"
            found = self.empty.type_of(place, drop.when, rows)
            if found not in (None, "BOOLEAN", '"NULL"'):
                self._fault(place, f"{drop.when!r} is of type {found}, expected a condition.", CASTS["bool"])
        clocks = self._clocks(one, where, rows)
        columns = {column.name: column for column in table.all_columns}
        cells = [
            self._cell(columns[name], cell, f"{where}.{name}", rows)
            for name, cell in one.cells.items()
            if name in columns and name not in _CLOCKS
        ]
        if len(self.faults) > before or clocks is None:
            return None
        (event, event_kind), (known, known_kind) = clocks
        return BoundDerivation(
            table=table,
            where=where,
            source=one.source,
            drops=[(drop.when, drop.because) for drop in one.drop],
            event=event,
            known=known,
            event_is_day=event_kind == "DATE",
            known_is_day=known_kind == "DATE",
            rule=one.known_rule,
            cells=[cell for cell in cells if cell is not None],
        )

    def _names(self, table: Table, one: Derivation, where: str) -> None:
        known = [column.name for column in table.all_columns if column.name != KNOWN_INFERRED.name]
        for name in one.cells:
            if name == KNOWN_INFERRED.name:
                self._fault(f"{where}.{name}", "is filled in by the mapping itself.", "State the rule as known_rule.")
            elif name not in known:
                near = get_close_matches(name, known, 1)
                hint = f"Did you mean {near[0]!r}?" if near else "Take it out."
                self._fault(f"{where}.{name}", f"is no column of {table.name}.", hint)
        for column in table.all_columns:
            if column.name in one.cells or column.nullable:
                continue
            if column.name != "known_at":
                doc = f" It is: {column.doc}" if column.doc else ""
                self._fault(f"{where}.{column.name}", "is missing, and every row needs it.", f"Map it.{doc}")
            elif one.known_rule is None:
                self._fault(where, "does not say when a row was known.", "Give known_at, or a rule as known_rule.")
        if "known_at" in one.cells and one.known_rule is not None:
            self._fault(f"{where}.known_rule", "stands beside known_at.", "Keep the one that is true.")

    def _clocks(self, one: Derivation, where: str, rows: str) -> tuple[tuple[str, str], tuple[str, str]] | None:
        event = self._clock(f"{where}.event_at", self._moment(one.cells.get("event_at"), f"{where}.event_at"), rows)
        if event is None:
            return None
        known = one.known_rule
        if known is None:
            known = self._moment(one.cells.get("known_at"), f"{where}.known_at")
        place = f"{where}.{'known_at' if one.known_rule is None else 'known_rule'}"
        told = self._clock(place, known, f"(SELECT *, {event[0]} AS {EVENT} FROM {rows})")
        return None if told is None else (event, told)

    def _clock(self, where: str, text: str | None, rows: str) -> tuple[str, str] | None:
        """Return the SQL and the type of a clock; None, with a fault, where it is none."""
        found = None if text is None else self.empty.type_of(where, text, rows)
        if found in ("DATE", "TIMESTAMP"):
            return f"({text}\n)", found
        if found is not None:
            self._fault(where, f"is of type {found}, expected a date or a timestamp.", "Read its column as one.")
        return None

    def _moment(self, cell: Cell | None, where: str) -> str | None:
        if cell is None:
            return None  # told as missing
        if cell.codes is not None or (cell.expression is None) == (cell.constant is None):
            self._fault(where, "is no clock.", 'Write an expression, such as "disbursed", or {constant = 2026-01-31}.')
            return None
        if cell.expression is not None:
            return cell.expression
        kind = "DATE" if len(str(cell.constant)) <= len("2026-01-31") else "TIMESTAMP"
        return f"{kind} {literal(cell.constant)}"

    def _cell(self, column: Column, cell: Cell, where: str, rows: str) -> BoundCell | None:
        if (cell.expression is None) == (cell.constant is None):
            self._fault(where, "is neither an expression nor a constant.", "Write {from = …} or {constant = …}.")
            return None
        if cell.constant is not None:
            if cell.codes is not None:
                self._fault(where, "looks up a constant.", "Write the value itself.")
                return None
            return BoundCell(column, constant(cell.constant)) if self._may_be(column, cell.constant, where) else None
        text = str(cell.expression)
        found = self.empty.type_of(where, text, rows)
        if found is None:
            return None
        traits = {} if column.protected else {name: protected(name) for name in columns_of(text)}
        for name, trait in traits.items():
            if trait:
                what = f"rests on {name}, which tells {trait}: it may weigh on nobody, and this column might."
                self._fault(where, what, "Map it to a column that is kept for audits alone, or leave it out.")
        if cell.codes is not None:
            return self._coded(column, cell, where)
        if not suits(column, found):
            what = f"{text.strip()!r} is of type {found}, expected {DUCKDB[column.kind]}."
            self._fault(where, what, CASTS[column.kind])
            return None
        if column.choices == FREQUENCIES:
            for word in filter(ambiguous, text.split("'")[1::2]):
                self._fault(where, f"{word!r} {MEANS_TWO}", NAMED_SO)
        return BoundCell(column, f"({text}\n)")

    def _coded(self, column: Column, cell: Cell, where: str) -> BoundCell | None:
        codes = self.mapping.codes.get(cell.codes) if isinstance(cell.codes, str) else cell.codes
        if codes is None:
            self._unknown(f"{where}.codes", str(cell.codes), self.mapping.codes)
            return None
        for code, value in codes.items():
            self._may_be(column, value, f"{where}.codes.{code}")
        return BoundCell(column, f"CAST(({cell.expression}\n) AS VARCHAR)", codes)

    def _may_be(self, column: Column, value: Scalar, where: str) -> bool:
        """Say whether a value written in the mapping may stand in `column`; a fault where it may not."""
        if column.choices == FREQUENCIES and ambiguous(str(value)):
            self._fault(where, f"{value!r} {MEANS_TWO}", NAMED_SO)
        elif column.choices and value not in column.choices:
            near = get_close_matches(str(value), column.choices, 1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            self._fault(where, f"{value!r} is no {column.name}.", f"{hint}Use one of {', '.join(column.choices)}.")
        elif not is_of(column, value):
            self._fault(where, f"{value!r} is not of kind {column.kind}.", "Write it as that kind.")
        else:
            return True
        return False

    def _code_words(self, where: str, codes: MappingOf[str, Scalar]) -> None:
        for code, value in codes.items():
            if isinstance(value, str) and ambiguous(value):
                self._fault(f"{where}.{code}", f"{value!r} {MEANS_TWO}", NAMED_SO)

    def _unknown(self, where: str, name: str, known: Iterable[str]) -> None:
        near = get_close_matches(name, list(known), 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(known)}."
        self._fault(where, f"names {name!r}, which is not there.", hint)

    def _fault(self, where: str, what: str, remedy: str) -> None:
        self.faults.append(Fault(where, what, remedy))
