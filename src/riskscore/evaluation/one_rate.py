"""The rate of some rows, as a single bin of `band_rates`; a rate of no rows is NaN with the interval 0 to 1."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from riskscore.evaluation.rates import Rate, band_rates
from riskscore.evaluation.sample import Floats


def one_rate(
    values: Floats,
    rows: npt.NDArray[np.bool_],
    clusters: npt.NDArray[np.generic],
    *,
    level: float,
    pd: Floats | None = None,
) -> Rate:
    """Return the mean of 0/1 `values` over `rows` with its clustered interval.

    Examples
    --------
    >>> import numpy as np
    >>> one_rate(np.array([1.0, 0.0, 0.0]), np.array([True, True, False]), np.arange(3), level=0.95).rate
    0.5
    """
    n = int(rows.sum())
    if not n:
        return Rate("all", 0.0, 0.0, math.nan, math.nan, 0.0, 1.0, 0.0, 1.0, 0.0, 0, level)
    some = None if pd is None else pd[rows]
    return band_rates(values[rows], ["all"] * n, clusters=clusters[rows], names=("all",), level=level, pd=some)[0]
