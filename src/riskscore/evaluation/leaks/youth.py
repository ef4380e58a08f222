"""Whether loans just asked for carry the risky values that loans carry which are over.

What was known on the day is there from the first day on. What is written later is not there yet for a loan of last
month, whatever its stamp says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from riskscore.evaluation.clusters import design_effect, intra_cluster_correlation
from riskscore.evaluation.leaks.population import FEWEST_YOUNG, Bools, Population
from riskscore.evaluation.leaks.thresholds import Thresholds
from riskscore.evaluation.report import Figure
from riskscore.evaluation.sample import Floats

#: Fewest settled loans' worth of risky values for a word on them.
FEWEST_RISKY = 10.0


@dataclass(frozen=True, slots=True)
class Youth:
    """Young loans beside settled ones.

    Parameters
    ----------
    ratio : Figure
        Excess risk of the values of young loans over that of settled ones, a loan each. A value's excess is its bad
        rate over the overall one, less 1, where that is positive.
    over_last_season : Figure or None
        The same against loans of the same days a year before; None where they are few.
    young, settled : int
        Loans.
    young_risky, settled_risky : int
        Those whose value goes with trouble.
    """

    ratio: Figure
    over_last_season: Figure | None
    young: int
    settled: int
    young_risky: int
    settled_risky: int


def compare_ages(lift: Floats, population: Population, thresholds: Thresholds) -> Youth | None:
    """Compare the ages by a reading's lifts; None where loans or risky values are too few."""
    if not population.ages_can_be_compared:
        return None
    excess = np.maximum(np.expm1(lift), 0.0)
    ratio = _ratio(excess, population.young, population.settled, population, thresholds.level)
    if ratio is None:
        return None
    season = None
    if population.last_season.sum() >= FEWEST_YOUNG:
        season = _ratio(excess, population.young, population.last_season, population, thresholds.level)
    risky = lift >= math.log(thresholds.risky)
    return Youth(
        ratio,
        season,
        int(population.young.sum()),
        int(population.settled.sum()),
        int(risky[population.young].sum()),
        int(risky[population.settled].sum()),
    )


def _ratio(excess: Floats, one: Bools, other: Bools, population: Population, level: float) -> Figure | None:
    """Return the ratio of two means, its interval taken in logarithms and widened by what clusters share.

    Each sum counts as many events as would make its mean square: (sum x)^2 / sum x^2. Half an event is added, so that
    none at all has an interval too.
    """
    few, many = excess[one], excess[other]
    total, squares = float(many.sum()), float((many**2).sum())
    if total <= 0 or total**2 / squares < FEWEST_RISKY:
        return None
    unit = squares / total
    events = float(few.sum()) ** 2 / max(float((few**2).sum()), 1e-12)
    codes = population.clusters[other]
    icc = max(intra_cluster_correlation(np.minimum(many / many.max(), 1.0), codes), 0.0)
    _, sizes = np.unique(codes, return_counts=True)
    effect = design_effect(float((sizes**2).sum() / sizes.sum()), icc)
    centre = math.log((float(few.sum()) + unit / 2) / (len(few) + 0.5)) - math.log(
        (total + unit / 2) / (len(many) + 0.5)
    )
    error = math.sqrt(effect * (1 / (events + 0.5) + 1 / (total**2 / squares + 0.5)))
    width = float(norm.ppf(0.5 + level / 2)) * error
    return Figure(math.exp(centre), math.exp(centre - width), math.exp(centre + width))
