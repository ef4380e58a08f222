"""Decisions in the document."""

from __future__ import annotations

from typing import Any, get_args

from riskscore.errors import Fault
from riskscore.service import decision_entry, examples
from riskscore.service.decision_entry import DecisionBody
from riskscore.service.decisions import DECIDERS, KEY, Result
from riskscore.service.openapi.pieces import SCORE_ID, json_of, location_of, operation, ref

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
        "overrides": {"type": "boolean", "description": "It goes against the recommendation, or a rule; computed."},
        "rules": {
            "type": ["array", "null"],
            "items": _TEXT,
            "description": "Codes of the policy's rules that ask for a reason, and were gone against: of those that "
            "the role reads. Null where rules were not answered.",
        },
        "recorded_at": {"type": "string", "description": "UTC."},
    },
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
    "example": examples.KEY,
}


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    return {
        "/v1/scores/{score_id}/decisions": {
            "parameters": [SCORE_ID],
            "post": operation(
                "Write down what people decided: an officer, or a committee about its own group; on an "
                "association's loan, who lends. It is stored "
                "durably before it is answered; a correction is a second decision.",
                {
                    "201": json_of("The decision's record.", ref("Decision"), decision_entry.ANSWER)
                    | {"headers": location_of("The record.")}
                },
                (401, 403, 404, 413),
                wrong=Fault("decided_on", "There is no such day.", decision_entry.REMEDIES["decided_on"]),
            )
            | {
                "parameters": [_KEY],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": ref("DecisionBody"), "example": decision_entry.EXAMPLE}},
                },
            },
        },
        "/v1/scores/{score_id}/decisions/{decision_id}": {
            "parameters": [SCORE_ID, _DECISION_ID],
            "get": operation(
                "A decision: an officer reads any within its scope, a committee what its own token entered.",
                {"200": json_of("The decision's record.", ref("Decision"), decision_entry.ANSWER)},
                (401, 403, 404),
            ),
        },
    }


def schemas() -> dict[str, Any]:
    """Return the schemas that the descriptions name."""
    body = DecisionBody.model_json_schema(ref_template="#/components/schemas/{model}")
    body["examples"] = [decision_entry.EXAMPLE]
    return {"DecisionBody": body, "Decision": _DECISION_SCHEMA}
