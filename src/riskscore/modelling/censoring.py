"""How much rests on those who did not come back: the rate of over-indebtedness under three readings of the censored.

Who did not renew is neither good nor bad, and her cycle is in no fit. That leaves a question which no data answers, so
it is answered three times: as if every one of them had been good, bad, or like those with the same features who came
back. Between the first two lies all that can be true; the third is true only if who leaves is no different.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from riskscore.dataset import OverIndebtednessRule, member_cycles, spine

if TYPE_CHECKING:
    from riskscore.catalog import Lock
    from riskscore.modelling.calibrated import CalibratedModel
    from riskscore.portfolio import Portfolio


@dataclass(frozen=True, slots=True)
class Censoring:
    """Counts of member-cycles, and the rate of bad among those at risk.

    Parameters
    ----------
    good, bad, indeterminate, censored : int
        At risk at the request; a frequency counts the indeterminate as not bad.
    over_before, unknown_before : int
        Not at risk: over-indebted already, or not known to be under the line.
    observed, if_good, if_bad, if_alike : float
        The rate without the censored, and with them as good, as bad, and as the model expects of their features.
    """

    good: int
    bad: int
    indeterminate: int
    censored: int
    over_before: int
    unknown_before: int
    observed: float
    if_good: float
    if_bad: float
    if_alike: float


def censoring(model: CalibratedModel, lock: Lock, portfolio: Portfolio, rule: OverIndebtednessRule) -> Censoring:
    """Count the cycles of a portfolio, and read the censored three ways.

    Parameters
    ----------
    model : CalibratedModel
        Whose probability stands for those with the same features.
    lock : Lock
    portfolio : Portfolio
    rule : OverIndebtednessRule
        The outcome's numbers.
    """
    from riskscore import catalog

    cycles = member_cycles(portfolio, lock, rule)
    names = ("good", "bad", "indeterminate", "censored", "over_before", "unknown_before")
    counts = {name: int((cycles["label"] == name).sum()) for name in names}
    left = cycles.filter(label="censored").select("application_id")
    asked = spine(portfolio).join(left, on="application_id", how="semi", maintain_order="left")
    told, bad = counts["good"] + counts["bad"] + counts["indeterminate"], counts["bad"]
    everybody = told + counts["censored"]
    expected = 0.0
    if asked.height:
        values = catalog.values(portfolio, lock, asked).select(
            pl.col(model.features).cast(pl.Float64).fill_null(np.nan)
        )
        expected = float(model.pd(np.ascontiguousarray(values.to_numpy())).sum())
    return Censoring(
        **counts,
        observed=bad / max(told, 1),
        if_good=bad / max(everybody, 1),
        if_bad=(bad + counts["censored"]) / max(everybody, 1),
        if_alike=(bad + expected) / max(everybody, 1),
    )
