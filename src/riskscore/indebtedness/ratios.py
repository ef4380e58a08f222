"""Net indebtedness and headroom for whole columns at once; NaN is missing, and stays missing.

``net indebtedness = monthly service of every debt / monthly surplus``, the surplus being what business and household
earn less what both spend, before any debt. It is neither debt over gross income nor debt over yearly income.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

Level = Literal["NO_DEBT", "SOLVENT", "AT_RISK", "OVER_INDEBTED", "UNKNOWN"]

#: Levels in the order of their codes 0-4, as `levels` returns them.
LEVELS: tuple[Level, ...] = ("NO_DEBT", "SOLVENT", "AT_RISK", "OVER_INDEBTED", "UNKNOWN")


def net_indebtedness(service: ArrayLike, surplus: ArrayLike) -> Floats:
    """Return service / surplus.

    No service is 0 whatever the surplus, even a missing one; service on a surplus of 0 or less is infinite; service
    on a missing surplus, or missing service, is missing.

    Parameters
    ----------
    service, surplus : array_like
        Currency a month.
    """
    paid, left = np.asarray(service, dtype=np.float64), np.asarray(surplus, dtype=np.float64)
    ratio = np.where(left > 0, paid / np.where(left > 0, left, 1.0), np.inf)
    ratio = np.where(np.isnan(left) | np.isnan(paid), np.nan, ratio)
    return np.where(paid == 0, 0.0, ratio)


def levels(index: ArrayLike, service: ArrayLike, *, at_risk_above: float, over_above: float) -> NDArray[np.int64]:
    """Return codes into `LEVELS`; both ends are exclusive from below, so exactly .75 is still solvent."""
    nii, paid = np.asarray(index, dtype=np.float64), np.asarray(service, dtype=np.float64)
    code = np.select([np.isnan(nii), paid == 0, nii > over_above, nii > at_risk_above], [4, 0, 3, 2], default=1)
    return np.asarray(code, dtype=np.int64)


def stressed_surplus(surplus: ArrayLike, margin: ArrayLike, shock: float) -> Floats:
    """Return the surplus after a bad season, which takes `shock` of the business margin and nothing else.

    A margin below zero worsens by the same share; it does not shrink toward zero.
    """
    return np.asarray(np.asarray(surplus, dtype=np.float64) - shock * np.abs(np.asarray(margin, dtype=np.float64)))


def headroom(surplus: ArrayLike, existing_service: ArrayLike, cap: float) -> Floats:
    """Return what is left under the cap for a new instalment: ``max(0, cap x surplus - service)``, a month."""
    room = cap * np.asarray(surplus, dtype=np.float64) - np.asarray(existing_service, dtype=np.float64)
    return np.maximum(room, 0.0)
