"""One institution, from its tables to a promoted champion, for every journey."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from riskscore.modelling import Recipe, train
from riskscore.modelling.tracking import Registry
from riskscore.portfolio import Portfolio
from riskscore.project import Project
from riskscore.simulator import simulate

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Institution:
    """A portfolio, and the registry that names its champion."""

    portfolio: Portfolio
    project: Project
    tracking_uri: str
    version: str
    artefact: Path


@pytest.fixture(scope="session")
def institution(tmp_path_factory: pytest.TempPathFactory) -> Institution:
    folder = tmp_path_factory.mktemp("institution")
    portfolio = simulate(folder / "portfolio", members=700, seed=11)
    project = Project.open(ROOT)
    text = (ROOT / "training" / "member_default.toml").read_text(encoding="utf-8")
    recipe = Recipe.parse(text.replace("trials = 12", "trials = 1").replace("min_bads = 100", "min_bads = 40"))
    tracking_uri = f"sqlite:///{folder / 'mlflow.db'}"
    registry = Registry(tracking_uri)
    run = train(recipe, project.catalog(), portfolio, tracking=registry, seed=2, folder=folder / "artefacts")
    assert run.version is not None
    registry.promote(recipe.name, run.version, force=True, reason="Seven hundred members are a test.")
    return Institution(portfolio, project, tracking_uri, run.version, run.folder)
