"""Prior and record joined: the mode, its covariance, and draws of what may be believed after n cases.

The model is logistic. With ``z`` the expert's log-odds of each dimension, ``b`` their coefficients and ``u`` one level
of each pool,

    log-odds = mu + sum(b_j z_j) + sum(u_pool)

``mu`` is the log-odds at the anchor (50 points, an ordinary season). Its prior is the logarithm of the odds of a
``Beta(m p0, m (1 - p0))`` rate: m cases of which a share p0 was bad. So its mode is p0, and with no dimension and no
pool the mode after d bads of n is the mean ``(m p0 + d) / (m + n)`` of the usual beta posterior. Every other parameter
is normal: a coefficient around the expert's mean (1 is the expert's own slope), a level of a pool around 0.

Draws come from importance sampling around the mode. The coordinate of ``mu`` has a heavy tail (Student, 5 degrees of
freedom), because with few bads its posterior is long to the left; the others are normal, a little widened.

Source: MacKay 1992 on Laplace's method; Kiefer 2009 on expert information about low default portfolios.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy.linalg import cho_solve, cholesky
from scipy.special import expit, ndtri
from scipy.stats import qmc
from scipy.stats import t as student

from riskscore.errors import Refused
from riskscore.modelling.expert.prior import UNKNOWN, Prior
from riskscore.modelling.margin import Floats

#: Proposals of the importance sampling, and the draws that are kept.
PROPOSALS, DRAWS = 4096, 1024

#: Degrees of freedom of the coordinate of mu, and by how much the other coordinates are widened.
TAIL, WIDENED = 5, 1.05

#: Newton's steps, and the largest gradient that counts as none.
STEPS, FLAT = 100, 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """What was seen.

    Parameters
    ----------
    z : ndarray (n, dimensions)
        The expert's log-odds of bad of each dimension, 0 at half its points.
    levels : mapping of str to sequence of str
        By pool, the level of each case.
    bad : ndarray (n,)
        1 for bad, 0 for good.
    """

    z: Floats
    levels: Mapping[str, Sequence[str]]
    bad: Floats


@dataclass(frozen=True, eq=False)
class Belief:
    """What is believed after the cases.

    Parameters
    ----------
    prior : Prior
    levels : mapping of str to tuple of str
        By pool, the levels that were seen, in order of the parameters.
    mode : ndarray (k,)
        mu, the coefficients, then the levels.
    covariance : ndarray (k, k)
        Laplace's, at the mode.
    draws : ndarray (draws, k)
    n, bads : int
    sampled : float
        Effective share of the importance sampling's proposals, in (0, 1]: near 0 the draws are no answer.
    """

    prior: Prior
    levels: Mapping[str, tuple[str, ...]]
    mode: Floats
    covariance: Floats
    draws: Floats
    n: int
    bads: int
    sampled: float

    @property
    def base_rate(self) -> float:
        """PD at the anchor in an ordinary season."""
        return float(expit(self.mode[0]))

    @property
    def coefficients(self) -> Floats:
        """Of the dimensions."""
        return self.mode[1 : 1 + len(self.prior.dimensions)]

    @cached_property
    def starts(self) -> Mapping[str, int]:
        """Where the levels of each pool begin in `mode`."""
        starts, place = {}, 1 + len(self.prior.dimensions)
        for pool in self.prior.pools:
            starts[pool] = place
            place += len(self.levels[pool])
        return starts

    def effect(self, pool: str, level: str) -> float:
        """Log-odds that a level of a pool adds; 0 for one that was never seen."""
        if level not in self.levels[pool]:
            return 0.0
        return float(self.mode[self.starts[pool] + self.levels[pool].index(level)])

    @cached_property
    def prior_variances(self) -> Floats:
        """Of each parameter under the prior alone, its curvature taken at the mode (k,)."""
        p = self.base_rate
        return np.array(
            [
                1.0 / (self.prior.cases * p * (1.0 - p)),
                *(sd**2 for sd in self.prior.sds),
                *(sd**2 for pool, sd in self.prior.pools.items() for _ in self.levels[pool]),
            ]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Mode:
    """The most believed parameters after the cases.

    Parameters
    ----------
    levels : mapping of str to tuple of str
        By pool, the levels that were seen.
    at : ndarray (k,)
    covariance : ndarray (k, k)
        The inverse of the curvature there.
    height : callable
        Logarithm of the posterior's density, up to a constant, at parameters (m, k).
    """

    levels: Mapping[str, tuple[str, ...]]
    at: Floats
    covariance: Floats
    height: Callable[[Floats], Floats]


def update(prior: Prior, cases: Cases, *, seed: int = 0) -> Belief:
    """Return the belief after the cases; without any it is the prior.

    Raises
    ------
    Refused
        The mode is not found within `STEPS` steps.
    """
    mode = mode_after(prior, cases)
    draws, sampled = _drawn(mode, seed)
    n, bads = len(cases.bad), int(cases.bad.sum())
    return Belief(prior, mode.levels, mode.at, mode.covariance, draws, n, bads, sampled)


def mode_after(prior: Prior, cases: Cases) -> Mode:
    """Return the mode by Newton's method, steps halved until they climb; `Refused` as for `update`."""
    levels = {pool: tuple(sorted(set(cases.levels[pool]) - {UNKNOWN})) for pool in prior.pools}
    design = design_of(prior, levels, cases.z, cases.levels)
    # The prior of mu is `prior.cases` cases at the anchor: one more row, with a weight.
    rows = np.vstack([np.eye(1, design.shape[1]), design])
    weights = np.concatenate([[prior.cases], np.ones(len(cases.bad))])
    target = np.concatenate([[prior.base_rate], cases.bad])
    centre = np.concatenate([[prior.centre], prior.means, np.zeros(design.shape[1] - 1 - len(prior.means))])
    precision = np.concatenate(
        [
            [0.0],
            np.asarray(prior.sds) ** -2.0,
            *(np.full(len(levels[pool]), sd**-2.0) for pool, sd in prior.pools.items()),
        ]
    )

    def height(theta: Floats) -> Floats:
        eta = theta @ rows.T
        likely = (weights * (target * eta - np.logaddexp(0.0, eta))).sum(axis=-1)
        return np.asarray(likely - 0.5 * ((theta - centre) ** 2 * precision).sum(axis=-1))

    mode = centre.copy()
    for _ in range(STEPS):
        p = expit(rows @ mode)
        gradient = rows.T @ (weights * (target - p)) - precision * (mode - centre)
        hessian = (rows.T * (weights * p * (1.0 - p))) @ rows + np.diag(precision)
        if np.abs(gradient).max() < FLAT:
            return Mode(levels, mode, np.linalg.inv(hessian), height)
        step = cho_solve((cholesky(hessian, lower=True), True), gradient)
        length = 1.0
        while height(mode + length * step) < height(mode) and length > 1e-6:
            length /= 2.0
        mode = mode + length * step
    raise Refused.of("expert prior", "No mode was found.", "Look at the prior's standard deviations: one is odd.")


def design_of(prior: Prior, levels: Mapping[str, Sequence[str]], z: Floats, of: Mapping[str, Sequence[str]]) -> Floats:
    """Return the matrix (n, k) whose product with the parameters is the log-odds; an unseen level adds nothing."""
    hot = [
        np.array([[float(own == level) for level in levels[pool]] for own in of[pool]]).reshape(
            len(z), len(levels[pool])
        )
        for pool in prior.pools
    ]
    return np.hstack([np.ones((len(z), 1)), z, *hot])


def _drawn(mode: Mode, seed: int) -> tuple[Floats, float]:
    """Return equally likely draws, and the share of the proposals they are worth."""
    unit, proposed = _proposals(len(mode.at), seed)
    # mu is the first coordinate, so the first of the unit draws alone moves it, and the others follow it.
    theta = mode.at + unit @ cholesky(mode.covariance, lower=True).T
    log_weight = mode.height(theta) - proposed
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    # Kept at even steps along mu: in the order of the Sobol points every fourth one lies in the same corner.
    order = np.argsort(theta[:, 0])
    at = (np.arange(DRAWS) + 0.5) / DRAWS
    chosen = order[np.searchsorted(np.cumsum(weight[order]), at).clip(max=len(weight) - 1)]
    return theta[chosen], float(1.0 / (weight @ weight) / len(weight))


@lru_cache(maxsize=8)
def _proposals(k: int, seed: int) -> tuple[Floats, Floats]:
    """Return unit proposals (PROPOSALS, k) and the logarithm of their density, up to a constant."""
    uniform = qmc.Sobol(k, scramble=True, seed=seed).random(PROPOSALS).clip(1e-9, 1 - 1e-9)
    tail = student.ppf(uniform[:, 0], TAIL)
    rest = WIDENED * ndtri(uniform[:, 1:])
    return np.column_stack([tail, rest]), student.logpdf(tail, TAIL) - 0.5 * ((rest / WIDENED) ** 2).sum(axis=1)
