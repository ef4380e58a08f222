"""A browser's way in and out, in the document."""

from __future__ import annotations

from typing import Any

from riskscore.service.openapi.pieces import html_of, operation


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    return {
        "/": {"get": operation("What this service is.", {"200": html_of("The notice.")}, (), secured=False)},
        "/enter": {
            "get": operation(
                "Use a one-time link up: sets an HttpOnly cookie and leads to `next`.",
                {"303": {"description": "On to the page."}},
                (401,),
                secured=False,
            )
            | {
                "parameters": [
                    {"name": "key", "in": "query", "required": True, "schema": {"type": "string"}},
                    {"name": "next", "in": "query", "schema": {"type": "string"}, "example": "/scores/s_3f1c"},
                ]
            }
        },
        "/leave": {
            "post": operation("End the browser's session.", {"204": {"description": "Ended."}}, (), secured=False)
        },
    }
