"""The PD of a communal bank's request: the structure's own at its level, or a learnt champion's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from scipy.special import expit, logit

from riskscore.modelling.artefact import Champion
from riskscore.modelling.communal_bank.members import matrix_of
from riskscore.modelling.communal_bank.structural import Level
from riskscore.portfolio import Portfolio
from riskscore.scoring.bank_requests import valued_requests


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


def learnt_pds(champion: Champion, portfolio: Portfolio, asked: pl.DataFrame, moment: datetime) -> Mapping[str, BankPD]:
    """Return by request what a learnt champion says of `bank_requests`.

    The range is that of the bad rate seen out of time in the score band; outside the training's support there is none.
    """
    return of_rows(champion, valued_requests(portfolio, champion.lock, asked, moment))


def of_rows(champion: Champion, valued: pl.DataFrame) -> Mapping[str, BankPD]:
    """Return by ``application_id`` what a learnt champion says of requests with their features."""
    model, support = champion.model, champion.support
    X = matrix_of(valued, model.features)
    scores = model.scale.score(model.log_odds(X))
    found = {}
    for name, pd, score, row in zip(
        valued["application_id"].to_list(), model.pd(X).tolist(), scores.tolist(), X.tolist(), strict=True
    ):
        inside = all(support[one].supports(value) for one, value in zip(model.features, row, strict=True))
        band = champion.band(score)
        found[str(name)] = BankPD(pd, band.low if inside else None, band.high if inside else None, 0.0)
    return found
