"""The level of external defaults: the structure's own, corrected by what the record of communal banks' loans knows.

Loans repeat one another twice over: those of one bank, and those of one season, good or bad for all. Both make the
record worth fewer loans than it has rows, and the interval wider.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from riskscore.liability import beta_posterior
from riskscore.modelling.communal_bank.settings import LiabilitySettings
from riskscore.modelling.communal_bank.structural import Level
from riskscore.modelling.margin import Floats

INTERVAL = 0.90


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of the level before the record.

    Parameters
    ----------
    cases : float
        Loans that the structure is worth: k of ``Z = n / (n + k)``.
    bank_correlation, season_correlation : float
        Least correlation of external defaults of two loans of one bank, and of two banks in one season. A few bads
        cannot show that there is none.
    """

    cases: float
    bank_correlation: float
    season_correlation: float

    @classmethod
    def of(cls, settings: LiabilitySettings) -> Belief:
        """Return what ``[liability]`` believes."""
        value = settings.value
        return cls(settings.credibility_cases, value("bank_correlation"), value("season_correlation"))


def seasons(as_of: pl.Series) -> NDArray[np.int64]:
    """Return the half-year of each moment (n,)."""
    moments: list[datetime] = as_of.to_list()
    return np.array([2 * one.year + (one.month > 6) for one in moments], dtype=np.int64)


def corrected_level(log_odds: Floats, bad: Floats, banks: NDArray[Any], season: NDArray[Any], belief: Belief) -> Level:
    """Return the level by credibility: ``Z x observed + (1 - Z) x structural`` with ``Z = n / (n + k)``.

    Parameters
    ----------
    log_odds : ndarray (n,)
        The structure's, of the training rows.
    bad : ndarray (n,)
        External outcomes; indeterminate counts as 0.
    banks, season : ndarray (n,)
        n counts loans over the `repetition` of loans of one bank and of one season.
    belief : Belief

    Notes
    -----
    The belief is a beta distribution, so that no bad among few loans never makes a PD of 0. Every loan's log-odds move
    by the one shift that brings the mean PD to the level.
    """
    n = len(bad)
    raw = float(expit(log_odds).mean())
    if n == 0:
        return Level(0, 0, 0.0, raw, raw, raw, raw, 1.0, 0.0, 0.0, 0.0)
    bads = int(bad.sum())
    effect = repetition(bad, banks, season, belief)
    found = beta_posterior(n / effect, bads / effect, prior_rate=raw, prior_cases=belief.cases, level=INTERVAL)
    ends = [_shift(log_odds, rate) for rate in (found.mean, found.low, found.high)]
    return Level(
        loans=n,
        bads=bads,
        effective=n / effect,
        structural=raw,
        mean=found.mean,
        low=found.low,
        high=found.high,
        prior_share=found.prior_share,
        shift=ends[0],
        shift_low=min(ends[1], ends[0]),
        shift_high=max(ends[2], ends[0]),
    )


def repetition(bad: Floats, banks: NDArray[Any], season: NDArray[Any], belief: Belief) -> float:
    """Return the design effect: by how much the variance of the rate exceeds that of as many strangers.

    ``1 + (P_b r_b + P_s r_s) / n``: P_b ordered pairs of loans of one bank and P_s of two banks in one season, with the
    correlation of their outcomes, the larger of what the record shows and what is believed at least.

    Parameters
    ----------
    bad, banks, season : ndarray (n,)
    belief : Belief
    """
    n = len(bad)
    bank, time = (np.unique(one, return_inverse=True)[1] for one in (banks, season))
    both = np.unique(np.stack([bank, time]), axis=1, return_inverse=True)[1].ravel()

    def squares(values: Floats, code: NDArray[np.int64]) -> float:
        return float((np.bincount(code, values) ** 2).sum())

    off, one = bad - bad.mean(), np.ones(n)
    same_bank = squares(one, bank) - n, squares(off, bank) - float((off**2).sum())
    same_season = squares(one, time) - squares(one, both), squares(off, time) - squares(off, both)
    effect, spread = 1.0, float(off @ off) / n
    for (pairs, product), least in ((same_bank, belief.bank_correlation), (same_season, belief.season_correlation)):
        shown = product / (pairs * spread) if pairs > 0 and spread > 0 else 0.0
        effect += pairs * max(shown, least) / n
    return effect


def _shift(log_odds: Floats, rate: float) -> float:
    """Return what added to every row's log-odds brings their mean PD to `rate`."""
    around = float(logit(rate)) - float(logit(expit(log_odds).mean()))
    return float(brentq(lambda move: expit(log_odds + move).mean() - rate, around - 20.0, around + 20.0, xtol=1e-10))
