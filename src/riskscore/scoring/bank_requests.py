"""What communal banks ask for at a moment, the members who stand behind it, and what was known of both then."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from riskscore import catalog
from riskscore.catalog import Lock
from riskscore.dataset.request import monthly_instalments
from riskscore.dataset.spine import COLUMNS, applications
from riskscore.modelling.communal_bank.behind import members_behind
from riskscore.portfolio import Portfolio
from riskscore.scoring.products import known
from riskscore.scoring.snapshot import members_at


def bank_requests(portfolio: Portfolio, moment: datetime) -> pl.DataFrame:
    """Return the last request of each communal bank: ``request_id, bank_id, basis, as_of``.

    ``basis`` is ``open_request`` where no loan of it was known at `moment`, else ``last_cycle``.
    """
    banks = known(portfolio.table("groups"), moment).filter(pl.col("kind") == "communal_bank").select(bank_id="id")
    asked = (
        applications(portfolio)
        .filter(pl.col("ledger") == "external", pl.col("as_of") <= moment, pl.col("event_at") < moment)
        .join(banks, on="bank_id", how="semi")
        .sort("as_of", "application_id")
        .unique("bank_id", keep="last", maintain_order=True)
    )
    lent = known(portfolio.table("loans"), moment).filter(pl.col("ledger") == "external")["application_id"].drop_nulls()
    is_open = pl.col("application_id").is_in(lent.implode()).not_()
    return asked.select(
        request_id="application_id",
        bank_id="bank_id",
        basis=pl.when(is_open).then(pl.lit("open_request")).otherwise(pl.lit("last_cycle")),
        as_of="as_of",
    )


def valued_requests(portfolio: Portfolio, lock: Lock, asked: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Return the requests with every feature of the lock; `asked` (of `bank_requests`) says as of when."""
    rows = applications(portfolio).join(
        asked.select("basis", application_id="request_id"), on="application_id", maintain_order="left"
    )
    return _valued(portfolio, lock, rows, moment)


def valued_behind(
    portfolio: Portfolio, lock: Lock, asked: pl.DataFrame, moment: datetime, *, window_days: int
) -> pl.DataFrame:
    """Return the members behind the requests with every feature of the lock; `asked` says as of when."""
    members = applications(portfolio).filter(
        pl.col("ledger") == "internal",
        pl.col("member_id").is_not_null(),
        pl.col("as_of") <= moment,
        pl.col("event_at") < moment,
    )
    behind = members_behind(asked.rename({"request_id": "application_id"}), members, window_days=window_days).join(
        asked.select("request_id", "basis"), on="request_id", maintain_order="left"
    )
    still = members_at(portfolio, moment).select("member_id", "bank_id")
    belongs = behind.join(still, on=["member_id", "bank_id"], how="semi")["application_id"]
    behind = behind.filter((pl.col("basis") != "open_request") | pl.col("application_id").is_in(belongs.implode()))
    valued = _valued(portfolio, lock, behind, moment)
    return valued.join(behind.select("application_id", "request_id"), on="application_id").sort(
        "request_id", "member_id"
    )


def _valued(portfolio: Portfolio, lock: Lock, rows: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Return what was known of each application: of an open request at `moment`, else when it was made."""
    at = (
        pl.when(pl.col("basis") == "open_request")
        .then(pl.lit(moment))
        .otherwise(pl.col("as_of"))
        .dt.cast_time_unit("us")
    )
    priced = monthly_instalments(rows.with_columns(as_of=at), portfolio.table("products"))
    return catalog.values(portfolio, lock, priced.select(COLUMNS))
