"""Everything that is said about an order, each figure with its interval over whole clusters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from riskscore.evaluation.capture import SHARES, accuracy_ratio, cap_curve, capture, pr_auc
from riskscore.evaluation.clustered_auc import clustered_auc
from riskscore.evaluation.clusters import cluster_bootstrap
from riskscore.evaluation.hmeasure import h_measure
from riskscore.evaluation.ranking import Ranked
from riskscore.evaluation.report import MINIMUM_BADS, Figure
from riskscore.evaluation.sample import Floats, Sample, cluster_codes

#: Costs of the H-measure: c ~ Beta(2, 2) is the cost of a good called bad, class 1 is the bad, class 0 the good.
H_COSTS = (2.0, 2.0)

#: What must stand beside an H-measure: packages differ in their default.
H_CONVENTION = "Hand 2009; cost of calling a good (class 0) bad c ~ Beta(2, 2), of calling a bad (class 1) good 1 - c"

#: Draws of the bootstrap.
REPLICATES = 200


@dataclass(frozen=True, slots=True)
class Discrimination:
    """How well an order tells bads from goods.

    Parameters
    ----------
    n, bads, clusters : int
    level : float
        Coverage of every interval.
    auc : Figure
        Its interval is never narrower than that of independent rows: with few bads it says how little it means. NaN
        where a class is absent.
    figures : mapping of str to Figure
        ``gini, accuracy_ratio, ks, pr_auc, h_measure, capture_05, capture_10, capture_20, lift_05, lift_10, lift_20``,
        by cluster bootstrap; empty where there are too few bads.
    cap : tuple of ndarray
        The cumulative accuracy profile; empty where there are too few bads.
    minimum : int
        Bads, and goods, that were needed.
    """

    n: int
    bads: int
    clusters: int
    level: float
    auc: Figure
    figures: Mapping[str, Figure]
    cap: tuple[Floats, Floats]
    minimum: int = MINIMUM_BADS

    @property
    def too_few(self) -> bool:
        """Whether all that can be said is an AUC with its interval."""
        return not self.figures

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, None for what cannot be said."""
        return {
            "n": self.n,
            "bads": self.bads,
            "clusters": self.clusters,
            "level": self.level,
            "auc": self.auc.to_dict(),
            "too_few": self.too_few,
            "figures": {name: one.to_dict() for name, one in self.figures.items()},
            "h_convention": H_CONVENTION,
        }


def discrimination(
    y: npt.ArrayLike,
    score: npt.ArrayLike,
    clusters: npt.ArrayLike | None = None,
    *,
    level: float = 0.95,
    replicates: int = REPLICATES,
    seed: int = 0,
    minimum_bads: int = MINIMUM_BADS,
) -> Discrimination:
    """Return every ranking figure with its interval, or the AUC alone where there are too few bads or goods.

    Where even the AUC has no interval (a single bad, a single group) its value is NaN too.

    Parameters
    ----------
    y : array_like (n,)
        1 for bad, 0 for good.
    score : array_like (n,)
        Higher is riskier.
    clusters : array_like (n,), optional
    """
    sample = Sample.of(y, score)
    codes, count = cluster_codes(clusters, len(sample.y))
    bads = int(sample.bads)
    area = clustered_auc(sample.y, sample.score, codes, level=level)
    if math.isnan(area.low):
        area = Figure(math.nan, math.nan, math.nan)  # of one bad an AUC can be 0 or 1, and says nothing
    figures: dict[str, Figure] = {}
    empty = np.empty(0)
    if min(sample.bads, sample.goods) >= minimum_bads:
        for name, statistic in _statistics(sample).items():
            value = statistic(np.ones(len(sample.y)))
            around = cluster_bootstrap(statistic, codes, level=level, replicates=replicates, seed=seed)
            figures[name] = Figure(value, around.low, around.high)
        for share in SHARES:
            found = figures[f"capture_{100 * share:02.0f}"]
            figures[f"lift_{100 * share:02.0f}"] = Figure(
                *(one / share for one in (found.value, found.low, found.high))
            )
        figures["gini"] = Figure(*(2.0 * one - 1.0 for one in (area.value, area.low, area.high)))
    return Discrimination(
        n=len(sample.y),
        bads=bads,
        clusters=count,
        level=level,
        auc=area,
        figures=figures,
        cap=cap_curve(sample.y, sample.score) if figures else (empty, empty),
        minimum=minimum_bads,
    )


def _statistics(sample: Sample) -> dict[str, Callable[[Floats], float]]:
    y, score, ranked = sample.y, sample.score, Ranked(sample.y, sample.score)

    def weighed(measure: Callable[..., float], *more: float) -> Callable[[Floats], float]:
        def of(weights: Floats) -> float:
            drawn = weights > 0
            if not (y[drawn] > 0).any() or not (y[drawn] < 1).any():
                return math.nan
            return measure(y[drawn], score[drawn], *more, weights=weights[drawn])

        return of

    return {
        "accuracy_ratio": weighed(accuracy_ratio),
        "ks": ranked.ks,
        "pr_auc": weighed(pr_auc),
        "h_measure": weighed(h_measure),
        **{f"capture_{100 * share:02.0f}": weighed(capture, share) for share in SHARES},
    }
