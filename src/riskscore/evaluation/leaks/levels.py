"""One column as a model of its own: cut into levels, each with the bad rate it has in other communal banks.

Numbers, dates and categories, missing values and relations that rise and fall are then measured alike, and a level of
few rows gains nothing from its own outcomes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from riskscore.evaluation.leaks.population import Population
from riskscore.evaluation.sample import Floats, Ints

BINS = 12
CATEGORIES = 50
#: A level's rate is drawn to the overall one as if it had so many more rows of that rate.
PRIOR_ROWS = 10.0


def levels(values: pl.Series) -> Ints:
    """Number the levels of a reading from 0: its distinct values where they are few, else bins of equal size.

    Missing is a level of its own, and so are, together, all categories beyond the fifty most frequent.
    """
    if values.dtype == pl.String:
        common = values.drop_nulls().value_counts(sort=True).head(CATEGORIES)[values.name].sort()
        return _numbered(values.is_in(common.implode()).fill_null(False).to_numpy(), values, common)
    numbers = values.cast(pl.Float64).fill_null(np.nan).to_numpy()
    finite = numbers[np.isfinite(numbers)]
    distinct = np.unique(finite)
    edges = distinct if len(distinct) <= BINS else np.unique(np.quantile(finite, np.linspace(0, 1, BINS + 1)[1:-1]))
    codes = np.searchsorted(edges, numbers, "left").astype(np.int64)
    return np.where(np.isfinite(numbers), codes, len(edges) + 1)


def _numbered(listed: npt.NDArray[np.bool_], values: pl.Series, common: pl.Series) -> Ints:
    places = common.search_sorted(values.fill_null("")).to_numpy().astype(np.int64)
    other = np.where(values.is_null().to_numpy(), len(common) + 1, len(common))
    return np.where(listed, places, other)


def lifts(codes: Ints, population: Population) -> Floats:
    """Return the log of each case's bad rate over the overall rate, by its level among cases of other folds.

    Open cases, which are in no fold, get the rate of all decided ones.
    """
    decided = population.decided
    count = int(codes.max()) + 1
    rows = np.bincount(codes[decided], minlength=count).astype(np.float64)
    bads = np.bincount(codes[decided], population.bad[decided], minlength=count).astype(np.float64)
    found = _log_lift(bads, rows)[codes]
    for fold in np.unique(population.folds[decided]):
        inside = decided & (population.folds == fold)
        own_rows = np.bincount(codes[inside], minlength=count).astype(np.float64)
        own_bads = np.bincount(codes[inside], population.bad[inside], minlength=count)
        found[inside] = _log_lift(bads - own_bads, rows - own_rows)[codes[inside]]
    return found


def _log_lift(bads: Floats, rows: Floats) -> Floats:
    # Over the overall rate of the same rows: else the folds' own rates would tell bads from goods, backwards.
    overall = (bads.sum() + 0.5) / (rows.sum() + 1.0)
    rates = (bads + overall * PRIOR_ROWS) / (rows + PRIOR_ROWS)
    return np.asarray(np.log(rates / overall), dtype=np.float64)
