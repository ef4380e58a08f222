"""Dates within one row that cannot be so: what ends before it begins, and what is told before it happened."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from riskscore.errors import Fault
from riskscore.portfolio.consistency import Frames, Rule, has
from riskscore.portfolio.contracts import keys

#: Table, first day, last day; a missing last day goes on.
PERIODS = (
    ("shocks", "starts_on", "ends_on"),
    ("offices", "valid_from", "valid_to"),
    ("offices", "valid_from", "term_ends_on"),
    ("guarantees", "valid_from", "released_on"),
    ("internal_loans", "disbursed_on", "due_on"),
    ("internal_loans", "disbursed_on", "repaid_on"),
    ("bureau_reports", "covers_until", "published_on"),
    ("harvests", "starts_on", "ends_on"),
    ("buyer_contracts", "valid_from", "valid_to"),
    ("certifications", "valid_from", "valid_to"),
    ("financial_statements", "period_ends_on", "due_on"),
    ("financial_statements", "period_ends_on", "delivered_on"),
)

#: Table and day of something that has happened, or of a state that was seen: never after the row that tells it.
LOOKING_BACK = (
    ("portfolio_snapshots", "on_date"),
    ("bureau_reports", "covers_until"),
    ("internal_loans", "repaid_on"),
    ("sector_prices", "observed_on"),
    ("climate", "period_ends_on"),
    ("exchange_rates", "on_date"),
    ("assemblies", "held_on"),
    ("financial_statements", "delivered_on"),
    ("deliveries", "delivered_on"),
    ("sales", "paid_on"),
    ("technical_assistance", "given_on"),
    ("equipment", "acquired_on"),
)


def periods_run_forward(frames: Frames) -> Iterator[Fault]:
    """Nothing ends before it begins."""
    for table, first, last in PERIODS:
        if has(frames, table, "id", first, last):
            backward = frames[table].filter(pl.col(last) < pl.col(first))
            if backward.height:
                remedy = "Swap or correct them; missing means that it goes on."
                yield Fault(f"{table}.{last}", f"is before {first} ({keys(backward['id'])}).", remedy)


def told_after_it_happened(frames: Frames) -> Iterator[Fault]:
    """What has happened is not told on an earlier day."""
    for table, day in LOOKING_BACK:
        if has(frames, table, "id", "event_at", day):
            early = frames[table].filter(pl.col(day) > pl.col("event_at").dt.date())
            if early.height:
                yield Fault(
                    f"{table}.{day}",
                    f"is after event_at ({keys(early['id'])}).",
                    "A row is written when the thing is done or seen; correct the day, or give the row its own moment.",
                )


RULES: tuple[Rule, ...] = (periods_run_forward, told_after_it_happened)
