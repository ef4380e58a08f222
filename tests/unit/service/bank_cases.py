"""A communal bank's champion by hand, the case it answers, and a desk that keeps the case as the real one does."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from riskscore.catalog import Catalog
from riskscore.modelling import Recipe
from riskscore.modelling.artefact import Champion
from riskscore.modelling.communal_bank.behind import Standing
from riskscore.modelling.reference import Reference
from riskscore.scoring.bank_cases import BankCase
from riskscore.service.bank_score import bank_score, frozen, of_each
from tests.unit.modelling.test_communal_bank import structural
from tests.unit.scoring.conftest import champion_of
from tests.unit.service.associations import PlainAssociationDesk, bank_desk

ROOT = Path(__file__).parents[3]

#: Of each member behind the request of `CASE`; no two are alike, so that any other order is another score.
ROWS: dict[str, dict[str, Any]] = {
    "M1": {"pd": 0.0613, "group": 0, "loan": 640.0, "savings": 31.5, "spare": 88.25},
    "M2": {"pd": 0.1723, "group": 0, "loan": 910.0, "savings": 0.0, "spare": 17.75},
    "M3": {"pd": 0.0219, "group": 1, "loan": 455.0, "savings": 72.0, "spare": 0.0},
    "M4": {"pd": 0.2937, "group": 1, "loan": 780.0, "savings": 12.25, "spare": 143.5},
}

CASE = BankCase(
    request_id="A-77",
    bank_id="B1",
    basis="open_request",
    as_of=datetime(2026, 1, 28, 18),
    members=Standing(
        **{
            name: np.array([row[name] for row in ROWS.values()]) for name in ("pd", "group", "loan", "savings", "spare")
        },
        savings_untold=1,
        spare_untold=0,
    ),
    row={},
    ids=tuple(ROWS),
)

_ASKED = {"amount": 2785.0, "currency": "PEN", "term_days": 112, "frequency": "weekly", "purpose": "other"}
_ARREARS = {"late": 1, "members": 4}


def bank_champion() -> Champion:
    recipe = Recipe.load(ROOT / "training" / "group_default.toml")
    assert recipe.liability is not None
    return replace(
        champion_of(Catalog.from_folder(ROOT / "features").lock()),
        model=SimpleNamespace(kind="structural", margin=structural()),
        recipe=replace(recipe, liability=replace(recipe.liability, draws=2_000)),
        reference=Reference(features={}, bands=(), metrics={"gates": []}),
    )


def desk_of_case(champion: Champion, case: BankCase = CASE) -> PlainAssociationDesk:
    """A desk that answers `case` for B1."""
    score = bank_score(champion, case, moment=datetime(2026, 2, 1), asked=_ASKED, arrears=_ARREARS)
    return replace(bank_desk(**score), values=frozen(case, _ASKED, _ARREARS), behind=of_each(case))


def as_first_kept(values: dict[str, Any]) -> dict[str, Any]:
    """Return what a record of `CASE` had as `values` before members had entries of their own."""
    kept = {name: value for name, value in json.loads(json.dumps(values)).items() if name != "behind"}
    arrays = {name: [row[name] for row in ROWS.values()] for name in ("pd", "group", "loan", "savings", "spare")}
    return {**kept, "members": {**arrays, "savings_untold": 1, "spare_untold": 0}}
