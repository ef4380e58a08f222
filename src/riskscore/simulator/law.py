r"""The law of distress: who falls, who pulls whom with her, and the probability of both.

A woman's direct probability `p` is logistic in the state when the score is asked. What happens later comes in two
ways. Three Gaussian factors move everyone of a region and quarter, of a communal bank in a cycle, and of a solidarity
group in a cycle together,

.. math:: p(z) = \Phi\left(\frac{\Phi^{-1}(p) - \sqrt{r}\,z}{\sqrt{1-r}}\right), \qquad r = a + b + c,

and every woman who falls directly pulls each other borrower of her solidarity group with her with probability `q`
(Davis and Lo 1999: only direct falls infect). The three factors of a solidarity group add to one standard normal,
so the probability of distress is a one-dimensional integral,

.. math:: P_i = \int \left[1 - (1-p_i(z)) \prod_{j \ne i} (1 - q\,p_j(z))\right] \varphi(z)\,dz,

taken by Gauss–Hermite quadrature with 40 nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from riskscore.simulator.arrays import Bools, Floats, Ints

NODES = 40

#: The causes whose log-odds add up to that of a direct fall. The last four stand in no table.
CAUSES = (
    "repayment",
    "peers",
    "capacity",
    "request",
    "savings",
    "attendance",
    "experience",
    "business",
    "season",
    "shock",
    "member",
    "trouble",
    "group",
    "bank",
)


@dataclass(frozen=True, slots=True)
class Law:
    """The numbers of the law; effects in log-odds, `sd` their standard deviation over persons, groups, banks.

    Parameters
    ----------
    intercept : float
        Log-odds of a direct fall where every cause is at its centre.
    member_sd, group_sd, bank_sd : float
        Persistent effects that no table shows.
    trouble_keep, trouble_fall, trouble_sd : float
        Trouble of one cycle that stays in the next, what a fall adds, and fresh noise; no table shows it.
    systemic, bank, group : float
        Asset correlations a, b, c of the factors of region and quarter, bank and cycle, group and cycle.
    infection : float
        Probability q that a direct fall pulls another borrower of the solidarity group with it.
    withdrawal : float
        Probability that an application is withdrawn before the money is handed out.
    """

    intercept: float = -3.33
    member_sd: float = 0.55
    group_sd: float = 0.35
    bank_sd: float = 0.35
    trouble_keep: float = 0.55
    trouble_fall: float = 0.7
    trouble_sd: float = 0.35
    systemic: float = 0.02
    bank: float = 0.04
    group: float = 0.06
    infection: float = 0.08
    withdrawal: float = 0.01

    @property
    def correlation(self) -> float:
        """Asset correlation r of two women of one solidarity group."""
        return self.systemic + self.bank + self.group

    def given_factor(self, direct: Floats, z: Floats | float) -> Floats:
        """Return the direct probability given the sum of the factors, `z` standard normal (low is bad)."""
        r = self.correlation
        return np.asarray(ndtr((ndtri(direct) - np.sqrt(r) * z) / np.sqrt(1.0 - r)), dtype=np.float64)

    def probability(self, direct: Floats, group: Ints) -> Floats:
        """Return each woman's probability of distress, factors, infection and withdrawals of others integrated out.

        Parameters
        ----------
        direct : ndarray
            Direct probabilities of everyone who asks at one moment.
        group : ndarray
            Her solidarity group, as small non-negative integers.
        """
        total = np.zeros(len(direct))
        nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
        weights = weights / weights.sum()
        pull = self.infection * (1.0 - self.withdrawal)
        for z, weight in zip(nodes, weights, strict=True):
            p = self.given_factor(direct, float(z))
            spared = np.log1p(-pull * p)
            others = np.bincount(group, weights=spared)[group] - spared
            total += weight * (1.0 - (1.0 - p) * np.exp(others))
        return total

    def expected_pairs(self, direct: Floats, group: Ints) -> float:
        r"""Return the expected number of pairs of borrowers of one solidarity group and cycle that both fall.

        Given the factor, with falls of others independent of one another,

        .. math:: P(i, j) = 1 - g_i - g_j + (1-p_i)(1-p_j) \prod_{k \ne i,j} (1 - p_k (1 - (1-q)^2)),
            \quad g_i = (1-p_i) \prod_{k \ne i} (1 - q\,p_k).

        Parameters
        ----------
        direct : ndarray
            Direct probabilities of all borrowers.
        group : ndarray
            Their solidarity group and cycle, as one number.
        """
        _, local, size = np.unique(group, return_inverse=True, return_counts=True)
        order = np.argsort(local, kind="stable")
        seat = np.arange(len(order)) - np.concatenate([[0], np.cumsum(size)[:-1]])[local[order]]
        table = np.zeros((len(size), int(size.max())))
        table[local[order], seat] = direct[order]
        nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
        weights = weights / weights.sum()
        twice = 1.0 - (1.0 - self.infection) ** 2
        total = 0.0
        for z, weight in zip(nodes, weights, strict=True):
            p = self.given_factor(table, float(z))
            good = (1.0 - p) / (1.0 - self.infection * p) * np.prod(1.0 - self.infection * p, axis=1, keepdims=True)
            alone = (1.0 - p) / (1.0 - twice * p)
            spared = np.prod(1.0 - twice * p, axis=1)
            for i in range(table.shape[1]):
                for j in range(i):
                    both = 1.0 - good[:, i] - good[:, j] + alone[:, i] * alone[:, j] * spared
                    total += float(weight) * float(both[size > i].sum())
        return total

    def realise(
        self,
        rng: np.random.Generator,
        direct: Floats,
        group: Ints,
        *,
        systemic: Floats,
        bank_factor: Floats,
        group_factor: Floats,
        borrows: Bools,
    ) -> tuple[Bools, Bools]:
        """Draw who falls directly and who is pulled along; the factors are standard normal, one value a woman."""
        asset = (
            np.sqrt(self.systemic) * systemic
            + np.sqrt(self.bank) * bank_factor
            + np.sqrt(self.group) * group_factor
            + np.sqrt(1.0 - self.correlation) * rng.standard_normal(len(direct))
        )
        falls = (asset < ndtri(direct)) & borrows
        sources = np.bincount(group, weights=falls)[group] - falls
        pulled = (rng.random(len(direct)) < 1.0 - (1.0 - self.infection) ** sources) & borrows & ~falls
        return falls, pulled
