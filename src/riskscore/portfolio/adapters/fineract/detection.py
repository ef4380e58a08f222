"""What this core has: its tables and columns are looked up, never assumed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import types
from sqlalchemy.exc import SAWarning

from riskscore.errors import Fault, InvalidInput
from riskscore.portfolio.adapters.fineract.source_tables import ALL, Kind, SourceTable, Wanted

#: What a column of each kind may be in the database. A float is never money.
_TYPES: dict[Kind, tuple[Any, ...]] = {
    "int": (types.Integer, types.Numeric, types.Boolean),
    "money": (types.Numeric, types.Integer),
    "rate": (types.Numeric, types.Integer, types.Float),
    "date": (types.Date, types.DateTime),
    "utc": (types.DateTime,),
    "local": (types.DateTime,),
    "text": (types.String, types.JSON, types.LargeBinary),
}


@dataclass(frozen=True, slots=True)
class Found:
    """The tables that are there, with the name each wanted column has.

    Attributes
    ----------
    columns : mapping of str to mapping of str to str
        By table and wanted column: the column's name in this core.
    missing : tuple of Fault
        What is not there and what follows; nothing that is needed.
    """

    columns: Mapping[str, Mapping[str, str]]
    missing: tuple[Fault, ...]


def detect(connection: sa.Connection) -> Found:
    """Look up every table and column.

    Raises
    ------
    InvalidInput
        For every needed table or column that is missing and every column of a wrong type, all at once.
    """
    inspector = sa.inspect(connection)
    there = {*inspector.get_table_names(), *inspector.get_view_names()}
    columns: dict[str, dict[str, str]] = {}
    faults: list[Fault] = []
    missing: list[Fault] = []
    for table in ALL:
        if table.name not in there:
            if table.needed:
                faults.append(Fault(table.name, "the table is missing.", "Name the database of the tenant."))
            else:
                missing.append(Fault(table.name, "is not there;", f"{table.follows}."))
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # of column types that no wanted column has
            present = {column["name"]: column["type"] for column in inspector.get_columns(table.name)}
        columns[table.name] = {}
        for wanted in table.columns:
            name = next((one for one in (wanted.name, *wanted.also) if one in present), None)
            if name is None:
                _absent(table, wanted, faults, missing)
                continue
            columns[table.name][wanted.name] = name
            if not _fits(wanted.kind, present[name]):
                faults.append(
                    Fault(
                        f"{table.name}.{name}",
                        f"has type {present[name]}, expected {_WORDS[wanted.kind]}.",
                        "Hand over a view of the table with the column cast, and point the command at it.",
                    )
                )
    if faults:
        raise InvalidInput(faults)
    return Found(columns, tuple(missing))


_WORDS: dict[Kind, str] = {
    "int": "a whole number",
    "money": "a decimal",
    "rate": "a number",
    "date": "a date",
    "utc": "a timestamp",
    "local": "a timestamp",
    "bool": "a truth value",
    "text": "text",
}


def _absent(table: SourceTable, wanted: Wanted, faults: list[Fault], missing: list[Fault]) -> None:
    where = f"{table.name}.{wanted.name}"
    if wanted.needed:
        faults.append(
            Fault(
                where,
                "the column is missing, and the core cannot be read without it.",
                "Add it in a view of the table, or grant the reader the right to see it.",
            )
        )
    elif wanted.follows:
        missing.append(Fault(where, "is not there;", f"{wanted.follows}."))


def _fits(kind: Kind, found: types.TypeEngine[Any]) -> bool:
    if isinstance(found, types.NullType) or kind == "bool":
        return True  # a type SQLAlchemy does not know; truth is kept as BIT, TINYINT or BOOLEAN
    if kind == "money" and isinstance(found, types.Float):
        return False
    return isinstance(found, _TYPES[kind])
