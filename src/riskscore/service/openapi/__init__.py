"""The OpenAPI document of every route, with examples: BentoML's own knows nothing of mounted routes."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from riskscore.service.openapi import batch, browser, decisions, health, scores, what_if
from riskscore.service.openapi.pieces import PROBLEM_SCHEMA

_WITH_SCHEMAS = (scores, batch, what_if, decisions)
_PARTS = (*_WITH_SCHEMAS, browser, health)


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
        | batch.paths()
        | what_if.paths()
        | decisions.paths()
        | browser.paths()
        | health.paths(),
        "components": {
            "schemas": scores.schemas()
            | batch.schemas()
            | what_if.schemas()
            | decisions.schemas()
            | {"Problem": PROBLEM_SCHEMA},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
