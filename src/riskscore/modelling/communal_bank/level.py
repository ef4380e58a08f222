"""The level of external defaults: the structure's own, corrected by what the record of communal banks' loans knows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from riskscore.evaluation import design_effect, intra_cluster_correlation
from riskscore.liability import beta_posterior
from riskscore.modelling.communal_bank.structural import Level
from riskscore.modelling.margin import Floats

INTERVAL = 0.90


def corrected_level(log_odds: Floats, bad: Floats, clusters: NDArray[Any], k: float) -> Level:
    """Return the level by credibility: ``Z x observed + (1 - Z) x structural`` with ``Z = n / (n + k)``.

    Parameters
    ----------
    log_odds : ndarray (n,)
        The structure's, of the training rows.
    bad : ndarray (n,)
        External outcomes; indeterminate counts as 0.
    clusters : ndarray (n,)
        n counts loans, less what those of one bank repeat of one another (the design effect, never below 1).
    k : float
        Loans that the structure is worth.

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
    icc = intra_cluster_correlation(bad, clusters) if 0 < bads < n else 0.0
    sizes = np.unique(clusters, return_counts=True)[1]
    effect = max(1.0, design_effect(float((sizes**2).sum() / n), max(0.0, float(np.nan_to_num(icc)))))
    belief = beta_posterior(n / effect, bads / effect, prior_rate=raw, prior_cases=k, level=INTERVAL)
    ends = [_shift(log_odds, rate) for rate in (belief.mean, belief.low, belief.high)]
    return Level(
        loans=n,
        bads=bads,
        effective=n / effect,
        structural=raw,
        mean=belief.mean,
        low=belief.low,
        high=belief.high,
        prior_share=belief.prior_share,
        shift=ends[0],
        shift_low=min(ends[1], ends[0]),
        shift_high=max(ends[2], ends[0]),
    )


def _shift(log_odds: Floats, rate: float) -> float:
    """Return what added to every row's log-odds brings their mean PD to `rate`."""
    around = float(logit(rate)) - float(logit(expit(log_odds).mean()))
    return float(brentq(lambda move: expit(log_odds + move).mean() - rate, around - 20.0, around + 20.0, xtol=1e-10))
