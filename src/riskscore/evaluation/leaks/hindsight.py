"""Figures of groups that were computed from the outcomes they seem to foretell (a target-encoded mean, say)."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import chi2

from riskscore.evaluation.leaks.finding import Sign
from riskscore.evaluation.leaks.population import Population
from riskscore.evaluation.leaks.thresholds import Thresholds
from riskscore.evaluation.sample import Floats

#: Fewest groups, and fewest decided loans a group on the mean, for a word on the rates of groups.
FEWEST_UNITS, FEWEST_EACH = 20, 5
#: How unlikely closeness by chance must be.
BY_CHANCE = 1e-6


def closer_than_chance(values: pl.Series, population: Population, thresholds: Thresholds) -> Sign | None:
    """Say whether groups' bad rates agree with a figure of each group more closely than chance lets a forecast.

    A forecast p of a group, however good, misses the rate of its n loans by a variance of p (1 - p) / n. So for a
    column with one value a group, and p from a straight line through it, the sum over groups of n (rate - p)^2 is
    about the sum of p (1 - p), or more: what members share raises it, and nothing honest lowers it much.
    """
    if values.dtype == pl.String:
        return None
    numbers = values.fill_null(np.nan).to_numpy()
    decided = population.decided & np.isfinite(numbers)
    for name, units in population.units.items():
        found = _dispersion(numbers[decided], population.bad[decided], units[decided])
        if found is None:
            continue
        dispersion, groups = found
        if dispersion < thresholds.dispersion and chi2.cdf(dispersion * (groups - 2), groups - 2) < BY_CHANCE:
            return Sign(
                "too good",
                f"It has one value for each {name}, and the bad rates of {groups:,} of them lie closer to it than "
                f"chance lets any forecast come: {dispersion:.2f} of the variance that chance alone would leave "
                f"(suspected below {thresholds.dispersion:.2f}). It looks as if computed from these outcomes.",
            )
    return None


def _dispersion(
    figure: Floats, bad: Floats, codes: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> tuple[float, int] | None:
    """Return variance left over variance that chance leaves, and the number of groups; None where it says nothing."""
    rows = np.bincount(codes).astype(np.float64)
    used = rows > 0
    rows = rows[used]
    if len(rows) < FEWEST_UNITS or rows.mean() < FEWEST_EACH:
        return None
    mean = np.bincount(codes, figure)[used] / rows
    inside = np.bincount(codes, figure**2)[used] / rows - mean**2
    centred = mean - float(rows @ mean) / rows.sum()
    between = float(rows @ centred**2)
    if between <= 1e-9 * float(rows @ mean**2) or float(rows @ np.abs(inside)) > 1e-6 * between:
        return None  # it differs within a group: its mean over time would hold earlier outcomes, honestly
    rate = np.bincount(codes, bad)[used] / rows
    overall = float(bad.mean())
    slope = float(rows @ (centred * (rate - overall))) / between
    forecast = np.clip(overall + slope * centred, 0.0, 1.0)
    left, chance = float(rows @ (rate - forecast) ** 2), float((forecast * (1.0 - forecast)).sum())
    return left / chance * len(rows) / (len(rows) - 2), len(rows)
