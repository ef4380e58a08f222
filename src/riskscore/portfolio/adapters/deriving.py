"""Deriving: rows of the contract from landed sources, what is left out counted, codes that mean nothing named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import duckdb

from riskscore.errors import Fault
from riskscore.frequency import FREQUENCIES
from riskscore.portfolio.adapters.bound import BoundCell, BoundDerivation
from riskscore.portfolio.adapters.expressions import literal, quoted
from riskscore.portfolio.adapters.frequencies import MEANS_TWO, NAMED_SO, ambiguous
from riskscore.portfolio.kinds import DUCKDB
from riskscore.portfolio.tables import Table
from riskscore.portfolio.tables.column import KNOWN_INFERRED

#: Beside the table's columns: which drop applied, and the code behind a column. No column of a table is called so.
_DROP, _CODE = "~drop", "~code "
#: Codes named one by one; a column with more is likely no column of codes.
_CODES_SHOWN = 20
_LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class Derived:
    """What one derivation made.

    Parameters
    ----------
    bound : BoundDerivation
    file : Path
        Its rows, those left out included.
    read, made : int
        Rows of the source, rows of the table.
    dropped : mapping of str to int
        By reason, in the mapping's order.
    unmapped : mapping of (column, code) to int
    """

    bound: BoundDerivation
    file: Path
    read: int
    made: int
    dropped: Mapping[str, int]
    unmapped: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def inferred(self) -> int:
        """Rows whose time of knowledge follows from a rule."""
        return self.made if self.bound.rule is not None else 0


def derive(con: duckdb.DuckDBPyConnection, bound: BoundDerivation, file: Path) -> tuple[Derived | None, list[Fault]]:
    """Write one derivation's rows to `file` and return what it made; None, with faults, where an expression failed.

    Parameters
    ----------
    con : DuckDB connection
        With every source and view as a relation.
    bound : BoundDerivation
    file : Path
    """
    dropped = " ".join(f"WHEN ({when}\n) THEN {number}" for number, (when, _) in enumerate(bound.drops))
    columns = [
        f"{f'CASE {dropped} END' if dropped else 'CAST(NULL AS INTEGER)'} AS {quoted(_DROP)}",
        f"{bound.event_at} AS event_at",
        f"{bound.known_at} AS known_at",
        f"{'true' if bound.rule is not None else 'false'} AS {KNOWN_INFERRED.name}",
        *(f"{cell.value} AS {quoted(cell.column.name)}" for cell in bound.cells),
        *(f"{cell.sql} AS {quoted(_CODE + cell.column.name)}" for cell in bound.cells if cell.codes is not None),
    ]
    try:
        con.execute(f"COPY (SELECT {', '.join(columns)} FROM {bound.rows}) TO {literal(file)} (FORMAT parquet)")
    except duckdb.Error:
        return None, _failing(con, bound)
    made = f"read_parquet({literal(file)})"
    counts = dict(con.execute(f"SELECT coalesce({quoted(_DROP)}, -1), count(*) FROM {made} GROUP BY 1").fetchall())
    unmapped = {
        (cell.column.name, code): count
        for cell in bound.cells
        if cell.codes is not None or cell.column.choices
        for code, count in _unmapped(con, made, cell)
    }
    because: dict[str, int] = {}
    for number, (_, reason) in enumerate(bound.drops):
        because[reason] = because.get(reason, 0) + counts.get(number, 0)
    found = Derived(bound, file, sum(counts.values()), counts.get(-1, 0), because, unmapped)
    return found, _code_faults(found)


def write_table(con: duckdb.DuckDBPyConnection, table: Table, parts: Sequence[Derived], target: Path) -> int:
    """Write all rows that derivations made for one table, sorted by id and known_at; return how many.

    Parameters
    ----------
    con : DuckDB connection
    table : Table
    parts : sequence of Derived
        At least one.
    target : Path
    """
    given = {name for part in parts for name in _given(part)}
    columns = [column for column in table.all_columns if column.name in given or not column.optional]
    union = " UNION ALL ".join(
        "SELECT "
        + ", ".join(_column(part, column.name, DUCKDB[column.kind]) for column in columns)
        + f" FROM read_parquet({literal(part.file)}) WHERE {quoted(_DROP)} IS NULL"
        for part in parts
    )
    con.execute(f"COPY (FROM ({union}) ORDER BY id, known_at, event_at) TO {literal(target)} (FORMAT parquet)")
    return sum(part.made for part in parts)


def _given(part: Derived) -> set[str]:
    return {"event_at", "known_at", KNOWN_INFERRED.name, *(cell.column.name for cell in part.bound.cells)}


def _column(part: Derived, name: str, kind: str) -> str:
    return f"CAST({quoted(name) if name in _given(part) else 'NULL'} AS {kind}) AS {quoted(name)}"


def _unmapped(con: duckdb.DuckDBPyConnection, made: str, cell: BoundCell) -> list[tuple[str, int]]:
    value = quoted(cell.column.name)
    if cell.codes is not None:
        code = quoted(_CODE + cell.column.name)
        strange = f"{code} IS NOT NULL AND {value} IS NULL"
    else:
        code = value
        strange = f"{value} NOT IN ({', '.join(map(literal, cell.column.choices))})"
    found: list[tuple[str, int]] = con.execute(
        f"SELECT {code}, count(*) FROM {made} WHERE {quoted(_DROP)} IS NULL AND {strange} GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    return found


def _code_faults(found: Derived) -> list[Fault]:
    faults, shown = [], dict.fromkeys((column for column, _ in found.unmapped), 0)
    cells = {cell.column.name: cell for cell in found.bound.cells}
    for (name, code), count in found.unmapped.items():
        shown[name] += 1
        if shown[name] > _CODES_SHOWN:
            continue
        cell = cells[name]
        where, rows = f"{found.bound.where}.{name}", f"{count:,} {'row' if count == 1 else 'rows'}"
        short = code if len(code) <= _LONGEST_CODE else code[:_LONGEST_CODE] + "…"
        if cell.column.choices == FREQUENCIES and ambiguous(code):
            faults.append(Fault(where, f"the code {short!r} ({rows}) {MEANS_TWO}", NAMED_SO))
            continue
        known = list(cell.codes) if cell.codes is not None else list(cell.column.choices)
        near = get_close_matches(code, known, 1, cutoff=0.5)
        nearest = f"The nearest is {near[0]!r}. " if near else ""
        remedy = "Add it to the codes, or drop its rows and say why."
        if cell.codes is None:
            remedy = f"Map it with codes to one of {', '.join(cell.column.choices)}."
        faults.append(Fault(where, f"the code {short!r} is not mapped ({rows}).", nearest + remedy))
    return faults + [
        Fault(
            f"{found.bound.where}.{name}",
            f"holds {count - _CODES_SHOWN:,} more codes that are not mapped.",
            "Check that the column holds codes.",
        )
        for name, count in shown.items()
        if count > _CODES_SHOWN
    ]


def _failing(con: duckdb.DuckDBPyConnection, bound: BoundDerivation) -> list[Fault]:
    """Return which expressions fail over the rows. DuckDB's own words may quote a value: they are never shown."""
    every = {
        "event_at": bound.event_at,
        "known_rule" if bound.rule is not None else "known_at": bound.known_at,
        **{f"drop[{number}]": f"({when}\n)" for number, (when, _) in enumerate(bound.drops, start=1)},
        **{cell.column.name: cell.value for cell in bound.cells},
    }
    faults = []
    for name, sql in every.items():
        try:
            con.execute(f"SELECT count({sql}) FROM {bound.rows}").fetchall()
        except duckdb.Error as error:
            faults.append(
                Fault(
                    f"{bound.where}.{name}",
                    f"fails over the rows of {bound.source} ({type(error).__name__}).",
                    "Use TRY_CAST or CASE where a value may not fit, or read the column as its own type.",
                )
            )
    return faults or [
        Fault(bound.where, "its rows cannot be written.", "Free space on the disk, or give it less at a time.")
    ]
