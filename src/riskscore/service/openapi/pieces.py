"""The pieces that descriptions of routes are made of: answers, problems, and an operation with both."""

from __future__ import annotations

import json
from typing import Any

from riskscore.errors import Fault
from riskscore.service import examples
from riskscore.service.answers import PAGES
from riskscore.service.decision_entry import KEY_PATTERN
from riskscore.service.decisions import KEY
from riskscore.service.problem import MEDIA_TYPE, invalid

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
    408: "The body did not come in time, or broke off.",
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

_AGAIN = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}

#: Headers of a problem, where it has any.
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "`Bearer`."}},
    429: _AGAIN,
    503: _AGAIN,
}

#: What any address may answer, by status; written once, and referred to by every operation.
_ANYWHERE = {405: "MethodNotAllowed", 500: "Unforeseen", 504: "TooSlow"}
ANYWHERE: dict[str, Any] = {
    name: {"description": said, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for name, said in (
        ("MethodNotAllowed", "The address does not answer to this method; `Allow` names those that it has."),
        ("Unforeseen", "Something went wrong that nobody foresaw. The answer says nothing of it; the log does."),
        ("TooSlow", "It took too long. It may have been done: send it again under its `Idempotency-Key`."),
    )
}
ANYWHERE["MethodNotAllowed"]["headers"] = {
    "Allow": {"schema": {"type": "string"}, "description": "Methods, such as `GET, HEAD`."}
}

SCORE_ID = {
    "name": "score_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "example": examples.SCORE,
}

LANG = {
    "name": "lang",
    "in": "query",
    "required": False,
    "description": "Language of the answer, such as `es` or `en`; the browser's where it is none that is spoken here.",
    "schema": {"type": "string"},
    "example": "es",
}

#: A page, and the header that names its language.
_PAGE = {"text/html": {"schema": {"type": "string"}}}
LANGUAGE: dict[str, Any] = {"Content-Language": {"schema": {"type": "string"}, "description": "Such as `es`."}}

#: What is told on a page, where a browser asks for one. The rest is answered before it is known what is asked for.
_ON_A_PAGE = {"401", "403", "404", "408", "409", "413", "415", "422", "429", "503"}

#: What a body gets that is no form.
NO_FORM = Fault("body", "This is no form that can be read.", "Open the page again.")


def key_of(named: str, whose: str) -> dict[str, Any]:
    """Return the description of a header that may carry a key, and that of whom it is."""
    return {
        "name": KEY,
        "in": "header",
        "required": False,
        "description": f"A random name of this {named}. Sent again with the same body it answers what it did the first "
        f"time; with another body it is refused. It is {whose}.",
        "schema": {"type": "string", "pattern": f"^{KEY_PATTERN}$"},
        "example": examples.KEY,
    }


def ref(name: str) -> dict[str, str]:
    """Return a reference to one of the document's schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def whole(properties: dict[str, Any], *, optional: tuple[str, ...] = (), nullable: bool = False) -> dict[str, Any]:
    """Return the schema of an object that has these properties and no other."""
    return {
        "type": ["object", "null"] if nullable else "object",
        "additionalProperties": False,
        "required": [name for name in properties if name not in optional],
        "properties": properties,
    }


def json_of(description: str, schema: dict[str, Any], example: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the description of a JSON answer."""
    content = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"description": description, "content": {"application/json": content}}


def text_of(description: str, example: str) -> dict[str, Any]:
    """Return the description of an answer in plain text."""
    content = {"text/plain": {"schema": {"type": "string"}, "example": example}}
    return {"description": description, "content": content}


def html_of(description: str, *, or_problem: bool = False) -> dict[str, Any]:
    """Return the description of a page; `or_problem` where the records may be away, which is told as everywhere."""
    content: dict[str, Any] = dict(_PAGE)
    if or_problem:
        content[MEDIA_TYPE] = {"schema": ref("Problem")}
    return {"description": description, "content": content, "headers": dict(LANGUAGE)}


def operation(
    summary: str,
    answers: dict[str, Any],
    problems: tuple[int, ...],
    *,
    wrong: Fault | None = None,
    secured: bool = True,
) -> dict[str, Any]:
    """Return an operation: its answers, and the problems it may answer with.

    Who asks is looked up in the records, so that whatever asks for a token may also find them away. Where something of
    the request can be `wrong`, 422 is answered, with such faults.
    """
    responses = dict(answers)
    # Whoever sends a body can send too much of it, too slowly, or something else.
    body = (408, 413, 415) if 413 in problems else ()
    for status in sorted({*problems, *body, *_ALWAYS, *((503,) if secured else ())}):
        responses[str(status)] = {
            "description": _SAYINGS[status],
            "content": {MEDIA_TYPE: {"schema": ref("Problem")}},
        }
        if status in _HEADERS:
            responses[str(status)]["headers"] = dict(_HEADERS[status])
    responses |= {str(status): {"$ref": f"#/components/responses/{name}"} for status, name in _ANYWHERE.items()}
    if wrong is not None:
        page = responses.get("422", {"description": _SAYINGS[422], "content": {}})
        said = {"schema": ref("Problem"), "example": json.loads(bytes(invalid([wrong]).response().body))}
        responses["422"] = {**page, "content": {**page["content"], MEDIA_TYPE: said}}
    operation: dict[str, Any] = {"summary": summary, "responses": dict(sorted(responses.items()))}
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


def location_of(description: str) -> dict[str, Any]:
    """Return the description of the header that says where something is."""
    return {"Location": {"schema": {"type": "string"}, "description": description}}


def for_people(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    """Return an operation with what a browser is answered instead of a problem.

    Whoever asks for a page and is not known is led to the form; what else goes wrong at the address of a page is told
    on a page.
    """
    responses = dict(operation["responses"])
    if path.startswith("/v1/"):
        return operation
    if "401" in responses and path != "/enter" and not path.startswith("/login"):
        led = "A browser without a session: on to the form by which one signs in."
        there = responses.get("303")
        responses["303"] = onward_of(led if there is None else f"{there['description']} {led}")
    for status in _ON_A_PAGE & responses.keys() if path.startswith(PAGES) else ():
        said = responses[status]
        responses[status] = said | {
            "content": _PAGE | said["content"],
            "headers": said.get("headers", {}) | LANGUAGE,
        }
    return operation | {"responses": dict(sorted(responses.items()))}


def onward_of(description: str) -> dict[str, Any]:
    """Return the description of an answer that leads a browser on."""
    return {"description": description, "headers": location_of("The page.")}
