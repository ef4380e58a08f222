"""What a table is and what a column is: data alone, so that nothing is imported to read a contract.

`riskscore.portfolio.contracts` turns declarations into pandera schemas, and the catalogue into empty DuckDB tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "int", "money", "double", "bool", "date", "timestamp"]

LEDGERS = ("internal", "external")
PAYERS = ("self", "group", "savings")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
    kind : {"text", "int", "money", "double", "bool", "date", "timestamp"}
        ``money`` is DECIMAL(18, 2) in the portfolio's currency unless the table has a ``currency`` column.
    nullable : bool
        Missing is allowed, and stays missing: it is never read as zero.
    optional : bool
        The file may lack the column altogether, which says the same as a column that is missing throughout.
    choices : tuple of str
        The closed list of values, empty where any is allowed.
    references : str or None
        The table whose ``id`` this column must name.
    minimum, maximum : float or None
        Inclusive bounds.
    foreign : bool
        Of a ``currency``: it need not be the portfolio's. What stands beside it is never summed with other money.
    protected : bool
        Kept for audits of fairness, and out of every fit.
    doc : str
        What it measures, with its unit.
    """

    name: str
    kind: Kind
    nullable: bool = False
    optional: bool = False
    choices: tuple[str, ...] = ()
    references: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    foreign: bool = False
    protected: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, beyond ``id``, ``event_at``, ``known_at`` and ``known_inferred``.

    Parameters
    ----------
    name : str
        Plural noun; the file is ``<name>.parquet``.
    doc : str
        What one row is.
    columns : tuple of Column
    """

    name: str
    doc: str
    columns: tuple[Column, ...] = field(default=())

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns with those that every table has, in file order."""
        return (*STANDING, *self.columns, KNOWN_INFERRED)

    def column(self, name: str) -> Column:
        """Return the column called `name`; `KeyError` where there is none."""
        for column in self.all_columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")


STANDING = (
    Column("id", "text", doc="Names the fact; versions of one fact share it."),
    Column("event_at", "timestamp", doc="When it came to be, local time."),
    Column("known_at", "timestamp", doc="When it was recorded, local time."),
)

KNOWN_INFERRED = Column(
    "known_inferred",
    "bool",
    nullable=True,
    optional=True,
    doc="True where the source holds no time of recording and `known_at` follows from a stated rule.",
)

CURRENCY = Column("currency", "text", doc="ISO 4217 code; must be the portfolio's.")
ANY_CURRENCY = Column("currency", "text", foreign=True, doc="ISO 4217 code of this row's amounts.")
