"""The cases of an audit: every past application, open ones too, with its outcome and the keys that rows reach it by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np
import polars as pl

from riskscore.dataset.clusters import cluster_names
from riskscore.dataset.maturity import with_outcomes
from riskscore.dataset.spine import applications, spine
from riskscore.dataset.training_set import OUTCOMES, Figures
from riskscore.errors import InvalidInput
from riskscore.portfolio import Portfolio

if TYPE_CHECKING:
    from riskscore.catalog import Lock

#: Most cases of one audit; beyond it whole clusters are drawn.
MOST = 60_000


@dataclass(frozen=True)
class Cases:
    """Applications with a loan, decided or still open. Build with `Cases.of`.

    Parameters
    ----------
    frame : DataFrame
        The spine (``as_of`` is when the loan was asked for), then ``case`` (0, 1, ...), ``cluster``, ``label``,
        ``bad``, ``final_at`` (these three missing while the outcome is not final), ``loan_id``, ``started`` (the
        instant after the loan was paid out, or was asked for where no loan is on record), ``product_id``,
        ``branch_id``, ``officer_id``, ``sector_id`` (as first known).
    portfolio : Portfolio
    left_out : int
        Cases beyond `MOST` that are not looked at.
    """

    frame: pl.DataFrame = field(repr=False)
    portfolio: Portfolio
    left_out: int

    @classmethod
    def of(
        cls,
        portfolio: Portfolio,
        outcome: str = "member_internal",
        rule: Figures | None = None,
        *,
        lock: Lock | None = None,
        most: int = MOST,
    ) -> Self:
        """Gather the cases of a portfolio, their outcome told by `rule`, or by the standing figures without one.

        An outcome that rests on the household needs the lock.

        Raises
        ------
        InvalidInput
            For an unknown outcome, a rule of another one, or contradictory labels.
        Refused
            Where no outcome is mature.
        """
        if outcome not in OUTCOMES:
            raise InvalidInput.of("outcome", f"{outcome!r} is not known.", f"Use one of {', '.join(OUTCOMES)}.")
        about = OUTCOMES[outcome]
        if about.of_household and lock is None:
            raise InvalidInput.of("outcome", f"{outcome!r} is read off a lock's facts.", "Give the lock.")
        asked = spine(portfolio, subject=about.subject, ledger=about.ledger)
        decided = with_outcomes(asked, about.outcomes(portfolio, lock, rule), portfolio)
        rows = asked.join(
            decided.select("application_id", "label", "bad", "final_at"),
            on="application_id",
            how="left",
            maintain_order="left",
        ).join(cluster_names(applications(portfolio)), on="bank_id", how="left", maintain_order="left")
        rows = _with_loans(rows, portfolio)
        frame = _with_places(rows, portfolio)
        kept = _whole_clusters(frame, most)
        return cls(kept.drop("case", strict=False).with_row_index("case"), portfolio, frame.height - kept.height)

    def __len__(self) -> int:
        return self.frame.height


def _with_loans(rows: pl.DataFrame, portfolio: Portfolio) -> pl.DataFrame:
    """Add the loan of each application and when it was paid out; requests that led to none are left out."""
    loans = (
        portfolio.table("loans")
        .drop_nulls("application_id")
        .sort("known_at", "event_at")
        .unique("id", keep="first", maintain_order=True)
        .unique("application_id", keep="first", maintain_order=True)
        .select(
            "application_id",
            loan_id="id",
            # A loan entered weeks late would let its own payments in: the day it was paid out is over at midnight.
            started=pl.min_horizontal("known_at", pl.col("disbursed_on").cast(pl.Datetime("us")).dt.offset_by("1d")),
        )
    )
    found = rows.join(loans, on="application_id", how="left", maintain_order="left").with_columns(
        # An instant later: a row that happened at a moment is seen after it.
        started=pl.max_horizontal("as_of", "started").dt.offset_by("1us")
    )
    return found.filter(pl.col("loan_id").is_not_null() | pl.col("label").is_not_null() | loans.is_empty())


def _with_places(rows: pl.DataFrame, portfolio: Portfolio) -> pl.DataFrame:
    """Add the product, and the branch, officer and sector as they were first known."""

    def first(table: str, key: str, *columns: str) -> pl.DataFrame:
        frame = portfolio.table(table).sort("known_at", "event_at").unique("id", keep="first", maintain_order=True)
        return frame.select(pl.col("id").alias(key), *columns)

    return (
        rows.join(first("applications", "application_id", "product_id"), on="application_id", how="left")
        .join(first("groups", "group_id", "branch_id", "officer_id"), on="group_id", how="left")
        .join(first("members", "member_id", "sector_id"), on="member_id", how="left")
        .sort("as_of", "application_id")
    )


def _whole_clusters(frame: pl.DataFrame, most: int) -> pl.DataFrame:
    """Keep whole clusters, drawn with a fixed seed, until `most` cases are reached."""
    if frame.height <= most:
        return frame
    sizes = frame.group_by("cluster").len().sort("cluster")
    drawn = sizes[np.random.default_rng(0).permutation(sizes.height)]
    chosen = drawn.filter(pl.col("len").cum_sum() <= most)["cluster"]
    return frame.filter(pl.col("cluster").is_in(chosen.implode()))
