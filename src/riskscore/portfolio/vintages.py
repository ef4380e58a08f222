"""Vintages: the loans of one quarter of disbursement, followed from there on.

A cohort is *complete* once every loan's window, maturity and 30 days, is over. Only complete cohorts compare: an
incomplete one has not had the time to go bad, which is not the same as being good. Loans whose schedule was rewritten
are late, or not, on the new one, so restructured and written-off loans are counted beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from riskscore.portfolio.arrears import ledger_named
from riskscore.portfolio.cells import BORROWERS, FEW

if TYPE_CHECKING:
    import duckdb

#: Days late that are followed, inclusive: costly arrears, and the first day beyond thirty.
EVER = (15, 31)

#: Days a loan is still watched after its last due date.
WATCHED = 31

#: Least share of what was lent that a cohort still owes at some moment to have a row on the calendar.
STILL_OWED = 0.05

_LOANS = """
WITH moment AS (SELECT TIMESTAMP '{as_of}' AS as_of),
lent AS (
    SELECT id AS loan_id, amount FROM loans, moment
    WHERE event_at < as_of AND known_at <= as_of AND (known_until IS NULL OR known_until > as_of)
), happened AS (
    SELECT loan_id, bool_or(kind = 'restructured') AS restructured, bool_or(kind = 'written_off') AS written_off
    FROM loan_events, moment
    WHERE event_at < as_of AND known_at <= as_of AND (known_until IS NULL OR known_until > as_of) GROUP BY 1
), dues AS (
    SELECT *, date_diff('day', due_on, least(coalesce(settled_at, as_of), as_of)::DATE) AS late
    FROM settled_instalments, moment
    WHERE event_at < as_of AND known_at <= as_of AND (known_until IS NULL OR known_until > as_of)
      AND ledger = '{ledger}'
), loan AS (
    SELECT loan_id, any_value(member_id) AS member_id, any_value(bank_id) AS bank_id,
           any_value(loan_disbursed_on) AS disbursed_on, max(due_on) AS maturity,
           min(due_on + 15) FILTER (WHERE late >= 15) AS late15_on,
           min(due_on + 31) FILTER (WHERE late >= 31) AS late31_on
    FROM dues GROUP BY loan_id
)
SELECT loan_id, member_id, bank_id, disbursed_on, CAST(date_trunc('quarter', disbursed_on) AS DATE) AS quarter,
       amount, maturity, late15_on, late31_on, coalesce(restructured, false) AS restructured,
       coalesce(written_off, false) AS written_off
FROM loan LEFT JOIN lent USING (loan_id) LEFT JOIN happened USING (loan_id)
ORDER BY loan_id
"""


def first_arrears(con: duckdb.DuckDBPyConnection, as_of: datetime, *, ledger: str) -> pl.DataFrame:
    """Return when each loan was first late, as it is known at `as_of`.

    Returns
    -------
    DataFrame
        loan_id, member_id, bank_id, disbursed_on, quarter (its first day), amount (lent, portfolio currency), maturity
        (last due date), late15_on and late31_on (the first day on which an instalment was so many days late; missing
        where none was), restructured, written_off.
    """
    found: pl.DataFrame = con.sql(_LOANS.format(as_of=as_of, ledger=ledger_named(ledger))).pl()
    return found


def vintages(loans: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return what became of each cohort of the loans that `first_arrears` returned.

    Returns
    -------
    DataFrame
        quarter, loans, borrowers, few (a cell too small to be shown), complete, ever15, ever31, restructured and
        written_off (shares of loans in [0, 1]).
    """
    return (
        loans.group_by("quarter")
        .agg(
            pl.len().alias("loans"),
            BORROWERS.alias("borrowers"),
            FEW.alias("few"),
            (pl.col("maturity") + pl.duration(days=WATCHED) <= as_of.date()).all().alias("complete"),
            *(pl.col(f"late{days}_on").is_not_null().mean().alias(f"ever{days}") for days in EVER),
            pl.col("restructured", "written_off").mean(),
        )
        .sort("quarter")
    )


def vintage_curves(loans: pl.DataFrame, as_of: datetime, *, days: int) -> pl.DataFrame:
    """Return the share of each cohort that had ever been so late by each week on book.

    A curve ends at the last whole week that the youngest loan of its cohort has been seen, or where the window of its
    longest loan does: beyond, part of the cohort would count as good for want of time.

    Parameters
    ----------
    loans : DataFrame
        Of `first_arrears`.
    as_of : datetime
        The moment of `loans`.
    days : {15, 31}

    Returns
    -------
    DataFrame
        quarter, week (0 on the day of disbursement), share in [0, 1].
    """
    on_book = loans.with_columns(
        seen=(pl.lit(as_of.date()) - pl.col("disbursed_on")).dt.total_days() // 7,
        window=((pl.col("maturity") - pl.col("disbursed_on")).dt.total_days() + WATCHED + 6) // 7,
        first=(pl.col(f"late{days}_on") - pl.col("disbursed_on")).dt.total_days(),
    )
    spans = on_book.group_by("quarter").agg(
        pl.len().alias("loans"), pl.min_horizontal(pl.col("seen").min(), pl.col("window").max()).alias("last")
    )
    weeks = spans.with_columns(week=pl.int_ranges(pl.col("last") + 1)).explode("week")
    turned = on_book.filter(pl.col("first").is_not_null()).select(
        "quarter", week=((pl.col("first") + 6) // 7).clip(lower_bound=0)
    )
    new = turned.group_by("quarter", "week").agg(pl.len().alias("new"))
    return (
        weeks.join(new, on=["quarter", "week"], how="left")
        .sort("quarter", "week")
        .with_columns(share=pl.col("new").fill_null(0).cum_sum().over("quarter") / pl.col("loans"))
        .select("quarter", "week", "share")
    )


def vintage_calendar(loans: pl.DataFrame, over: pl.DataFrame, moments: Sequence[datetime]) -> pl.DataFrame:
    """Return where each cohort stood at each moment: what a shock does shows as a column, a bad cohort as a row.

    Parameters
    ----------
    loans : DataFrame
        Of `first_arrears`.
    over : DataFrame
        Of `riskscore.portfolio.arrears.arrears_over`: each moment as it was known then.
    moments : sequence of datetime

    Returns
    -------
    DataFrame
        quarter, as_of, share: of what had been lent in the quarter by then, the part unpaid at the moment and more than
        30 days late, restructured or written off, in [0, 1]; missing where the cell is too small. Cohorts that owed
        next to nothing at every moment are left out, and so are the moments before a cohort began.
    """
    dated = over.with_columns(quarter=pl.col("disbursed_on").dt.truncate("1q"))
    troubled = (pl.col("days_late") > 30) | pl.col("restructured")
    standing = dated.group_by("quarter", "as_of").agg(
        pl.col("outstanding").sum().alias("owed"),
        (pl.col("outstanding").filter(troubled).sum() + pl.col("written_off_amount").sum()).alias("trouble"),
    )
    lent = (
        loans.join(standing, on="quarter", how="semi")
        .join(pl.DataFrame({"as_of": list(moments)}, schema={"as_of": pl.Datetime("us")}), how="cross")
        .filter(pl.col("disbursed_on") < pl.col("as_of").dt.date())
        .group_by("quarter", "as_of")
        .agg(pl.col("amount").sum().alias("lent"), FEW.alias("few"))
        .filter(pl.col("lent") > 0)
    )
    cells = lent.join(standing, on=["quarter", "as_of"], how="left").with_columns(
        pl.col("owed", "trouble").fill_null(0).cast(pl.Float64) / pl.col("lent").cast(pl.Float64)
    )
    return (
        cells.filter(pl.col("owed").max().over("quarter") >= STILL_OWED)
        .select("quarter", "as_of", share=pl.when(~pl.col("few")).then("trouble"))
        .sort("quarter", "as_of")
    )
