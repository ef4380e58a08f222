"""The starter's expert scorecard, and a small institution whose producer associations have borrowed."""

from pathlib import Path

import pytest

from riskscore.modelling import Recipe
from riskscore.modelling.expert.candidate import ExpertCandidate

ROOT = Path(__file__).parents[4]
RECIPE = ROOT / "training" / "producer_default.toml"


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    return Recipe.load(RECIPE)


@pytest.fixture(scope="session")
def candidate(recipe) -> ExpertCandidate:
    return recipe.candidates[0]


@pytest.fixture(scope="session")
def starter_lock():
    from riskscore.project import Project

    return Project.open(ROOT).catalog().lock()


@pytest.fixture(scope="session")
def institution(tmp_path_factory):
    from riskscore.simulator import simulate

    return simulate(tmp_path_factory.mktemp("producers") / "small", members=150, seed=4)


@pytest.fixture(scope="session")
def trained(recipe, starter_lock, institution, tmp_path_factory):
    from riskscore.modelling import train

    return train(recipe, starter_lock, institution, seed=1, folder=tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def champion(trained):
    from riskscore.modelling import artefact

    return artefact.load(trained.folder)
