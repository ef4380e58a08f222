"""What is told of registered models is what the OpenAPI document says of it, to the last field."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from riskscore.modelling import artefact
from riskscore.modelling.tracking import Registry
from riskscore.modelling.validation.since_training import since_training
from riskscore.service.shelf import Shelf
from tests.journey.conftest import ROOT, faults_in_document

pytestmark = pytest.mark.slow


def test_models_and_register_are_what_the_document_says_they_are(institution):
    registry = Registry(institution.tracking_uri)
    desks = SimpleNamespace(by_recipe={}, faults={}, versions={"member_default": institution.version})
    shelf = Shelf(registry, ROOT / "serving")
    (told,) = shelf.models(desks)
    folder = registry.folder("member_default", institution.version)
    champion = artefact.load(folder, version=institution.version)
    told["since_training"] = since_training(champion, institution.portfolio).to_dict()
    assert told["champion"]["card"]["calibration"][""]["rows"] > 0
    assert len(told["champion"]["gates"]) > 5
    answer = json.loads(json.dumps({"models": [told]}))
    assert faults_in_document(answer, "GET /v1/models", 200) == []
    for language in ("es", "en"):
        answer = {"language": language, "systems": json.loads(json.dumps(shelf.register(desks, language)))}
        assert faults_in_document(answer, "GET /v1/register", 200) == []
