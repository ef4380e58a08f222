"""Fitting the monotone trees: LightGBM within the directions the features declare, tuned by optuna on grouped folds."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before LightGBM: busy waiting costs 20 times on two busy cores

import logging
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskscore.dataset import whole_folds
from riskscore.modelling.margin import Floats, Groups
from riskscore.modelling.recipe import BoostingCandidate
from riskscore.modelling.trees import MonotoneTrees
from riskscore.modelling.woe import Risk

if TYPE_CHECKING:
    from optuna.trial import Trial

_DIRECTION = {"rises": 1, "falls": -1, "free": 0}

#: Cells of a feature's histogram: enough for these features, and a quarter of the default's cost.
CELLS = 63


@dataclass(frozen=True, slots=True)
class Settings:
    """What optuna chose; the names are LightGBM's own."""

    learning_rate: float
    num_leaves: int
    min_data_in_leaf: int
    lambda_l2: float
    feature_fraction: float
    bagging_fraction: float
    trees: int


@dataclass(frozen=True, slots=True)
class Tuning:
    """All settings tried in time, best first, and the log loss that the best had on the folds (nats a row)."""

    tried: tuple[Settings, ...]
    log_loss: float

    @property
    def settings(self) -> Settings:
        """The best."""
        return self.tried[0]

    @property
    def trials(self) -> int:
        """How many trials ended in time."""
        return len(self.tried)


def fit_trees(
    X: Floats,
    bad: Floats,
    features: tuple[str, ...],
    risks: Mapping[str, Risk],
    groups: Groups,
    settings: Settings,
    *,
    seed: int,
) -> MonotoneTrees:
    """Fit with fixed settings; rows with an indeterminate outcome are left out before.

    `groups` are the capped families: each is kept in trees of its own.
    """
    import lightgbm

    data = _data(X, bad, features)
    booster = lightgbm.train(_parameters(features, risks, groups, settings, seed), data, settings.trees)
    return MonotoneTrees(features, booster.model_to_string(), _stand_ins(X, features))


def tune(
    X: Floats,
    bad: Floats,
    features: tuple[str, ...],
    risks: Mapping[str, Risk],
    groups: Groups,
    clusters: NDArray[Any],
    candidate: BoostingCandidate,
    *,
    seed: int,
) -> Tuning:
    """Search the candidate's spans with optuna's seeded TPE; whole clusters lie in one fold.

    Log loss judges, because the PD is used and not only the order. The number of trees is where the mean loss over the
    folds is smallest. With the same seed and no timeout reached, the same settings come out.
    """
    import lightgbm
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    logging.getLogger("optuna").propagate = False
    stand_ins = _stand_ins(X, features)
    folds = [
        (_data(X[train], bad[train], features), X[test], bad[test])
        for train, test in grouped_folds(bad, clusters, candidate.folds, seed=seed)
    ]

    def objective(trial: Trial) -> float:
        settings = _suggest(trial, candidate, len(X))
        parameters = _parameters(features, risks, groups, settings, seed)
        losses = np.zeros(candidate.trees)
        for data, X_test, y_test in folds:
            booster = lightgbm.train(parameters, data, candidate.trees)
            staged = MonotoneTrees(features, booster.model_to_string(), stand_ins).staged(X_test)
            each = np.logaddexp(0.0, staged) - y_test[:, None] * staged
            losses[: staged.shape[1]] += each.mean(axis=0) / len(folds)
            losses[staged.shape[1] :] += each[:, -1].mean() / len(folds)
        best = int(losses.argmin())
        trial.set_user_attr("trees", best + 1)
        return float(losses[best])

    study = optuna.create_study(direction="minimize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, n_trials=candidate.trials, timeout=candidate.timeout_seconds)
    tried = tuple(
        replace(_suggest(optuna.trial.FixedTrial(one.params), candidate, len(X)), trees=one.user_attrs["trees"])
        for one in sorted(study.get_trials(deepcopy=False), key=lambda one: float(one.value or 0.0))
    )
    return Tuning(tried, float(study.best_value))


def grouped_folds(
    bad: Floats, clusters: NDArray[Any], folds: int, *, seed: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield row numbers to train and to test on, whole clusters in one fold and bads spread evenly."""
    held = whole_folds(clusters, bad, folds, seed)
    for fold in range(folds):
        yield np.flatnonzero(held != fold), np.flatnonzero(held == fold)


def _data(X: Floats, bad: Floats, features: tuple[str, ...]) -> Any:
    import lightgbm

    return lightgbm.Dataset(
        X,
        bad,
        feature_name=list(features),
        params={"max_bin": CELLS, "verbosity": -1, "num_threads": 1, "feature_pre_filter": False},
        free_raw_data=False,
    )


def _parameters(
    features: tuple[str, ...], risks: Mapping[str, Risk], groups: Groups, settings: Settings, seed: int
) -> dict[str, Any]:
    grouped = {column for group in groups for column in group}
    rest = [column for column in range(len(features)) if column not in grouped]
    kept_apart = [list(group) for group in (*groups, tuple(rest)) if group]
    return {
        "objective": "binary",
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.num_leaves,
        "min_data_in_leaf": settings.min_data_in_leaf,
        "lambda_l2": settings.lambda_l2,
        "feature_fraction": settings.feature_fraction,
        "bagging_fraction": settings.bagging_fraction,
        "bagging_freq": 1,
        "max_bin": CELLS,
        "monotone_constraints": [_DIRECTION[risks[name]] for name in features],
        # With "advanced" and missing values the margin fell in 2 to 9 % of rows.
        "monotone_constraints_method": "basic",
        "interaction_constraints": kept_apart,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "seed": seed,
        "verbosity": -1,
    }


def _suggest(trial: Any, candidate: BoostingCandidate, rows: int) -> Settings:
    most = max(1, rows // 10)
    least_rows, most_rows = (min(int(end), most) for end in candidate.rows_per_leaf)
    low_l2, high_l2 = candidate.l2
    return Settings(
        learning_rate=trial.suggest_float("learning_rate", *candidate.learning_rate, log=True),
        num_leaves=trial.suggest_int("num_leaves", *(math.floor(end) for end in candidate.leaves)),
        min_data_in_leaf=trial.suggest_int("min_data_in_leaf", least_rows, most_rows, log=True),
        lambda_l2=trial.suggest_float("lambda_l2", low_l2, high_l2, log=low_l2 > 0),
        feature_fraction=trial.suggest_float("feature_fraction", *candidate.features_per_tree),
        bagging_fraction=trial.suggest_float("bagging_fraction", *candidate.rows_per_tree),
        trees=candidate.trees,
    )


def _stand_ins(X: Floats, features: tuple[str, ...]) -> dict[str, float]:
    return {
        name: float(np.median(X[:, column])) for column, name in enumerate(features) if not np.isnan(X[:, column]).any()
    }
