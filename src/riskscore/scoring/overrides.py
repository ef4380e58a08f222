"""Recommendations beside what people decided, and what became of those loans.

The table ``recommendations`` is data about deciding. It is read here, and by features of later requests; no outcome
rule reads it, so that a decision never becomes a label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from riskscore.evaluation.agreement import Agreement, agreement
from riskscore.evaluation.cutoffs import Let, let_through
from riskscore.modelling.judging import Judging
from riskscore.portfolio import Portfolio


@dataclass(frozen=True, slots=True)
class Followed:
    """Decisions of one kind whose loan has a known end."""

    kind: str
    n: int
    ended: int
    became: Let


@dataclass(frozen=True, slots=True)
class Overrides:
    """What people made of the recommendations.

    Parameters
    ----------
    recommendations : int
        On record.
    by : mapping of str to Agreement
        Who decided: ``everyone``, ``officer``, ``committee``.
    followed : tuple of Followed
        ``agreed``, ``stricter`` and ``looser``, with what became of those loans.
    """

    recommendations: int
    by: dict[str, Agreement]
    followed: tuple[Followed, ...]


def overrides(portfolio: Portfolio, judging: Judging) -> Overrides:
    """Count how often people decided otherwise, in which direction, and what became of it.

    Ends are those of all rows of `judging`, trained on or not: they say what happened and judge no model.
    """
    newest = (
        portfolio.table("recommendations").sort("known_at", "event_at").unique("id", keep="last", maintain_order=True)
    )
    ends = pl.concat([part.frame.select("application_id", "bad", "cluster") for part in (judging.train, judging.later)])
    decided = newest.drop_nulls("decision").join(
        ends.unique("application_id"), on="application_id", how="left", maintain_order="left"
    )
    ready = (decided["state"] == "ready").to_numpy()
    whole = (decided["decision"] == "approved").to_numpy()
    counts, stricter, looser = agreement(ready, whole)
    by = {"everyone": counts}
    for who in ("officer", "committee"):
        rows = (decided["decided_by"] == who).fill_null(False).to_numpy()
        if rows.any():
            by[who] = agreement(ready[rows], whole[rows])[0]
    bad = decided["bad"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    clusters = decided["cluster"].fill_null("").to_numpy().astype(str)
    kinds = {"agreed": ~stricter & ~looser, "stricter": stricter, "looser": looser}
    followed = []
    for kind, rows in kinds.items():
        ended = rows & ~np.isnan(bad)
        unknown = np.full(int(ended.sum()), np.nan)
        became = let_through(np.ones(int(ended.sum()), dtype=bool), bad[ended], unknown, clusters[ended])
        followed.append(Followed(kind, int(rows.sum()), int(ended.sum()), became))
    return Overrides(newest.height, by, tuple(followed))
