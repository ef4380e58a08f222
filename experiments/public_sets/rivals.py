"""The alternatives, each as its users would set it up, with one processor and a bounded search.

A model is a function from training rows, labels and a seed to a function from rows to probabilities of bad. Rows are a
pandas frame whose numbers are float64 (NaN where missing) and whose categories are text ("(missing)" where missing).
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Predict = Callable[[pd.DataFrame], Floats]
Fit = Callable[[pd.DataFrame, Floats, int], Predict]

#: Settings that each tuned rival tries, and the folds that judge them: what our own trees have.
TRIALS, FOLDS = 10, 3


def kinds(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return the names of the columns of numbers and of categories."""
    words = [name for name in frame.columns if frame[name].dtype == object]
    return [name for name in frame.columns if name not in words], words


def logistic_regression(frame: pd.DataFrame, bad: Floats, seed: int) -> Predict:
    """Median imputation with indicators, one-hot categories, scaling; clip and log or bins, and C, by folds."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, OneHotEncoder, StandardScaler

    numbers, words = kinds(frame)
    ends = {name: np.nanquantile(frame[name], [0.005, 0.995]) for name in numbers}

    def clipped_log(values: pd.DataFrame) -> Floats:
        held = np.column_stack([np.clip(values[name], *ends[name]) for name in numbers])
        return np.sign(held) * np.log1p(np.abs(held))

    logs = make_pipeline(
        FunctionTransformer(clipped_log), SimpleImputer(strategy="median", add_indicator=True), StandardScaler()
    )
    bins = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        KBinsDiscretizer(10, encode="onehot", strategy="quantile", quantile_method="averaged_inverted_cdf"),
    )
    hot = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10)
    columns = ColumnTransformer([("numbers", logs, numbers), ("words", hot, words)])
    model = make_pipeline(columns, LogisticRegression(max_iter=2000))
    grid = {
        "columntransformer__numbers": [logs, bins] if numbers else [logs],
        "logisticregression__C": [0.01, 0.1, 1.0],
    }
    search = GridSearchCV(model, grid, scoring="neg_log_loss", cv=FOLDS, n_jobs=1).fit(frame, bad)
    return lambda rows: np.asarray(search.predict_proba(rows)[:, 1])


def random_forest(frame: pd.DataFrame, bad: Floats, seed: int) -> Predict:
    """300 trees; rows a leaf of three by the rows out of the bag."""
    from sklearn.ensemble import RandomForestClassifier

    matrix = one_hot(frame)
    X = matrix(frame)

    def grown(leaf: int, trees: int) -> Any:
        return RandomForestClassifier(trees, min_samples_leaf=leaf, oob_score=True, n_jobs=1, random_state=seed).fit(
            X, bad
        )

    def unseen_loss(leaf: int) -> float:
        p = np.clip(grown(leaf, 60).oob_decision_function_[:, 1], 1e-3, 1 - 1e-3)
        return float(-np.nanmean(bad * np.log(p) + (1 - bad) * np.log(1 - p)))

    forest = grown(min((2, 5, 20), key=unseen_loss), 300)
    return lambda rows: np.asarray(forest.predict_proba(matrix(rows))[:, 1])


def one_hot(frame: pd.DataFrame) -> Callable[[pd.DataFrame], Floats]:
    """Return how rows become numbers: the median where one is missing, and a column a level."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder

    numbers, words = kinds(frame)
    hot = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10, sparse_output=False)
    median = SimpleImputer(strategy="median", add_indicator=True)
    columns = ColumnTransformer([("numbers", median, numbers), ("words", hot, words)]).fit(frame)
    return lambda rows: np.asarray(columns.transform(rows), dtype=np.float64)


def optbinning(frame: pd.DataFrame, bad: Floats, seed: int) -> Predict:
    """The package's own scorecard: optimal bins of every column, information value from 0.01, logistic regression."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        from optbinning import BinningProcess, Scorecard
    from sklearn.linear_model import LogisticRegression

    _, words = kinds(frame)
    process = BinningProcess(
        list(frame.columns), categorical_variables=words, selection_criteria={"iv": {"min": 0.01}}, n_jobs=1
    )
    card = Scorecard(binning_process=process, estimator=LogisticRegression(max_iter=2000))
    with contextlib.redirect_stdout(io.StringIO()):
        card.fit(frame, bad.astype(int), metric_missing="empirical", metric_special="empirical")
    return lambda rows: np.asarray(card.predict_proba(rows)[:, 1])


def xgboost(frame: pd.DataFrame, bad: Floats, seed: int) -> Predict:
    """Histogram trees, its own categories; depth, rate, leaf weight, penalties by folds, rounds by early stopping."""
    import xgboost as xgb

    _, words = kinds(frame)
    levels = {name: sorted(frame[name].unique()) for name in words}

    def data(rows: pd.DataFrame, labels: Floats | None = None) -> Any:
        filled = rows.copy()
        for name in words:
            filled[name] = pd.Categorical(rows[name], categories=levels[name])
        return xgb.DMatrix(filled, labels, enable_categorical=True, nthread=1)

    draw = np.random.default_rng(seed)
    whole, best = data(frame, bad), (np.inf, {}, 1)
    for _ in range(TRIALS):
        settings = {
            "objective": "binary:logistic", "tree_method": "hist", "nthread": 1, "seed": seed, "max_bin": 128,
            "eta": float(np.exp(draw.uniform(np.log(0.02), np.log(0.15)))), "max_depth": int(draw.integers(2, 7)),
            "min_child_weight": float(np.exp(draw.uniform(0.0, np.log(50.0)))),
            "lambda": float(np.exp(draw.uniform(0.0, np.log(100.0)))),
            "subsample": float(draw.uniform(0.5, 1.0)), "colsample_bytree": float(draw.uniform(0.3, 1.0)),
        }  # fmt: skip
        found = xgb.cv(
            settings, whole, 500, nfold=FOLDS, stratified=True, metrics="logloss", early_stopping_rounds=20, seed=seed
        )["test-logloss-mean"]
        if found.min() < best[0]:
            best = (float(found.min()), settings, int(found.argmin()) + 1)
    booster = xgb.train(best[1], whole, best[2])
    return lambda rows: np.asarray(booster.predict(data(rows)), dtype=np.float64)


def catboost(frame: pd.DataFrame, bad: Floats, seed: int) -> Predict:
    """Its own categories; depth of two by an inner fifth, which also stops it early; then all rows."""
    from catboost import CatBoostClassifier, Pool
    from sklearn.model_selection import train_test_split

    _, words = kinds(frame)
    fit, held = train_test_split(np.arange(len(bad)), test_size=0.2, stratify=bad, random_state=seed)

    def trees(depth: int, rounds: int, rate: float | None = None) -> Any:
        return CatBoostClassifier(
            iterations=rounds,
            depth=depth,
            learning_rate=rate,
            thread_count=1,
            random_seed=seed,
            verbose=False,
            allow_writing_files=False,
        )

    inner, judge = Pool(frame.iloc[fit], bad[fit], words), Pool(frame.iloc[held], bad[held], words)
    tried = []
    for depth in (4, 6):
        model = trees(depth, 1000).fit(inner, eval_set=judge, early_stopping_rounds=30)
        rate = model.get_all_params()["learning_rate"]  # its own choice goes with the 1000 rounds it was made for
        tried.append((model.get_best_score()["validation"]["Logloss"], depth, model.tree_count_, rate))
    _, depth, rounds, rate = min(tried)
    model = trees(depth, max(rounds, 10), rate).fit(Pool(frame, bad, words))
    return lambda rows: np.asarray(model.predict_proba(rows)[:, 1])


def ebm(frame: pd.DataFrame, bad: Floats, seed: int) -> Predict:
    """Its own settings, but for 4 outer bags, 10 interactions and 5,000 rounds at most."""
    from interpret.glassbox import ExplainableBoostingClassifier

    _, words = kinds(frame)
    types = ["nominal" if name in words else "continuous" for name in frame.columns]
    model = ExplainableBoostingClassifier(
        feature_types=types, outer_bags=4, interactions=10, max_rounds=5000, n_jobs=1, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(frame, bad.astype(int))
    return lambda rows: np.asarray(model.predict_proba(rows)[:, 1])


#: Name in the table, how it is fitted, and the package it needs.
RIVALS: dict[str, tuple[Fit, str]] = {
    "logistic regression": (logistic_regression, "sklearn"),
    "random forest": (random_forest, "sklearn"),
    "optbinning scorecard": (optbinning, "optbinning"),
    "xgboost": (xgboost, "xgboost"),
    "catboost": (catboost, "catboost"),
    "ebm": (ebm, "interpret"),
}


def installed(name: str) -> bool:
    """Whether the package that a rival needs is there."""
    return find_spec(RIVALS[name][1]) is not None
