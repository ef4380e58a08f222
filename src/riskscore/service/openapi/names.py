"""What a generated client calls each operation of a program, and the parts it sorts them into."""

from __future__ import annotations

from typing import Any

#: By method and path. Pages and forms are for people, and have none.
NAMES = {
    "post /v1/scores": "ask_for_score",
    "post /v1/scores/batch": "ask_for_scores",
    "get /v1/scores/{score_id}": "read_score",
    "post /v1/scores/{score_id}/what-if": "ask_what_if",
    "post /v1/scores/{score_id}/decisions": "enter_decision",
    "get /v1/scores/{score_id}/decisions/{decision_id}": "read_decision",
    "post /v1/decisions/upload": "upload_decisions",
    "get /v1/groups/{group_id}/sheet": "read_sheet",
    "post /v1/scores/{score_id}/opinions": "enter_opinion",
    "post /v1/scores/{score_id}/told": "note_told",
    "post /v1/scores/{score_id}/withdrawn": "note_withdrawn",
    "get /v1/scores/{score_id}/objections": "read_objections",
    "post /v1/scores/{score_id}/objections": "object_to_score",
    "post /v1/scores/{score_id}/objections/{objection_id}/answers": "answer_objection",
    "get /v1/models": "read_models",
    "get /v1/register": "read_register",
    "get /v1/trail": "read_trail",
    "get /livez": "is_alive",
    "get /readyz": "is_ready",
    "get /metrics": "read_metrics",
}

#: By name: what belongs to it.
TAGS = {
    "scores": "Scores, and what they would be.",
    "meetings": "A communal bank's meeting: its sheet, opinions, private talks, files.",
    "decisions": "What people decided.",
    "objections": "What is said against a score, and consent.",
    "models": "Models, the policy and the register.",
    "trail": "The auditor's trail.",
    "health": "How the service is.",
    "pages": "Forms and pages for people.",
}


def named(tag: str, method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    """Return an operation under its tag, with its name where it has one."""
    name = NAMES.get(f"{method} {path}")
    return {"tags": [tag]} | ({} if name is None else {"operationId": name}) | operation
