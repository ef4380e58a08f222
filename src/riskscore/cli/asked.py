"""Whether there is anything to score at a moment."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from riskscore.errors import Refused

if TYPE_CHECKING:
    import polars as pl


def require_asked(found: pl.DataFrame, what: str, moment: datetime, table: str) -> None:
    """Refuse to write a file of nothing: `what`, such as "No member's request", was on record in `table` by then."""
    if found.is_empty():
        remedy = f"Give a later date, or check that the portfolio's table {table!r} was handed over whole."
        raise Refused.of(table, f"{what} was on record by {moment:%Y-%m-%d %H:%M}: there is nothing to score.", remedy)
