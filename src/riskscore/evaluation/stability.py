"""Whether the people scored today are like those the model was fitted on.

Population stability index (PSI)
    sum of (actual - expected) ln(actual / expected) over bins fixed on the development sample. The rule of thumb
    (0.10 watch, 0.25 shift) takes no notice of sample size; `psi_critical` does.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from riskscore.errors import InvalidInput
from riskscore.evaluation.sample import Floats


def psi(expected: npt.ArrayLike, actual: npt.ArrayLike) -> float:
    """Return the PSI of two distributions over the same bins.

    Parameters
    ----------
    expected, actual : array_like (bins,)
        Shares or counts of the development and of the present sample. Where a count is zero, half an observation is
        added to every bin of both: with an epsilon instead, the index of small samples alarms by chance.

    Raises
    ------
    InvalidInput
        Where the bins differ in number, a value is negative, or shares (not counts) hold an empty bin.
    """
    one, other = np.asarray(expected, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    if one.shape != other.shape or one.ndim != 1 or len(one) < 2 or (one < 0).any() or (other < 0).any():
        raise InvalidInput.of(
            "expected, actual", "the bins are not alike or hold a negative value.", "Count both in the same bins."
        )
    if (one == 0).any() or (other == 0).any():
        if one.sum() <= 1.0 + 1e-9 or other.sum() <= 1.0 + 1e-9:
            raise InvalidInput.of("expected, actual", "a bin's share is zero.", "Give counts, or merge the bin.")
        one, other = one + 0.5, other + 0.5
    return _index(one / one.sum(), other / other.sum())


def psi_critical(n_expected: int, n_actual: int, bins: int, *, level: float = 0.95) -> float:
    """Return the PSI that two samples of one population exceed with probability 1 - level.

    It is the chi-squared quantile with bins - 1 degrees of freedom, times (1 / n_expected + 1 / n_actual).

    Examples
    --------
    >>> round(psi_critical(60, 60, 10), 4)
    0.564
    """
    return float(chi2.ppf(level, bins - 1)) * (1.0 / n_expected + 1.0 / n_actual)


def _index(expected: Floats, actual: Floats) -> float:
    return float(((actual - expected) * np.log(actual / expected)).sum())
