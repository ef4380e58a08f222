"""Arrears of a portfolio as of a moment: days past due, portfolio at risk, roll rates, vintages.

Everything is read as it was known at the moment (``event_at < as_of``, ``known_at <= as_of < known_until``); an
instalment is past due from the day after its due date, so one due today is not.

Definitions (portfolio at risk as CGAP and the microfinance reporting standards define it, strictly above x days)

days_late
    Calendar days from the due date of the oldest open instalment to the day of the moment; 0 where none is open and
    past due.
overdue
    What has fallen due by the day before and is not paid.
outstanding
    The unpaid principal. A payment goes to instalments in order and, within one, to interest before principal.
    A loan written off has nothing outstanding: its balance then is ``written_off_amount``.
PAR_x
    Share of the outstanding balance, by amount, of loans with more than x days late: strictly more. Restructured loans,
    whatever the reason, and write-offs of the last 12 months are added on request, never hidden by default names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from riskscore.errors import InvalidInput

if TYPE_CHECKING:
    from riskscore.portfolio.folder import Portfolio

#: Buckets of days late by their first day, then the states that days do not describe.
DAY_BUCKETS = (("0", 0), ("1-8", 1), ("9-30", 9), ("31-60", 31), ("61-120", 61), (">120", 121))
BUCKETS = (*(name for name, _ in DAY_BUCKETS), "restructured", "paid", "written off")

_ARREARS = """
WITH moment AS (SELECT TIMESTAMP '{as_of}' AS as_of),
seen AS (
    SELECT * FROM settled_instalments, moment
    WHERE event_at < as_of AND known_at <= as_of AND (known_until IS NULL OR known_until > as_of)
), paid AS (
    SELECT loan_id, sum(amount) AS paid FROM payments, moment
    WHERE NOT reversed AND event_at < as_of AND known_at <= as_of AND (known_until IS NULL OR known_until > as_of)
    GROUP BY 1
), dues AS (
    SELECT seen.*, coalesce(paid, 0) AS paid,
           sum(amount) OVER (PARTITION BY loan_id ORDER BY due_on, number, id) AS due
    FROM seen LEFT JOIN paid USING (loan_id)
), shares AS (
    SELECT *, CASE WHEN settled_at IS NOT NULL THEN amount ELSE greatest(0, least(amount, paid - (due - amount))) END
              AS covered
    FROM dues
), loan AS (
    SELECT loan_id, any_value(ledger) AS ledger, any_value(loan_disbursed_on) AS disbursed_on,
           greatest(0, coalesce(date_diff('day', min(due_on) FILTER (WHERE settled_at IS NULL), any_value(as_of)::DATE),
                                0)) AS days_late,
           coalesce(sum(amount - covered) FILTER (WHERE settled_at IS NULL AND due_on < as_of::DATE), 0) AS overdue,
           -- Interest first: what is left of the instalment is at most its principal.
           sum(least(principal, amount - covered)) AS unpaid,
           bool_and(settled_at IS NOT NULL) AS paid
    FROM shares GROUP BY loan_id
), happened AS (
    SELECT loan_id, bool_or(kind = 'restructured') AS restructured,
           min(event_at) FILTER (WHERE kind = 'written_off') AS written_off_at
    FROM loan_events, moment
    WHERE event_at < as_of AND known_at <= as_of AND (known_until IS NULL OR known_until > as_of)
    GROUP BY 1
)
SELECT loan.loan_id, ledger, disbursed_on, days_late, CAST(overdue AS DECIMAL(18,2)) AS overdue,
       CAST(CASE WHEN written_off_at IS NULL THEN unpaid ELSE 0 END AS DECIMAL(18,2)) AS outstanding,
       coalesce(restructured, false) AS restructured, paid, written_off_at,
       CAST(CASE WHEN written_off_at IS NULL THEN 0 ELSE unpaid END AS DECIMAL(18,2)) AS written_off_amount
FROM loan LEFT JOIN happened USING (loan_id)
ORDER BY loan.loan_id
"""


@dataclass(frozen=True, slots=True)
class PortfolioAtRisk:
    """Portfolio at risk over a number of days.

    Parameters
    ----------
    days : int
        Loans with more days late than this are at risk.
    balance : Decimal
        Outstanding principal of all loans, portfolio currency.
    at_risk : float or None
        Share of the balance in [0, 1]; None where nothing is outstanding (undefined is not 0).
    with_restructured : float or None
        The same with every restructured loan at risk, whatever its days late.
    with_write_offs : float or None
        ``(late + written off in 12 months) / (balance + written off in 12 months)``: a write-off must not make it
        better.
    """

    days: int
    balance: Decimal
    at_risk: float | None
    with_restructured: float | None
    with_write_offs: float | None


def arrears(
    portfolio: Portfolio, as_of: str | date | datetime | None = None, *, ledger: str | None = None
) -> pl.DataFrame:
    """Return the arrears of every loan with a schedule known at the moment.

    Parameters
    ----------
    portfolio : Portfolio
    as_of : str, date, datetime or None
        None is the first instant after the data date; a date its first instant.
    ledger : {"internal", "external"}, optional
        Both where left out; balances of both must not be added, as one finances the other.

    Returns
    -------
    DataFrame
        loan_id, ledger, disbursed_on, days_late, overdue and outstanding (portfolio currency), restructured, paid,
        written_off_at, written_off_amount.
    """
    con = portfolio.connect()
    try:
        frame: pl.DataFrame = con.sql(_ARREARS.format(as_of=portfolio.moment(as_of))).pl()
    finally:
        con.close()
    return frame if ledger is None else frame.filter(pl.col("ledger") == ledger)


def portfolio_at_risk(loans: pl.DataFrame, days: int = 30, *, as_of: date | datetime | None = None) -> PortfolioAtRisk:
    """Return the portfolio at risk of the loans that `arrears` returned.

    Parameters
    ----------
    loans : DataFrame
        days_late, outstanding, restructured, written_off_at, written_off_amount.
    days : int
        Strictly more days late than this is at risk.
    as_of : date or datetime, optional
        The moment of `loans`: write-offs of the 12 months before it are counted. Where left out, all are.
    """
    late = pl.col("days_late") > days
    recent = pl.col("written_off_at").is_not_null()
    if as_of is not None:
        moment = as_of if isinstance(as_of, datetime) else datetime(as_of.year, as_of.month, as_of.day)
        recent &= pl.col("written_off_at") >= pl.lit(moment).dt.offset_by("-12mo")
    balance, at_risk, restructured, gone = loans.select(
        pl.col("outstanding").sum(),
        pl.col("outstanding").filter(late).sum().alias("late"),
        pl.col("outstanding").filter(late | pl.col("restructured")).sum().alias("restructured"),
        pl.col("written_off_amount").filter(recent).sum().alias("gone"),
    ).row(0)
    return PortfolioAtRisk(
        days=days,
        balance=balance,
        at_risk=_share(at_risk, balance),
        with_restructured=_share(restructured, balance),
        with_write_offs=_share(at_risk + gone, balance + gone),
    )


def bucket(loans: pl.DataFrame) -> pl.Series:
    """Return the bucket of each loan: written off before paid, paid before restructured, restructured before days."""
    days = pl.lit(DAY_BUCKETS[0][0])
    for name, first in DAY_BUCKETS[1:]:
        days = pl.when(pl.col("days_late") >= first).then(pl.lit(name)).otherwise(days)
    return loans.select(
        pl.when(pl.col("written_off_at").is_not_null())
        .then(pl.lit("written off"))
        .when("paid")
        .then(pl.lit("paid"))
        .when("restructured")
        .then(pl.lit("restructured"))
        .otherwise(days)
        .alias("bucket")
    ).to_series()


def roll_rates(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return where the balance of each bucket went between two moments.

    Parameters
    ----------
    before, after : DataFrame
        Two results of `arrears`; loans of `before` only.

    Returns
    -------
    DataFrame
        One row for each bucket of `before` that holds a balance, one column for each of `BUCKETS`: the share of the
        balance at the earlier moment, so a row sums to 1. Paid and written off stay what they are and are not listed.

    Raises
    ------
    InvalidInput
        Where a loan of `before` is missing from `after`.
    """
    start = before.select("loan_id", "outstanding", bucket(before).alias("from")).filter(pl.col("outstanding") > 0)
    both = start.join(after.select("loan_id", bucket(after).alias("to")), on="loan_id", how="left")
    lost = both.filter(pl.col("to").is_null()).height
    if lost:
        raise InvalidInput.of(
            "roll_rates",
            f"{lost} loans of the earlier moment are missing later.",
            "Use one portfolio for both moments.",
        )
    total = both.group_by("from").agg(pl.col("outstanding").sum().alias("total"))
    shares = (
        both.group_by("from", "to")
        .agg(pl.col("outstanding").sum())
        .join(total, on="from")
        .with_columns(share=pl.col("outstanding").cast(pl.Float64) / pl.col("total").cast(pl.Float64))
        .pivot("to", index="from", values="share")
    )
    absent = [name for name in BUCKETS if name not in shares.columns]
    return (
        shares.with_columns(pl.lit(0.0).alias(name) for name in absent)
        .select(pl.col("from").cast(pl.Enum(BUCKETS)), *(pl.col(name).fill_null(0.0) for name in BUCKETS))
        .sort("from")
        .with_columns(pl.col("from").cast(pl.String))
    )


_VINTAGES = """
WITH moment AS (SELECT TIMESTAMP '{as_of}' AS as_of),
loan AS (
    SELECT loan_id, any_value(ledger) AS ledger, any_value(loan_disbursed_on) AS disbursed_on, max(due_on) AS maturity,
           max(date_diff('day', due_on, least(coalesce(settled_at, as_of), as_of)::DATE)) AS worst
    FROM settled_instalments, moment
    WHERE event_at < as_of AND known_at <= as_of AND (known_until IS NULL OR known_until > as_of)
    GROUP BY 1
)
SELECT ledger, CAST(date_trunc('quarter', disbursed_on) AS DATE) AS quarter, count(*) AS loans,
       bool_and(maturity + 31 <= as_of::DATE) AS complete,
       count(*) FILTER (WHERE worst >= 15) / count(*) AS ever15,
       count(*) FILTER (WHERE worst >= 31) / count(*) AS ever31
FROM loan, moment GROUP BY ALL ORDER BY ledger, quarter
"""


def vintages(portfolio: Portfolio, as_of: str | date | datetime | None = None) -> pl.DataFrame:
    """Return the share of loans ever 15 and 31 or more days late, by ledger and quarter of disbursement.

    Returns
    -------
    DataFrame
        ledger, quarter (its first day), loans, complete (whether every loan's window, maturity and 30 days, is over:
        only then do two quarters compare), ever15 and ever31 in [0, 1].
    """
    con = portfolio.connect()
    try:
        found: pl.DataFrame = con.sql(_VINTAGES.format(as_of=portfolio.moment(as_of))).pl()
    finally:
        con.close()
    return found


def _share(part: Decimal, whole: Decimal) -> float | None:
    return float(part / whole) if whole else None
