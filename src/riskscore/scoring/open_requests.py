"""Requests for an internal loan that are open: asked for not long ago, and no loan so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from riskscore.portfolio import Portfolio
from riskscore.scoring.measures import OPEN_DAYS
from riskscore.scoring.products import known


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """What a member asked for, as the core system has it.

    Parameters
    ----------
    member_id, bank_id : str
    known_at : datetime
        Since when it is on record, local; a changed amount makes no new request of it.
    amount : float
        In `currency`.
    currency : str
    term_days : int
    frequency : str
    purpose : str or None
    other_active_loans : int or None
        None where nobody asked her.
    """

    member_id: str
    bank_id: str
    known_at: datetime
    amount: float
    currency: str
    term_days: int
    frequency: str
    purpose: str | None
    other_active_loans: int | None


def open_applications(portfolio: Portfolio, loans: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Return the open applications of members at `moment` (local, exclusive) in their last known version, by member.

    Parameters
    ----------
    portfolio : Portfolio
    loans : DataFrame
        Those known at the moment: ``application_id, member_id, disbursed_on``.
    moment : datetime

    Returns
    -------
    DataFrame
        The table's columns with ``first_at`` and ``first_known_at``, of the first version of each: an amount lowered
        since makes no new request of it. One row a member, her last.
    """
    table = portfolio.table("applications")
    first = table.group_by("id").agg(first_at=pl.col("event_at").min(), first_known_at=pl.col("known_at").min())
    return (
        known(table, moment)
        .filter(pl.col("ledger") == "internal", pl.col("member_id").is_not_null())
        .filter(pl.col("id").is_in(loans["application_id"].drop_nulls().implode()).not_())
        .join(first, on="id")
        .filter(pl.col("first_at") >= moment - timedelta(days=OPEN_DAYS))
        .join(loans.group_by("member_id").agg(pl.col("disbursed_on").max()), on="member_id", how="left")
        .filter(pl.col("disbursed_on").is_null() | (pl.col("disbursed_on") < pl.col("first_at").dt.date()))
        .sort("member_id", "first_at", "id")
        .unique("member_id", keep="last", maintain_order=True)
    )


def open_requests(portfolio: Portfolio, standing: pl.DataFrame, moment: datetime) -> tuple[OpenRequest, ...]:
    """Return the open requests of the members `standing` in communal banks (``member_id, bank_id``), by member."""
    loans = known(portfolio.table("loans"), moment)
    rows = open_applications(portfolio, loans, moment).join(
        standing.select("member_id", "bank_id").drop_nulls(), on="member_id", maintain_order="left"
    )
    return tuple(
        OpenRequest(
            member_id=row["member_id"],
            bank_id=row["bank_id"],
            known_at=row["first_known_at"],
            amount=float(row["amount"]),
            currency=row["currency"],
            term_days=int(row["term_days"]),
            frequency=row["frequency"],
            purpose=row["purpose"],
            other_active_loans=None if row["other_active_loans"] is None else int(row["other_active_loans"]),
        )
        for row in rows.iter_rows(named=True)
    )
