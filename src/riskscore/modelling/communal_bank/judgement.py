"""What each candidate of communal banks showed on later loans, and its gates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from riskscore.modelling.communal_bank.choice import Judged
from riskscore.modelling.communal_bank.gates import judge_structural
from riskscore.modelling.contenders import shown
from riskscore.modelling.development import Developed
from riskscore.modelling.gates import CHANCE_SHARE, ici_by_chance, judge, judged_apart
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.rows import Rows, joined


def evaluated(developed: Developed, parts: Mapping[str, Rows], seed: int) -> Judged:
    """Return a candidate with what it showed on each part of the split but ``train``; its gates come after."""
    later = joined(parts["same_groups"], parts["other_groups"])
    return Judged(developed, shown(developed, parts, later, seed), parts["train"], later)


def with_gates(recipe: Recipe, found: Mapping[str, Judged], seed: int) -> dict[str, Judged]:
    """Return the candidates with their gates, which look at all of them together."""
    areas = [one.evaluations["later"]["auc"] for one in found.values() if one.evaluations["later"].too_few is None]
    highest = float(max(areas, default=0.5))
    judged = {}
    for kind, one in found.items():
        rule = judge_structural if kind == "structural" else judge
        gates = rule(
            recipe.gates,
            one.evaluations["later"],
            one.evaluations.get("other_groups"),
            _chance(recipe, one, seed),
            highest_auc=highest,
        )
        judged[kind] = replace(one, gates=gates)
    return judged


def _chance(recipe: Recipe, one: Judged, seed: int) -> dict[str, float]:
    evaluation, later = one.evaluations["later"], one.later
    if evaluation.too_few is not None:
        return {}
    pd = one.developed.model.pd(later.X)
    apart = judged_apart(recipe.gates, evaluation)
    parts = [("all", np.ones(len(pd), dtype=bool), CHANCE_SHARE)]
    parts += [(value, getattr(later, variable) == value, CHANCE_SHARE / len(apart)) for variable, value, _ in apart]
    return {
        name: ici_by_chance(pd[rows], later.clusters[rows], evaluation.icc, one.developed.doubt, seed=seed, share=share)
        for name, rows, share in parts
    }
