"""Which branch a member belongs to at a moment, for scopes; her groups stand in the snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from riskscore.portfolio import Portfolio
from riskscore.scoring.products import known


def branches(portfolio: Portfolio, moment: datetime) -> Mapping[str, str]:
    """Return the branch of each member known at `moment` (local, exclusive)."""
    members = known(portfolio.table("members"), moment)
    return dict(zip(members["id"].to_list(), members["branch_id"].to_list(), strict=True))
