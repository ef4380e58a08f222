"""The champion once more without some of its features: same rows, same settings, same calibration, nothing tuned anew.

Settings come from the artefact itself (a booster's text keeps its own, to six digits), so that a refit with every
feature is the champion to 1e-6 in the PD, and a difference is owed to the features alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from riskscore.errors import InvalidInput
from riskscore.modelling.artefact import Champion
from riskscore.modelling.boosting import Settings, fit_trees
from riskscore.modelling.calibrated import CalibratedModel, Offset, groups_of
from riskscore.modelling.calibration import fit_line
from riskscore.modelling.development import Fitting, out_of_fold
from riskscore.modelling.margin import Floats, Groups, Margin
from riskscore.modelling.recipe import ScorecardCandidate
from riskscore.modelling.rows import Rows
from riskscore.modelling.trees import MonotoneTrees
from riskscore.modelling.woe import Risk, fit_scorecard


def refitted(champion: Champion, rows: Rows, without: tuple[str, ...] = ()) -> CalibratedModel:
    """Fit the champion's candidate on `rows` without some features, and calibrate it as it was.

    Parameters
    ----------
    champion : Champion
    rows : Rows
        The rows that trained, with the champion's columns.
    without : tuple of str
        Features to leave out; none refits the champion.

    Raises
    ------
    InvalidInput
        A name that is none of the champion's, or nothing left.
    Refused
        What is left does not rank the rows it did not see.
    """
    model, recipe = champion.model, champion.recipe
    strange = sorted(set(without) - set(model.features))
    kept = tuple(name for name in model.features if name not in without)
    if strange or not kept:
        what = f"{', '.join(strange)}: the champion has none." if strange else "Nothing would be left."
        raise InvalidInput.of("without", what, "Name features of the champion.")
    places = [model.features.index(name) for name in kept]
    some = replace(rows, X=rows.X[:, places])
    families: Mapping[str, str] = {name: model.families[name] for name in kept}
    caps = {family: points for family, points in model.caps.items() if family in families.values()}
    groups = groups_of(kept, families, tuple(caps))
    seed = int(champion.metrics.get("seed", 0))
    fitting = _fitting(champion, kept, groups, seed)
    parts = out_of_fold(fitting, some, groups, recipe.calibration_folds, seed=seed)
    limits = tuple(points / recipe.scale.factor for points in caps.values())
    offsets = [name for name in model.offsets if name in kept]
    flags = some.X[:, [kept.index(name) for name in offsets]]
    means = flags.mean(axis=0)
    line = fit_line(parts, some.y, limits, flags - means)
    margin, _ = fitting(some.X[some.decided], some.y[some.decided])
    return CalibratedModel(
        margin,
        families,
        line.a,
        line.b,
        caps,
        recipe.scale,
        {name: Offset(value, float(mean)) for name, value, mean in zip(offsets, line.offsets, means, strict=True)},
    )


def _fitting(champion: Champion, kept: tuple[str, ...], groups: Groups, seed: int) -> Fitting:
    risks: dict[str, Risk] = {name: champion.lock.feature(name).risk for name in kept}
    margin = champion.model.margin
    if isinstance(margin, MonotoneTrees):
        settings = settings_of(margin)

        def boost(X: Floats, bad: Floats) -> tuple[Margin, Mapping[str, str]]:
            return fit_trees(X, bad, kept, risks, groups, settings, seed=seed), {}

        return boost
    candidate = next((one for one in champion.recipe.candidates if isinstance(one, ScorecardCandidate)), None)
    if candidate is None or champion.model.kind != candidate.kind:
        what = f"A champion of the kind {champion.model.kind!r} cannot be fitted again."
        raise InvalidInput.of("champion", what, "Use a scorecard or trees.")

    def bin_and_weigh(X: Floats, bad: Floats) -> tuple[Margin, Mapping[str, str]]:
        fitted = fit_scorecard(X, bad, kept, risks, candidate)
        return fitted.scorecard, fitted.left_out

    return bin_and_weigh


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
