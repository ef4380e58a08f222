"""Parts that are more than their whole, and facts of which there is one that stand twice."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from riskscore.errors import Fault
from riskscore.portfolio.consistency import Frames, Rule, has, newest
from riskscore.portfolio.contracts import keys

#: Table, part, whole.
PARTS = (
    ("committee_decisions", "approved", "asked"),
    ("internal_loans", "balance", "amount"),
    ("internal_loans", "instalment", "amount"),
    ("surveys", "answer", "scale_max"),
    ("registrations", "active_members", "registered_members"),
    ("assemblies", "present", "entitled"),
    ("financial_statements", "member_advances_overdue", "member_advances"),
    ("deliveries", "rejected_kg", "quantity_kg"),
)

#: Table and the columns of which, taken together, each value stands for one fact.
ONE_OF_A_KIND = (
    ("portfolio_snapshots", ("branch_id", "on_date")),
    ("committee_decisions", ("application_id", "event_at")),
    ("budget_months", ("member_id", "event_at", "month")),
    ("bureau_reports", ("member_id", "bureau", "covers_until")),
    ("sector_prices", ("sector_id", "market", "unit", "currency", "observed_on")),
    ("climate", ("indicator", "region", "period_ends_on")),
    ("exchange_rates", ("currency", "on_date")),
    ("financial_statements", ("group_id", "period_ends_on")),
)


def parts_within_wholes(frames: Frames) -> Iterator[Fault]:
    """No part is above its whole."""
    for table, part, whole in PARTS:
        if has(frames, table, "id", part, whole):
            above = frames[table].filter(pl.col(part) > pl.col(whole))
            if above.height:
                yield Fault(
                    f"{table}.{part}",
                    f"is above {whole} ({keys(above['id'])}).",
                    "Correct whichever of the two is wrong.",
                )


def one_of_a_kind(frames: Frames) -> Iterator[Fault]:
    """One fact has one id, whatever its versions."""
    for table, columns in ONE_OF_A_KIND:
        if has(frames, table, "id", "known_at", *columns):
            rows = newest(frames[table])
            twice = rows.filter(pl.struct(columns).is_duplicated())
            if twice.height:
                yield Fault(
                    f"{table}.{columns[-1]}",
                    f"stands twice for one {' and '.join(columns)} ({keys(twice['id'])}).",
                    "A correction is a new version of the same id; remove the copy.",
                )


RULES: tuple[Rule, ...] = (parts_within_wholes, one_of_a_kind)
