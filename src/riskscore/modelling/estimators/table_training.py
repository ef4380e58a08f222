"""A recipe's candidates on a flat table: fitted, judged on rows that took no part, chosen as in training proper.

What a table cannot have is not done: no fact is checked to have been known in time, families are not capped, no segment
has an offset, nothing is registered. An AUC above the recipe's alarm only warns, for nothing here can be promoted.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from riskscore.dataset import whole_folds
from riskscore.errors import Fault, InvalidInput, Refused
from riskscore.evaluation import Evaluation, evaluate
from riskscore.modelling.estimators.classifier import FlatTableClassifier
from riskscore.modelling.estimators.labels import bad_of, column_of
from riskscore.modelling.estimators.scorecard_classifier import ScorecardClassifier
from riskscore.modelling.estimators.table import frame_of
from riskscore.modelling.estimators.trees_classifier import MonotoneTreesClassifier
from riskscore.modelling.recipe import BoostingCandidate, Candidate, Recipe, ScorecardCandidate
from riskscore.modelling.selection import BASELINE, Choice, auc_gain, choose
from riskscore.modelling.training import Told
from riskscore.modelling.woe import Risk


class TooGood(UserWarning):
    """An AUC above the recipe's alarm: some column may know the outcome."""


@dataclass(frozen=True, slots=True, eq=False)
class TableRun:
    """What training on a flat table gives.

    Parameters
    ----------
    recipe : Recipe
    candidates : mapping of str to estimator
        Fitted on the training rows, by kind.
    evaluations : mapping of str to Evaluation
        Of each candidate on the test rows.
    choice : Choice
        The winner's kind, and why.
    dropped : mapping of str to str
        Candidates that could not be fitted, and why.
    tested : ndarray of int
        Numbers of the test rows.
    split : str
        How they were taken, in words.
    """

    recipe: Recipe
    candidates: Mapping[str, FlatTableClassifier]
    evaluations: Mapping[str, Evaluation]
    choice: Choice
    dropped: Mapping[str, str]
    tested: NDArray[np.intp]
    split: str

    @property
    def winner(self) -> FlatTableClassifier:
        """The chosen estimator."""
        return self.candidates[self.choice.kind]

    @property
    def evaluation(self) -> Evaluation:
        """The winner's, on rows that took no part in it."""
        return self.evaluations[self.choice.kind]

    def __str__(self) -> str:
        lines = [f"{len(self.tested)} test rows, {self.split}"]
        for kind, one in self.evaluations.items():
            lines.append(f"{kind}: {one.too_few or 'AUC ' + str(one.figures['auc'])}")
        lines += [f"{kind} could not be fitted: {why}" for kind, why in self.dropped.items()]
        return "\n".join([*lines, self.choice.words])


def train_table(
    recipe: Recipe,
    table: Any,
    *,
    bad: str | ArrayLike,
    groups: str | ArrayLike | None = None,
    as_of: str | None = None,
    bad_label: Any = None,
    directions: Mapping[str, Risk] | None = None,
    seed: int = 0,
    progress: Told | None = None,
) -> TableRun:
    """Fit a recipe's candidates on a flat table and choose between them.

    Parameters
    ----------
    recipe : Recipe
        Its candidates, folds, smallest number of bads, shares of the split and alarm are used; its outcome, families,
        caps and offsets belong to a portfolio and are not.
    table : pandas, Polars or Arrow table
    bad : str or array_like (n,)
        The column of labels, or the labels.
    groups : str or array_like (n,), optional
        Whole groups lie on one side of every split.
    as_of : str, optional
        A column of moments: the latest rows test. Without one the test rows are whole groups at random, which flatters.
    bad_label : object, optional
        Which label is the bad; needed for text. Of numbers it is the larger where it is not said, of truth values True.
    directions : mapping of str to {"rises", "falls", "free"}, optional
    seed : int
    progress : callable, optional
        Told each step in a few words.

    Raises
    ------
    InvalidInput
        A column named is not there; a row has no label; labels are not of two kinds, or text without `bad_label`; a
        pandas column beside the table has another index than the table; or see the estimators.
    Refused
        Too few bads, or no candidate could be fitted.
    """
    tell = progress or (lambda step: None)
    frame = frame_of(table)
    named = [
        (where, one) for where, one in (("bad", bad), ("groups", groups), ("as_of", as_of)) if isinstance(one, str)
    ]
    faults = [
        Fault(where, f"The table has no column {one!r}.", "Name one of its columns.")
        for where, one in named
        if one not in frame.columns
    ]
    if faults:
        raise InvalidInput(faults)
    if frame.is_empty():
        raise InvalidInput.of("table", "It has no rows.", "Bring rows with known outcomes.")
    labels = column_of(table, frame, "bad", bad)
    bad_label = bad_of(labels, bad_label)
    keys = np.arange(len(frame)) if groups is None else column_of(table, frame, "groups", groups).astype(str)
    moments = None if as_of is None else frame[as_of]
    X = frame.drop([one for _, one in named])
    y = (labels == bad_label).astype(np.float64)
    test, split = _tested(y, keys, moments, recipe, seed)
    train = np.setdiff1d(np.arange(len(y)), test)
    bads = int(y[train].sum())
    if bads < recipe.min_bads:
        what = f"{bads} bads in the training rows; the recipe asks for {recipe.min_bads}."
        raise Refused.of(
            recipe.at("min_bads"), what, "Bring more rows with known outcomes, or argue for another minimum."
        )
    fitted: dict[str, FlatTableClassifier] = {}
    dropped: dict[str, str] = {}
    for candidate in recipe.candidates:
        tell(f"{candidate.kind}: fit and calibration")
        estimator = _estimator(candidate, recipe, directions, bad_label, seed)
        try:
            fitted[candidate.kind] = estimator.fit(X[train], labels[train], groups=keys[train])
        except Refused as cause:
            dropped[candidate.kind] = str(cause)
    if not fitted:
        raise Refused(Fault(kind, why, "No candidate could be fitted.") for kind, why in dropped.items())
    tell("evaluation")
    why = {kind: one.explain(X[test]) for kind, one in fitted.items()}
    judged = {kind: evaluate(y[test], one.pd, clusters=keys[test], seed=seed, level=0.90) for kind, one in why.items()}
    areas = {kind: one.figures["auc"].value for kind, one in judged.items() if one.too_few is None}
    for kind, area in areas.items():
        if area > recipe.gates.leakage_auc:
            warnings.warn(f"{kind}: AUC {area:.3f}; a column may know the outcome", TooGood, stacklevel=2)
    base = why.get(BASELINE)
    gains = {
        kind: auc_gain(one.log_odds, base.log_odds, y[test], keys[test], seed=seed)
        for kind, one in why.items()
        if base is not None and kind != BASELINE
    }
    choice = choose(dict.fromkeys(fitted, ()), gains)
    return TableRun(recipe, fitted, judged, choice, dropped, test, split)


def _tested(
    y: NDArray[np.float64], keys: NDArray[Any], moments: pl.Series | None, recipe: Recipe, seed: int
) -> tuple[NDArray[np.intp], str]:
    """Return the numbers of the rows that test, and how they were taken."""
    share = recipe.split.test_share
    if moments is not None:
        if moments.null_count():
            raise InvalidInput.of("as_of", f"{moments.null_count()} rows have no moment.", "Give every row one.")
        first = moments.sort()[round((1.0 - share) * len(moments))]
        return np.flatnonzero((moments >= first).to_numpy()), "the latest"
    folds = whole_folds(keys, y, max(2, round(1.0 / share)), seed)
    return np.flatnonzero(folds == 0), "whole groups at random: what comes later is usually harder"


def _estimator(
    candidate: Candidate, recipe: Recipe, directions: Mapping[str, Risk] | None, bad_label: Any, seed: int
) -> FlatTableClassifier:
    common = {
        "directions": directions,
        "bad_label": bad_label,
        "calibration_folds": recipe.calibration_folds,
        "random_state": seed,
    }
    if isinstance(candidate, BoostingCandidate):
        return MonotoneTreesClassifier(
            trials=candidate.trials,
            timeout_seconds=candidate.timeout_seconds,
            folds=candidate.folds,
            trees=candidate.trees,
            learning_rate=candidate.learning_rate,
            leaves=candidate.leaves,
            rows_per_leaf=candidate.rows_per_leaf,
            l2=candidate.l2,
            features_per_tree=candidate.features_per_tree,
            rows_per_tree=candidate.rows_per_tree,
            **common,
        )
    if isinstance(candidate, ScorecardCandidate):
        return ScorecardClassifier(
            max_bins=candidate.max_bins, min_iv=candidate.min_iv, ridge=candidate.ridge, **common
        )
    raise InvalidInput.of(
        recipe.at("candidates", candidate.kind),
        f"{candidate.kind} reads a portfolio, and this is a table.",
        "Use woe_scorecard or lightgbm, or hand over a portfolio.",
    )
