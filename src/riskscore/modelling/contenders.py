"""The candidates of a recipe, fitted on the same rows, shown the same tests and held to the same gates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from riskscore.errors import Fault, Refused
from riskscore.evaluation import Evaluation, evaluate
from riskscore.modelling.development import Developed, develop
from riskscore.modelling.directions import contradictions
from riskscore.modelling.gates import CHANCE_SHARE, Gate, direction_gate, ici_by_chance, judge, judged_apart
from riskscore.modelling.recipe import GateSettings, Recipe
from riskscore.modelling.rows import Columns, Rows
from riskscore.modelling.scorecard import Scorecard
from riskscore.modelling.selection import BASELINE, Choice, auc_gain, choose, gain_gate
from riskscore.modelling.suspects import suspects


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """A candidate, and what it showed on each test."""

    developed: Developed
    evaluations: Mapping[str, Evaluation]


def fit_all(
    recipe: Recipe, columns: Columns, parts: Mapping[str, Rows], later: Rows, seed: int, tell: Callable[[str], None]
) -> tuple[dict[str, Contender], dict[str, str]]:
    """Fit and evaluate every candidate; return also those that could not be fitted, and why."""
    fitted: dict[str, Contender] = {}
    dropped: dict[str, str] = {}
    for candidate in recipe.candidates:
        tell(f"{candidate.kind}: fit and calibration")
        try:
            developed = develop(recipe, candidate, columns, parts["train"], seed=seed)
        except Refused as cause:
            dropped[candidate.kind] = str(cause)
            continue
        tell(f"{candidate.kind}: evaluation")
        fitted[candidate.kind] = Contender(developed, shown(developed, parts, later, seed))
    if not fitted:
        raise Refused(
            Fault(recipe.at(f"candidates[{number}]"), dropped[one.kind], "No candidate could be fitted.")
            for number, one in enumerate(recipe.candidates, start=1)
        )
    return fitted, dropped


def shown(developed: Developed, parts: Mapping[str, Rows], later: Rows, seed: int) -> dict[str, Evaluation]:
    """Return what a candidate showed on all later rows, and apart on those of known and of other groups."""
    tests = {"later": later, "same_groups": parts["same_groups"], "other_groups": parts["other_groups"]}
    return {
        name: evaluate(
            test.y,
            developed.model.pd(test.X),
            clusters=test.clusters,
            segments={"cycle": test.cycle, "regime": test.regime},
            seed=seed,
            level=0.90,
        )
        for name, test in tests.items()
        if len(test.y)
    }


def judge_all(
    recipe: Recipe, columns: Columns, contenders: Mapping[str, Contender], later: Rows, *, seed: int
) -> tuple[dict[str, tuple[Gate, ...]], Choice]:
    """Return each candidate's gates, its gain over the scorecard among them, and who is chosen."""
    gates = _judged(recipe, columns, contenders, later, seed)
    gains = {}
    if BASELINE in contenders:
        base = contenders[BASELINE].developed.model.log_odds(later.X)
        gains = {
            kind: auc_gain(one.developed.model.log_odds(later.X), base, later.y, later.clusters, seed=seed)
            for kind, one in contenders.items()
            if kind != BASELINE and one.evaluations["later"].too_few is None
        }
    for kind, gain in gains.items():
        gates[kind] += (gain_gate(gain),)
    return gates, choose({kind: [one.name for one in found if not one.passed] for kind, found in gates.items()}, gains)


def _judged(
    recipe: Recipe, columns: Columns, fitted: Mapping[str, Contender], later: Rows, seed: int
) -> dict[str, tuple[Gate, ...]]:
    """Return each candidate's gates, but for its gain over the scorecard."""
    suspected = suspects(columns, later)
    # A leak that the bins of a scorecard are too coarse to show is one all the same.
    highest = max(one.evaluations["later"]["auc"] for one in fitted.values())
    highest = max([highest, *(one.auc for one in suspected[:1])])
    found = {}
    for kind, one in fitted.items():
        gates = judge(
            recipe.gates,
            one.evaluations["later"],
            one.evaluations.get("other_groups"),
            _chance(recipe.gates, later, one, seed),
            highest_auc=float(highest),
            suspected=suspected,
        )
        if isinstance(one.developed.model.margin, Scorecard):
            gates += (direction_gate(contradictions(one.developed.model.margin, columns.risks)),)
        found[kind] = gates
    return found


def _chance(settings: GateSettings, later: Rows, fitted: Contender, seed: int) -> dict[str, float]:
    """Return the ICI that chance reaches, on all later rows and in each segment that is judged."""
    evaluation = fitted.evaluations["later"]
    pd = fitted.developed.model.pd(later.X)
    apart = judged_apart(settings, evaluation)
    parts = [("all", np.ones(len(pd), dtype=bool), CHANCE_SHARE)]
    # However many segments are judged, an honest model is to fail in one of them as seldom as if there were one.
    parts += [(value, getattr(later, variable) == value, CHANCE_SHARE / len(apart)) for variable, value, _ in apart]
    return {
        name: ici_by_chance(
            pd[rows], later.clusters[rows], evaluation.icc, fitted.developed.doubt, seed=seed, share=share
        )
        for name, rows, share in parts
    }
