"""A whole meeting's scores, in the document."""

from __future__ import annotations

from typing import Any

from riskscore.errors import Fault
from riskscore.service.batch_intake import EXAMPLE, MOST_REQUESTS, BatchBody
from riskscore.service.intake import REMEDIES, MeetingRow
from riskscore.service.openapi.pieces import json_of, key_of, operation, ref, whole
from riskscore.service.openapi.score_examples import SCORE_OF_MEMBER, SCORE_OF_NEIGHBOUR


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    scores = whole(
        {
            "scores": {
                "type": "array",
                "description": "In the order of the requests, each as `POST /v1/scores` answers it.",
                "items": ref("Score"),
            }
        }
    )
    return {
        "/v1/scores/batch": {
            "post": operation(
                f"Score the members' requests of a whole meeting, at most {MOST_REQUESTS}, of one moment. All of them "
                "are stored durably in one transaction before they are answered, or none is; every fault of every row "
                "is named.",
                {"201": json_of("The scores.", scores, {"scores": [SCORE_OF_MEMBER, SCORE_OF_NEIGHBOUR]})},
                (401, 403, 404, 413, 503),
                wrong=Fault("requests[1].amount", "This value must be greater than zero.", REMEDIES["amount"]),
            )
            | {
                "parameters": [key_of("request", "the token's own, and of this route")],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": ref("BatchBody"), "example": EXAMPLE}},
                },
            }
        }
    }


def schemas() -> dict[str, Any]:
    """Return the schemas that the descriptions name."""
    body = BatchBody.model_json_schema()
    body["properties"]["requests"]["items"] = ref("MeetingRow")
    body["examples"] = [EXAMPLE]
    row = MeetingRow.model_json_schema()
    row["examples"] = EXAMPLE["requests"]
    return {"BatchBody": body, "MeetingRow": row}
