"""Writing a candidate of communal banks as an artefact: card, reference, and the structure beside a learnt one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from riskscore.modelling import artefact
from riskscore.modelling.card import DataFacts, Findings, model_card
from riskscore.modelling.communal_bank.card import outlook_section, structural_card
from riskscore.modelling.communal_bank.choice import Judged
from riskscore.modelling.communal_bank.settings import LiabilitySettings
from riskscore.modelling.communal_bank.structural import COLUMN, Structural
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.reference import FeatureReference, Reference, score_bands
from riskscore.modelling.training import CandidateRun

if TYPE_CHECKING:
    from riskscore.catalog import Lock


def written(
    recipe: Recipe,
    settings: LiabilitySettings,
    lock: Lock,
    one: Judged,
    structure: Structural,
    facts: DataFacts,
    findings: Findings,
    *,
    folder: Path,
    seed: int,
) -> CandidateRun:
    """Write one candidate into `folder`, under its kind; `structure` is that of the run."""
    model = one.developed.model
    points = np.abs(recipe.scale.factor * model.explain(one.training.X).phi).mean(axis=0)
    weights = {name: float(value) for name, value in zip(model.features, points, strict=True)}
    if isinstance(model.margin, Structural):
        card = structural_card(recipe, settings, model.margin, facts, one.evaluations, one.gates, findings.choice)
        risks = {COLUMN: "rises"}
    else:
        card = model_card(recipe, lock, facts, one.developed, weights, one.evaluations, one.gates, findings)
        card += "\n" + outlook_section(structure, settings)
        risks = {name: lock.feature(name).risk for name in model.features}
    reference = Reference(
        features={
            name: FeatureReference.of(one.training.X[:, column], one.later.X[:, column], risks[name])
            for column, name in enumerate(model.features)
        },
        bands=score_bands(
            recipe.scale.score(model.log_odds(one.later.X)), one.later.y, one.later.clusters.tolist(), recipe.band_edges
        ),
        metrics={
            "evaluations": {name: part.to_dict() for name, part in one.evaluations.items()},
            "gates": [gate.to_dict() for gate in one.gates],
            "findings": findings.to_dict(),
            "weights": weights,
            "seed": seed,
            "data": {name: str(getattr(facts, name)) for name in DataFacts.__slots__},
        },
    )
    home = artefact.save(
        folder / model.kind,
        model=model,
        lock=lock,
        recipe=recipe,
        reference=reference,
        card=card,
        structure=None if isinstance(model.margin, Structural) else structure,
    )
    return CandidateRun(one.developed, one.evaluations, one.gates, home, card, one.later)
