"""How many of n members fall, when they fall together.

Correlation makes a month without any fall likelier, and a month with many as well. Each function returns
``P(K = 0), ..., P(K = n)``. Two correlations are in use and are not the same number: `beta_binomial` takes the
correlation of the defaults themselves, `vasicek` that of the hidden fortunes behind them
(`riskscore.liability.default_correlation` turns the second into the first).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaln, ndtr, ndtri, xlogy

from riskscore.errors import InvalidInput
from riskscore.liability.checks import require

Floats = NDArray[np.float64]

# Gauss-Legendre over nine standard deviations on either side: the tail beyond holds 2e-19, and 1,024 nodes keep the
# steep p(z) of a correlation of .99 exact to 1e-10.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(1024)
_Z = 9.0 * _NODES
_DENSITY = 9.0 * _WEIGHTS * np.exp(-0.5 * _Z**2) / np.sqrt(2.0 * np.pi)


def binomial(n: int, p: float) -> Floats:
    """Return the chances of 0 to n falls when members fall independently.

    Raises
    ------
    InvalidInput
        `n` below 1 or `p` outside (0, 1).
    """
    require(n=n, p=p)
    return np.asarray(stats.binom.pmf(np.arange(n + 1), n, p), dtype=np.float64)


def beta_binomial(n: int, p: float, rho: float) -> Floats:
    """Return the chances when the group's own rate varies as a beta: ``alpha = p (1 - rho) / rho``.

    Parameters
    ----------
    n : int
    p : float
    rho : float
        Correlation of two members' defaults, in [0, 1); 0 is the binomial.

    Raises
    ------
    InvalidInput
        A number out of range.

    Examples
    --------
    >>> round(at_least(beta_binomial(5, 0.05, 0.10), 2), 6)
    0.046533
    """
    require(n=n, p=p, rho=rho)
    if rho == 0.0:
        return binomial(n, p)
    sharpness = (1.0 - rho) / rho
    pmf = stats.betabinom.pmf(np.arange(n + 1), n, p * sharpness, (1.0 - p) * sharpness)
    return np.asarray(pmf, dtype=np.float64)


def conditional_rate(p: float | Floats, r: float, z: float | Floats) -> Floats:
    """Return ``Phi((Phi^-1(p) - sqrt(r) z) / sqrt(1 - r))``: the rate in the state z, high where z is low."""
    return np.asarray(ndtr((ndtri(p) - np.sqrt(r) * z) / np.sqrt(1.0 - r)), dtype=np.float64)


def vasicek(n: int, p: float, r: float) -> Floats:
    """Return the chances under one shared Gaussian factor, integrated by quadrature.

    Parameters
    ----------
    n : int
    p : float
    r : float
        Correlation of the hidden fortunes ("asset" correlation), in [0, 1). Not the correlation of defaults.

    Raises
    ------
    InvalidInput
        A number out of range.

    Examples
    --------
    >>> round(at_least(vasicek(5, 0.05, 0.30), 2), 6)
    0.044495
    """
    require(n=n, p=p, r=r)
    rates, stays = conditional_rate(p, r, _Z), conditional_rate(1.0 - p, r, -_Z)
    k = np.arange(n + 1)[:, None]
    ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    given_z = np.exp(ways + xlogy(k, rates) + xlogy(n - k, stays))
    return np.asarray(given_z @ _DENSITY, dtype=np.float64)


def at_least(distribution: Floats, k: int) -> float:
    """Return ``P(K >= k)``.

    Raises
    ------
    InvalidInput
        `k` is negative.
    """
    if k < 0:
        raise InvalidInput.of("k", f"{k!r} is negative.", "Give a number of falls, 0 or more.")
    return float(np.asarray(distribution)[k:].sum())
