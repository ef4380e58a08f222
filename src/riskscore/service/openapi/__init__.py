"""The OpenAPI document of every route, with examples: BentoML's own knows nothing of mounted routes."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from riskscore.service.openapi import (
    batch,
    browser,
    decisions,
    figures,
    forms,
    health,
    meetings,
    models,
    objections,
    officer,
    register,
    score,
    score_of_association,
    score_read,
    scores,
    sheet,
    trail,
    what_if,
)
from riskscore.service.openapi.names import TAGS, named
from riskscore.service.openapi.pieces import ANYWHERE, PROBLEM_SCHEMA, for_people

#: The modules that describe routes, by tag, and those that have schemas of their own.
_ROUTES = {
    "scores": (scores, score_read, batch, what_if),
    "meetings": (sheet, meetings),
    "decisions": (decisions,),
    "objections": (objections,),
    "models": (models, register),
    "trail": (trail,),
    "health": (health,),
    "pages": (forms, officer, browser),
}
_SCHEMAS = (
    scores,
    score,
    score_of_association,
    score_read,
    batch,
    what_if,
    decisions,
    sheet,
    meetings,
    objections,
    models,
    register,
    figures,
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
        "tags": [{"name": name, "description": said} for name, said in TAGS.items()],
        "paths": {
            path: {name: _operation(tag, name, path, one) for name, one in described.items()}
            for tag, parts in _ROUTES.items()
            for part in parts
            for path, described in part.paths().items()
        },
        "components": {
            "schemas": {name: schema for part in _SCHEMAS for name, schema in part.schemas().items()}
            | {"Problem": PROBLEM_SCHEMA},
            "responses": ANYWHERE,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(tag: str, name: str, path: str, described: Any) -> Any:
    """Return what stands under a path: an operation, or the parameters of all of them."""
    return named(tag, name, path, for_people(path, described)) if name in ("get", "post") else described
