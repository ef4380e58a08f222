"""Leaks as institutions really make them, and honest columns that look like leaks, put into a simulated portfolio.

Every planted value is as of the data date, under a stamp that says it is as old as the row it stands in: that is what a
system does that updates in place. Of a loan that still runs only what has happened so far is in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from riskscore.portfolio import TABLES, Column, Portfolio, Table, write_portfolio
from riskscore.portfolio.outcomes import member_outcomes
from riskscore.simulator import truth


@dataclass(frozen=True)
class Planted:
    """One planted column: its table as declared and as filled, and the name it has to be found (or not) under."""

    table: Table
    frame: pl.DataFrame
    where: str


@dataclass(frozen=True)
class Known:
    """What planting needs to know: each internal loan with what becomes of it and how much of that has shown."""

    portfolio: Portfolio
    loans: pl.DataFrame


def known(portfolio: Portfolio) -> Known:
    """Join loans with their truth; ``shown`` says whether trouble, where there is any, has shown by the data date."""
    told = truth(portfolio.path).applications.select("application_id", "bad", "p_bad", "as_of", "group_id", "bank_id")
    final = member_outcomes(portfolio).select("application_id", "final_at")
    loans = portfolio.table("loans").select(
        "application_id", "member_id", "term_days", loan_id="id", paid_out="known_at"
    )
    rows = loans.join(told.drop_nulls("bad"), on="application_id").join(final, on="application_id", how="left")
    # Trouble shows somewhere between a sixth and five sixths of the term, unless the loan is over.
    share = 1 / 6 + 4 / 6 * pl.Series(np.random.default_rng(0).random(rows.height))
    shows = pl.col("as_of").dt.offset_by("0d") + pl.duration(hours=pl.lit(share) * pl.col("term_days") * 24)
    moment = portfolio.moment()
    return Known(
        portfolio,
        rows.with_columns(
            over=pl.col("final_at").is_not_null(),
            shown=pl.col("bad").cast(pl.Boolean) & (pl.col("final_at").is_not_null() | (shows < moment)),
        ),
    )


def _beside(name: str, column: Column, found: Known, key: str, values: pl.DataFrame) -> Planted:
    """Add a column of the institution's own to a table of the contract, on every version of each row."""
    table = Table(name, TABLES[name].doc, (*TABLES[name].columns, column))
    frame = found.portfolio.table(name).join(values.select(id=key, value=column.name), on="id", how="left")
    return Planted(table, frame.rename({"value": column.name}), f"{name}.{column.name}")


def noisy_outcome(found: Known, rng: np.random.Generator, wrong: float) -> Planted:
    """A flag on the application, set when trouble shows; in a share of cases it is set or left out by mistake."""
    mistaken = pl.Series(rng.random(found.loans.height) < wrong)
    flag = (pl.col("shown") != (mistaken & pl.col("over"))).cast(pl.Int64)
    values = found.loans.with_columns(watch_list=flag)
    return _beside("applications", Column("watch_list", "int", nullable=True), found, "application_id", values)


def times_called(found: Known, rng: np.random.Generator, often: float) -> Planted:
    """Calls made about a loan, counted up in the loan's own row."""
    mean = np.where(found.loans["shown"].to_numpy(), often, 0.25)
    values = found.loans.with_columns(times_called=pl.Series(rng.poisson(mean)))
    return _beside("loans", Column("times_called", "int", nullable=True), found, "loan_id", values)


def status(found: Known, rng: np.random.Generator, sure: float) -> Planted:
    """The state of the application's loan, overwritten as it changes; bad loans are marked so in a share of cases."""
    marked = found.loans["shown"].to_numpy() & (rng.random(found.loans.height) < sure)
    state = pl.when(pl.Series(marked)).then(pl.lit("in_recovery")).when("over").then(pl.lit("closed"))
    values = found.loans.with_columns(state=state.otherwise(pl.lit("active")))
    return _beside("applications", Column("state", "text", nullable=True), found, "application_id", values)


def balance_at_end(found: Known, rng: np.random.Generator, falls: float) -> Planted:
    """Savings at the end of the cycle in the currency's units (now, where it runs), dated at the start."""
    level = np.exp(rng.normal(4.0, 0.5, found.loans.height))
    left = np.where(found.loans["shown"].to_numpy(), np.exp(-falls * rng.random(found.loans.height)), 1.0)
    table = Table(
        "cycle_balances",
        "Savings of each cycle.",
        (
            Column("member_id", "text", references="members"),
            Column("loan_id", "text", references="loans"),
            Column("balance", "money", minimum=0),
        ),
    )
    frame = found.loans.select(
        id=pl.format("CB-{}", "loan_id"),
        event_at=pl.col("paid_out") - timedelta(hours=2),
        known_at=pl.col("paid_out"),
        member_id="member_id",
        loan_id="loan_id",
        balance=pl.Series(level * left).cast(pl.Decimal(18, 2)),
    )
    return Planted(table, frame, "cycle_balances.balance")


def group_rate(found: Known, rng: np.random.Generator, noise: float) -> Planted:
    """The bad rate of each solidarity group over the whole history, in the row of its founding."""
    rates = found.loans.filter("over").group_by("group_id").agg(pl.col("bad").cast(pl.Float64).mean().alias("rate"))
    blurred = pl.col("rate") + noise * pl.Series(rng.normal(0, 1, rates.height))
    values = rates.sort("group_id").with_columns(group_score=blurred)
    return _beside("groups", Column("group_score", "double", nullable=True), found, "group_id", values)


def honest_rating(found: Known, rng: np.random.Generator, noise: float) -> Planted:
    """A rating bought for the application: the true log-odds with noise, on record as it says. No leak."""
    table = Table(
        "ratings",
        "A rating bought when a loan is asked for.",
        (Column("application_id", "text", references="applications"), Column("rating", "double")),
    )
    odds = (pl.col("p_bad") / (1 - pl.col("p_bad"))).log()
    frame = found.loans.select(
        id=pl.format("RT-{}", "application_id"),
        event_at=pl.col("as_of") - timedelta(minutes=20),
        known_at=pl.col("as_of"),
        application_id="application_id",
        rating=odds + noise * pl.Series(rng.normal(0, 1, found.loans.height)),
    )
    return Planted(table, frame, "ratings.rating")


def honest_group_rate(found: Known, rng: np.random.Generator, _: float) -> Planted:
    """The bad rate of each solidarity group so far, a new version for every outcome that became known. No leak."""
    table = Table(
        "group_records",
        "The bad rate of a solidarity group so far.",
        (Column("group_id", "text", references="groups"), Column("rate", "double")),
    )
    outcomes = found.loans.filter("over").sort("final_at", "loan_id")
    so_far = outcomes.with_columns(
        rate=pl.col("bad").cast(pl.Float64).cum_sum().over("group_id") / pl.col("bad").cum_count().over("group_id")
    ).unique(["group_id", "final_at"], keep="last")
    frame = so_far.select(
        id=pl.format("GR-{}", "group_id"),
        event_at=pl.col("final_at") - timedelta(minutes=1),
        known_at="final_at",
        group_id="group_id",
        rate="rate",
    )
    return Planted(table, frame, "group_records.rate")


Planting = Callable[[Known, np.random.Generator, float], Planted]

#: Name, planting, strength, and whether it is a leak.
PLANTINGS: tuple[tuple[str, Planting, float, bool], ...] = (
    ("outcome, 2 % wrong", noisy_outcome, 0.02, True),
    ("outcome, 10 % wrong", noisy_outcome, 0.10, True),
    ("outcome, 25 % wrong", noisy_outcome, 0.25, True),
    ("outcome, 40 % wrong", noisy_outcome, 0.40, True),
    ("times_called, often", times_called, 3.0, True),
    ("times_called, seldom", times_called, 0.75, True),
    ("status, always", status, 1.0, True),
    ("status, half the time", status, 0.5, True),
    ("status, one in five", status, 0.2, True),
    ("balance at end, falls far", balance_at_end, 4.0, True),
    ("balance at end, falls little", balance_at_end, 1.0, True),
    ("group's rate", group_rate, 0.0, True),
    ("group's rate, blurred by 0.03", group_rate, 0.03, True),
    ("honest rating, strong", honest_rating, 0.0, False),
    ("honest rating, blurred", honest_rating, 0.7, False),
    ("honest record of the group", honest_group_rate, 0.0, False),
)


def write(
    planted: Planted, portfolio: Portfolio, out: Path, tables: dict[str, Table]
) -> tuple[Portfolio, dict[str, Table]]:
    """Write the portfolio with the planted table in it; return it with the tables to expect of it."""
    declared = {**tables, planted.table.name: planted.table}
    frames = {name: portfolio.table(name) for name in portfolio.manifest.rows}
    frames[planted.table.name] = planted.frame
    manifest = portfolio.manifest
    written = write_portfolio(
        out,
        frames,
        currency=manifest.currency,
        country=manifest.country,
        time_zone=manifest.time_zone,
        data_date=manifest.data_date,
        complete_from=manifest.complete_from,
        tables=declared,
    )
    return written, declared
