"""Credit risk and over-indebtedness for village banks.

A feature is a function from (subject, moment) to a number, using only what had happened before that moment and was
known by then. A score is a sum of points, one per feature, that a village bank's committee can read aloud.

The names below are the whole public surface. Each is imported when it is first asked for (PEP 562), so that
``import riskscore`` costs nothing and pulls in none of the heavy libraries.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskscore.catalog import Catalog, Feature, FeatureSet, Source
    from riskscore.dataset import TrainingSet
    from riskscore.errors import RiskscoreError
    from riskscore.modelling import Recipe, train
    from riskscore.portfolio import Portfolio
    from riskscore.project import Project
    from riskscore.scoring import Score, Scorer

__version__ = version("riskscore")

__all__ = [
    "Catalog",
    "Feature",
    "FeatureSet",
    "Portfolio",
    "Project",
    "Recipe",
    "RiskscoreError",
    "Score",
    "Scorer",
    "Source",
    "TrainingSet",
    "__version__",
    "train",
]

_HOMES = {
    "Catalog": "catalog",
    "Feature": "catalog",
    "FeatureSet": "catalog",
    "Portfolio": "portfolio",
    "Project": "project",
    "Recipe": "modelling",
    "RiskscoreError": "errors",
    "Score": "scoring",
    "Scorer": "scoring",
    "Source": "catalog",
    "TrainingSet": "dataset",
    "train": "modelling",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'riskscore' has no attribute {name!r}")
    value = getattr(import_module(f"riskscore.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
