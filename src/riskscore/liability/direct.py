"""The direct part of unequal members' PDs, when their fortunes are shared and one fall may bring the next.

Given the shared state z a member falls directly with ``p_i(z)`` (`conditional_rate`) and is spared by her neighbours
with ``prod_{j != i} (1 - q p_j(z))``, so that her whole probability is

    P_i = E_z [1 - (1 - p_i(z)) prod_{j != i} (1 - q p_j(z))].

A PD learnt from outcomes is P_i. `direct_parts` finds the p_i behind it; drawing worlds from the PDs themselves and
letting falls infect would count contagion twice.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import Fault, InvalidInput
from riskscore.liability.distributions import conditional_rate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Nodes of the quadrature over the shared state; with 16, P_i is exact to 1e-6 for shares up to .3.
NODES = 16
_ROUNDS = 200
_NEAR = 1e-9
#: A PD below what her neighbours alone would bring leaves her this direct part.
_LEAST = 1e-7


def whole_parts(direct: Floats, group: Ints, *, shared: float, q: float) -> Floats:
    """Return every member's whole probability of falling, directly or by infection.

    Parameters
    ----------
    direct : ndarray (n,)
        Direct probabilities, inside (0, 1).
    group : ndarray of int (n,)
        Her solidarity group (of one cycle), numbered from 0: only its members infect one another.
    shared : float
        Correlation of the fortunes of two members of one solidarity group, in [0, 1).
    q : float
        Probability that one direct fall brings down one other, in [0, 1).
    """
    _check(direct, group, shared, q)
    z, weight = np.array(states()).T
    rate = conditional_rate(direct, shared, z[:, None])
    spared = np.log1p(-q * rate)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    place = np.searchsorted(group[order][starts], group)
    others = np.add.reduceat(spared[:, order], starts, axis=1)[:, place] - spared
    return np.asarray(weight @ (1.0 - (1.0 - rate) * np.exp(others)))


def direct_parts(pd: Floats, group: Ints, *, shared: float, q: float) -> Floats:
    """Return the direct probabilities behind PDs that already hold infection; see `whole_parts`.

    Raises
    ------
    InvalidInput
        A PD outside (0, 1), places that do not match, a share or `q` outside [0, 1); all at once.

    Examples
    --------
    >>> direct_parts(np.full(5, 0.05), np.zeros(5, dtype=np.int64), shared=0.0, q=0.1).round(6).tolist()[0]
    0.036141
    """
    _check(pd, group, shared, q)
    if q == 0.0:
        return pd.copy()
    direct = pd.copy()
    # What she lacks, less what her neighbours will bring her when they are given what they lack.
    step = 1.0 / (1.0 + q * (np.bincount(group)[group] - 1))
    for _ in range(_ROUNDS):
        missing = pd - whole_parts(direct, group, shared=shared, q=q)
        before, direct = direct, np.clip(direct + step * missing, _LEAST, 1.0 - _LEAST)
        # What a member at the least part lacks stays missing, so that rest is where nothing moves any more.
        if np.max(np.abs(direct - before), initial=0.0) < _NEAR:
            break
    return direct


@cache
def states() -> list[tuple[float, float]]:
    """Return nodes and weights of the shared state, a standard normal."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    return list(zip(nodes.tolist(), (weights / weights.sum()).tolist(), strict=True))


def _check(chance: Floats, group: Ints, shared: float, q: float) -> None:
    faults = []
    if not (chance.ndim == 1 and np.all((chance > 0) & (chance < 1))):
        faults.append(Fault("pd", "it is outside (0, 1).", "Give a probability for each member."))
    if group.shape != chance.shape or group.min(initial=0) < 0:
        faults.append(Fault("group", "it does not match the members.", "Give a number from 0 for each member."))
    faults += [
        Fault(name, f"{value!r} is outside [0, 1).", "Give a number in it.")
        for name, value in (("shared", shared), ("q", q))
        if not 0.0 <= value < 1.0
    ]
    if faults:
        raise InvalidInput(faults)
