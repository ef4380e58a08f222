"""Whether the PDs as a whole could have made what happened: Hosmer–Lemeshow and Spiegelhalter, for rows that cluster.

Hosmer–Lemeshow
    ``sum (bads - expected)^2 / (n PD (1 - PD))`` over bins of the PD. On rows that the model did not learn from it has
    as many degrees of freedom as bins; on the rows of the fit, two fewer. Asked of the rows of the fit, this says so in
    the answer, because it flatters.
Spiegelhalter z
    ``sum (y - p)(1 - 2p)`` over its standard deviation: standard normal where the PDs are right.

Both tables take rows as independent. Women of one communal bank are not, so either statistic is also held against
worlds in which the PDs are right and rows of one cluster fall together (`riskscore.evaluation.one_factor`): that is the
p-value to read. How much they fall together is estimated around the recalibrated PDs (`shared_correlation`): a
reference that took a wrong level for clustering would excuse what it is to judge. On many rows either finds faults too
small to matter; on few it finds none. Neither replaces the size of the gap: calibration in the large, slope, ICI.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2, norm

from riskscore.evaluation.calibration import equal_frequency_bins, shared_correlation
from riskscore.evaluation.one_factor import HIGHEST, drawn_outcomes
from riskscore.evaluation.sample import Floats, Ints, Sample, cluster_codes

#: Simulated worlds.
DRAWS = 999

#: What rows a test is of: those after the fit, or those of the fit itself.
Of = Literal["later", "fit"]


@dataclass(frozen=True, slots=True)
class CalibrationTest:
    """A test of the PDs as a whole.

    Parameters
    ----------
    name : {"hosmer_lemeshow", "spiegelhalter"}
    statistic : float
    bins, degrees : int
        Of the table; 0 for Spiegelhalter.
    p_independent : float
        If rows were independent.
    p_clustered : float
        From simulated worlds with the intra-cluster correlation of these rows.
    icc : float
        That default correlation, held in [0, 0.60].
    draws : int
        Simulated worlds.
    of : {"later", "fit"}
        "fit": the model learnt from these rows, and the answer flatters it.
    """

    name: str
    statistic: float
    bins: int
    degrees: int
    p_independent: float
    p_clustered: float
    icc: float
    draws: int
    of: Of

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def held_icc(y: Floats, codes: Ints, pd: Floats) -> float:
    """Return the intra-cluster correlation beyond the recalibrated PDs, held in [0, 0.60]; 0 where there is none."""
    found = shared_correlation(y, pd, codes)
    return 0.0 if math.isnan(found) else min(max(found, 0.0), HIGHEST)


def hosmer_lemeshow(
    y: npt.ArrayLike,
    pd: npt.ArrayLike,
    clusters: npt.ArrayLike | None = None,
    *,
    of: Of = "later",
    bins: int = 10,
    icc: float | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> CalibrationTest:
    """Return the Hosmer–Lemeshow test over bins of equal frequency.

    Parameters
    ----------
    y : array_like (n,)
        1 for bad, 0 for not bad.
    pd : array_like (n,)
    clusters : array_like (n,), optional
    of : {"later", "fit"}
        Decides on the degrees of freedom: as many as bins, or two fewer.
    bins : int
        Asked for; ties may leave fewer.
    icc : float, optional
        Default correlation within clusters; estimated from these rows where missing.

    Examples
    --------
    >>> hosmer_lemeshow([0, 1, 0, 1], [0.2, 0.8, 0.3, 0.7], bins=2, draws=9).degrees
    2
    """
    sample = Sample.of(y, pd, probability=True)
    numbers = equal_frequency_bins(sample.score, bins)
    size = int(numbers.max()) + 1
    member = np.zeros((len(numbers), size))
    member[np.arange(len(numbers)), numbers] = 1.0
    expected = member.T @ sample.score
    variance = member.T @ (sample.score * (1.0 - sample.score))

    def statistic(outcomes: Floats) -> Floats:
        gaps = outcomes @ member - expected
        return np.asarray((gaps**2 / np.maximum(variance, 1e-12)).sum(axis=-1))

    found = float(statistic(sample.y[None, :])[0])
    degrees = size if of == "later" else max(size - 2, 1)
    return _tested("hosmer_lemeshow", found, statistic, sample, clusters, icc, draws, seed, of, size, degrees)


def spiegelhalter(
    y: npt.ArrayLike,
    pd: npt.ArrayLike,
    clusters: npt.ArrayLike | None = None,
    *,
    of: Of = "later",
    icc: float | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> CalibrationTest:
    """Return Spiegelhalter's z; see `hosmer_lemeshow` for the parameters.

    z is above 0 where the Brier score is worse than the PDs promise.
    """
    sample = Sample.of(y, pd, probability=True)
    lever = 1.0 - 2.0 * sample.score
    deviation = math.sqrt(max(float((lever**2 * sample.score * (1.0 - sample.score)).sum()), 1e-12))

    def statistic(outcomes: Floats) -> Floats:
        return np.asarray(((outcomes - sample.score) @ lever) / deviation)

    found = float(statistic(sample.y[None, :])[0])
    return _tested("spiegelhalter", found, statistic, sample, clusters, icc, draws, seed, of, 0, 0)


def _tested(
    name: str,
    found: float,
    statistic: Any,
    sample: Sample,
    clusters: npt.ArrayLike | None,
    icc: float | None,
    draws: int,
    seed: int,
    of: Of,
    bins: int,
    degrees: int,
) -> CalibrationTest:
    codes, count = cluster_codes(clusters, len(sample.y))
    shared = held_icc(sample.y, codes, sample.score) if icc is None else icc
    worlds = np.concatenate(
        [
            np.abs(statistic(batch))
            for batch in drawn_outcomes(sample.score, codes, count, shared, draws=draws, seed=seed)
        ]
    )
    plain = float(chi2.sf(found, degrees)) if degrees else 2.0 * float(norm.sf(abs(found)))
    clustered = (1.0 + float((worlds >= abs(found) - 1e-12).sum())) / (1.0 + draws)
    return CalibrationTest(name, found, bins, degrees, plain, clustered, shared, draws, of)
