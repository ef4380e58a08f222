"""Everyone who applied from a moment on, her features as of then, her outcome known or not.

Drift is a question about those who ask today: to wait for their outcomes would answer it a year late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from riskscore import catalog
from riskscore.dataset.clusters import cluster_names
from riskscore.dataset.spine import applications, spine
from riskscore.dataset.training_set import OUTCOMES
from riskscore.modelling.artefact import Champion
from riskscore.modelling.kinds import kind_of

if TYPE_CHECKING:
    from riskscore.portfolio import Portfolio


@dataclass(frozen=True, slots=True)
class Population:
    """Applications with every feature of the lock and ``cluster``, ordered by moment and id."""

    frame: pl.DataFrame


def applications_since(champion: Champion, portfolio: Portfolio, since: datetime) -> Population:
    """Return the applications since `since` that the champion's outcome is about and it has an answer to."""
    rule = OUTCOMES[champion.recipe.outcome]
    asked = spine(portfolio, subject=rule.subject, ledger=rule.ledger, borrower=rule.borrower)
    named = asked.filter(pl.col("as_of") >= since).join(
        cluster_names(applications(portfolio)), on="bank_id", how="left", maintain_order="left"
    )
    clusters = named.select("application_id", "cluster")
    kind = kind_of(champion)
    valued = kind.valued(champion, portfolio, catalog.values(portfolio, champion.lock, named.drop("cluster")))
    answered = valued.drop_nulls(kind.own) if kind.own else valued
    return Population(answered.join(clusters, on="application_id", how="inner").sort("as_of", "application_id"))
