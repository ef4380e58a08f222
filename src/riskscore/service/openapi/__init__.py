"""The OpenAPI document of every route, with examples: BentoML's own knows nothing of mounted routes."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from riskscore.service.openapi import (
    batch,
    browser,
    decisions,
    forms,
    health,
    meetings,
    models,
    objections,
    officer,
    register,
    score,
    score_of_association,
    scores,
    sheet,
    trail,
    what_if,
)
from riskscore.service.openapi.pieces import NO_SUCH_METHOD, PROBLEM_SCHEMA

#: The modules that describe routes, and those of them that have schemas of their own.
_ROUTES = (
    *(scores, batch, what_if, decisions, sheet, meetings, objections, forms),
    *(models, register, officer, trail, browser, health),
)
_SCHEMAS = (
    scores,
    score,
    score_of_association,
    batch,
    what_if,
    decisions,
    sheet,
    meetings,
    objections,
    models,
    register,
)


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "riskscore",
            "version": version("riskscore"),
            "description": "Scores of a village bank's loans, explained. People decide; this service recommends. "
            "Examples name members, communal banks and associations of the institution that `riskscore demo` "
            "simulates. Scores and whatever else this service names have another id each time, and the day of an "
            "opinion or a decision lies from that of its score to today.",
        },
        "security": [{"token": []}],
        "paths": {path: described for part in _ROUTES for path, described in part.paths().items()},
        "components": {
            "schemas": {name: schema for part in _SCHEMAS for name, schema in part.schemas().items()}
            | {"Problem": PROBLEM_SCHEMA},
            "responses": {"MethodNotAllowed": NO_SUCH_METHOD},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
