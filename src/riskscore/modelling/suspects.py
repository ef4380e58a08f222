"""Which single features know too much, for the alarm that a whole model's AUC sets off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskscore.evaluation import auc
from riskscore.evaluation.leaks import Thresholds
from riskscore.modelling.margin import Floats
from riskscore.modelling.rows import Columns, Rows

#: How many are named where no feature alone is suspicious.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Suspect:
    """A feature and the AUC it reaches by itself, whichever way it ranks; `by_absence` where its gaps alone do."""

    name: str
    auc: float
    by_absence: bool

    def __str__(self) -> str:
        return f"`{self.name}` alone {self.auc:.3f}" + (" by being missing" if self.by_absence else "")


def suspects(columns: Columns, rows: Rows) -> tuple[Suspect, ...]:
    """Return the features that rank the rows too well by themselves, the best first; else the best three."""
    y = rows.y
    if not 0 < y.sum() < len(y):
        return ()
    found = sorted((_alone(name, values, y) for name, values in zip(columns.names, rows.X.T, strict=True)), key=_order)
    bar = Thresholds().too_good
    return tuple(one for one in found if one.auc >= bar) or tuple(found[:NAMED])


def _order(one: Suspect) -> tuple[float, str]:
    return (-one.auc, one.name)


def _alone(name: str, values: Floats, y: Floats) -> Suspect:
    gone = np.isnan(values)
    by_value = 0.5
    if 0 < y[~gone].sum() < (~gone).sum():
        by_value = _whichever_way(auc(y[~gone], values[~gone]))
    by_absence = _whichever_way(auc(y, gone.astype(np.float64)))
    return Suspect(name, max(by_value, by_absence), by_absence > by_value)


def _whichever_way(area: float) -> float:
    return max(area, 1.0 - area)
