"""The tests: each takes one reading's levels and says what it saw, or nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import chi2, norm

from riskscore.evaluation.clustered_auc import clustered_auc
from riskscore.evaluation.clusters import design_effect, intra_cluster_correlation
from riskscore.evaluation.leaks.finding import Sign
from riskscore.evaluation.leaks.levels import levels, lifts
from riskscore.evaluation.leaks.population import FEWEST_YOUNG, Bools, Population
from riskscore.evaluation.leaks.thresholds import Thresholds
from riskscore.evaluation.report import Figure
from riskscore.evaluation.sample import Floats


@dataclass(frozen=True, slots=True)
class Held:
    """A reading held against the outcome: its AUC, the AUC it had some days earlier, and the tests it did not pass."""

    auc: Figure
    earlier: Figure
    signs: tuple[Sign, ...]


#: Fewest groups, and fewest decided loans a group on the mean, for a word on the rates of groups.
FEWEST_UNITS, FEWEST_EACH = 20, 5
#: How unlikely closeness by chance must be.
BY_CHANCE = 1e-6


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
    signs = (
        too_good(auc, thresholds),
        closer_than_chance(values, population, thresholds),
        only_after(lift, auc, population, thresholds),
        vanishes(lift, auc, before, population, thresholds),
    )
    return Held(auc, before, tuple(sign for sign in signs if sign is not None))


def _relation(values: pl.Series, population: Population, thresholds: Thresholds) -> tuple[Floats, Figure]:
    lift, decided = lifts(levels(values), population), population.decided
    return lift, clustered_auc(
        population.bad[decided], lift[decided], population.clusters[decided], level=thresholds.level
    )


def too_good(auc: Figure, thresholds: Thresholds) -> Sign | None:
    """Say whether a column alone tells bads from goods better than is plausible."""
    if not auc.low > thresholds.too_good:
        return None
    return Sign(
        "too good",
        f"Alone it puts a bad before a good in {_percent(auc.value)} of pairs ({_range(auc)}); "
        f"above {_percent(thresholds.too_good)} one column is suspected.",
    )


def closer_than_chance(values: pl.Series, population: Population, thresholds: Thresholds) -> Sign | None:
    """Say whether groups' bad rates agree with a figure of each group more closely than chance lets a forecast.

    A forecast, however good, misses the rate of n loans by a variance of p (1 - p) / n. For a column with one value a
    group, Pearson's sum over groups of n (rate - p)^2 / (p (1 - p)), p from a straight line through the figure, is
    therefore about its degrees of freedom or more: what members share raises it, and nothing honest lowers it.
    """
    if values.dtype == pl.String:
        return None
    numbers = values.fill_null(np.nan).to_numpy()
    decided = population.decided & np.isfinite(numbers)
    for name, units in population.units.items():
        codes = units[decided]
        rows = np.bincount(codes).astype(np.float64)
        used = rows > 0
        if used.sum() < FEWEST_UNITS or rows[used].mean() < FEWEST_EACH:
            continue
        count = rows[used]
        figure = np.bincount(codes, numbers[decided])[used] / count
        spread = np.bincount(codes, numbers[decided] ** 2)[used] / count - figure**2
        scale = float(numbers[decided].var())
        if scale <= 0 or float(count @ spread) > 1e-6 * scale * float(count.sum()):
            continue  # it differs within a group: its mean over time would hold earlier outcomes, honestly
        rate = np.bincount(codes, population.bad[decided])[used] / count
        slope, start = np.polyfit(figure, rate, 1, w=np.sqrt(count))
        overall = float(population.bad[decided].mean())
        expected = np.clip(start + slope * figure, overall / 50, 1 - overall / 50)
        pearson = float((count * (rate - expected) ** 2 / (expected * (1 - expected))).sum())
        freedom = len(count) - 2
        if pearson / freedom < thresholds.dispersion and chi2.cdf(pearson, freedom) < BY_CHANCE:
            return Sign(
                "too good",
                f"It has one value for each {name}, and the bad rates of {len(count):,} of them lie closer to it than "
                f"chance lets any forecast come: {pearson / freedom:.2f} of the variance that chance alone would "
                f"leave (suspected below {thresholds.dispersion:.2f}). It was computed from these outcomes.",
            )
    return None


def of_the_young(lift: Floats, population: Population, thresholds: Thresholds) -> tuple[Figure, int, int] | None:
    """Return how many times as often young loans carry a risky value as settled ones, and both numbers of such loans.

    None where no value is risky enough, or there are too few loans to compare.
    """
    if not population.ages_can_be_compared:
        return None
    risky = lift >= math.log(thresholds.risky)
    ratio = _share_ratio(risky, population.young, population.settled, population, thresholds)
    if ratio is None:
        return None
    return ratio, int(risky[population.young].sum()), int(risky[population.settled].sum())


def only_after(lift: Floats, auc: Figure, population: Population, thresholds: Thresholds) -> Sign | None:
    """Say whether risky values are missing among loans for which nothing can have happened yet."""
    found = of_the_young(lift, population, thresholds)
    if found is None or not auc.low > thresholds.strong:
        return None
    ratio, young, settled = found
    if not ratio.high < thresholds.vanished:
        return None
    # Every year's young loans may be like this: those of the same season a year ago, all over by now, tell.
    risky = lift >= math.log(thresholds.risky)
    if population.last_season.sum() >= FEWEST_YOUNG:
        season = _share_ratio(risky, population.young, population.last_season, population, thresholds)
        if season is not None and season.value >= thresholds.vanished:
            return None
    n_young, n_settled = int(population.young.sum()), int(population.settled.sum())
    return Sign(
        "only after the date",
        f"Of {n_settled:,} loans that are over, {_percent(settled / n_settled)} carry a value that goes with trouble; "
        f"of {n_young:,} just asked for, {_percent(young / n_young)}. That is {ratio.value:.2f} times as often (at "
        f"most {ratio.high:.2f}), and what was known on the day would be there already.",
    )


def vanishes(lift: Floats, auc: Figure, earlier: Figure, population: Population, thresholds: Thresholds) -> Sign | None:
    """Say whether the relation is gone some days earlier, unless young loans vouch for the value."""
    if not auc.low > thresholds.strong:
        return None
    kept = max(earlier.high - 0.5, 0.0) / (auc.low - 0.5)
    if not kept < thresholds.kept:
        return None
    found = of_the_young(lift, population, thresholds)
    if found is not None and found[0].low > thresholds.vouched:
        return None
    share = max(earlier.value - 0.5, 0.0) / (auc.value - 0.5)
    return Sign(
        "vanishes when re-dated",
        f"Read {thresholds.days_before} days earlier it puts a bad before a good in {_percent(earlier.value)} of pairs "
        f"({_range(earlier)}), not in {_percent(auc.value)}: {_percent(share)} of what it says is left (at most "
        f"{_percent(kept)}).",
    )


def _share_ratio(
    risky: Bools, one: Bools, other: Bools, population: Population, thresholds: Thresholds
) -> Figure | None:
    """Return the ratio of two shares with an interval in logarithms, widened by what clusters share."""
    few, many = float(risky[one].sum()), float(risky[other].sum())
    if many < 10:
        return None
    codes = population.clusters[other]
    icc = max(intra_cluster_correlation(risky[other].astype(np.float64), codes), 0.0)
    _, sizes = np.unique(codes, return_counts=True)
    effect = max(design_effect(float((sizes**2).sum() / sizes.sum()), icc), 1.0)
    centre = math.log((few + 0.5) / (one.sum() + 0.5)) - math.log((many + 0.5) / (other.sum() + 0.5))
    error = math.sqrt(effect * (1 / (few + 0.5) + 1 / (many + 0.5)))
    width = float(norm.ppf(0.5 + thresholds.level / 2)) * error
    return Figure(math.exp(centre), math.exp(centre - width), math.exp(centre + width))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"


def _range(figure: Figure) -> str:
    return f"{100 * figure.low:.0f} to {100 * figure.high:.0f}"
