"""From rows to calibrated candidates: fitting, tuning and out-of-fold calibration, with no table or file in sight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
from scipy.special import expit

from riskscore.errors import Fault, InvalidInput, Refused
from riskscore.evaluation import calibration
from riskscore.modelling.boosting import fit_trees, grouped_folds, tune
from riskscore.modelling.calibrated import CalibratedModel, Offset, calibrated_log_odds, groups_of, shift_of
from riskscore.modelling.calibration import fit_line
from riskscore.modelling.gates import Doubt
from riskscore.modelling.margin import Floats, Groups, Margin
from riskscore.modelling.recipe import BoostingCandidate, Candidate, Recipe, ScorecardCandidate
from riskscore.modelling.rows import Columns, Rows
from riskscore.modelling.woe import fit_scorecard

#: From the rows of a fit, their matrix and labels, to the margin and why it left features out.
Fitting = Callable[[Floats, Floats], tuple[Margin, Mapping[str, str]]]


@dataclass(frozen=True, slots=True, eq=False)
class Developed:
    """A calibrated candidate.

    Parameters
    ----------
    model : CalibratedModel
    settings : mapping of str to float
        What made it.
    left_out : mapping of str to str
        Features that do not contribute, and why.
    doubt : Doubt
        How well the training rows knew the level and the slope of the calibration.
    fitting : callable
        Fits the margin again with these settings; None where nothing is fitted.
    """

    model: CalibratedModel
    settings: Mapping[str, float]
    left_out: Mapping[str, str]
    doubt: Doubt
    fitting: Fitting | None = None


def refitted(developed: Developed, rows: Rows) -> CalibratedModel:
    """Return the model with its margin learnt from other rows: the same settings, the same calibration."""
    if developed.fitting is None:
        raise InvalidInput.of(developed.model.kind, "It has no fit to do again.", "Ask for a fitted candidate.")
    margin, _ = developed.fitting(rows.X[rows.decided], rows.y[rows.decided])
    return replace(developed.model, margin=margin)


def develop(recipe: Recipe, candidate: Candidate, columns: Columns, rows: Rows, *, seed: int) -> Developed:
    """Tune and fit a candidate on the training rows, and calibrate it on margins that no row had a part in.

    Raises
    ------
    Refused
        Too few bads, or a margin that does not rank the rows it did not see.
    InvalidInput
        An offset is asked for by a feature with other values than 0 and 1.
    """
    enough(recipe, columns, rows)
    groups = groups_of(columns.names, columns.families, tuple(recipe.caps))
    fitting, settings = _prepare(candidate, columns, groups, rows, seed=seed)
    return calibrate(recipe, fitting, settings, columns, rows, seed=seed)


def enough(recipe: Recipe, columns: Columns, rows: Rows) -> None:
    """Say whether rows can be learnt from; raises as `develop`."""
    flags = rows.X[:, [columns.names.index(name) for name in recipe.offsets]]
    odd = [name for name, flag in zip(recipe.offsets, flags.T, strict=True) if not np.isin(flag, (0.0, 1.0)).all()]
    if odd:
        remedy = "Name a feature that is always one of the two, or none."
        raise InvalidInput(
            Fault(recipe.at("calibration.offsets", name), f"{name!r} has values other than 0 and 1.", remedy)
            for name in odd
        )
    bads = int(rows.y.sum())
    if bads < recipe.min_bads:
        raise Refused.of(
            recipe.at("min_bads"),
            f"{bads} bads in the training rows, at least {recipe.min_bads} are needed.",
            "Take a longer period or a larger portfolio.",
        )


def calibrate(
    recipe: Recipe, fitting: Fitting, settings: Mapping[str, float], columns: Columns, rows: Rows, *, seed: int
) -> Developed:
    """Fit by `fitting`, and calibrate on margins that no row had a part in.

    Raises
    ------
    Refused
        A margin that does not rank the rows it did not see.
    """
    groups = groups_of(columns.names, columns.families, tuple(recipe.caps))
    limits = tuple(points / recipe.scale.factor for points in recipe.caps.values())
    flags = rows.X[:, [columns.names.index(name) for name in recipe.offsets]]
    parts = out_of_fold(fitting, rows, groups, recipe.calibration_folds, seed=seed)
    means = flags.mean(axis=0)
    line = fit_line(parts, rows.y, limits, flags - means)
    offsets = {
        name: Offset(value, float(mean)) for name, value, mean in zip(recipe.offsets, line.offsets, means, strict=True)
    }
    log_odds = calibrated_log_odds(parts, line.a, line.b, limits)
    for flag, offset in zip(flags.T, offsets.values(), strict=True):
        log_odds += shift_of(flag, offset)
    doubt = calibration(rows.y, expit(log_odds), clusters=rows.clusters)
    margin, left_out = fitting(rows.X[rows.decided], rows.y[rows.decided])
    model = CalibratedModel(margin, columns.families, line.a, line.b, recipe.caps, recipe.scale, offsets)
    return Developed(model, settings, left_out, Doubt(doubt.in_the_large_se, doubt.slope_se), fitting)


def out_of_fold(fitting: Fitting, rows: Rows, groups: Groups, folds: int, *, seed: int) -> Floats:
    """Return each row's parts of the margin (n, 1 + groups) from a fit in which none of its cluster took part."""
    parts = np.full((len(rows.y), 1 + len(groups)), np.nan)
    for train, test in grouped_folds(rows.y, rows.clusters, folds, seed=seed):
        decided = train[rows.decided[train]]
        margin, _ = fitting(rows.X[decided], rows.y[decided])
        parts[test] = margin.parts(rows.X[test], groups)
    return parts


def _prepare(
    candidate: Candidate, columns: Columns, groups: Groups, rows: Rows, *, seed: int
) -> tuple[Fitting, dict[str, float]]:
    if isinstance(candidate, BoostingCandidate):
        tuning = tune(
            rows.X[rows.decided],
            rows.y[rows.decided],
            columns.names,
            columns.risks,
            groups,
            rows.clusters[rows.decided],
            candidate,
            seed=seed,
        )

        def boost(X: Floats, bad: Floats) -> tuple[Margin, Mapping[str, str]]:
            return fit_trees(X, bad, columns.names, columns.risks, groups, tuning.settings, seed=seed), {}

        return boost, {**asdict(tuning.settings), "trials": tuning.trials, "fold_log_loss": tuning.log_loss}

    if not isinstance(candidate, ScorecardCandidate):
        remedy = "Make it the only candidate of its recipe."
        raise InvalidInput.of(f"{candidate.kind}", "It is not fitted beside others, on rows of a split.", remedy)

    def bin_and_weigh(X: Floats, bad: Floats) -> tuple[Margin, Mapping[str, str]]:
        fitted = fit_scorecard(X, bad, columns.names, columns.risks, candidate)
        return fitted.scorecard, fitted.left_out

    return bin_and_weigh, {"max_bins": candidate.max_bins, "min_iv": candidate.min_iv, "ridge": candidate.ridge}
