"""What may be said of one association: its PD, an interval, how many cases that rests on, and whose word it is.

The interval holds the PD of its next loan, in a season that nobody knows yet: the season's own standard deviation is in
it, and so is that of every pool whose level was never seen. The prior's share compares variances of the log-odds
before and after the cases, without the season to come, which no case can tell: with one rate and no pools it is
``m / (m + n)``, and effective n is n.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtr

from riskscore.modelling.expert.belief import Belief, design_of
from riskscore.modelling.margin import Floats

#: Coverage of every interval here.
LEVEL = 0.90

#: Halvings of the search for a quantile: log-odds to 1e-6.
HALVINGS = 24


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Answers, one entry a row.

    Parameters
    ----------
    log_odds, pd : ndarray (n,)
        At the mode: what the points say. `pd` is in (0, 1).
    low, high : ndarray (n,)
        The interval of the PD of the next loan.
    prior_share : ndarray (n,)
        In (0, 1]: 1 is the expert's word alone.
    effective_n : ndarray (n,)
        Cases that would say as much about this row.
    """

    log_odds: Floats
    pd: Floats
    low: Floats
    high: Floats
    prior_share: Floats
    effective_n: Floats


def told(belief: Belief, z: Floats, levels: Mapping[str, Sequence[str]], *, level: float = LEVEL) -> Told:
    """Return the answers for rows with the expert's log-odds `z` (n, dimensions) and their levels of each pool."""
    prior = belief.prior
    design = design_of(prior, belief.levels, z, levels)
    log_odds = design @ belief.mode
    unseen = np.zeros(len(z))
    for pool, sd in prior.pools.items():
        if pool != prior.season:
            unseen += np.array([0.0 if own in belief.levels[pool] else sd**2 for own in levels[pool]])
    season = np.array([own not in belief.levels[prior.season] for own in levels[prior.season]], dtype=float)
    noise = unseen + season * prior.pools[prior.season] ** 2
    low, high = (_quantile(belief.draws @ design.T, noise, q) for q in ((1 - level) / 2, (1 + level) / 2))
    # A season that was seen moves the mode and the interval; what is known beside it is counted without it.
    lasting = design.copy()
    start = belief.starts[prior.season]
    lasting[:, start : start + len(belief.levels[prior.season])] = 0.0
    after = np.einsum("ij,jk,ik->i", lasting, belief.covariance, lasting) + unseen
    before = lasting**2 @ belief.prior_variances + unseen
    pd = expit(log_odds)
    share = np.minimum(after / before, 1.0)
    effective = np.maximum(1.0 / after - 1.0 / before, 0.0) / (pd * (1.0 - pd))
    return Told(log_odds, pd, expit(low), expit(high), share, effective)


def base_rate_interval(belief: Belief, *, level: float = LEVEL) -> tuple[float, float]:
    """Return the interval of the PD at the anchor in an ordinary season: the fund's own base rate."""
    low, high = np.quantile(belief.draws[:, 0], [(1 - level) / 2, (1 + level) / 2])
    return float(expit(low)), float(expit(high))


def _quantile(centres: Floats, noise: Floats, q: float) -> Floats:
    """Return the quantile of each column of `centres` (draws, n) blurred by a normal of variance `noise` (n,)."""
    plain = np.quantile(centres, q, axis=0)
    blurred = noise > 0
    if not blurred.any():
        return np.asarray(plain)
    sd = np.sqrt(noise[blurred])
    inside = centres[:, blurred]
    low, high = inside.min(axis=0) - 6 * sd, inside.max(axis=0) + 6 * sd
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = ndtr((middle - inside) / sd).mean(axis=0) < q
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    plain[blurred] = (low + high) / 2
    return np.asarray(plain)
