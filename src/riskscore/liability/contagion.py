"""One fall that brings the next: infectious defaults after Davis and Lo (Paxton's domino).

A member falls by herself with probability `p`, and each who fell so brings down each other with probability `q`. A
PD learnt from outcomes already holds both, so `direct_part` takes the infection out before `infectious` puts it back.
From one cross-section `q` cannot be told from correlation; only the order of falls within a cycle tells.
"""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from riskscore.liability.checks import require


def infectious(n: int, p: float, q: float) -> NDArray[np.float64]:
    """Return ``P(N = 0), ..., P(N = n)``.

    Parameters
    ----------
    n : int
        Members.
    p : float
        Direct probability, inside (0, 1).
    q : float
        Probability that one who fell by herself brings down one other, in [0, 1).

    Raises
    ------
    InvalidInput
        A number out of range.

    Examples
    --------
    >>> infectious(5, 0.05, 0.1).round(6).tolist()
    [0.773781, 0.133599, 0.070769, 0.018512, 0.003079, 0.000261]
    """
    require(n=n, p=p, q=q)
    stay = 1.0 - q
    chances = []
    for k in range(n + 1):
        alone = p**k * (1 - p) ** (n - k) * stay ** (k * (n - k))
        brought = sum(
            comb(k, i) * p**i * (1 - p) ** (n - i) * (1 - stay**i) ** (k - i) * stay ** (i * (n - k))
            for i in range(1, k)
        )
        chances.append(comb(n, k) * (alone + brought))
    return np.asarray(chances, dtype=np.float64)


def expected_falls(n: int, p: float, q: float) -> float:
    """Return ``E[N] = n [1 - (1 - p) (1 - p q)^(n - 1)]``.

    Raises
    ------
    InvalidInput
        A number out of range.
    """
    require(n=n, p=p, q=q)
    return float(n * (1.0 - (1.0 - p) * (1.0 - p * q) ** (n - 1)))


def direct_part(n: int, pd: float, q: float) -> float:
    """Return the direct probability behind a PD that already holds infection.

    Solves ``1 - (1 - p) (1 - p q)^(n - 1) = pd`` for p.

    Raises
    ------
    InvalidInput
        A number out of range.

    Examples
    --------
    >>> round(direct_part(5, 0.05, 0.1), 6)
    0.036141
    """
    require(n=n, pd=pd, q=q)
    if n == 1 or q == 0.0:
        return pd
    return float(brentq(lambda p: expected_falls(n, p, q) / n - pd, 1e-15, pd, xtol=1e-15))
