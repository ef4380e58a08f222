"""Remarks: where a portfolio differs from what the programmes describe. Real data is not refused for that.

A remark is a `Fault` in form (where, what, what to look at) and no fault in kind: it never stops anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import polars as pl

from riskscore.errors import Fault
from riskscore.portfolio.consistency import newest
from riskscore.portfolio.contracts import keys
from riskscore.portfolio.folder import Portfolio

#: As the programmes describe themselves: solidarity groups a bank, members a bank, credit sessions.
GROUPS_BY_DESIGN = (5, 6)
MEMBERS_BY_DESIGN = (25, 30)
SESSIONS_BY_DESIGN = 7
BOOKS_OVERDUE_DAYS = 120


def portfolio_remarks(portfolio: Portfolio) -> list[Fault]:
    """Return what is unusual in a portfolio, for a person to look at; at most one remark a subject."""
    return [
        *_bank_sizes(portfolio),
        *_two_groups(portfolio),
        *_sessions(portfolio),
        *_open_books(portfolio),
        *_debts_without_end(portfolio),
        *_known_later(portfolio),
    ]


def _bank_sizes(portfolio: Portfolio) -> Iterator[Fault]:
    groups = newest(portfolio.table("groups"))
    solidarity = groups.filter(pl.col("kind") == "solidarity_group").select(group_id="id", bank_id="parent_id")
    today = portfolio.manifest.data_date
    inside = newest(portfolio.table("memberships")).filter(
        (pl.col("valid_from") <= today) & (pl.col("valid_to").is_null() | (pl.col("valid_to") > today))
    )
    sizes = solidarity.join(inside, on="group_id", how="inner").group_by("bank_id")
    banks = sizes.agg(pl.col("group_id").n_unique().alias("groups"), pl.col("member_id").n_unique().alias("members"))
    for column, noun, (low, high) in (
        ("groups", "solidarity groups", GROUPS_BY_DESIGN),
        ("members", "members", MEMBERS_BY_DESIGN),
    ):
        outside = banks.filter(~pl.col(column).is_between(low, high))
        if outside.height:
            yield Fault(
                "memberships",
                f"{outside.height:,} of {banks.height:,} communal banks have fewer than {low} or more than {high} "
                f"{noun} ({keys(outside['bank_id'])}).",
                "Nothing is refused for it: observed banks are often smaller than their design.",
            )


def _two_groups(portfolio: Portfolio) -> Iterator[Fault]:
    rows = newest(portfolio.table("memberships")).filter(pl.col("valid_to").is_null())
    several = rows.group_by("member_id").agg(pl.col("group_id").n_unique().alias("groups")).filter(pl.col("groups") > 1)
    if several.height:
        yield Fault(
            "memberships.member_id",
            f"stays in more than one group at once ({keys(several['member_id'])}).",
            "Check whether a departure was not recorded.",
        )


def _sessions(portfolio: Portfolio) -> Iterator[Fault]:
    beyond = portfolio.table("trainings").filter(
        (pl.col("topic") == "credit_management") & (pl.col("session_no") > SESSIONS_BY_DESIGN)
    )
    if beyond.height:
        yield Fault(
            "trainings.session_no",
            f"is above the {SESSIONS_BY_DESIGN} sessions of the initial training ({keys(beyond['id'])}).",
            "Check the topic: other programmes also count to seven.",
        )


def _open_books(portfolio: Portfolio) -> Iterator[Fault]:
    """Without the close of its books a loan never becomes a sample, where the portfolio records closes at all."""
    closes = portfolio.table("loan_events").filter(pl.col("kind").is_in(["books_closed", "written_off"]))
    recorded = closes.filter(pl.col("kind") == "books_closed")
    if recorded.is_empty():
        return
    # Loans that were judged before the first close was known did not wait for one.
    began = recorded.select(pl.col("known_at").min().dt.date() - timedelta(days=31)).item()
    overdue = portfolio.manifest.data_date - timedelta(days=BOOKS_OVERDUE_DAYS)
    mature = newest(portfolio.table("instalments")).group_by("loan_id").agg(pl.col("due_on").max())
    mature = mature.filter(pl.col("due_on").is_between(began, overdue, closed="left"))
    internal = newest(portfolio.table("loans")).filter(pl.col("ledger") == "internal")
    still = mature.join(internal, left_on="loan_id", right_on="id", how="semi")
    still = still.join(closes, on="loan_id", how="anti")
    if still.height:
        yield Fault(
            "loan_events.kind",
            f"no books_closed for loans that matured over {BOOKS_OVERDUE_DAYS} days ago ({keys(still['loan_id'])}).",
            "Record the close: until then they have no outcome.",
        )


def _debts_without_end(portfolio: Portfolio) -> Iterator[Fault]:
    """What is paid at once at the end can be spread over months only where the end is known."""
    debts = newest(portfolio.table("obligations"))
    endless = debts.filter((pl.col("frequency") == "at_maturity") & pl.col("ends_on").is_null())
    if endless.height:
        yield Fault(
            "obligations.ends_on",
            f"is missing for debts paid at maturity ({keys(endless['id'])}).",
            "Record when they end: until then what those members owe elsewhere, and so their indebtedness, is unknown.",
        )


def _known_later(portfolio: Portfolio) -> Iterator[Fault]:
    """A row recorded after the data date is in no score until then; a year mistyped hides it for ever."""
    end = portfolio.moment()
    for name in portfolio.tables:
        late = portfolio.table(name).filter(pl.col("known_at") > end)
        if late.height:
            yield Fault(
                f"{name}.known_at",
                f"is after the data date {portfolio.manifest.data_date} ({keys(late['id'])}).",
                "No feature sees these rows before that moment: check the dates.",
            )
