"""A group's meeting in the document: its sheet, opinions, private talks, files, and decisions that come back."""

from __future__ import annotations

from typing import Any

from riskscore.scoring.matrix import STATES
from riskscore.scoring.measures import AUDIENCES, MEASURES
from riskscore.service import decision_entry, decision_files, opinions
from riskscore.service.decision_files import FileBody
from riskscore.service.openapi.pieces import SCORE_ID, html_of, json_of, operation, ref
from riskscore.service.opinions import OpinionBody

_GROUP_ID = {
    "name": "group_id",
    "in": "path",
    "required": True,
    "description": "A communal bank.",
    "schema": {"type": "string"},
    "example": "B0012",
}

_WORDS: dict[str, Any] = {"type": "object", "required": ["es", "en"], "additionalProperties": {"type": "string"}}

_RULE: dict[str, Any] = {
    "type": "object",
    "description": "A rule of the policy that does not hold, or of which it is not known.",
    "required": [
        "code",
        "measure",
        "audience",
        "state",
        "exception",
        "measured",
        "words",
        "verified",
        "bounds",
    ],
    "properties": {
        "code": {"type": "string"},
        "measure": {"enum": list(MEASURES)},
        "audience": {"enum": list(AUDIENCES)},
        "state": {"enum": ["talk_first", "UNKNOWN"]},
        "exception": {"type": "boolean", "description": "Whoever goes on writes why."},
        "measured": {**_WORDS, "type": ["object", "null"], "description": "The exact value; null where unknown."},
        "words": _WORDS,
        "verified": {"type": "boolean"},
        "bounds": {
            "type": ["object", "null"],
            "description": "Of the band it lies in, as written; null where unknown.",
            "properties": {side: {"type": "string"} for side in ("at_least", "above", "at_most", "below")},
        },
    },
}

_MEMBER: dict[str, Any] = {
    "type": "object",
    "description": "One member. State and ceiling are null for a committee until its opinion is on record and every "
    "member was spoken with alone.",
    "required": ["member", "group_record", "score_id", "request", "recommendation", "opinion_needed", "not_ready"],
    "properties": {
        "rules": {
            "type": "array",
            "items": _RULE,
            "description": "On her and what she asks for; for an officer and an auditor, where she has a request.",
        },
        "shown": {
            "type": "object",
            "description": "For a committee: what she shows of this request of her own will, only where she does.",
            "properties": {
                "other_loans": {"type": "integer"},
                "level": {"enum": ["NO_DEBT", "SOLVENT", "AT_RISK", "OVER_INDEBTED"]},
                "savings": {"type": "number"},
            },
        },
    },
}

_SHEET: dict[str, Any] = {
    "type": "object",
    "description": "The sheet, as far as the role may see it.",
    "required": [
        "group",
        "as_of",
        "currency",
        "members",
        "arrears",
        "rules",
        "outlook",
        "outlook_missing",
        "not_ready",
    ],
    "properties": {
        "members": {"type": "array", "items": _MEMBER},
        "rules": {
            "type": "object",
            "description": "On the group: the strictest state of those that the role may read, and which do not hold. "
            "The outlook's recommendation is never looser.",
            "required": ["state", "not_met"],
            "properties": {
                "state": {"enum": list(STATES)},
                "not_met": {"type": "array", "items": _RULE},
            },
        },
        "outlook": {"type": ["object", "null"]},
        "outlook_missing": {"enum": ["no_champion", "no_request", None]},
        "not_ready": {"type": "boolean"},
    },
}

_OPINION = {"opinion_id": "o_9b1f0c6e2d7a4835a1c4e8f20b6d3975", "score_id": SCORE_ID["example"]} | {
    **opinions.EXAMPLE,
    "recorded_at": "2026-02-04T12:00:00.000000+00:00",
}


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    return {
        "/v1/groups/{group_id}/sheet": {
            "parameters": [_GROUP_ID],
            "get": operation(
                "The sheet of a communal bank's meeting, for its committee, an officer and an auditor.",
                {"200": json_of("The sheet.", _SHEET)},
                (401, 403, 404, 503),
            ),
        },
        "/groups/{group_id}": {
            "parameters": [_GROUP_ID],
            "get": operation(
                "The page of the meeting; `?lang=es` or `?lang=en`.",
                {"200": html_of("The page.")},
                (401, 403, 404, 503),
            ),
        },
        **{
            f"/groups/{{group_id}}/{name}": _form(summary)
            for name, summary in (
                ("requests", "Ask, from the page, for the score of everybody whose open request has none."),
                ("opinions", "Take an opinion from the page."),
                ("decisions", "Take a decision from the page."),
                ("told", "Note, from the page, that a member was spoken with alone."),
                ("withdrawn", "Note, from the page, that a member withdrew her request."),
                ("uploads", "Take a file of decisions from the page."),
            )
        },
        "/groups/{group_id}/files/committee": _form("Hand out the committee's file.", page=True),
        "/groups/{group_id}/files/officer": _form("Hand out the officer's file, closed with a passphrase.", page=True),
        "/v1/scores/{score_id}/opinions": {
            "parameters": [SCORE_ID],
            "post": operation(
                "Write down what a committee thinks before it sees the state. There is one on a score.",
                {"201": json_of("The opinion.", {"type": "object"}, _OPINION)},
                (401, 403, 404, 413, 422),
            )
            | _body(ref("OpinionBody"), opinions.EXAMPLE),
        },
        "/v1/scores/{score_id}/told": _noted("Note that the officer spoke with the member alone."),
        "/v1/scores/{score_id}/withdrawn": _noted("Note that the member withdrew her request."),
        "/v1/decisions/upload": {
            "post": _unfitting(
                operation(
                    "Write down the decisions of a file, all of them or none. Sent again it changes nothing.",
                    {
                        "201": json_of(
                            "Each decision's record.",
                            {
                                "type": "object",
                                "required": ["decisions"],
                                "properties": {"decisions": {"type": "array", "items": ref("Decision")}},
                            },
                            {"decisions": [decision_entry.ANSWER]},
                        )
                    },
                    (401, 403, 409, 413, 422),
                )
            )
            | _body(ref("FileBody"), decision_files.EXAMPLE),
        },
    }


def schemas() -> dict[str, Any]:
    """Return the schemas that the descriptions name."""
    file = FileBody.model_json_schema(ref_template="#/components/schemas/{model}")
    file["examples"] = [decision_files.EXAMPLE]
    opinion = OpinionBody.model_json_schema(ref_template="#/components/schemas/{model}")
    opinion["examples"] = [opinions.EXAMPLE]
    return {**file.pop("$defs"), "FileBody": file, "OpinionBody": opinion}


def _unfitting(described: dict[str, Any]) -> dict[str, Any]:
    described["responses"]["409"]["description"] = "The file is well formed, and does not fit what is on record."
    return described


def _body(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}}


def _noted(summary: str) -> dict[str, Any]:
    noted = operation(summary, {"204": {"description": "It is on record."}}, (401, 403, 404, 422))
    return {"parameters": [SCORE_ID], "post": noted}


def _form(summary: str, *, page: bool = False) -> dict[str, Any]:
    done = {"200": html_of("The file.")} if page else {"303": {"description": "Back to the page."}}
    taken = operation(summary, done, (401, 403, 404, 413, 422, 503))
    taken["responses"]["422"]["content"]["text/html"] = {"schema": {"type": "string"}}
    content = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}
    return {"parameters": [_GROUP_ID], "post": taken | {"requestBody": {"content": content}}}
