"""What she tells today, put beside what is loaded of her: what is sent of a table is her whole record in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from riskscore.service.facts import Facts

DEBTS = "obligations"


def told_again(loaded: Mapping[str, pl.DataFrame], told: Facts, at: datetime) -> Facts:
    """Return her whole record in the tables that she told something of.

    Whoever lists her debts lists all of them. A debt that she declared before and that still ran ends with the list: it
    is on it under another name, or it is paid; counted with the list it would be owed twice. What a bureau published
    stays as it is.

    Parameters
    ----------
    loaded : mapping of str to DataFrame
        What the portfolio holds of her, by table, with the contract's columns.
    told : Facts
        The new rows.
    at : datetime
        When she told them.
    """
    whole = {}
    for name, frame in told.frames.items():
        ended = [_ended(loaded[name], at)] if name == DEBTS else []
        whole[name] = pl.concat([loaded[name], *ended, frame])
    return Facts.of(whole)


def told_since(loaded: Mapping[str, pl.DataFrame], told: Facts, at: datetime) -> bool:
    """Tell whether a budget or declared debts as new as those of `at` are loaded: what was told is not her newest."""
    newer = pl.max_horizontal("event_at", "known_at") >= at
    return any(
        loaded[name].filter(newer, pl.col("source") == "declared" if name == DEBTS else pl.lit(True)).height > 0
        for name in told.frames
    )


def _ended(debts: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """Return a last version of each debt that was declared before and still ran: it ended the day before."""
    newest = debts.sort("known_at").unique("id", keep="last", maintain_order=True)
    running = newest.filter(
        pl.col("source") == "declared", pl.col("ends_on").is_null() | (pl.col("ends_on") >= at.date())
    )
    return running.with_columns(
        event_at=pl.lit(at, pl.Datetime("us")),
        known_at=pl.lit(at, pl.Datetime("us")),
        ends_on=pl.lit(at.date() - timedelta(days=1)),
        known_inferred=pl.lit(None, pl.Boolean),
    ).select(debts.columns)
