"""One institution, from its tables to a promoted champion, and a smaller one with a champion written by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from riskscore.catalog import Catalog
from riskscore.modelling import Recipe, train
from riskscore.modelling.artefact import Champion
from riskscore.modelling.tracking import Registry
from riskscore.portfolio import Portfolio
from riskscore.project import Project
from riskscore.scoring import latest_applications
from riskscore.service.champion_desk import ChampionDesk
from riskscore.service.openapi import document
from riskscore.simulator import simulate
from tests.unit.scoring.conftest import champion_of
from tests.unit.service.desks import House, build

ROOT = Path(__file__).parents[2]
POLICY = (ROOT / "serving" / "policy.toml").read_text("utf-8")


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


@pytest.fixture(scope="session")
def portfolio(tmp_path_factory) -> Portfolio:
    return simulate(tmp_path_factory.mktemp("champion") / "portfolio", members=150, seed=11)


@pytest.fixture(scope="session")
def champion() -> Champion:
    return champion_of(Catalog.from_folder(ROOT / "features").lock())


@pytest.fixture(scope="session")
def desk(champion, portfolio) -> ChampionDesk:
    return ChampionDesk.build(champion, POLICY, portfolio, None)


@pytest.fixture(scope="session")
def bodies(portfolio, desk) -> list[dict[str, Any]]:
    """Every current member's latest application, as it would be asked again."""
    latest = latest_applications(portfolio, desk.moment)
    rows = latest.filter(latest["member_id"].is_in(list(desk.snapshot.places)))
    return [
        {
            "recipe": "member_default",
            "subject": row["member_id"],
            "amount": float(row["amount"]),
            "currency": portfolio.manifest.currency,
            "term_days": int(row["term_days"]),
            "frequency": row["frequency"],
            "purpose": row["purpose"] or "other",
            "other_active_loans": int(row["other_active_loans"] or 0),
        }
        for row in rows.iter_rows(named=True)
    ]


@pytest.fixture
def house(tmp_path, desk) -> House:
    return build(tmp_path, desk)


def ask(house: House, body: dict[str, Any]) -> dict[str, Any]:
    """Ask for a score as an officer of the whole institution."""
    answer = house.client.post("/v1/scores", json=body, headers=house.headers("officer", "all"))
    assert answer.status_code == 201, answer.text
    return answer.json()


def faults_in_document(answer: dict[str, Any], operation: str = "POST /v1/scores", status: int = 201) -> list[str]:
    """Return where an answer of an operation is not what the OpenAPI document says it is."""
    told = document()
    method, path = operation.split()
    responses = told["paths"][path][method.lower()]["responses"]
    schema = responses[str(status)]["content"]["application/json"]["schema"]
    whole = {**schema, "components": told["components"]}
    return [str(error) for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(answer)]
