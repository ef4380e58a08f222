"""Whether loans just asked for carry the risky values that loans carry which are over.

What was known on the day is there from the first day on. What is written later is not there yet for a loan of last
month, whatever its stamp says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

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
    """Return the ratio of two means of an excess that is zero for most.

    Each sum counts as many events as would make its mean square, (sum x)^2 / sum x^2, over the design effect of the
    clusters. Given their total, the events of one side are binomial (Clopper and Pearson's limits, which hold for none
    at all too).
    """
    few, many = excess[one], excess[other]
    total, events = float(many.sum()), _events(many)
    if events < FEWEST_RISKY:
        return None
    codes = population.clusters[other]
    icc = max(intra_cluster_correlation(np.minimum(many / many.max(), 1.0), codes), 0.0)
    _, sizes = np.unique(codes, return_counts=True)
    effect = design_effect(float((sizes**2).sum() / sizes.sum()), icc)
    young, settled = _events(few) / effect, events / effect
    unit, size = total / events, float(few.sum()) / _events(few) if few.any() else total / events
    scale = size / unit * len(many) / len(few)
    tail = (1.0 - level) / 2.0
    low = float(beta.ppf(tail, young, settled + 1.0)) if young > 0 else 0.0
    high = float(beta.ppf(1.0 - tail, young + 1.0, settled))
    value = float(few.mean() / many.mean())
    return Figure(value, scale * low / (1.0 - low), scale * high / (1.0 - high))


def _events(excess: Floats) -> float:
    squares = float((excess**2).sum())
    return float(excess.sum()) ** 2 / squares if squares > 0 else 0.0
