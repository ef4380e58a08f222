"""Which columns give a trait away, each alone and a model's together, in communal banks they were not fitted on.

A feature that tells a protected trait brings it back into a score that was never shown it. How well it tells is an AUC:
one half says nothing, 1 gives the trait away. A small tree is fitted on the banks of four fifths of the rows and asked
about the others, so that a relation that bends counts, and one that holds in a single bank does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from riskscore.evaluation.clustered_auc import clustered_auc
from riskscore.evaluation.report import MINIMUM_BADS, Figure
from riskscore.evaluation.sample import Floats

FOLDS = 5

#: Leaves of the tree on one column, and the fewest rows of each.
LEAVES, ROWS_PER_LEAF = 8, 30

#: Where a column stands: in the model, a predictor that it does not use, or a trait kept for audits.
Standing = Literal["in the model", "not in this model", "for audits alone"]


@dataclass(frozen=True, slots=True)
class Proxy:
    """How well a column tells a trait.

    Parameters
    ----------
    feature : str
    standing : str
    auc : Figure
        In banks that the tree had not seen.
    suspect : bool
        Whether the AUC reaches the bar, and its interval lies above one half.
    """

    feature: str
    standing: Standing
    auc: Figure
    suspect: bool


@dataclass(frozen=True, slots=True)
class ProxySearch:
    """What gives one trait away.

    Parameters
    ----------
    trait, told : str
        The protected feature, and which group is told from the rest.
    n, of : int
        People, and how many of them are of the group.
    together : Figure
        AUC of all the model's features at once; NaN where nothing could be searched.
    proxies : tuple of Proxy
        The most telling first; empty where one of the two groups is too small.
    """

    trait: str
    told: str
    n: int
    of: int
    together: Figure
    proxies: tuple[Proxy, ...]

    @property
    def searched(self) -> bool:
        """Whether there were enough of both to search."""
        return bool(self.proxies)


def search_proxies(
    trait: str,
    told: str,
    member: npt.NDArray[np.bool_],
    columns: Mapping[str, tuple[Standing, Floats]],
    clusters: npt.NDArray[Any],
    *,
    bar: float,
    seed: int = 0,
) -> ProxySearch:
    """Rank columns by how well they tell who is of a group.

    Parameters
    ----------
    trait, told : str
    member : ndarray of bool (n,)
        Who is of the group. One row a person: a trait is hers, however often she borrows.
    columns : mapping of str to (str, ndarray (n,))
        Where each column stands, and its values; NaN is missing. The trait itself is left out by the caller.
    clusters : ndarray (n,)
    bar : float
        AUC from which a column is a suspect.
    seed : int
    """
    n, of = len(member), int(member.sum())
    y = member.astype(np.float64)
    if min(of, n - of) < MINIMUM_BADS or len(np.unique(clusters)) < FOLDS:
        return ProxySearch(trait, told, n, of, Figure(np.nan), ())
    folds = _folds(y, clusters, seed)
    found = []
    for name, (standing, values) in columns.items():
        auc = clustered_auc(y, _elsewhere(_tree(seed), values[:, None], y, folds), clusters)
        found.append(Proxy(name, standing, auc, auc.value >= bar and auc.low > 0.5))
    used = [values for standing, values in columns.values() if standing == "in the model"]
    together = Figure(np.nan)
    if used:
        together = clustered_auc(y, _elsewhere(_boosted(seed), np.column_stack(used), y, folds), clusters)
    return ProxySearch(
        trait, told, n, of, together, tuple(sorted(found, key=lambda one: (-one.auc.value, one.feature)))
    )


def _folds(y: Floats, clusters: npt.NDArray[Any], seed: int) -> npt.NDArray[np.int64]:
    """Return the fold of each row, whole clusters in one."""
    from sklearn.model_selection import StratifiedGroupKFold

    folds = np.zeros(len(y), dtype=np.int64)
    parts = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(y[:, None], y, clusters)
    for fold, (_, test) in enumerate(parts):
        folds[test] = fold
    return folds


def _elsewhere(build: Callable[[], Any], X: Floats, y: Floats, folds: npt.NDArray[np.int64]) -> Floats:
    told = np.full(len(y), float(y.mean()))
    for fold in range(FOLDS):
        train, test = folds != fold, folds == fold
        if 0 < y[train].sum() < train.sum():
            told[test] = build().fit(X[train], y[train]).predict_proba(X[test])[:, 1]
    return told


def _tree(seed: int) -> Callable[[], Any]:
    from sklearn.tree import DecisionTreeClassifier

    return lambda: DecisionTreeClassifier(max_leaf_nodes=LEAVES, min_samples_leaf=ROWS_PER_LEAF, random_state=seed)


def _boosted(seed: int) -> Callable[[], Any]:
    import lightgbm

    settings = {"num_leaves": LEAVES, "min_child_samples": ROWS_PER_LEAF, "n_jobs": 1, "verbosity": -1}
    return lambda: lightgbm.LGBMClassifier(n_estimators=80, random_state=seed, **settings)


def suspects(searches: Sequence[ProxySearch], *, most: int) -> tuple[str, ...]:
    """Return the model's features that are suspects of any trait, the most telling first; at most `most`.

    Where none reaches the bar, the most telling one of each trait is returned: that a search found nothing has to be
    seen to cost nothing.
    """
    inside = [
        (proxy.auc.value, proxy.feature, proxy.suspect)
        for search in searches
        for proxy in search.proxies
        if proxy.standing == "in the model"
    ]
    strong = [one for one in inside if one[2]]
    if not strong:
        strong = [
            next((one.auc.value, one.feature, False) for one in search.proxies if one.standing == "in the model")
            for search in searches
            if any(one.standing == "in the model" for one in search.proxies)
        ]
    return tuple(dict.fromkeys(name for _, name, _ in sorted(strong, key=lambda one: (-one[0], one[1]))))[:most]
