"""What so few cases can rule out: the set of outcomes that an association's PD leaves open.

Split conformal: each calibration case says by how much it was missed, ``1 - the probability given to what happened``;
an outcome stays in the set where its own miss is no larger than the k-th smallest, ``k = ceil((n + 1) (1 - alpha))``.
With fewer than nine cases k is beyond n for 90 %, and the set is whole: good and bad are both open, an honest "no sé".
One case an association: rows of one association are not exchangeable. Nor are years: it holds only as far as the
seasons ahead are like those behind.

Source: Vovk, Gammerman and Shafer 2005.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from riskscore.modelling.margin import Floats

#: Both outcomes, in the order of a set's words.
OUTCOMES = ("good", "bad")


def misses(pd: Floats, bad: Floats, organisations: Sequence[str]) -> tuple[float, ...]:
    """Return by how much each association's last case was missed, ascending; rows lie in the order of time."""
    last = {name: row for row, name in enumerate(organisations)}
    rows = sorted(last.values())
    return tuple(sorted(float(one) for one in np.where(bad[rows] == 1, 1.0 - pd[rows], pd[rows])))


def open_outcomes(pd: float, calibration: Sequence[float], *, level: float = 0.90) -> tuple[str, ...]:
    """Return the outcomes that are not ruled out: both where there are too few cases to rule out any.

    Parameters
    ----------
    pd : float
        Probability of bad.
    calibration : sequence of float
        See `misses`.
    level : float
        How often the set holds what happens, at least.

    Examples
    --------
    >>> open_outcomes(0.05, [0.1] * 8)
    ('good', 'bad')
    >>> open_outcomes(0.05, [0.1] * 9)
    ('good',)
    """
    # The product is rounded before it is rounded up: 20 times 0.9 is 18 and not a trace more.
    k = math.ceil(round((len(calibration) + 1) * level, 9))
    if k > len(calibration):
        return OUTCOMES
    bound = sorted(calibration)[k - 1]
    return tuple(name for name, miss in zip(OUTCOMES, (pd, 1.0 - pd), strict=True) if miss <= bound)
