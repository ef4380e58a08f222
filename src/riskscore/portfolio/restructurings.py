"""Restructurings, write-offs and called guarantees by month, counted apart from arrears.

A restructured loan is not late: where schedules are rewritten after a disaster, late loans do not move and
restructurings do (Collier, Katchova and Skees 2011, Piura), so whoever looks at arrears alone does not see an El Niño.
Relief, under a declared emergency, is told apart from restructuring in distress.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from riskscore.portfolio.arrears import ledger_named

if TYPE_CHECKING:
    import duckdb

#: What is told apart, in the order of a page.
EVENTS = ("relief", "distress", "other", "guarantee_called", "written_off")

_FIRST_KNOWN = """
WITH spans AS (
    SELECT lag(as_of) OVER (ORDER BY as_of) AS since, as_of FROM (SELECT unnest([{moments}]::TIMESTAMP[]) AS as_of)
), kept AS (SELECT DISTINCT id AS loan_id FROM loans WHERE ledger = '{ledger}'),
firsts AS (
    SELECT id, loan_id, arg_min(kind, known_at) AS kind, arg_min(reason, known_at) AS reason,
           min(greatest(known_at, event_at + INTERVAL 1 MICROSECOND)) AS seen
    FROM loan_events JOIN kept USING (loan_id)
    WHERE kind IN ('restructured', 'written_off', 'guarantee_called') GROUP BY id, loan_id
)
SELECT as_of, loan_id, CASE WHEN kind = 'restructured' THEN coalesce(reason, 'other') ELSE kind END AS event
FROM firsts JOIN spans ON seen > since AND seen <= as_of
ORDER BY ALL
"""


def events_by_month(
    con: duckdb.DuckDBPyConnection, over: pl.DataFrame, moments: Sequence[datetime], *, ledger: str
) -> pl.DataFrame:
    """Return what became known between each moment and the one before.

    Parameters
    ----------
    con : DuckDB connection
        `Portfolio.connect`.
    over : DataFrame
        Of `riskscore.portfolio.arrears.arrears_over` at `moments`.
    moments : sequence of datetime
    ledger : {"internal", "external"}

    Returns
    -------
    DataFrame
        as_of, event (one of `EVENTS`; a restructuring by its reason, "other" where none is recorded), loans, amount
        (unpaid principal of these loans at the moment, portfolio currency). No row where nothing became known.
    """
    listed = ", ".join(f"'{moment}'" for moment in moments)
    events: pl.DataFrame = con.sql(_FIRST_KNOWN.format(moments=listed, ledger=ledger_named(ledger))).pl()
    unpaid = over.select("as_of", "loan_id", unpaid=pl.col("outstanding") + pl.col("written_off_amount"))
    return (
        events.unique()
        .join(unpaid, on=["as_of", "loan_id"], how="left")
        .group_by("as_of", "event")
        .agg(pl.len().alias("loans"), pl.col("unpaid").sum().alias("amount"))
        .sort("as_of", pl.col("event").cast(pl.Enum(EVENTS)))
    )
