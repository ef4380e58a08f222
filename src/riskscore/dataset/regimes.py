"""The times that a row was asked for in: the shock that was known to reach it, else the calendar year.

A model that is right on the whole of a later period may be wrong in a recession inside it, and the slope does not show
it. So calibration is looked at by regime, which must be told by what was on record at the row's moment: a shock that
was recorded later is hindsight, and one that is over is none.

Where several shocks reach a row, the widest names it (of everywhere before a region's, of every sector before one's),
then the latest to begin.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from riskscore.portfolio import Portfolio


def with_regimes(rows: pl.DataFrame, portfolio: Portfolio) -> pl.DataFrame:
    """Add ``regime``: a shock's kind, such as ``"recession"``, or the year, such as ``"2025"``.

    Parameters
    ----------
    rows : DataFrame
        A spine; ``application_id, member_id, bank_id, as_of`` are read. Its order is kept.
    portfolio : Portfolio
        A region or sector that is not known at the moment is reached by no shock that names one.
    """
    placed = _placed(rows, portfolio).with_columns(regime=pl.col("as_of").dt.year().cast(pl.String))
    for shock in _versions(portfolio).iter_rows(named=True):
        placed = placed.with_columns(regime=pl.when(_reached(shock)).then(pl.lit(shock["kind"])).otherwise("regime"))
    return rows.join(placed.select("application_id", "regime"), on="application_id", how="left", maintain_order="left")


def _versions(portfolio: Portfolio) -> pl.DataFrame:
    """Every version of every shock with the moment from which another one counts, the widest last."""
    return (
        portfolio.table("shocks")
        .sort("id", "known_at", "event_at")
        .with_columns(known_until=pl.col("known_at").shift(-1).over("id"))
        .sort(pl.col("region").is_null(), pl.col("sector_id").is_null(), "starts_on", "kind", "id", "known_at")
    )


def _reached(shock: dict[str, Any]) -> pl.Expr:
    """Whether a row is reached by a version of a shock, as known at the row's moment."""
    moment, day = pl.col("as_of"), pl.col("as_of").dt.date()
    conditions = [moment > shock["event_at"], moment >= shock["known_at"], day >= shock["starts_on"]]
    if shock["known_until"] is not None:
        conditions.append(moment < shock["known_until"])
    if shock["ends_on"] is not None:
        conditions.append(day <= shock["ends_on"])
    if shock["region"] is not None:
        conditions.append(pl.col("region") == shock["region"])
    if shock["sector_id"] is not None:
        conditions.append(pl.col("sector_id") == shock["sector_id"])
    return pl.all_horizontal(conditions).fill_null(value=False)


def _placed(rows: pl.DataFrame, portfolio: Portfolio) -> pl.DataFrame:
    """The rows with the region of their bank's branch and the member's line of business, as known at the moment."""
    asked = rows.select("application_id", "member_id", "bank_id", "as_of")
    for table, key, column in (
        ("groups", "bank_id", "branch_id"),
        ("branches", "branch_id", "region"),
        ("members", "member_id", "sector_id"),
    ):
        known = portfolio.table(table).sort("known_at", "event_at").select("known_at", column, **{key: "id"})
        asked = asked.sort("as_of").join_asof(
            known, left_on="as_of", right_on="known_at", by=key, strategy="backward", check_sortedness=False
        )
        asked = asked.drop("known_at", strict=False)
    return asked
