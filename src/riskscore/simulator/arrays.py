"""The array types of the simulator, and days as integers.

Days are counted from 1970-01-01, money in cents: both are integers, so that sums are exact and a seed gives the
same bytes on every run.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

EPOCH = date(1970, 1, 1)


def day(value: date) -> int:
    """Return the days from 1970-01-01 to `value`."""
    return (value - EPOCH).days


def months_of(days: Ints) -> Ints:
    """Return the calendar month, 1 to 12, of each day."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1


def sigmoid(log_odds: Floats) -> Floats:
    """Return the probability of each log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), dtype=np.float64)
