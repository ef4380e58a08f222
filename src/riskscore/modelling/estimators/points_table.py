"""The scorecard as it is read aloud: a row a bin, with its points.

The base is the score of the development mean. Base and one row's points of every column add up to the score, to 1e-9.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from riskscore.errors import InvalidInput
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.estimators.coding import Coding
from riskscore.modelling.estimators.ordering import Ordered
from riskscore.modelling.scorecard import Bins, Scorecard

BASE, MISSING, OTHERS = "(base)", "missing", "(any other)"


def points_table(model: CalibratedModel, coding: Coding) -> pl.DataFrame:
    """Return ``column, bin, rows, bads, bad_rate, woe, points``; rows and bads are of the table it was fitted on.

    Parameters
    ----------
    model : CalibratedModel
        Of a scorecard.
    coding : Coding
        It knows the levels of the columns of categories.

    Raises
    ------
    InvalidInput
        The model is no scorecard.
    """
    margin = model.margin
    numbers = margin.numbers if isinstance(margin, Ordered) else {}
    card = margin.inner if isinstance(margin, Ordered) else margin
    if not isinstance(card, Scorecard):
        remedy = "Ask a ScorecardClassifier; `explain` gives the points of a row of any model."
        raise InvalidInput.of("points_table", f"A model of the kind {card.kind!r} has no bins.", remedy)
    rows: list[tuple[Any, ...]] = [(BASE, "", None, None, None, None, float(model.scale.score(model.base)))]
    for place, (name, bins) in enumerate(zip(coding.kept, card.bins, strict=True)):
        if bins.beta == 0.0:
            continue
        names = _levels(bins, coding.levels[name], numbers[place]) if name in coding.levels else _spans(bins)
        woe = [*bins.woe, bins.missing_woe]
        for number, title in enumerate([*names, MISSING]):
            good, bad = bins.good[number], bins.bad[number]
            rate = bad / (good + bad) if good + bad else None
            points = float(model.scale.points(model.a * bins.beta * (woe[number] - bins.mean_woe)))
            rows.append((name, title, good + bad, bad, rate, woe[number], points))
    names_ = {"column": pl.String, "bin": pl.String, "rows": pl.Int64, "bads": pl.Int64, "bad_rate": pl.Float64}
    return pl.DataFrame(rows, schema={**names_, "woe": pl.Float64, "points": pl.Float64}, orient="row")


def _spans(bins: Bins) -> list[str]:
    if not bins.splits:
        return ["any value"]
    first, last = f"below {bins.splits[0]:.6g}", f"{bins.splits[-1]:.6g} or more"
    inner = [f"{low:.6g} to below {high:.6g}" for low, high in zip(bins.splits[:-1], bins.splits[1:], strict=True)]
    return [first, *inner, last]


def _levels(bins: Bins, levels: tuple[str, ...], numbers: tuple[float, ...]) -> list[str]:
    place = np.digitize(np.asarray(numbers), np.asarray(bins.splits)).tolist()
    held: list[list[str]] = [[] for _ in bins.woe]
    for number, level in zip(place, _named(levels), strict=True):
        held[number].append(level)
    return [", ".join(one) for one in held]


def _named(levels: tuple[str, ...]) -> Iterator[Any]:
    yield from levels
    yield OTHERS
