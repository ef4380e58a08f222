"""Three levels of shared fortune: the whole region, the communal bank, the solidarity group.

``X_i = sqrt(a) Z_all + sqrt(b) Z_bank + sqrt(c) Z_group + sqrt(1 - a - b - c) e_i``, and a member falls where
``X_i < Phi^-1(p_i)``. With one level `riskscore.liability.vasicek` is exact; with three, draws from a fixed seed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from riskscore.errors import Fault, InvalidInput


def draw_falls(
    p: Sequence[float],
    bank: Sequence[int],
    group: Sequence[int],
    *,
    shared_by_all: float,
    shared_in_bank: float,
    shared_in_group: float,
    draws: int,
    seed: int,
) -> NDArray[np.bool_]:
    """Draw who falls.

    Parameters
    ----------
    p : sequence of float
        Each member's probability, inside (0, 1).
    bank, group : sequence of int
        Her communal bank and solidarity group, numbered from 0. Group numbers are unique over all banks.
    shared_by_all, shared_in_bank, shared_in_group : float
        The shares a, b, c of the variance; none below 0, together below 1.
    draws : int
        Number of worlds.
    seed : int
        The same seed gives the same worlds.

    Returns
    -------
    ndarray of bool, shape (draws, members)

    Raises
    ------
    InvalidInput
        Every argument out of range, at once.
    """
    chance = np.asarray(p, dtype=np.float64)
    banks, groups = np.asarray(bank, dtype=np.int64), np.asarray(group, dtype=np.int64)
    shares = (shared_by_all, shared_in_bank, shared_in_group)
    own = 1.0 - sum(shares)
    faults = []
    if not (chance.size and np.all((chance > 0) & (chance < 1))):
        faults.append(Fault("p", "it is outside (0, 1) or empty.", "Give a probability for each member."))
    if banks.shape != chance.shape or groups.shape != chance.shape or (min(banks.min(), groups.min()) < 0):
        faults.append(Fault("bank", "places do not match the members.", "Give a number from 0 for each member."))
    if min(shares) < 0 or own <= 0:
        faults.append(Fault("shared", f"{shares} does not leave a share of her own.", "Give shares below 1 in all."))
    if draws < 1:
        faults.append(Fault("draws", f"{draws!r} is not a number of worlds.", "Give 1 or more."))
    if faults:
        raise InvalidInput(faults)
    rng = np.random.default_rng(seed)
    fortune = np.sqrt(own) * rng.standard_normal((draws, chance.size))
    fortune += np.sqrt(shares[0]) * rng.standard_normal((draws, 1))
    fortune += np.sqrt(shares[1]) * rng.standard_normal((draws, int(banks.max()) + 1))[:, banks]
    fortune += np.sqrt(shares[2]) * rng.standard_normal((draws, int(groups.max()) + 1))[:, groups]
    return np.asarray(fortune < ndtri(chance))
