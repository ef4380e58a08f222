"""The champion from other draws of the same clusters: what of it is the data's, and what is the draw's.

Whole clusters are drawn with replacement; a cluster that is drawn twice counts twice and stays one, so that the folds
of the calibration keep it together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from riskscore.errors import Refused
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.judging import Judging
from riskscore.modelling.refitting import Refit

#: Rows on which refits are compared, at most.
COMPARED = 2000

#: Fewest refits that say anything.
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Weight:
    """One feature over the refits: its mean absolute points.

    Parameters
    ----------
    name, family : str
    champion : float
        In the champion itself.
    low, middle, high : float
        5, 50 and 95 % of the refits.
    used : float
        Share of the refits in which it counts at all.
    leading : float
        Share of the refits in which it is among the five heaviest.
    """

    name: str
    family: str
    champion: float
    low: float
    middle: float
    high: float
    used: float
    leading: float


@dataclass(frozen=True, slots=True)
class Refits:
    """What the draws agree on.

    Parameters
    ----------
    drawn : int
        Refits that could be fitted.
    rows : int
        Rows compared.
    weights : tuple of Weight
        Heaviest first.
    agreement : float
        Median Spearman correlation of a refit's weights with the champion's.
    points : float
        Median over the rows of the standard deviation of a row's score, in points.
    regraded : float
        Share of (row, refit) whose grade is not the champion's.
    slope_low, slope_high : float
        5 and 95 % of the calibration's a.
    """

    drawn: int
    rows: int
    weights: tuple[Weight, ...]
    agreement: float
    points: float
    regraded: float
    slope_low: float
    slope_high: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def refits_of(judged: Judging, refit: Refit, *, drawn: int, tell: Callable[[str], None], seed: int) -> Refits:
    """Fit on `drawn` draws of the training clusters and compare on later rows.

    Raises
    ------
    Refused
        Fewer than `FEWEST` draws could be fitted.
    """
    champion, rows = judged.champion, judged.train_rows
    draw = np.random.default_rng(seed)
    _, codes = np.unique(rows.clusters, return_inverse=True)
    members = [np.flatnonzero(codes == one) for one in range(int(codes.max()) + 1)]
    size = min(COMPARED, len(judged.later))
    X = judged.later_rows.X[np.sort(draw.choice(len(judged.later), size, replace=False))]
    models: list[CalibratedModel] = []
    why = ""
    for number in range(drawn):
        tell(f"refit {number + 1} of {drawn}")
        held = np.concatenate([members[one] for one in draw.integers(0, len(members), len(members))])
        try:
            models.append(refit(rows.at(held)))
        except Refused as cause:
            why = str(cause)
    if len(models) < FEWEST:
        raise Refused.of("refits", f"{len(models)} of {drawn} draws could be fitted. {why}", "")
    scale = champion.recipe.scale
    mine = _weights(champion.model, X, scale.factor)
    theirs = np.array([_weights(model, X, scale.factor) for model in models])
    pds = np.array([model.pd(X) for model in models])
    scores = np.array([scale.score(model.log_odds(X)) for model in models])
    edges = [grade.below for grade in champion.grades[:-1]]
    regraded = np.searchsorted(edges, pds, side="right") != np.searchsorted(edges, champion.model.pd(X), side="right")
    leading = np.argsort(-theirs, axis=1)[:, :5]
    a = [model.a for model in models]
    order = np.argsort(-mine, kind="stable")
    return Refits(
        drawn=len(models),
        rows=size,
        weights=tuple(
            Weight(
                name=champion.model.features[one],
                family=champion.model.families[champion.model.features[one]],
                champion=float(mine[one]),
                low=float(np.quantile(theirs[:, one], 0.05)),
                middle=float(np.median(theirs[:, one])),
                high=float(np.quantile(theirs[:, one], 0.95)),
                used=float((theirs[:, one] > 1e-9).mean()),
                leading=float((leading == one).any(axis=1).mean()),
            )
            for one in order.tolist()
        ),
        agreement=float(np.median([_agree(mine, one) for one in theirs])),
        points=float(np.median(scores.std(axis=0, ddof=1))),
        regraded=float(regraded.mean()),
        slope_low=float(np.quantile(a, 0.05)),
        slope_high=float(np.quantile(a, 0.95)),
    )


def _weights(model: CalibratedModel, X: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """Mean absolute points of each feature."""
    return np.asarray(np.abs(factor * model.explain(X).phi).mean(axis=0))


def _agree(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(spearmanr(one, other).statistic)
