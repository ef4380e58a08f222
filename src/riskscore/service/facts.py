"""Facts that come with a request: a member's record as the institution has it now, in the portfolio's own tables.

The shape of a row is made of the contract (`riskscore.portfolio.tables`), so that what is sent over HTTP and what is
loaded from a file keep to the same columns, choices and bounds. Nothing of a row's values is repeated in a fault, and
of what was sent a record keeps which tables, how many rows, and a digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic_core import ErrorDetails

from riskscore.errors import Fault
from riskscore.portfolio.borrower import BORROWER
from riskscore.portfolio.kinds import schema
from riskscore.portfolio.overlay_faults import ROOT
from riskscore.portfolio.tables import TABLES, Column, Table
from riskscore.service.chain import canonical

#: Most rows sent with one request, of all tables together: some fifteen cycles of a member with every table.
MOST_ROWS = 5_000

#: Longest body of a request with facts, in bytes.
LONGEST_WITH_FACTS = 2_097_152

#: Most faults told at once.
MOST_FAULTS = 200

#: What no single value exceeds: beyond it sums and products of rows would leave the range of their types.
_LARGEST_MONEY, _LARGEST_COUNT, _LARGEST_NUMBER = Decimal(10**10), 10**6, 1e12

#: An id: something that can be read, and no character that cannot.
_NAME = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$")]
_KINDS: dict[str, Any] = {
    "text": Annotated[str, Field(max_length=200)],
    "bool": bool,
    "date": date,
    "timestamp": datetime,
}

_REMEDIES = {
    "text": "Give text of at most 200 characters; ids are text even where they are digits, and never empty.",
    "int": "Give a whole number.",
    "money": 'Give an amount as text or a number with at most two decimals, such as "600.00".',
    "double": "Give a finite number.",
    "bool": "Give true or false.",
    "date": "Write it as 2026-01-31.",
    "timestamp": "Write it as 2026-01-31T09:30:00; without an offset it is the institution's local time.",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """A member's record as it was sent.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        By table, with the contract's types, rows in the order in which they were sent.
    digest : str
        SHA-256 of all values, whatever the order of rows and however the body was laid out.
    """

    frames: Mapping[str, pl.DataFrame] = field(repr=False)
    digest: str

    @classmethod
    def of(cls, frames: Mapping[str, pl.DataFrame]) -> Self:
        """Return these tables, with the digest of their values."""
        plain = {
            name: frame.sort("id", "known_at", maintain_order=True).cast(pl.String).rows()
            for name, frame in frames.items()
        }
        return cls(frames, hashlib.sha256(canonical(plain).encode()).hexdigest())

    @property
    def tables(self) -> dict[str, int]:
        """How many rows were sent, by table."""
        return {name: frame.height for name, frame in self.frames.items()}

    def told(self) -> dict[str, Any]:
        """Return what a record keeps of them."""
        return {"tables": self.tables, "rows": sum(self.tables.values()), "digest": self.digest}


def facts_of(sent: Mapping[str, list[dict[str, Any]] | None], time_zone: str) -> Facts:
    """Return what was sent; moments with an offset become the institution's local time."""
    zone = ZoneInfo(time_zone)
    return Facts.of(
        {
            name: pl.DataFrame(
                [{column: _local(value, zone) for column, value in row.items()} for row in rows],
                schema=schema(TABLES[name]),
            )
            for name in BORROWER
            if (rows := sent.get(name)) is not None
        }
    )


def _local(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(zone).replace(tzinfo=None)
    return value


def row_model(table: Table) -> type[BaseModel]:
    """Return the model of a row of `table`: its columns with their types, choices and bounds."""
    fields: dict[str, Any] = {column.name: _field(column) for column in table.all_columns}
    name = "".join(part.capitalize() for part in table.name.split("_"))
    return create_model(f"RowOf{name}", __config__=_STRICT, __doc__=table.doc, **fields)


@cache
def sent_model() -> type[BaseModel]:
    """Return the model of the object ``facts``: rows by table of a borrower's record."""
    fields: dict[str, Any] = {
        name: (
            Annotated[list[row_model(TABLES[name])] | None, Field(max_length=MOST_ROWS)],  # type: ignore[misc]
            Field(default=None, description=TABLES[name].doc),
        )
        for name in BORROWER
    }
    doc = "A member's record: of each table that is named, every row and every version there is of her."
    return create_model("SentFacts", __config__=_STRICT, __doc__=doc, **fields)


_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def _field(column: Column) -> tuple[Any, Any]:
    kind = _kind(column)
    may_lack = column.nullable or column.optional
    doc = column.doc or None
    told = Field(default=None, description=doc) if may_lack else Field(description=doc)
    return (kind | None if may_lack else kind), told


def _kind(column: Column) -> Any:
    low = column.minimum
    if column.choices:
        return Literal[column.choices]
    if column.name == "id" or column.references:
        return _NAME
    if column.kind == "int":
        high = _LARGEST_COUNT if column.maximum is None else int(column.maximum)
        return Annotated[int, Field(ge=-_LARGEST_COUNT if low is None else int(low), le=high)]
    if column.kind == "money":
        least = -_LARGEST_MONEY if low is None else Decimal(str(low))
        return Annotated[Decimal, Field(ge=least, le=_LARGEST_MONEY, decimal_places=2, allow_inf_nan=False)]
    if column.kind == "double":
        high_number = _LARGEST_NUMBER if column.maximum is None else column.maximum
        return Annotated[float, Field(ge=-_LARGEST_NUMBER if low is None else low, le=high_number, allow_inf_nan=False)]
    return _KINDS[column.kind]


def count_faults(sent: Mapping[str, list[Any] | None] | None) -> list[Fault]:
    """Return the fault of no table at all, or of more rows than may be sent at once."""
    if sent is None:
        return []
    tables = [rows for rows in sent.values() if rows is not None]
    if not tables:
        return [Fault(ROOT, "It names no table.", "Leave it out for what the portfolio holds of her.")]
    if sum(len(rows) for rows in tables) <= MOST_ROWS:
        return []
    return [Fault(ROOT, f"There are more than {MOST_ROWS:,} rows.", "Send the tables that have changed alone.")]


def row_fault(detail: ErrorDetails) -> Fault:
    """Return the fault of one value, at its JSON pointer."""
    steps = [str(step)[:60].replace("~", "~0").replace("/", "~1") for step in detail["loc"]]
    where, kind = "/".join(steps), detail["type"]
    table = TABLES.get(steps[1]) if len(steps) > 1 else None
    if kind == "extra_forbidden":
        if len(steps) == 2:
            what = "Rows of this table are not sent with a request." if table else "There is no table of this name."
            return Fault(where, what, f"Remove it; there are: {', '.join(BORROWER)}.")
        return Fault(where, "There is no column of this name.", "Remove it.")
    column = _column(table, steps[3]) if table is not None and len(steps) > 3 else None
    if column is None:
        return Fault(where, _SHAPES.get(kind, "This is not of the right kind."), "Give a list of rows, each an object.")
    remedy = f"Choose one of: {', '.join(column.choices)}." if column.choices else _REMEDIES[column.kind]
    return Fault(where, _SAYINGS.get(kind, "This value is not of the right kind."), remedy)


def _column(table: Table, name: str) -> Column | None:
    return next((column for column in table.all_columns if column.name == name), None)


def capped(faults: list[Fault]) -> list[Fault]:
    """Return at most so many faults, and how many there are besides."""
    if len(faults) <= MOST_FAULTS:
        return faults
    rest = f"There are {len(faults) - MOST_FAULTS:,} faults more."
    return [*faults[:MOST_FAULTS], Fault(ROOT, rest, "Correct those that are named, and send it again.")]


_SHAPES = {"too_long": f"There are more than {MOST_ROWS:,} rows."}

_SAYINGS = {
    "missing": "This column is missing.",
    "literal_error": "This value is not one that is known.",
    "greater_than_equal": "This value is too small.",
    "less_than_equal": "This value is too large.",
    "finite_number": "This value must be a finite number.",
    "decimal_max_places": "This amount has more than two decimals.",
    "string_pattern_mismatch": "This text is empty, or has characters that cannot be read.",
    "string_too_long": "This text is too long.",
}
