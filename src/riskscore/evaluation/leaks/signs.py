"""The tests: each takes one reading and says what it saw, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from riskscore.evaluation.clustered_auc import clustered_auc
from riskscore.evaluation.leaks.finding import Sign
from riskscore.evaluation.leaks.hindsight import closer_than_chance
from riskscore.evaluation.leaks.levels import levels, lifts
from riskscore.evaluation.leaks.population import Population
from riskscore.evaluation.leaks.thresholds import Thresholds
from riskscore.evaluation.leaks.youth import Youth, compare_ages
from riskscore.evaluation.ranking import auc as auc_of
from riskscore.evaluation.report import Figure
from riskscore.evaluation.sample import Floats

#: Under this share of the values left some days earlier, it is the rows that are missing then, not what they say.
ROWS_LOST = 0.5
#: Days, and fewest bads for a word on one.
QUARTER, FEWEST_IN_QUARTER = 91.3125, 10


@dataclass(frozen=True, slots=True)
class Held:
    """A reading held against the outcome.

    Parameters
    ----------
    auc, earlier : Figure
        Of the reading alone, at its moment and some days before.
    youth : Youth or None
        What young loans carry of its risky values; None where that cannot be told.
    quarters : tuple of float
        Its AUC in each quarter with bads enough, the latest first.
    signs : tuple of Sign
        The tests it did not pass.
    """

    auc: Figure
    earlier: Figure
    youth: Youth | None
    quarters: tuple[float, ...]
    signs: tuple[Sign, ...]


def signs_of(values: pl.Series, earlier: pl.Series, population: Population, thresholds: Thresholds) -> Held:
    """Hold one reading against the outcome by every test.

    Parameters
    ----------
    values, earlier : Series (n,)
        Float64, or String for a category; missing stays missing. `earlier` is the same thing read some days before.
    population : Population
    thresholds : Thresholds
    """
    lift, auc = _relation(values, population, thresholds)
    _, before = _relation(earlier, population, thresholds)
    youth = compare_ages(lift, population, thresholds)
    rows_lost = earlier.count() < ROWS_LOST * values.count()
    signs = (
        too_good(auc, youth, thresholds),
        closer_than_chance(values, population, thresholds),
        only_after(auc, youth, thresholds),
        vanishes(auc, before, youth, rows_lost=rows_lost, thresholds=thresholds),
    )
    found = tuple(sign for sign in signs if sign is not None)
    return Held(auc, before, youth, _by_quarter(lift, population) if found else (), found)


def _by_quarter(lift: Floats, population: Population) -> tuple[float, ...]:
    quarter = np.floor_divide(population.days, QUARTER)
    figures = []
    for number in np.unique(quarter[population.decided]):
        rows = population.decided & (quarter == number)
        if population.bad[rows].sum() >= FEWEST_IN_QUARTER and (population.bad[rows] == 0).sum() >= FEWEST_IN_QUARTER:
            figures.append(auc_of(population.bad[rows], lift[rows]))
    return tuple(figures)


def _relation(values: pl.Series, population: Population, thresholds: Thresholds) -> tuple[Floats, Figure]:
    lift, decided = lifts(levels(values), population), population.decided
    return lift, clustered_auc(
        population.bad[decided], lift[decided], population.clusters[decided], level=thresholds.level
    )


def too_good(auc: Figure, youth: Youth | None, thresholds: Thresholds) -> Sign | None:
    """Say whether a column alone tells bads from goods better than is plausible."""
    if not auc.low > thresholds.too_good:
        return None
    seen = (
        f"Alone it puts a bad before a good in {percent(auc.value)} of pairs ({_range(auc)}); "
        f"above {percent(thresholds.too_good)} one column is suspected."
    )
    if youth is not None and youth.ratio.low > thresholds.vouched:
        seen += " Loans just asked for carry as much of it, which speaks against a leak: it may be as good as it looks."
    return Sign("too good", seen)


def only_after(auc: Figure, youth: Youth | None, thresholds: Thresholds) -> Sign | None:
    """Say whether risky values are missing among loans for which nothing can have happened yet."""
    if youth is None or not auc.low > thresholds.noticeable or not youth.ratio.high < thresholds.vanished:
        return None
    # Every year's young loans may be like this: those of the same season a year ago, all over by now, tell.
    if youth.over_last_season is not None and youth.over_last_season.value >= thresholds.vanished:
        return None
    return Sign(
        "only after the date",
        f"Of {youth.settled:,} loans that are over, {percent(youth.settled_risky / youth.settled)} carry a value that "
        f"goes with trouble; of {youth.young:,} just asked for, {percent(youth.young_risky / youth.young)}. Together "
        f"their values speak of {youth.ratio.value:.2f} times as much risk beyond the usual (at most "
        f"{youth.ratio.high:.2f}); what was known on the day would be there already.",
    )


def vanishes(
    auc: Figure, earlier: Figure, youth: Youth | None, *, rows_lost: bool, thresholds: Thresholds
) -> Sign | None:
    """Say whether the relation is gone some days earlier.

    What is written once, with the request, is gone some days before it too, honestly. So young loans are asked: where
    they carry as much of it the value is whole on the first day. Where rows themselves are gone, young loans must carry
    less of it for a finding.
    """
    if not auc.low > thresholds.strong:
        return None
    kept = max(earlier.high - 0.5, 0.0) / (auc.low - 0.5)
    if not kept < thresholds.kept:
        return None
    if rows_lost and (youth is None or not youth.ratio.high < 1.0):
        return None
    if youth is not None and youth.ratio.low > thresholds.vouched:
        return None
    share = max(earlier.value - 0.5, 0.0) / (auc.value - 0.5)
    seen = (
        f"Read {thresholds.days_before} days earlier it puts a bad before a good in {percent(earlier.value)} of pairs "
        f"({_range(earlier)}), not in {percent(auc.value)} ({_range(auc)}): {percent(share)} of what it says is left "
        f"(at most {percent(kept)})."
    )
    if youth is not None:
        seen += (
            f" Loans just asked for carry {youth.ratio.value:.2f} times as much of it as loans that are over "
            f"({youth.ratio.low:.2f} to {youth.ratio.high:.2f})."
        )
    return Sign("vanishes when re-dated", seen)


def percent(share: float) -> str:
    """Write a share for people: one decimal below ten per cent."""
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"


def _range(figure: Figure) -> str:
    return f"{100 * figure.low:.0f} to {100 * figure.high:.0f}"
