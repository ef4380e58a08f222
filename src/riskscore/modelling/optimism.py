"""By how much a random split would have flattered the chosen model, on the very rows of the honest test.

The model is fitted again with its own settings, without tuning, on as many rows as trained it, drawn at random: a
woman's later loans, and her neighbours', may now teach about the loans that test. Its calibration is kept, so that only
the rows it learnt from differ. The later rows are cut in two, so this costs two fits; ranks are compared within a half,
where one fit made them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscore.dataset import Split, TrainingSet
from riskscore.dataset.random_split import random_twins
from riskscore.evaluation import MINIMUM_BADS, Figure, Ranked, cluster_bootstrap
from riskscore.modelling.development import Developed, refitted
from riskscore.modelling.margin import Floats
from riskscore.modelling.rows import rows_of

#: Coverage of the interval of the difference, and into how many parts the test rows are cut.
LEVEL, PARTS = 0.90, 2


#: The sets of test rows, in words.
TESTS = {"later": "all later rows", "other_groups": "groups that never trained"}


@dataclass(frozen=True, slots=True)
class Flattery:
    """AUCs on one set of test rows: of the honest model, of its twin of a random split, and the difference."""

    rows: int
    bads: int
    honest: float
    random: float
    optimism: Figure

    def __str__(self) -> str:
        gap = self.optimism
        return (
            f"AUC {self.honest:.3f} out of time, {self.random:.3f} by a random split on the same {self.rows:,} rows: "
            f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        plain = {"rows": self.rows, "bads": self.bads, "honest": self.honest, "random": self.random}
        return {**plain, "optimism": self.optimism.to_dict()}


@dataclass(frozen=True, slots=True)
class Optimism:
    """What a random split would have claimed for one candidate.

    Parameters
    ----------
    kind : str
        The candidate.
    tests : mapping of str to Flattery
        ``"later"``, and ``"other_groups"``: whole groups that never trained. Those with too few bads are missing.
    """

    kind: str
    tests: Mapping[str, Flattery]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"kind": self.kind, "level": LEVEL, "tests": {name: one.to_dict() for name, one in self.tests.items()}}


def measure(developed: Developed, every: TrainingSet, split: Split, first_cycle: str, *, seed: int) -> Optimism:
    """Refit a candidate at random rows and compare it with itself on the later rows.

    Parameters
    ----------
    developed : Developed
    every : TrainingSet
        The set that was split.
    split : Split
    first_cycle : str
        The recipe's.
    seed : int

    Raises
    ------
    Refused
        The rows drawn hold nothing to learn from.
    """
    names = developed.model.features
    later = every.with_rows(every.as_of >= np.datetime64(split.first_test))
    trained = np.unique(split.train.clusters)
    halves = []
    for train, test in random_twins(every, later, split, parts=PARTS, seed=seed):
        rows = rows_of(test, names, first_cycle)
        twin = refitted(developed, rows_of(train, names, first_cycle))
        halves.append(
            _Half(
                rows.y,
                developed.model.log_odds(rows.X),
                twin.log_odds(rows.X),
                rows.clusters,
                ~np.isin(rows.clusters, trained),
            )
        )
    tests = {"later": _flattery(halves, seed)}
    tests["other_groups"] = _flattery([half.apart_only() for half in halves], seed)
    return Optimism(developed.model.kind, {name: one for name, one in tests.items() if one is not None})


@dataclass(frozen=True, slots=True, eq=False)
class _Half:
    """One part of the test rows: labels, log-odds of both models, clusters, and which never trained."""

    y: Floats
    honest: Floats
    random: Floats
    clusters: NDArray[Any]
    apart: NDArray[np.bool_]

    def apart_only(self) -> _Half:
        rows = self.apart
        return _Half(self.y[rows], self.honest[rows], self.random[rows], self.clusters[rows], rows[rows])


def _flattery(halves: list[_Half], seed: int) -> Flattery | None:
    bads, rows = [int(half.y.sum()) for half in halves], [len(half.y) for half in halves]
    if sum(bads) < MINIMUM_BADS or min(bads) < 1 or any(one == all_ for one, all_ in zip(bads, rows, strict=True)):
        return None
    honest = [Ranked(half.y, half.honest) for half in halves]
    random = [Ranked(half.y, half.random) for half in halves]
    starts = np.cumsum(rows)[:-1]

    def area(ranked: list[Ranked], weights: Floats) -> float:
        parts = [one.auc(part) for one, part in zip(ranked, np.split(weights, starts), strict=True)]
        return float(np.average(parts, weights=bads))

    around = cluster_bootstrap(
        lambda weights: area(random, weights) - area(honest, weights),
        np.concatenate([half.clusters for half in halves]),
        level=LEVEL,
        seed=seed,
    )
    once = np.ones(sum(rows))
    one, two = area(honest, once), area(random, once)
    return Flattery(sum(rows), sum(bads), one, two, Figure(two - one, around.low, around.high))
