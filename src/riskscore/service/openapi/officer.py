"""The officer's list in the document."""

from __future__ import annotations

from typing import Any

from riskscore.errors import Fault
from riskscore.service.examples import MEMBER
from riskscore.service.officer_page import PARTS
from riskscore.service.openapi.pieces import html_of, operation
from riskscore.service.routes.officer import LAST_PAGE


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    return {
        "/officer": {
            "parameters": [
                {
                    "name": "part",
                    "in": "query",
                    "description": "One part of the list on its own.",
                    "schema": {"enum": ["", *PARTS]},
                    "example": "talk",
                },
                {
                    "name": "find",
                    "in": "query",
                    "description": "Part of the id of a member, a communal bank or a score.",
                    "schema": {"type": "string", "maxLength": 80},
                    "example": MEMBER,
                },
                {
                    "name": "page",
                    "in": "query",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 9999},
                    "example": 1,
                },
            ],
            "get": operation(
                "The officer's list: her communal banks, and what waits for a talk or for a decision.",
                {"200": html_of("The page.")},
                (401, 403),
                wrong=Fault("page", "There is no such page.", f"Give a number from 1 to {LAST_PAGE}."),
            ),
        },
    }
