"""Which branch a member, a communal bank or a producer association belongs to at a moment, for scopes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from riskscore.portfolio import Portfolio
from riskscore.scoring.products import known


def branches(portfolio: Portfolio, moment: datetime) -> Mapping[str, str]:
    """Return the branch of each member known at `moment` (local, exclusive)."""
    members = known(portfolio.table("members"), moment)
    return dict(zip(members["id"].to_list(), members["branch_id"].to_list(), strict=True))


def groups_of(portfolio: Portfolio, moment: datetime, kind: str) -> Mapping[str, str]:
    """Return the branch of each group of a kind, such as ``communal_bank``, known at `moment` (local, exclusive)."""
    groups = known(portfolio.table("groups"), moment).filter(pl.col("kind") == kind)
    return dict(zip(groups["id"].to_list(), groups["branch_id"].to_list(), strict=True))
