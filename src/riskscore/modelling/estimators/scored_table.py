"""Scores as a table of the kind that came in: pandas for pandas, Polars for Polars, Arrow for Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from riskscore.modelling.estimators.classifier import FlatTableClassifier


def scored_table(estimator: FlatTableClassifier, X: Any) -> Any:
    """Return ``pd, score, base`` and the points of every column that enters, a row for each row of X.

    Parameters
    ----------
    estimator : ScorecardClassifier or MonotoneTreesClassifier
        Fitted.
    X : pandas, Polars or Arrow table, or ndarray
        An array gives a Polars table.

    Returns
    -------
    pandas, Polars or Arrow table
        ``pd`` is a probability in (0, 1); the rest are points, and base and points add up to the score.
    """
    why, scale = estimator.explain(X), estimator.model_.scale
    points = scale.points(why.phi)
    table = pl.DataFrame(
        {
            "pd": why.pd,
            "score": scale.score(why.log_odds),
            "base": pl.repeat(scale.score(why.base), len(why.pd), eager=True),
            **{f"points_{name}": points[:, column] for column, name in enumerate(why.features)},
        }
    )
    if hasattr(X, "iloc"):
        frame = table.to_pandas()
        frame.index = X.index
        return frame
    return table.to_arrow() if hasattr(X, "column_names") else table
