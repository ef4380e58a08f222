"""Declared directions, held against the fitted scorecard and against the training rows themselves.

A scorecard whose points run against a declaration is refused: the page would read out a reason that the model turns
round. Rows that run against a declaration are a warning and refuse nothing: the feature is then left out by the fit,
because no cut separates good from bad in the direction declared, and what it means is for people to say: evidence from
elsewhere does not hold here, or the declaration has the wrong sign.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from riskscore.evaluation.clustered_auc import clustered_auc
from riskscore.modelling.rows import Columns, Rows
from riskscore.modelling.scorecard import Bins, Scorecard
from riskscore.modelling.woe import Risk

#: Coverage of the interval by which rows must contradict a declaration; some thirty features are looked at.
AGAINST_LEVEL = 0.99


def contradictions(scorecard: Scorecard, risks: Mapping[str, Risk]) -> tuple[str, ...]:
    """Return a sentence for each feature whose coefficient or points run against what is declared of it."""
    found = []
    for one in scorecard.bins:
        if one.beta > 0:
            found.append(f"`{one.feature}` has the coefficient {one.beta:+.3f}: above 0 it turns its own bins round.")
        elif (place := _turned(one, risks[one.feature])) is not None:
            declared = "rise" if risks[one.feature] == "rises" else "fall"
            found.append(f"`{one.feature}`: risk is declared to {declared} with it and does not at {place:g}.")
    return tuple(found)


def _turned(one: Bins, risk: Risk) -> float | None:
    """Return the first cut at which the log-odds of bad step against the declaration."""
    steps = np.diff(one.beta * np.asarray(one.woe)) * {"rises": 1.0, "falls": -1.0, "free": 0.0}[risk]
    turned = np.flatnonzero(steps < 0)
    return one.splits[int(turned[0])] if len(turned) else None


def against_the_rows(columns: Columns, rows: Rows) -> tuple[str, ...]:
    """Return a sentence for each directed feature by which the training rows clearly rank the other way."""
    found = []
    for name, values in zip(columns.names, rows.X.T, strict=True):
        if columns.risks[name] == "free":
            continue
        seen = rows.decided & ~np.isnan(values)
        if not 0 < rows.y[seen].sum() < seen.sum():
            continue
        side = 1.0 if columns.risks[name] == "rises" else -1.0
        area = clustered_auc(rows.y[seen], side * values[seen], rows.clusters[seen], level=AGAINST_LEVEL)
        if area.high < 0.5:
            declared = "rise" if side > 0 else "fall"
            found.append(
                f"`{name}`: risk is declared to {declared} with it, and in the training rows it does the opposite "
                f"(AUC in the declared direction {area.value:.3f}, {area.low:.3f} to {area.high:.3f})."
            )
    return tuple(found)
