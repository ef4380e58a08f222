"""The OpenAPI document of every route, with examples: BentoML's own knows nothing of mounted routes."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from riskscore.service.openapi import browser, decisions, health, officer, scores, trail
from riskscore.service.openapi.pieces import PROBLEM_SCHEMA


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "riskscore",
            "version": version("riskscore"),
            "description": "Scores of a village bank's loans, explained. People decide; this service recommends.",
        },
        "security": [{"token": []}],
        "paths": scores.paths()
        | decisions.paths()
        | officer.paths()
        | trail.paths()
        | browser.paths()
        | health.paths(),
        "components": {
            "schemas": scores.schemas() | decisions.schemas() | {"Problem": PROBLEM_SCHEMA},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
