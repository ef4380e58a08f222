"""Outcomes that fall together: one factor that rows share, and what it does to the number of bads by chance.

Two correlations that are not one another
    *Default correlation* is the correlation of two outcomes, what an intra-cluster correlation estimates. *Asset
    correlation* is the correlation of the hidden normal variables that make them, always the larger of the two for
    small PDs. Everything here takes a default correlation and converts it itself.

The model is Vasicek's: a row is bad with probability ``Phi((Phi^-1(PD) + sqrt(r) Z) / sqrt(1 - r))``, with Z standard
normal and shared within a cluster (or within the whole portfolio) and r the asset correlation. Every row keeps its own
PD on average over Z.

`riskscore.liability` turns the same correlations into one another by a closed form: neither room may import the other
(arithmetic of liability rests on errors alone, and judging does not know communal banks). A test holds the two equal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri, roots_hermitenorm
from scipy.stats import binom

from riskscore.errors import InvalidInput
from riskscore.evaluation.sample import EDGE, Floats, Ints

#: Nodes of the quadrature over the shared factor.
NODES = 96

#: Cells of one batch of simulated outcomes: bounds the memory.
CELLS = 4_000_000

#: A default correlation is held under this: with one factor a whole cluster would be a single outcome.
HIGHEST = 0.60


def default_correlation(asset_correlation: float, pd: float) -> float:
    """Return the correlation of two outcomes of one PD whose hidden variables correlate by `asset_correlation`.

    Examples
    --------
    >>> round(default_correlation(0.20, 0.05), 3)
    0.058
    """
    _rate(pd)
    if asset_correlation <= 0:
        return 0.0
    given, weight = _given(pd, asset_correlation)
    return float((weight @ given**2 - pd**2) / (pd * (1.0 - pd)))


@lru_cache(maxsize=256)
def asset_correlation(default: float, pd: float) -> float:
    """Return the asset correlation under which two outcomes of one PD correlate by `default`.

    Parameters
    ----------
    default : float
        Default correlation in [0, 0.60]; beyond, it is held at the end.
    pd : float
        In (0, 1).

    Examples
    --------
    >>> round(asset_correlation(default_correlation(0.20, 0.05), 0.05), 6)
    0.2
    """
    _rate(pd)
    held = min(max(default, 0.0), HIGHEST)
    if held < 1e-9:
        return 0.0
    return float(brentq(lambda asset: default_correlation(asset, pd) - held, 1e-9, 0.9999, xtol=1e-10))


def drawn_outcomes(
    pd: Floats, codes: Ints, count: int, correlation: float, *, draws: int, seed: int, at: float | None = None
) -> Iterator[Floats]:
    """Yield batches of simulated outcomes (batch, n), in which rows of one cluster fall together.

    Parameters
    ----------
    pd : ndarray (n,)
        Each row's own probability.
    codes : ndarray (n,)
        Cluster numbers 0..count-1.
    correlation : float
        Default correlation within a cluster; below 0 counts as 0.
    at : float, optional
        The PD at which that correlation was found; the mean of `pd` where missing. At another PD the same shared factor
        makes another default correlation: of rows a twentieth as risky, a far smaller one.
    """
    draw = np.random.default_rng(seed)
    held = np.clip(pd, EDGE, 1.0 - EDGE)
    threshold = ndtri(held)
    asset = asset_correlation(correlation, float(np.mean(held) if at is None else np.clip(at, EDGE, 1.0 - EDGE)))
    batch = max(1, CELLS // max(len(pd), 1))
    for start in range(0, draws, batch):
        size = min(batch, draws - start)
        shared = draw.standard_normal((size, count))[:, codes]
        given = ndtr((threshold + math.sqrt(asset) * shared) / math.sqrt(1.0 - asset))
        yield (draw.random((size, len(pd))) < given).astype(np.float64)


def tail_probability(bads: int, n: int, pd: float, correlation: float) -> float:
    """Return P(at least `bads` of n) where all n share one factor with this default correlation.

    With correlation 0 it is the binomial's.

    Examples
    --------
    >>> round(tail_probability(17, 200, 0.05, 0.0), 4)
    0.0238
    """
    _rate(pd)
    if correlation <= 0:
        return float(binom.sf(bads - 1, n, pd))
    given, weight = _given(pd, asset_correlation(correlation, pd))
    return float(weight @ binom.sf(bads - 1, n, given))


def _given(pd: float, asset: float) -> tuple[Floats, Floats]:
    """The PD at each node of the shared factor, and the nodes' weights."""
    nodes, weights = roots_hermitenorm(NODES)
    given = ndtr((ndtri(pd) + math.sqrt(asset) * nodes) / math.sqrt(1.0 - asset))
    return np.asarray(given, dtype=np.float64), np.asarray(weights / weights.sum(), dtype=np.float64)


def _rate(pd: float) -> None:
    if not 0.0 < pd < 1.0:
        raise InvalidInput.of("pd", f"{pd} is not between 0 and 1.", "Give a probability.")
