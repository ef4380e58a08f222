"""The OpenAPI document of every route, with examples: BentoML's own knows nothing of mounted routes."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any, get_args

from riskscore.service import decision_entry
from riskscore.service.decision_entry import DecisionBody
from riskscore.service.decisions import DECIDERS, KEY, Result
from riskscore.service.intake import EXAMPLE, ScoreBody
from riskscore.service.problem import MEDIA_TYPE

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do about it."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message", "remedy"],
                "properties": {
                    "field": {"type": "string"},
                    "message": {"type": "string"},
                    "remedy": {"type": "string"},
                },
            },
        },
    },
}

_TEXT, _TEXT_OR_NONE = {"type": "string"}, {"type": ["string", "null"]}

_DECISION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": [*decision_entry.ANSWER],
    "properties": {
        "decision_id": _TEXT,
        "score_id": _TEXT,
        "who": _TEXT,
        "role": {"enum": list(DECIDERS)},
        "amount_approved": {"type": ["number", "null"]},
        "currency": _TEXT,
        "decided_on": {"type": "string", "format": "date"},
        "opinion": _TEXT_OR_NONE,
        "reason": _TEXT_OR_NONE,
        "result": {"enum": list(get_args(Result))},
        "overrides": {"type": "boolean", "description": "It goes against the recommendation; computed."},
        "recorded_at": {"type": "string", "description": "UTC."},
    },
}

_SAYINGS = {
    401: "No token, or one that is not valid.",
    403: "The role has no right to this.",
    404: "Unknown, or outside the token's scope: one and the same answer.",
    413: "The body is longer than a request can be.",
    422: "The request breaks its contract; every field at fault is named with its remedy.",
    503: "No usable champion or portfolio; the detail says why.",
}

_SCORE_ID = {
    "name": "score_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "example": "s_3f1c9a52d0e84b7f8a6c2b1d9e0f4a55",
}

_DECISION_ID = {
    "name": "decision_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "example": decision_entry.ANSWER["decision_id"],
}

_KEY = {
    "name": KEY,
    "in": "header",
    "required": True,
    "description": "A random name of this decision. Sent again with the same body it answers the first record; with "
    "another body it is refused. It is the token's own, and of one score.",
    "schema": {"type": "string", "pattern": f"^{decision_entry.KEY_PATTERN}$"},
    "example": "5f0c2f4e-3b1d-4f0a-9a57-0d6a4c1be7a2",
}

_INVALID_EXAMPLE = {
    "type": "about:blank",
    "title": "The request is not valid",
    "status": 422,
    "detail": "Correct the fields named and send it again.",
    "errors": [
        {
            "field": "other_active_loans",
            "message": "This field is missing.",
            "remedy": "Ask her how many loans she has elsewhere, and give the number; 0 only if she says none.",
        }
    ],
}


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    body = ScoreBody.model_json_schema(ref_template="#/components/schemas/{model}")
    body["examples"] = [EXAMPLE]
    decision_body = DecisionBody.model_json_schema(ref_template="#/components/schemas/{model}")
    decision_body["examples"] = [decision_entry.EXAMPLE]
    score = {"type": "object", "description": "A score, as far as the asker's role may see it."}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "riskscore",
            "version": version("riskscore"),
            "description": "Scores of a village bank's loans, explained. People decide; this service recommends.",
        },
        "security": [{"token": []}],
        "paths": {
            "/v1/scores": {
                "post": _operation(
                    "Score a member's request; it is stored durably before it is answered.",
                    {"201": _json("The score.", score)},
                    (401, 403, 404, 413, 422, 503),
                )
                | {
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": _ref("ScoreBody"), "example": EXAMPLE}},
                    }
                }
            },
            "/v1/scores/{score_id}": {
                "parameters": [_SCORE_ID],
                "get": _operation("A score answered before.", {"200": _json("The score.", score)}, (401, 403, 404)),
            },
            "/v1/scores/{score_id}/decisions": {
                "parameters": [_SCORE_ID],
                "post": _operation(
                    "Write down what people decided: an officer, or a committee about its own group. It is stored "
                    "durably before it is answered; a correction is a second decision.",
                    {
                        "201": _json("The decision's record.", _ref("Decision"), decision_entry.ANSWER)
                        | {"headers": {"Location": {"schema": {"type": "string"}, "description": "The record."}}}
                    },
                    (401, 403, 404, 413, 422),
                )
                | {
                    "parameters": [_KEY],
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {"schema": _ref("DecisionBody"), "example": decision_entry.EXAMPLE}
                        },
                    },
                },
            },
            "/v1/scores/{score_id}/decisions/{decision_id}": {
                "parameters": [_SCORE_ID, _DECISION_ID],
                "get": _operation(
                    "A decision: an officer reads any within its scope, a committee what its own token entered.",
                    {"200": _json("The decision's record.", _ref("Decision"), decision_entry.ANSWER)},
                    (401, 403, 404),
                ),
            },
            "/scores/{score_id}": {
                "parameters": [_SCORE_ID],
                "get": _operation(
                    "The score's page; `?lang=es` or `?lang=en`.",
                    {"200": _html("The page.")},
                    (401, 403, 404),
                ),
            },
            "/": {"get": _operation("What this service is.", {"200": _html("The notice.")}, (), secured=False)},
            "/enter": {
                "get": _operation(
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
                "post": _operation("End the browser's session.", {"204": {"description": "Ended."}}, (), secured=False)
            },
            "/livez": {"get": _operation("The process is up.", {"200": {"description": "Up."}}, (), secured=False)},
            "/readyz": {
                "get": _operation(
                    "The latest champion and portfolio are in service.",
                    {"200": _json("Ready.", {"type": "object"})},
                    (503,),
                    secured=False,
                )
            },
            "/metrics": {
                "get": _operation(
                    "Prometheus metrics, for officers, analysts and auditors.",
                    {"200": {"description": "Metrics.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
                    (401, 403),
                )
            },
        },
        "components": {
            "schemas": {
                "ScoreBody": body,
                "DecisionBody": decision_body,
                "Decision": _DECISION_SCHEMA,
                "Problem": _PROBLEM_SCHEMA,
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(description: str, schema: dict[str, Any], example: dict[str, Any] | None = None) -> dict[str, Any]:
    content = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"description": description, "content": {"application/json": content}}


def _html(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"text/html": {"schema": {"type": "string"}}}}


def _operation(
    summary: str, answers: dict[str, Any], problems: tuple[int, ...], *, secured: bool = True
) -> dict[str, Any]:
    responses = dict(answers)
    for status in problems:
        content: dict[str, Any] = {"schema": _ref("Problem")}
        if status == 422:
            content["example"] = _INVALID_EXAMPLE
        responses[str(status)] = {"description": _SAYINGS[status], "content": {MEDIA_TYPE: content}}
    operation: dict[str, Any] = {"summary": summary, "responses": responses}
    if not secured:
        operation["security"] = []
    return operation
