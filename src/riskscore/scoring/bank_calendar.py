"""The communal banks of a portfolio as an officer plans her weeks: members, next meeting, requests that are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from riskscore.portfolio import Portfolio
from riskscore.scoring.open_requests import open_applications
from riskscore.scoring.products import known
from riskscore.scoring.snapshot import members_at


@dataclass(frozen=True, slots=True)
class BankRow:
    """A communal bank at a moment.

    Parameters
    ----------
    bank_id : str
    branch_id : str or None
    members : int
    meets_on : date or None
        The next day on which an instalment of a running loan, its own or a member's, falls due: instalments fall due
        at meetings. None where no loan runs.
    open_requests : int
        Members who asked within 56 days and have no loan on that request.
    """

    bank_id: str
    branch_id: str | None
    members: int
    meets_on: date | None
    open_requests: int


def bank_calendar(portfolio: Portfolio, moment: datetime) -> tuple[BankRow, ...]:
    """Return every communal bank known at `moment` (local, exclusive): the next to meet first, then by id."""
    groups = known(portfolio.table("groups"), moment)
    bank_of = groups.select(group_id="id", bank_id=pl.coalesce("parent_id", "id"))
    standing = members_at(portfolio, moment)
    loans = known(portfolio.table("loans"), moment).join(bank_of, on="group_id")
    banks = (
        groups.filter(pl.col("kind") == "communal_bank")
        .select("branch_id", bank_id="id")
        .join(standing.group_by("bank_id").agg(members=pl.len()), on="bank_id", how="left")
        .join(_meetings(portfolio, loans, moment), on="bank_id", how="left")
        .join(_open(portfolio, loans, standing, moment), on="bank_id", how="left")
        .with_columns(pl.col("members", "open_requests").fill_null(0))
        .sort("meets_on", "bank_id", nulls_last=True)
    )
    return tuple(BankRow(**row) for row in banks.iter_rows(named=True))


def _meetings(portfolio: Portfolio, loans: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Return ``bank_id, meets_on``."""
    ended = known(portfolio.table("loan_events"), moment).filter(pl.col("kind").is_in(["written_off", "books_closed"]))
    running = loans.join(ended.select(id="loan_id"), on="id", how="anti").select("bank_id", loan_id="id")
    return (
        known(portfolio.table("instalments"), moment)
        .filter(pl.col("due_on") >= moment.date())
        .join(running, on="loan_id")
        .group_by("bank_id")
        .agg(meets_on=pl.col("due_on").min())
    )


def _open(portfolio: Portfolio, loans: pl.DataFrame, standing: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Return ``bank_id, open_requests``."""
    return (
        open_applications(portfolio, loans, moment)
        .join(standing.select("member_id", "bank_id"), on="member_id")
        .group_by("bank_id")
        .agg(open_requests=pl.len())
    )
