"""Who belongs where at a moment, for scopes: member, solidarity group, communal bank, branch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from riskscore.portfolio import Portfolio
from riskscore.service.access import Place


def places(portfolio: Portfolio, moment: datetime) -> Mapping[str, Place]:
    """Return where each member known at `moment` stands; one who has left her group stands in her branch alone.

    Parameters
    ----------
    portfolio : Portfolio
    moment : datetime
        Local, exclusive: what was recorded later is not known yet.
    """
    members = known(portfolio.table("members"), moment).select("id", "branch_id")
    groups = known(portfolio.table("groups"), moment).select(
        group_id="id", bank_id=pl.coalesce("parent_id", "id"), group_branch="branch_id"
    )
    standing = (
        known(portfolio.table("memberships"), moment)
        .filter(
            pl.col("valid_from") <= moment.date(),
            pl.col("valid_to").is_null() | (pl.col("valid_to") > moment.date()),
        )
        .sort("valid_from", "known_at", "id")
        .unique("member_id", keep="last", maintain_order=True)
        .select("member_id", "group_id")
    )
    rows = (
        members.join(standing, left_on="id", right_on="member_id", how="left")
        .join(groups, on="group_id", how="left")
        .select("id", "group_id", "bank_id", pl.coalesce("branch_id", "group_branch"))
    )
    return {row[0]: Place(*row) for row in rows.iter_rows()}


def known(table: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Return the version of each fact that holds at `moment`."""
    return (
        table.filter(pl.col("event_at") < moment, pl.col("known_at") <= moment)
        .sort("known_at", "event_at")
        .unique("id", keep="last", maintain_order=True)
    )
