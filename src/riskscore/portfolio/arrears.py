"""Arrears of a portfolio as of a moment, or of several: days past due, portfolio at risk, roll rates.

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

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from riskscore.errors import InvalidInput
from riskscore.portfolio.cells import FEW
from riskscore.portfolio.tables import LEDGERS

if TYPE_CHECKING:
    import duckdb

    from riskscore.portfolio.folder import Portfolio

#: Buckets of days late by their first day, then the states that days do not describe.
DAY_BUCKETS = (("0", 0), ("1-8", 1), ("9-30", 9), ("31-60", 31), ("61-120", 61), (">120", 121))
BUCKETS = (*(name for name, _ in DAY_BUCKETS), "restructured", "paid", "written off")

# What is asked: pairs of a loan and a moment. Every loan with a schedule at one moment ...
_ONE = """
    SELECT DISTINCT loan_id, as_of FROM settled_instalments, moments
    WHERE event_at < as_of AND known_at <= as_of AND (known_until IS NULL OR known_until > as_of) AND {which}
"""

# ... or, at each of several, the loans that owe something then or owed it at the moment before. A loan owes for months
# and stays on record for ever, so several moments cost little more than the loans that run.
_SEVERAL = """
    SELECT DISTINCT loan_id, unnest([as_of, next]) AS as_of
    FROM settled_instalments, (SELECT as_of, lead(as_of) OVER (ORDER BY as_of) AS next FROM moments)
    WHERE settled_at IS NULL
      AND event_at < as_of AND known_at <= as_of AND (known_until IS NULL OR known_until > as_of) AND {which}
"""

_ARREARS = """
WITH moments AS (SELECT unnest([{moments}]::TIMESTAMP[]) AS as_of),
asked AS (SELECT DISTINCT loan_id, as_of FROM ({asked}) WHERE as_of IS NOT NULL),
seen AS (
    SELECT i.*, as_of FROM settled_instalments AS i JOIN asked USING (loan_id)
    WHERE event_at < as_of AND known_at <= as_of AND (known_until IS NULL OR known_until > as_of)
), paid AS (
    SELECT loan_id, as_of, sum(amount) AS paid FROM payments JOIN asked USING (loan_id)
    WHERE NOT reversed AND event_at < as_of AND known_at <= as_of AND (known_until IS NULL OR known_until > as_of)
    GROUP BY ALL
), dues AS (
    SELECT seen.*, coalesce(paid, 0) AS paid,
           sum(amount) OVER (PARTITION BY loan_id, as_of ORDER BY due_on, number, id) AS due
    FROM seen LEFT JOIN paid USING (loan_id, as_of)
), shares AS (
    SELECT *, CASE WHEN settled_at IS NOT NULL THEN amount ELSE greatest(0, least(amount, paid - (due - amount))) END
              AS covered
    FROM dues
), loan AS (
    SELECT loan_id, as_of, any_value(ledger) AS ledger, any_value(member_id) AS member_id,
           any_value(group_id) AS group_id, any_value(bank_id) AS bank_id, any_value(frequency) AS frequency,
           any_value(loan_disbursed_on) AS disbursed_on,
           greatest(0, coalesce(date_diff('day', min(due_on) FILTER (WHERE settled_at IS NULL), as_of::DATE),
                                0)) AS days_late,
           coalesce(sum(amount - covered) FILTER (WHERE settled_at IS NULL AND due_on < as_of::DATE), 0) AS overdue,
           -- Interest first: what is left of the instalment is at most its principal.
           sum(least(principal, amount - covered)) AS unpaid,
           bool_and(settled_at IS NOT NULL) AS paid
    FROM shares GROUP BY loan_id, as_of
), happened AS (
    SELECT loan_id, as_of, bool_or(kind = 'restructured') AS restructured,
           min(event_at) FILTER (WHERE kind = 'written_off') AS written_off_at
    FROM loan_events JOIN asked USING (loan_id)
    WHERE event_at < as_of AND known_at <= as_of AND (known_until IS NULL OR known_until > as_of)
    GROUP BY ALL
)
SELECT as_of, loan_id, ledger, member_id, group_id, bank_id, frequency, disbursed_on, days_late,
       CAST(overdue AS DECIMAL(18,2)) AS overdue,
       CAST(CASE WHEN written_off_at IS NULL THEN unpaid ELSE 0 END AS DECIMAL(18,2)) AS outstanding,
       coalesce(restructured, false) AS restructured, paid, written_off_at,
       CAST(CASE WHEN written_off_at IS NULL THEN 0 ELSE unpaid END AS DECIMAL(18,2)) AS written_off_amount
FROM loan LEFT JOIN happened USING (loan_id, as_of)
ORDER BY as_of, loan.loan_id
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
        as_of, loan_id, ledger, member_id, group_id, bank_id, frequency, disbursed_on, days_late, overdue and
        outstanding (portfolio currency), restructured, paid, written_off_at, written_off_amount.
    """
    con = portfolio.connect()
    try:
        return _asked(con, _ONE, [portfolio.moment(as_of)], ledger)
    finally:
        con.close()


def arrears_over(
    con: duckdb.DuckDBPyConnection, moments: Sequence[datetime], *, ledger: str | None = None
) -> pl.DataFrame:
    """Return the arrears at each of several moments, each as it was known then, in one reading of the tables.

    Parameters
    ----------
    con : DuckDB connection
        `Portfolio.connect`.
    moments : sequence of datetime
        Local, in any order.
    ledger : {"internal", "external"}, optional
        Both where left out.

    Returns
    -------
    DataFrame
        Columns as of `arrears`, one row for each moment and loan that owed something then or at the moment before it;
        a loan paid since the moment before stands with ``paid``, and two neighbours give `roll_rates`.
    """
    return _asked(con, _SEVERAL, moments, ledger)


def _asked(con: duckdb.DuckDBPyConnection, which: str, moments: Sequence[datetime], ledger: str | None) -> pl.DataFrame:
    asked = which.format(which="true" if ledger is None else f"ledger = '{ledger_named(ledger)}'")
    listed = ", ".join(f"'{moment}'" for moment in moments)
    found: pl.DataFrame = con.sql(_ARREARS.format(moments=listed, asked=asked)).pl()
    return found


def ledger_named(name: str) -> str:
    """Return `name` where it is a ledger's; `InvalidInput` where it is none."""
    if name not in LEDGERS:
        raise InvalidInput.of("ledger", f"{name!r} is no ledger.", f"Use one of {', '.join(LEDGERS)}.")
    return name


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


def roll_rates_over(loans: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the roll rates of all steps between neighbouring moments together, and the buckets of too few loans.

    Parameters
    ----------
    loans : DataFrame
        Of `arrears_over`.

    Returns
    -------
    DataFrame and tuple of str
        As `roll_rates`, each step weighing by its balance; and the buckets whose row would be about too few (see
        `riskscore.portfolio.cells`).
    """
    steps = loans.with_columns(step=pl.col("as_of").rank("dense"))
    last = steps["step"].max()

    def told(number: pl.Expr) -> pl.Expr:
        return pl.concat_str("loan_id", pl.lit(" "), number).alias("loan_id")

    before = steps.filter(pl.col("step") < last).with_columns(told(pl.col("step")))
    after = steps.filter(pl.col("step") > 1).with_columns(told(pl.col("step") - 1))
    owing = before.with_columns(bucket(before)).filter(pl.col("outstanding") > 0)
    small = owing.group_by("bucket").agg(FEW.alias("few")).filter("few")["bucket"]
    return roll_rates(before, after), tuple(name for name in BUCKETS if name in small)


def _share(part: Decimal, whole: Decimal) -> float | None:
    return float(part / whole) if whole else None
