"""Whether judgement and record can both be right: how rare the bads that were seen are under the prior alone.

The prior predictive distribution of the number of bads among these very cases, with their points and with the pools
they share, is drawn; the p-value is twice the smaller of its two tails, and at most 1. A small one says that the expert
and the cases disagree. Which of them is wrong it does not say.

Source: Evans and Moshonov 2006.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from scipy.special import expit, logit

from riskscore.modelling.expert.prior import Prior
from riskscore.modelling.margin import Floats

#: Draws of the prior predictive distribution: a p-value of .05 is known to .0015.
DRAWS = 20_000


@dataclass(frozen=True, slots=True)
class Conflict:
    """Bads that were seen beside those that the expert foretold.

    Parameters
    ----------
    n, bads : int
    low, high : int
        Between them lie nine in ten of the prior's own draws.
    p : float
        Two-sided, in (0, 1].
    below : float
        A smaller p is a conflict.
    """

    n: int
    bads: int
    low: int
    high: int
    p: float
    below: float

    @property
    def found(self) -> bool:
        """Whether judgement and record disagree."""
        return self.p < self.below

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Build it from `to_dict`'s values."""
        return cls(**{name: content[name] for name in ("n", "bads", "low", "high", "p", "below")})

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, with ``found``."""
        return {**asdict(self), "found": self.found}

    def words(self, language: str) -> str:
        """Say it in one or two sentences, in ``"es"`` or ``"en"``."""
        if language == "es":
            seen = (
                f"De {self.n} préstamos, {self.bads} terminaron mal; el experto esperaba de {self.low} a {self.high}."
            )
            if not self.found:
                return f"{seen} El juicio y los datos se llevan bien (p = {self.p:.2f})."
            return (
                f"{seen} El juicio experto y los datos no concuerdan (p = {self.p:.3f}): antes de usar este puntaje, "
                "revise cuál de los dos se equivoca."
            )
        seen = f"Of {self.n} loans {self.bads} ended badly; the expert expected {self.low} to {self.high}."
        if not self.found:
            return f"{seen} Judgement and record agree (p = {self.p:.2f})."
        return (
            f"{seen} Judgement and record disagree (p = {self.p:.3f}): before using this score, find out which of the "
            "two is wrong."
        )


def prior_conflict(
    prior: Prior, z: Floats, levels: Mapping[str, Sequence[str]], bads: int, *, below: float, seed: int = 0
) -> Conflict:
    """Hold the bads that were seen against the prior alone."""
    rng = np.random.default_rng(seed)
    rate = rng.beta(prior.cases * prior.base_rate, prior.cases * (1.0 - prior.base_rate), DRAWS)
    log_odds = (
        logit(rate.clip(1e-300, 1 - 1e-16))[:, None] + rng.normal(prior.means, prior.sds, (DRAWS, z.shape[1])) @ z.T
    )
    for pool, sd in prior.pools.items():
        _, codes = np.unique(np.asarray(levels[pool], dtype=str), return_inverse=True)
        if len(codes):
            log_odds += rng.normal(0.0, sd, (DRAWS, int(codes.max()) + 1))[:, codes]
    foretold = (rng.random(log_odds.shape) < expit(log_odds)).sum(axis=1)
    # The draw that was seen counts as one more, so that no p is ever nought.
    tails = ((foretold <= bads).sum() + 1, (foretold >= bads).sum() + 1)
    low, high = np.quantile(foretold, [0.05, 0.95], method="inverted_cdf")
    return Conflict(len(z), bads, int(low), int(high), min(1.0, float(2.0 * min(tails) / (DRAWS + 1))), below)
