"""Parts of a mapping that fit the contract, as SQL: what `binding` makes and `deriving` runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from riskscore.portfolio.adapters.expressions import literal, quoted
from riskscore.portfolio.adapters.landing import LINE
from riskscore.portfolio.adapters.mapping import Scalar
from riskscore.portfolio.kinds import DUCKDB
from riskscore.portfolio.tables import Column, Table

#: The value of ``event_at`` as a ``known_rule`` sees it.
EVENT = "event"


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
    codes: Mapping[str, Scalar] | None = None

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
    event : str
        SQL over the rows of the source: a date or a timestamp.
    known : str
        The same, over the rows with ``event`` beside them.
    event_is_day, known_is_day : bool
        Whether the clock is known by its date alone.
    rule : str or None
        The rule as written, where `known` follows from one.
    cells : sequence of BoundCell
    """

    table: Table
    where: str
    source: str | None
    drops: Sequence[tuple[str, str]]
    event: str
    known: str
    event_is_day: bool
    known_is_day: bool
    rule: str | None
    cells: Sequence[BoundCell]

    @property
    def rows(self) -> str:
        """The relation it reads, with ``event`` beside each row."""
        return f"(SELECT *, {self.event} AS {EVENT} FROM {rows_of(self.source)})"

    @property
    def event_at(self) -> str:
        """The SQL of ``event_at``: of a date, its first instant."""
        return f"CAST({EVENT} AS TIMESTAMP)"

    @property
    def known_at(self) -> str:
        """The SQL of ``known_at``: of a date, its last microsecond."""
        whole = f"CAST({self.known} AS TIMESTAMP)"
        return f"{whole} + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND" if self.known_is_day else whole


def rows_of(source: str | None) -> str:
    """Return the relation of a derivation's source; a single row where it has none."""
    return f"(SELECT CAST(1 AS BIGINT) AS {LINE})" if source is None else quoted(source)


def constant(value: Scalar) -> str:
    """Return a constant of a mapping as SQL."""
    return str(value) if isinstance(value, bool | int | float) else literal(value)
