"""Funds of twenty that do not exist: what the expert sees of each association, its chance, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtr

from riskscore.modelling.expert.belief import Cases
from riskscore.modelling.expert.candidate import SEASON, ExpertCandidate
from riskscore.modelling.expert.points import dimension_points, expert_log_odds

#: Levels of each pool and their shares; purposes as the Fondo FREES lends, lines of business as it names them.
SHARES = {
    "sector": {"banana": 0.2, "cacao": 0.25, "maize": 0.25, "textiles": 0.15, "tourism": 0.15},
    "province": {"Quispicanchi": 0.5, "Condorcanqui": 0.3, "another": 0.2},
    "purpose": {"equipment": 0.50, "working_capital": 0.25, "materials": 0.25},
}
#: How much of an indicator's rank is the association's own order, and how often it is missing.
SHARED, MISSING = 0.5, 0.1


@dataclass(frozen=True, slots=True)
class Setting:
    """One way in which funds come about.

    Parameters
    ----------
    name : str
    base_rate : float or None
        The true PD at the anchor; drawn from the prior where missing.
    season_effect : float or None
        What the season that was seen added to everybody's log-odds; drawn from the prior where missing.
    seasons : int
        Over how many the cases are spread.
    """

    name: str
    base_rate: float | None = None
    season_effect: float | None = None
    seasons: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Fund:
    """What the fund knows, and beside it the truth.

    Parameters
    ----------
    cases : Cases
    base_rate : float
        The true PD at the anchor in an ordinary season.
    ordinary : ndarray (n,)
        True log-odds of each association in an ordinary season.
    ahead : float
        What the season ahead adds.
    """

    cases: Cases
    base_rate: float
    ordinary: np.ndarray
    ahead: float


def draw(candidate: ExpertCandidate, setting: Setting, rng: np.random.Generator, *, n: int = 20) -> Fund:
    """Draw a fund of `n` associations with one loan each: the truth from the prior, but for what `setting` fixes."""
    prior = candidate.prior
    rate = setting.base_rate or rng.beta(prior.cases * prior.base_rate, prior.cases * (1 - prior.base_rate))
    # A beta of 2 and 18 comes near nought now and then, and the logarithm wants it above.
    mu = float(logit(max(rate, 1e-12)))
    z = seen_by_the_expert(candidate, rng, n)
    levels = {name: rng.choice(list(of), n, p=list(of.values())) for name, of in SHARES.items()}
    levels["organisation"] = np.array([f"PA{number:02d}" for number in range(n)])
    levels[SEASON] = np.array([str(2020 + number % setting.seasons) for number in range(n)])
    ordinary = mu + z @ rng.normal(prior.means, prior.sds)
    for name in (*SHARES, "organisation"):
        _, codes = np.unique(levels[name], return_inverse=True)
        ordinary = ordinary + rng.normal(0.0, prior.pools[name], codes.max() + 1)[codes]
    season = rng.normal(0.0, prior.pools[SEASON], setting.seasons)
    if setting.season_effect is not None:
        season[:] = setting.season_effect
    bad = rng.random(n) < expit(ordinary + season[np.arange(n) % setting.seasons])
    cases = Cases(z, {name: of.tolist() for name, of in levels.items()}, bad.astype(np.float64))
    return Fund(cases, float(rate), ordinary, float(rng.normal(0.0, prior.pools[SEASON])))


def seen_by_the_expert(candidate: ExpertCandidate, rng: np.random.Generator, n: int) -> np.ndarray:
    """Return the expert's log-odds of each dimension (n, dimensions): indicators share each association's order."""
    order = rng.standard_normal(n)
    columns = []
    for one in candidate.indicators:
        rank = ndtr(np.sqrt(SHARED) * order + np.sqrt(1 - SHARED) * rng.standard_normal(n))
        given = np.sort(one.points)[(rank * len(one.points)).astype(int).clip(max=len(one.points) - 1)]
        columns.append(np.where(rng.random(n) < MISSING, one.missing, given))
    points = dimension_points(candidate.dimensions, candidate.indicators, np.column_stack(columns))
    return expert_log_odds(candidate.anchor, candidate.dimensions, points)
