"""Which level of each pool a request belongs to, as of the moment it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from riskscore.modelling.expert.candidate import SEASON
from riskscore.modelling.expert.prior import UNKNOWN

if TYPE_CHECKING:
    from riskscore.portfolio import Portfolio

#: A season is the year in which a loan falls due, and of a longer one the year that its first 365 days end in.
LONGEST = 365


def levels_of(portfolio: Portfolio, asked: pl.DataFrame) -> dict[str, list[str]]:
    """Return by pool the level of each row of `asked`, in its order.

    Parameters
    ----------
    portfolio : Portfolio
    asked : DataFrame
        ``group_id, as_of, term_days, purpose``.

    Returns
    -------
    dict
        ``sector``, ``province`` (the region of its branch: the contract has nothing closer), ``purpose``,
        ``organisation`` and ``season``; the empty text where it is not written down.
    """
    rows = asked.select("group_id", "as_of", "term_days", "purpose").with_row_index("row")
    groups = portfolio.table("groups").sort("known_at", "event_at").select("known_at", "sector_id", "branch_id", g="id")
    then = rows.sort("as_of").join_asof(
        groups, left_on="as_of", right_on="known_at", by_left="group_id", by_right="g", check_sortedness=False
    )
    # A request names its association, so what was first written of it holds from ever.
    first = groups.unique("g", keep="first", maintain_order=True).select(
        "g", sector_0="sector_id", branch_0="branch_id"
    )
    branches = portfolio.table("branches").sort("known_at").unique("id", keep="last").select(b="id", province="region")
    placed = (
        then.join(first, left_on="group_id", right_on="g", how="left")
        .with_columns(sector=pl.coalesce("sector_id", "sector_0"), branch=pl.coalesce("branch_id", "branch_0"))
        .join(branches, left_on="branch", right_on="b", how="left")
        .with_columns(
            (pl.col("as_of") + pl.duration(days=pl.col("term_days").fill_null(LONGEST).clip(upper_bound=LONGEST)))
            .dt.year()
            .cast(pl.String)
            .alias(SEASON),
            organisation="group_id",
        )
        .sort("row")
    )
    pools = ("sector", "province", "purpose", "organisation", SEASON)
    return {pool: placed[pool].cast(pl.String).fill_null(UNKNOWN).to_list() for pool in pools}
