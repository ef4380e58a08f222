"""What stays of the reasons when a candidate is fitted again on whole groups drawn with replacement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from riskscore.modelling.artefact import Champion
from riskscore.modelling.boosting import Settings, fit_trees
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.recipe import Recipe, ScorecardCandidate
from riskscore.modelling.rows import Columns, Rows
from riskscore.modelling.training import CandidateRun
from riskscore.modelling.woe import fit_scorecard
from riskscore.scoring.reasons import Reasons

Floats = np.ndarray


@dataclass(frozen=True, slots=True)
class Stability:
    """What stays under refits on whole groups drawn with replacement.

    `first` is the share that keeps its first reason, `first_code` its code, `overlap` the share of the codes of
    both sets (Jaccard) that both have.
    """

    refits: int
    first: float
    first_code: float
    overlap: float


def refitting(run: CandidateRun, recipe: Recipe, columns: Columns) -> Callable[[Rows], CalibratedModel]:
    """Return how to fit the candidate again with the settings it has; the line and the caps stay."""
    model = run.developed.model
    if model.kind == "woe_scorecard":
        candidates = [one for one in recipe.candidates if isinstance(one, ScorecardCandidate)]

        def margin(X: Floats, y: Floats):
            return fit_scorecard(X, y, columns.names, columns.risks, candidates[0]).scorecard
    else:
        settings = Settings(**{one.name: run.developed.settings[one.name] for one in fields(Settings)})

        def margin(X: Floats, y: Floats):
            return fit_trees(X, y, columns.names, columns.risks, model.groups, settings, seed=0)

    def fit(rows: Rows) -> CalibratedModel:
        fitted = margin(rows.X[rows.decided], rows.y[rows.decided])
        return CalibratedModel(fitted, columns.families, model.a, model.b, model.caps, model.scale, model.offsets)

    return fit


def drawn_again(rows: Rows, draw: np.random.Generator) -> Rows:
    names, numbered = np.unique(rows.clusters, return_inverse=True)
    times = np.bincount(draw.integers(0, len(names), len(names)), minlength=len(names))[numbered]
    kept = np.repeat(np.arange(len(rows.y)), times)
    return rows.at(kept)


def stability(fit, train_rows: Rows, champion: Champion, X: Floats, refits: int, seed: int) -> Stability:
    names, lock = champion.model.features, champion.lock
    told = [lock.feature(one).reason for one in names]
    codes = np.array([*("" if one is None else one.code for one in told), ""])
    reasons, draw = Reasons(lock, names, champion.support), np.random.default_rng(seed)

    def chosen(model: CalibratedModel) -> Floats:
        phi = model.explain(X).phi
        return reasons.places(model.scale.points(phi), X)

    before = chosen(champion.model)
    same, concept, overlap = [], [], []
    for _ in range(refits):
        after = chosen(fit(drawn_again(train_rows, draw)))
        same.append((before[:, 0] == after[:, 0]).mean())
        concept.append((codes[before[:, 0]] == codes[after[:, 0]]).mean())
        sets = [
            (set(codes[one].tolist()) - {""}, set(codes[two].tolist()) - {""})
            for one, two in zip(before, after, strict=True)
        ]
        overlap.append(np.mean([len(one & two) / max(1, len(one | two)) for one, two in sets]))
    return Stability(refits, float(np.mean(same)), float(np.mean(concept)), float(np.mean(overlap)))
