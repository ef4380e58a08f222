"""Where each row stood when it was asked for: branch, region, line of business, season, and what struck it.

Everything is as it was known at the row's own moment; where nothing was known yet, the first that ever was. A shock
counts for a loan that ran while it was on, in its region and line of business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from riskscore.portfolio import Portfolio


def placed(asked: pl.DataFrame, portfolio: Portfolio) -> pl.DataFrame:
    """Return a row for each application of `asked`, in order.

    Parameters
    ----------
    asked : DataFrame
        ``as_of, member_id, group_id, bank_id, term_days``, as of the spine.

    Returns
    -------
    DataFrame
        member_id, bank_id, as_of, branch (name), region, rural ("rural", "urban"), sector (name), half_year ("2025-1"),
        quarter (first day), shocks (list of kinds; empty under none). Missing where it is not recorded.
    """
    frame = asked.select("as_of", "member_id", "group_id", "bank_id", "term_days").with_columns(
        row=pl.int_range(pl.len())
    )
    groups = _known(frame, portfolio.table("groups"), "group_id", {"branch_id": "branch_id", "sector_id": "own_sector"})
    members = _known(
        groups, portfolio.table("members"), "member_id", {"rural": "member_rural", "sector_id": "member_sector"}
    )
    homes = _known(
        members,
        portfolio.table("branches"),
        "branch_id",
        {"name": "branch", "region": "region", "rural": "branch_rural"},
    )
    there = homes.with_columns(
        sector_id=pl.coalesce("member_sector", "own_sector"), rural=pl.coalesce("member_rural", "branch_rural")
    )
    lines = portfolio.table("sectors").sort("known_at").unique("id", keep="last").select(sector_id="id", sector="name")
    named = there.join(lines, on="sector_id", how="left").sort("row")
    struck = _struck(named, portfolio.table("shocks"))
    return (
        named.join(struck, on="row", how="left")
        .sort("row")
        .select(
            "member_id",
            "bank_id",
            "as_of",
            "branch",
            "region",
            pl.when("rural").then(pl.lit("rural")).when(~pl.col("rural")).then(pl.lit("urban")).alias("rural"),
            pl.coalesce("sector", "sector_id").alias("sector"),
            pl.format("{}-{}", pl.col("as_of").dt.year(), (pl.col("as_of").dt.month() + 5) // 6).alias("half_year"),
            pl.col("as_of").dt.truncate("1q").dt.date().alias("quarter"),
            pl.col("shocks").fill_null([]).alias("shocks"),
        )
    )


def _known(frame: pl.DataFrame, table: pl.DataFrame, key: str, columns: dict[str, str]) -> pl.DataFrame:
    """Join columns of the version known at each row's moment, else of the first version ever."""
    versions = table.sort("known_at", "event_at").select(
        pl.col("known_at"), pl.col("id").alias(key), *(pl.col(old).alias(new) for old, new in columns.items())
    )
    then = frame.sort("as_of").join_asof(
        versions, left_on="as_of", right_on="known_at", by=key, strategy="backward", check_sortedness=False
    )
    first = versions.unique(key, keep="first", maintain_order=True).select(
        key, pl.lit(True).alias("ever"), *(pl.col(new).alias(f"first_{new}") for new in columns.values())
    )
    # A version that was known wins whole, missing values too; the first is for rows from before anything was known.
    return (
        then.join(first, on=key, how="left")
        .with_columns(
            pl.when(pl.col("known_at").is_null()).then(f"first_{new}").otherwise(new).alias(new)
            for new in columns.values()
        )
        .drop("known_at", "ever", *(f"first_{new}" for new in columns.values()))
        .sort("row")
    )


def _struck(rows: pl.DataFrame, shocks: pl.DataFrame) -> pl.DataFrame:
    latest = shocks.sort("known_at").unique("id", keep="last")
    began = pl.col("as_of").dt.date()
    ends = began + pl.duration(days=pl.col("term_days").fill_null(0).cast(pl.Int64))
    struck_on = latest.select("kind", "starts_on", "ends_on", shock_region="region", shock_sector="sector_id")
    met = rows.select("row", "as_of", "term_days", "region", "sector_id").join(struck_on, how="cross")
    return (
        met.filter(
            (pl.col("starts_on") <= ends)
            & (pl.col("ends_on").is_null() | (pl.col("ends_on") >= began))
            & (pl.col("shock_region").is_null() | (pl.col("shock_region") == pl.col("region")))
            & (pl.col("shock_sector").is_null() | (pl.col("shock_sector") == pl.col("sector_id")))
        )
        .group_by("row")
        .agg(pl.col("kind").unique().sort().alias("shocks"))
    )
