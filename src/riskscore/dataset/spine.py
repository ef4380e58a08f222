"""The spine: who asked for which loan, when, and where she belonged at that moment.

A row is one past application as it was first recorded; its ``as_of``, the moment the score would have been asked for,
is when it was recorded. Approved amounts and rates are not here: they carry the committee's own judgement.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import polars as pl

from riskscore.dataset.request import monthly_instalments
from riskscore.errors import InvalidInput
from riskscore.portfolio import Portfolio

Subject = Literal["member", "group"]
Ledger = Literal["internal", "external"]
Borrower = Literal["communal_bank", "producer_association"]

COLUMNS = (
    "application_id",
    "member_id",
    "group_id",
    "bank_id",
    "as_of",
    "amount",
    "currency",
    "term_days",
    "frequency",
    "purpose",
    "other_active_loans",
    "instalment_m",
)


def spine(
    portfolio: Portfolio,
    *,
    subject: Subject = "member",
    ledger: Ledger = "internal",
    borrower: Borrower | None = None,
) -> pl.DataFrame:
    """Return one row for each application, ordered by moment and id.

    Parameters
    ----------
    portfolio : Portfolio
    subject : {"member", "group"}
        Whose application: a member's, or a whole group's.
    ledger : {"internal", "external"}
    borrower : {"communal_bank", "producer_association"}, optional
        Applications of groups below, or that are, one of this kind as known at the moment; every kind where missing.

    Returns
    -------
    DataFrame
        ``application_id, member_id`` (missing for groups)``, group_id, bank_id`` (the communal bank above the group as
        known at the moment; the group itself where there is none)``, as_of`` (local time)``, amount`` (the portfolio's
        currency)``, currency, term_days, frequency, purpose, other_active_loans, instalment_m`` (what the loan asked
        for costs a month at its product's rate; missing where the product is not known). Numbers are Float64.
        Applications from before the portfolio's ``complete_from`` are history and left out.

    Raises
    ------
    InvalidInput
        For a subject or ledger that does not exist.
    """
    if subject not in ("member", "group") or ledger not in ("internal", "external"):
        raise InvalidInput.of(
            "subject, ledger",
            f"{subject!r} and {ledger!r} are none the portfolio knows.",
            "Use member or group, and internal or external.",
        )
    asked = (
        applications(portfolio)
        .filter(pl.col("ledger") == ledger)
        .filter(pl.col("member_id").is_not_null() if subject == "member" else pl.col("member_id").is_null())
    )
    if borrower is not None:
        asked = asked.join(_kinds(portfolio), left_on="bank_id", right_on="id", how="left", maintain_order="left")
        asked = asked.filter(pl.col("kind") == borrower)
    start = portfolio.manifest.complete_from
    if start is not None:
        asked = asked.filter(pl.col("event_at") >= datetime(start.year, start.month, start.day))
    rows = monthly_instalments(asked, portfolio.table("products"))
    return rows.select(COLUMNS).sort("as_of", "application_id")


def _kinds(portfolio: Portfolio) -> pl.DataFrame:
    """The kind of every group as it was first recorded: a group does not turn into another kind."""
    return (
        portfolio.table("groups").sort("known_at").unique("id", keep="first", maintain_order=True).select("id", "kind")
    )


def applications(portfolio: Portfolio) -> pl.DataFrame:
    """Return every application as it was first recorded, with ``as_of`` and the communal bank of that moment."""
    first = (
        portfolio.table("applications")
        .sort("id", "known_at", "event_at")
        .unique("id", keep="first", maintain_order=True)
        .rename({"id": "application_id", "known_at": "as_of"})
        .with_columns(pl.col("amount", "term_days", "other_active_loans").cast(pl.Float64))
        .sort("as_of", "application_id")
    )
    places = (
        portfolio.table("groups")
        .sort("known_at", "event_at")
        .select("known_at", group_id="id", place=pl.coalesce("parent_id", "id"))
    )
    then = first.join_asof(
        places, left_on="as_of", right_on="known_at", by="group_id", strategy="backward", check_sortedness=False
    )
    # An application names its group, so the group's first known place holds from ever, as it does for loans.
    ever = places.unique("group_id", keep="first", maintain_order=True).select("group_id", first_place="place")
    return (
        then.join(ever, on="group_id", how="left", maintain_order="left")
        .with_columns(bank_id=pl.coalesce("place", "first_place", "group_id"))
        .drop("place", "first_place")
    )
