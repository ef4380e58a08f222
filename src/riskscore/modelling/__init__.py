"""How a champion is made: recipe, candidates, calibration, selection, artefact, tracking.

Terms used throughout: a *margin* is a candidate's own log-odds of bad; a *candidate* is one way to fit it; the
*champion* is the candidate that serves, a *challenger* one that may; a *gate* is a condition of a recipe that an
evaluated model must meet before it is promoted; an *artefact* is a champion as a folder of text files.

Names are imported when first asked for: ``import riskscore.modelling`` loads no LightGBM, optbinning, optuna or MLflow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskscore.modelling.artefact import Champion
    from riskscore.modelling.calibrated import CalibratedModel, Explanation
    from riskscore.modelling.front import train
    from riskscore.modelling.gates import Gate
    from riskscore.modelling.model_version import ModelVersion
    from riskscore.modelling.recipe import Recipe
    from riskscore.modelling.reference import Band, FeatureReference
    from riskscore.modelling.scale import ScoreScale
    from riskscore.modelling.tracking import Registry
    from riskscore.modelling.training import TrainingRun

__all__ = [
    "Band",
    "CalibratedModel",
    "Champion",
    "Explanation",
    "FeatureReference",
    "Gate",
    "ModelVersion",
    "Recipe",
    "Registry",
    "ScoreScale",
    "TrainingRun",
    "train",
]

_HOMES = {
    "Band": "reference",
    "CalibratedModel": "calibrated",
    "Champion": "artefact",
    "Explanation": "calibrated",
    "FeatureReference": "reference",
    "Gate": "gates",
    "ModelVersion": "model_version",
    "Recipe": "recipe",
    "Registry": "tracking",
    "ScoreScale": "scale",
    "TrainingRun": "training",
    "train": "front",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'riskscore.modelling' has no attribute {name!r}")
    value = getattr(import_module(f"riskscore.modelling.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
