"""The monotone trees as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from riskscore.dataset import whole_folds
from riskscore.modelling.boosting import fit_trees, tune
from riskscore.modelling.development import Fitting
from riskscore.modelling.estimators.averaged import AveragedTrees
from riskscore.modelling.estimators.classifier import FlatTableClassifier
from riskscore.modelling.estimators.coding import Coding
from riskscore.modelling.estimators.ordering import Ordered, cross_fitted, numbered, numbers_of_levels
from riskscore.modelling.margin import Floats, Margin
from riskscore.modelling.recipe import BoostingCandidate, Span
from riskscore.modelling.rows import Rows
from riskscore.modelling.woe import Risk

#: Bads for every leaf that a tree may have: 150 bads cannot tell trees of 30 leaves from trees of 7.
BADS_A_LEAF = 20

#: With fewer bads the folds cannot tell the best settings from good ones: so many of the best are averaged.
FEW_BADS, GOOD_SETTINGS = 2_000, 4

#: Folds in which the levels of categories are learnt for the rows of the others.
CROSS_FOLDS = 5

#: A column of up to so many levels has rows enough a level to be ordered by all of them; cross-fitted, one level gets
#: a number a fold, and trees cut between them.
FEW_LEVELS = 15


class MonotoneTreesClassifier(FlatTableClassifier):
    """Boosted trees within the directions given, over any table.

    Parameters
    ----------
    trials : int
        Settings that optuna tries, each on `folds` folds.
    timeout_seconds : float
        After which no new trial begins; with it reached, two runs may choose differently.
    folds : int
    trees : int
        Most trees; how many there are is where the folds' log loss is smallest.
    fits : int
        Boosters that are averaged where there are under 2,000 bads: two seeds of each of the four best settings tried,
        if it is 8. From 2,000 bads on a quarter of them, at least one, of the best settings.
    learning_rate, leaves, rows_per_leaf, l2, features_per_tree, rows_per_tree : tuple of float
        Spans of the search, both ends included. Few bads (20 a leaf) narrow that of the leaves.
    directions : mapping of str to {"rises", "falls", "free"}, optional
        Which way the risk moves with a column; free where it is not said. Special codes of such a column are missing.
    bad_label : object, optional
        The label of the bad; the second of the sorted labels where it is not said, as scikit-learn has it.
    calibration_folds : int
        Folds from which the line between margin and log-odds is learnt.
    random_state : int
    """

    def __init__(
        self,
        *,
        trials: int = 10,
        timeout_seconds: float = 120.0,
        folds: int = 3,
        trees: int = 300,
        fits: int = 8,
        learning_rate: Span = (0.02, 0.04),
        leaves: Span = (5, 24),
        rows_per_leaf: Span = (5, 50),
        l2: Span = (1.0, 20.0),
        features_per_tree: Span = (0.3, 0.6),
        rows_per_tree: Span = (0.35, 0.55),
        directions: Mapping[str, Risk] | None = None,
        bad_label: Any = None,
        calibration_folds: int = 5,
        random_state: int = 0,
    ) -> None:
        self.trials = trials
        self.timeout_seconds = timeout_seconds
        self.folds = folds
        self.trees = trees
        self.fits = fits
        self.learning_rate = learning_rate
        self.leaves = leaves
        self.rows_per_leaf = rows_per_leaf
        self.l2 = l2
        self.features_per_tree = features_per_tree
        self.rows_per_tree = rows_per_tree
        self.directions = directions
        self.bad_label = bad_label
        self.calibration_folds = calibration_folds
        self.random_state = random_state

    def _heard(self, coding: Coding, risks: Mapping[str, Risk]) -> Coding:
        return replace(coding, silent=tuple(name for name in coding.codes if risks[name] != "free"))

    def _fitting(self, rows: Rows, coding: Coding, risks: Mapping[str, Risk]) -> Fitting:
        names = tuple(f"f{column}" for column in range(len(coding.kept)))
        directed = {name: risks[column] for name, column in zip(names, coding.kept, strict=True)}
        candidate = BoostingCandidate(
            trials=self.trials,
            timeout_seconds=self.timeout_seconds,
            folds=self.folds,
            trees=self.trees,
            learning_rate=self.learning_rate,
            leaves=_affordable(self.leaves, int(rows.y.sum())),
            rows_per_leaf=self.rows_per_leaf,
            l2=self.l2,
            features_per_tree=self.features_per_tree,
            rows_per_tree=self.rows_per_tree,
        )
        seed = self.random_state
        dealt = whole_folds(rows.clusters, rows.y, CROSS_FOLDS, seed)
        ready = cross_fitted(rows.X, rows.y, coding.categories, dealt)
        tuning = tune(ready, rows.y, names, directed, (), rows.clusters, candidate, seed=seed)
        self.settings_ = tuning.settings
        few = rows.y.sum() < FEW_BADS
        good = tuning.tried[:GOOD_SETTINGS]
        fits = self.fits if few else max(1, self.fits // 4)
        many_levels = {column: levels for column, levels in coding.categories.items() if levels > FEW_LEVELS}

        def boost(X: Floats, bad: Floats) -> tuple[Margin, Mapping[str, str]]:
            worth = numbers_of_levels(X, bad, coding.categories)
            plain = numbered(X, {column: one for column, one in worth.items() if column not in many_levels})
            members = []
            for one in range(fits):
                folds = whole_folds(np.arange(len(bad)), bad, CROSS_FOLDS, seed + one)
                filled = cross_fitted(plain, bad, many_levels, folds)
                members.append(fit_trees(filled, bad, names, directed, (), good[one % len(good)], seed=seed + one))
            return Ordered(coding.kept, worth, AveragedTrees(tuple(members))), {}

        return boost


def _affordable(leaves: Span, bads: int) -> Span:
    """Return the span of the leaves that so many bads can tell apart, never below its own lower end."""
    low, high = leaves
    return low, max(low, min(high, bads // BADS_A_LEAF))
