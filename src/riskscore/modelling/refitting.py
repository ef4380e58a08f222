"""The champion fitted again: on other rows, or without some features; same settings, same calibration, nothing tuned.

Settings come from the artefact itself (a booster's text keeps its own, to six digits), so that a refit on the rows that
trained is the champion to 1e-6 in the PD, and a difference is owed to the rows or the features alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace

from riskscore.errors import InvalidInput, Refused
from riskscore.modelling.artefact import Champion
from riskscore.modelling.boosting import Settings, fit_trees
from riskscore.modelling.calibrated import CalibratedModel, groups_of
from riskscore.modelling.development import calibrate, develop, enough
from riskscore.modelling.kinds import kind_of
from riskscore.modelling.margin import Floats, Margin
from riskscore.modelling.recipe import ScorecardCandidate
from riskscore.modelling.rows import Columns, Rows
from riskscore.modelling.trees import MonotoneTrees

#: From rows to the model that they make.
Refit = Callable[[Rows], CalibratedModel]


def refit_of(champion: Champion) -> Refit:
    """Return a callable that fits the champion again on rows; it raises `Refused` where they are too few.

    Raises
    ------
    Refused
        The champion is of a kind that rows alone do not make.
    """
    if not kind_of(champion).of_rows:
        what = f"A model of the kind {champion.model.kind!r} is not fitted again on other rows."
        raise Refused.of(champion.recipe.name, what, "Read its prior and its assumptions in the validation report.")

    def refit(rows: Rows) -> CalibratedModel:
        enough(champion.recipe, _columns(champion), rows)
        return refitted(champion, rows)

    return refit


def refitted(champion: Champion, rows: Rows, without: tuple[str, ...] = ()) -> CalibratedModel:
    """Fit the champion's candidate on `rows` without some features, and calibrate it as it was.

    Parameters
    ----------
    champion : Champion
    rows : Rows
        With the champion's columns.
    without : tuple of str
        Features to leave out; none refits the champion.

    Raises
    ------
    InvalidInput
        A name that is none of the champion's, nothing left, or a kind that rows alone do not make.
    Refused
        What is left does not rank the rows it did not see. How few bads they hold is for who asks to judge.
    """
    model = champion.model
    strange = sorted(set(without) - set(model.features))
    columns = _columns(champion, without)
    if strange or not columns.names:
        what = f"{', '.join(strange)}: the champion has none." if strange else "Nothing would be left."
        raise InvalidInput.of("without", what, "Name features of the champion.")
    some = replace(rows, X=rows.X[:, [model.features.index(name) for name in columns.names]])
    recipe = replace(
        champion.recipe,
        caps={family: points for family, points in model.caps.items() if family in columns.families.values()},
        offsets=tuple(name for name in model.offsets if name in columns.names),
        min_bads=0,
    )
    seed = int(champion.metrics.get("seed", 0))
    if isinstance(model.margin, MonotoneTrees):
        settings = settings_of(model.margin)
        groups = groups_of(columns.names, columns.families, tuple(recipe.caps))

        def boost(X: Floats, bad: Floats) -> tuple[Margin, Mapping[str, str]]:
            return fit_trees(X, bad, columns.names, columns.risks, groups, settings, seed=seed), {}

        return calibrate(recipe, boost, asdict(settings), columns, some, seed=seed).model
    candidate = _scorecard(champion)
    if candidate is None or model.kind != candidate.kind:
        what = f"A champion of the kind {model.kind!r} cannot be fitted again."
        raise InvalidInput.of("champion", what, "Use a scorecard or trees.")
    return develop(recipe, candidate, columns, some, seed=seed).model


def scorecard_of(champion: Champion, rows: Rows, *, seed: int = 0) -> CalibratedModel | None:
    """Return the scorecard of the same recipe, features and rows; None where the recipe has none.

    Raises
    ------
    Refused
        The rows are too few to fit one.
    """
    candidate = _scorecard(champion)
    if candidate is None:
        return None
    return develop(champion.recipe, candidate, _columns(champion), rows, seed=seed).model


def settings_of(trees: MonotoneTrees) -> Settings:
    """Return the settings that LightGBM's own text keeps of a booster."""
    import lightgbm

    booster = lightgbm.Booster(model_str=trees.text)
    kept = booster.params
    return Settings(
        learning_rate=float(kept["learning_rate"]),
        num_leaves=int(kept["num_leaves"]),
        min_data_in_leaf=int(kept["min_data_in_leaf"]),
        lambda_l2=float(kept["lambda_l2"]),
        feature_fraction=float(kept["feature_fraction"]),
        bagging_fraction=float(kept["bagging_fraction"]),
        trees=booster.num_trees(),
    )


def _columns(champion: Champion, without: tuple[str, ...] = ()) -> Columns:
    """Return the champion's features but some, in its order, with their families and directions."""
    model = champion.model
    names = tuple(name for name in model.features if name not in without)
    risks = {name: champion.lock.feature(name).risk for name in names}
    return Columns(names, {name: model.families[name] for name in names}, risks)


def _scorecard(champion: Champion) -> ScorecardCandidate | None:
    return next((one for one in champion.recipe.candidates if isinstance(one, ScorecardCandidate)), None)
