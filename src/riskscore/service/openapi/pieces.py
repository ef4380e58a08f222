"""The pieces that descriptions of routes are made of: answers, problems, and an operation with both."""

from __future__ import annotations

from typing import Any

from riskscore.service.decision_entry import KEY_PATTERN
from riskscore.service.decisions import KEY
from riskscore.service.problem import MEDIA_TYPE

PROBLEM_SCHEMA: dict[str, Any] = {
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

_SAYINGS = {
    401: "No token, or one that is not valid.",
    403: "The role has no right to this.",
    404: "Unknown, or outside the token's scope: one and the same answer.",
    409: "What is asked about was answered with something that is no longer at hand.",
    408: "The body did not come in time.",
    413: "The body is longer than a request can be.",
    414: "The address is longer than any of this service.",
    415: "The body is of another kind, or compressed, or not in UTF-8.",
    422: "The request breaks its contract; every field at fault is named with its remedy.",
    429: "Too many requests; `Retry-After` says how many seconds to wait.",
    431: "The headers are longer than any request needs.",
    503: "No usable champion or portfolio, or the records cannot be read or written now; the detail says why.",
}

#: What every operation may answer.
_ALWAYS = (414, 429, 431)

SCORE_ID = {
    "name": "score_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "example": "s_3f1c9a52d0e84b7f8a6c2b1d9e0f4a55",
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


def key_of(named: str, whose: str) -> dict[str, Any]:
    """Return the description of a header that may carry a key, and that of whom it is."""
    return {
        "name": KEY,
        "in": "header",
        "required": False,
        "description": f"A random name of this {named}. Sent again with the same body it answers what it did the first "
        f"time; with another body it is refused. It is {whose}.",
        "schema": {"type": "string", "pattern": f"^{KEY_PATTERN}$"},
        "example": "5f0c2f4e-3b1d-4f0a-9a57-0d6a4c1be7a2",
    }


def ref(name: str) -> dict[str, str]:
    """Return a reference to one of the document's schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def json_of(description: str, schema: dict[str, Any], example: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the description of a JSON answer."""
    content = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"description": description, "content": {"application/json": content}}


def html_of(description: str, *, or_problem: bool = False) -> dict[str, Any]:
    """Return the description of a page; `or_problem` where the records may be away, which is told as everywhere."""
    content: dict[str, Any] = {"text/html": {"schema": {"type": "string"}}}
    if or_problem:
        content[MEDIA_TYPE] = {"schema": ref("Problem")}
    return {"description": description, "content": content}


def operation(
    summary: str, answers: dict[str, Any], problems: tuple[int, ...], *, secured: bool = True
) -> dict[str, Any]:
    """Return an operation: its answers, and the problems it may answer with.

    Who asks is looked up in the records, so that whatever asks for a token may also find them away.
    """
    responses = dict(answers)
    # Whoever sends a body can send too much of it, too slowly, or something else.
    body = (408, 413, 415) if 413 in problems else ()
    for status in sorted({*problems, *body, *_ALWAYS, *((503,) if secured else ())}):
        content: dict[str, Any] = {"schema": ref("Problem")}
        if status == 422:
            content["example"] = _INVALID_EXAMPLE
        responses[str(status)] = {"description": _SAYINGS[status], "content": {MEDIA_TYPE: content}}
        if status == 429:
            responses["429"]["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    operation: dict[str, Any] = {"summary": summary, "responses": responses}
    if not secured:
        operation["security"] = []
    return operation


def form_of(properties: dict[str, Any], required: list[str], patterns: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the description of a form that a page sends; every page's form brings the word of that page.

    Fields whose names follow a pattern stand in `patterns`.
    """
    fields = {"csrf_token": {"type": "string", "description": "The word of an open page."}, **properties}
    schema: dict[str, Any] = {"type": "object", "required": ["csrf_token", *required], "properties": fields}
    if patterns:
        schema["patternProperties"] = patterns
    return {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}


def onward_of(description: str) -> dict[str, Any]:
    """Return the description of an answer that leads a browser on."""
    return {"description": description, "headers": {"Location": {"schema": {"type": "string"}}}}
