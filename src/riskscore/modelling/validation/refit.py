"""The champion fitted again on other rows, with its own settings and no search: what it would have been without some.

A scorecard is binned and weighed again by the recipe's own settings. Trees keep the settings that were once found for
them; only their number may come out lower. Other kinds (an expert's prior, a structure) are not learnt from rows alone
and are not fitted again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from riskscore.errors import Refused
from riskscore.modelling.artefact import Champion
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.development import develop
from riskscore.modelling.recipe import BoostingCandidate, Candidate
from riskscore.modelling.rows import Columns, Rows
from riskscore.modelling.trees import MonotoneTrees

#: From rows to the model that they make.
Refit = Callable[[Rows], CalibratedModel]

#: Kinds that rows alone make.
FITTED = ("woe_scorecard", "lightgbm")

#: Folds on which the number of trees is found again, and most seconds it may take.
FOLDS, SECONDS = 2, 600.0


def refit_of(champion: Champion, *, seed: int = 0) -> Refit:
    """Return a callable that fits the champion's kind on rows, calibrated as the champion was.

    Raises
    ------
    Refused
        No candidate of the recipe is of the champion's kind; the callable raises it where rows are too few to fit.
    """
    candidate = same_settings(champion)
    return lambda rows: develop(champion.recipe, candidate, columns_of_champion(champion), rows, seed=seed).model


def scorecard_of(champion: Champion, rows: Rows, *, seed: int = 0) -> CalibratedModel | None:
    """Return the scorecard of the same recipe, features and rows; None where the recipe has none.

    Raises
    ------
    Refused
        The rows are too few to fit one.
    """
    cards = [one for one in champion.recipe.candidates if one.kind == "woe_scorecard"]
    if not cards:
        return None
    return develop(champion.recipe, cards[0], columns_of_champion(champion), rows, seed=seed).model


def columns_of_champion(champion: Champion) -> Columns:
    """Return the champion's features, in its order, with their families and directions."""
    model = champion.model
    risks = {name: champion.lock.feature(name).risk for name in model.features}
    return Columns(model.features, {name: model.families[name] for name in model.features}, risks)


def same_settings(champion: Champion) -> Candidate:
    """Return the recipe's candidate of the champion's kind, its spans narrowed to what was found."""
    kind = champion.model.kind
    mine = [one for one in champion.recipe.candidates if one.kind == kind and kind in FITTED]
    if not mine:
        raise Refused.of(champion.recipe.name, f"A model of the kind {kind!r} is not fitted again on other rows.", "")
    candidate, margin = mine[0], champion.model.margin
    if not isinstance(candidate, BoostingCandidate) or not isinstance(margin, MonotoneTrees):
        return candidate
    found = dict(re.findall(r"^\[(\w+): (\S+)\]$", margin.text, re.MULTILINE))

    def point(name: str) -> tuple[float, float]:
        return float(found[name]), float(found[name])

    return replace(
        candidate,
        trials=1,
        timeout_seconds=SECONDS,
        folds=FOLDS,
        trees=max(margin.text.count("\nTree="), 10),
        learning_rate=point("learning_rate"),
        leaves=point("num_leaves"),
        rows_per_leaf=point("min_data_in_leaf"),
        l2=point("lambda_l2"),
        features_per_tree=point("feature_fraction"),
        rows_per_tree=point("bagging_fraction"),
    )
