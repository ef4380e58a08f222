"""What the expert believes before any case."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

#: The level of a case whose level nobody wrote down: it shares nothing with any other.
UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Prior:
    """A rate at the anchor, coefficients around the expert's own slope, and what cases share.

    Parameters
    ----------
    base_rate : float
        Of bad at the anchor, in (0, 1).
    cases : float
        How many cases that rate is worth.
    dimensions : tuple of str
    means, sds : tuple of float
        Of each dimension's coefficient; 1 is the expert's own slope.
    pools : mapping of str to float
        Name and standard deviation, in log-odds, of what cases of one level share.
    season : str
        The pool whose level is not known ahead.
    """

    base_rate: float
    cases: float
    dimensions: tuple[str, ...]
    means: tuple[float, ...]
    sds: tuple[float, ...]
    pools: Mapping[str, float]
    season: str = "season"

    @property
    def centre(self) -> float:
        """Log-odds of `base_rate`."""
        return math.log(self.base_rate) - math.log1p(-self.base_rate)
