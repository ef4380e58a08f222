"""Scores in the document."""

from __future__ import annotations

from typing import Any

from riskscore.service.intake import EXAMPLE, ScoreBody
from riskscore.service.openapi.pieces import SCORE_ID, html_of, json_of, key_of, operation, ref


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    score = {"type": "object", "description": "A score, as far as the asker's role may see it."}
    return {
        "/v1/scores": {
            "post": operation(
                "Score a member's request; it is stored durably before it is answered.",
                {"201": json_of("The score.", score)},
                (401, 403, 404, 413, 422, 503),
            )
            | {
                "parameters": [key_of("request", "the token's own, and of this route")],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": ref("ScoreBody"), "example": EXAMPLE}},
                },
            }
        },
        "/v1/scores/{score_id}": {
            "parameters": [SCORE_ID],
            "get": operation("A score answered before.", {"200": json_of("The score.", score)}, (401, 403, 404)),
        },
        "/scores/{score_id}": {
            "parameters": [SCORE_ID],
            "get": operation(
                "The score's page; `?lang=es` or `?lang=en`.",
                {"200": html_of("The page.")},
                (401, 403, 404),
            ),
        },
    }


def schemas() -> dict[str, Any]:
    """Return the schemas that the descriptions name."""
    body = ScoreBody.model_json_schema(ref_template="#/components/schemas/{model}")
    body["examples"] = [EXAMPLE]
    return {"ScoreBody": body}
