"""The PD of a communal bank's request: the structure's own at its level, or a learnt champion's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from riskscore.modelling.artefact import Champion
from riskscore.modelling.communal_bank.structural import Level


@dataclass(frozen=True, slots=True)
class BankPD:
    """A PD with its range.

    Parameters
    ----------
    pd : float
    low, high : float or None
        90 %; None where none can be told.
    prior_share : float
        How much of it is a structure's, in [0, 1].
    """

    pd: float
    low: float | None
    high: float | None
    prior_share: float


def levelled(structural_pd: float, level: Level) -> BankPD:
    """Return the structure's PD at the level that the record corrected, with the interval of that level."""
    raw = float(logit(structural_pd))
    pd, low, high = (float(expit(raw + move)) for move in (level.shift, level.shift_low, level.shift_high))
    return BankPD(pd, low, high, level.prior_share)


def learnt_pd(champion: Champion, row: Mapping[str, float | None]) -> BankPD:
    """Return what a learnt champion says of a request with this row of features.

    The range is that of the bad rate seen out of time in the score band; outside the training's support there is none.
    """
    model = champion.model
    values = [row[name] for name in model.features]
    X = np.array([[np.nan if value is None else value for value in values]], dtype=np.float64)
    inside = bool(champion.supports(X)[0])
    band = champion.band(float(model.scale.score(model.log_odds(X))[0]))
    return BankPD(float(model.pd(X)[0]), band.low if inside else None, band.high if inside else None, 0.0)
