"""A browser's way in and out, in the document."""

from __future__ import annotations

from typing import Any

from riskscore.service import csrf
from riskscore.service.answers import FORM
from riskscore.service.examples import SCORE
from riskscore.service.openapi.pieces import NO_FORM, html_of, onward_of, operation

_NEXT = {"name": "next", "in": "query", "schema": {"type": "string"}, "example": f"/scores/{SCORE}"}

_SESSION_ID = {
    "name": "session_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "example": "b_9f1c22ab03de",
}


def _returned(name: str) -> dict[str, Any]:
    """Return the description of what the provider sends along (RFC 6749, 4.1.2)."""
    return {"name": name, "in": "query", "schema": {"type": "string"}}


def _form(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the description of a form; each carries the word of the page it stands on."""
    word = {csrf.FIELD: {"type": "string", "description": "The word of an open page."}}
    return {"content": {FORM: {"schema": {"type": "object", "properties": word | fields}}}}


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    return {
        "/": {"get": operation("What this service is.", {"200": html_of("The notice.")}, (), secured=False)},
        "/enter": {
            "get": operation(
                "Use a one-time link up: sets an HttpOnly cookie and leads to `next`.",
                {"303": onward_of("On to the page.")},
                (401,),
                secured=False,
            )
            | {
                "parameters": [
                    {"name": "key", "in": "query", "required": True, "schema": {"type": "string"}},
                    _NEXT,
                ]
            }
        },
        "/leave": {
            "post": operation(
                "End the browser's session.",
                {"303": onward_of("Ended; on to the form.")},
                (403, 413),
                wrong=NO_FORM,
                secured=False,
            )
            | {"requestBody": _form({})}
        },
        "/login": {
            "get": operation(
                "The form by which a person signs in; it sets the cookie that its word is made from.",
                {"200": html_of("The form."), "303": onward_of("A session is open already: on to `next`.")},
                (),
                secured=False,
            )
            | {"parameters": [_NEXT]},
            "post": operation(
                "Sign in with a token, the service's or the identity provider's: sets an HttpOnly cookie and leads to "
                "`next`. The answer is the same for every token that does not fit.",
                {
                    "303": onward_of("On to the page."),
                    "401": html_of("The form again: this token opens nothing."),
                },
                (403, 413, 503),
                wrong=NO_FORM,
                secured=False,
            )
            | {"requestBody": _form({"token": {"type": "string"}, "next": {"type": "string"}})},
        },
        "/login/provider": {
            "get": operation(
                "Send a browser to the identity provider's own page: sets the cookie of the attempt. There is no such "
                "page where the provider does not know this service.",
                {"303": onward_of("On to the provider; to `next` where a session is open already.")},
                (404,),
                secured=False,
            )
            | {"parameters": [_NEXT]}
        },
        "/login/provider/back": {
            "get": operation(
                "Where the provider sends a browser back to: uses the attempt up, sets the session's cookie, and leads "
                "to the page that was wanted. Whatever keeps anybody out is said on the form.",
                {
                    "200": html_of("The page that leads on."),
                    "401": html_of("The form: signing in was cancelled, or nobody could be made sure of."),
                    "403": html_of(
                        "The form: the attempt is none of this browser's, or over; or she has no role here."
                    ),
                    "503": html_of("The form: the provider does not do its part.", or_problem=True),
                },
                (404,),
                secured=False,
            )
            | {"parameters": [_returned(name) for name in ("code", "state", "error")]}
        },
        "/sessions": {
            "get": operation("The asker's own open sessions.", {"200": html_of("The list.")}, (401,)),
        },
        "/sessions/{session_id}/end": {
            "parameters": [_SESSION_ID],
            "post": operation(
                "End one of the asker's own sessions.",
                {"303": onward_of("Ended; on to the list.")},
                (401, 403, 404, 413),
                wrong=NO_FORM,
            )
            | {"requestBody": _form({})},
        },
    }
