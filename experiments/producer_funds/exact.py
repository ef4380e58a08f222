"""The exact posterior of many funds at once, by a sampler that shares nothing with the library's.

A preconditioned Crank-Nicolson walk: a proposal keeps the normal priors, so that it is accepted by the likelihood
alone, and mu, whose prior is no normal, brings the ratio of its own. The library finds a mode and weighs draws around
it; this walk knows neither mode nor curvature. All funds walk side by side, each on its own way.

Source: Cotter, Roberts, Stuart and White 2013.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from riskscore.modelling.expert.prior import Prior

#: Length of a stride, steps that are walked, those forgotten, and how many apart the kept ones are.
STRIDE, WALKED, FORGOTTEN, APART = 0.35, 16_000, 2_000, 7
#: The normal against which mu walks: near the prior's own mean and spread of log-odds.
SPREAD = 0.9


def exact_widths(prior: Prior, funds: Sequence[object], *, rows: int, level: float, seed: int) -> dict[str, np.ndarray]:
    """Return the widths of the exact intervals of funds of one season.

    Returns
    -------
    dict
        ``base_rate`` (funds,) and ``associations`` (funds, rows): of the PD at the anchor in an ordinary season, and of
        the next loan of the first `rows` associations in a season to come.
    """
    rng = np.random.default_rng(seed)
    z = np.array([fund.cases.z for fund in funds])
    bad = np.array([fund.cases.bad for fund in funds])
    count, _, dimensions = z.shape
    codes, sizes, sds = {}, {}, {}
    for pool, sd in prior.pools.items():
        numbered = [np.unique(fund.cases.levels[pool], return_inverse=True)[1] for fund in funds]
        codes[pool], sizes[pool], sds[pool] = np.array(numbered), int(np.max(numbered)) + 1, sd
    scale = np.concatenate([[SPREAD], prior.sds, *(np.full(sizes[pool], sds[pool]) for pool in prior.pools)])
    centre = np.concatenate([[prior.centre], prior.means, np.zeros(len(scale) - 1 - dimensions)])
    starts = dict(
        zip(prior.pools, np.cumsum([1 + dimensions, *(sizes[pool] for pool in prior.pools)])[:-1], strict=True)
    )
    places = np.stack([codes[pool] + starts[pool] for pool in prior.pools])
    row = np.arange(count)[:, None]

    def eta(unit: np.ndarray) -> np.ndarray:
        theta = centre + scale * unit
        found = theta[:, :1] + np.einsum("fnd,fd->fn", z, theta[:, 1 : 1 + dimensions])
        for place in places:
            found += theta[row, place]
        return found

    def height(unit: np.ndarray, at: np.ndarray) -> np.ndarray:
        likely = (bad * at - np.logaddexp(0.0, at)).sum(axis=1)
        mu = prior.centre + SPREAD * unit[:, 0]
        own = prior.cases * (prior.base_rate * mu - np.logaddexp(0.0, mu)) + 0.5 * unit[:, 0] ** 2
        return likely + own

    unit = np.zeros((count, len(scale)))
    at = eta(unit)
    now = height(unit, at)
    kept_mu, kept = [], []
    season = starts[prior.season]
    for step in range(WALKED):
        proposed = np.sqrt(1 - STRIDE**2) * unit + STRIDE * rng.standard_normal(unit.shape)
        at_proposed = eta(proposed)
        then = height(proposed, at_proposed)
        go = np.log(rng.random(count)) < then - now
        unit[go], at[go], now[go] = proposed[go], at_proposed[go], then[go]
        if step >= FORGOTTEN and step % APART == 0:
            kept_mu.append(prior.centre + SPREAD * unit[:, 0])
            ordinary = at[:, :rows] - sds[prior.season] * unit[:, season : season + 1]
            kept.append(ordinary + rng.normal(0.0, sds[prior.season], (count, 1)))
    ends = [(1 - level) / 2, (1 + level) / 2]
    low_mu, high_mu = np.quantile(expit(np.array(kept_mu)), ends, axis=0)
    low, high = np.quantile(expit(np.array(kept)), ends, axis=0)
    return {"base_rate": high_mu - low_mu, "associations": high - low}
