"""The auditor's trail in the document."""

from __future__ import annotations

import json
from typing import Any

from riskscore.errors import Fault
from riskscore.service.openapi.pieces import NO_FORM, SCORE_ID, html_of, operation
from riskscore.service.trail import NUMBER
from riskscore.service.trail import SCORE_ID as SCORE_ID_PATTERN
from riskscore.service.trail_page import KINDS

_BEFORE = {
    "name": "before",
    "in": "query",
    "description": "Only entries of lower numbers.",
    "schema": {"type": "string", "pattern": f"^({NUMBER})?$"},
    "example": "1042",
}

_ASKED = [
    {
        "name": "kind",
        "in": "query",
        "description": "Only entries of this kind.",
        "schema": {"enum": ["", *KINDS]},
        "example": "decision",
    },
    {
        "name": "score_id",
        "in": "query",
        "description": "Only what is about this score.",
        "schema": {"type": "string", "pattern": f"^({SCORE_ID_PATTERN})?$"},
        "example": SCORE_ID["example"],
    },
    _BEFORE,
]

_ENTRY = {
    "sequence": 1042,
    "kind": "decision",
    "at": "2026-02-04T12:00:00.000000+00:00",
    "role": "committee",
    "token_id": "t_5f0c2f4e3b1d",
    "score_id": SCORE_ID["example"],
    "subject": "P3f1c9a52d0e8",
    "says": {
        "result": "reduced",
        "overrides": True,
        "decided_on": "2026-02-03",
        "reason_given": True,
        "opinion_given": False,
        "rules": ["G05"],
    },
    "erased": False,
    "fault": None,
}

_UNREAD = Fault("before", "It cannot be read.", "Give the number of an entry.")


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    page = {"200": html_of("The page.")}
    lines = {
        "description": "An entry a line; `Link` with `rel=next` leads on.",
        "content": {"application/jsonl": {"schema": {"type": "string"}, "example": json.dumps(_ENTRY)}},
        "headers": {"Link": {"schema": {"type": "string"}, "description": "What comes after."}},
    }
    return {
        "/trail": {
            "parameters": _ASKED,
            "get": operation(
                "The auditor's trail: entries of the chain, the newest first.", page, (401, 403), wrong=_UNREAD
            ),
        },
        "/v1/trail": {
            "parameters": _ASKED,
            "get": operation("The trail as JSON lines, a thousand at most.", {"200": lines}, (401, 403), wrong=_UNREAD),
        },
        "/trail/{score_id}": {
            "parameters": [SCORE_ID, _BEFORE],
            "get": operation("Everything that happened to one score.", page, (401, 403, 404), wrong=_UNREAD),
        },
        "/trail/{score_id}/replay": {
            "parameters": [SCORE_ID, _BEFORE],
            "post": operation(
                "Compute the score again, bit for bit, and show its trail. A browser sends the word of its page.",
                page,
                (401, 403, 404, 413),
                wrong=NO_FORM,
            )
            | {
                "requestBody": {
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {"type": "object", "properties": {"csrf_token": {"type": "string"}}}
                        }
                    }
                }
            },
        },
    }
