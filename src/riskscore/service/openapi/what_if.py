"""Questions on a stored score, in the document."""

from __future__ import annotations

from typing import Any

from riskscore.errors import Fault
from riskscore.frequency import FREQUENCIES
from riskscore.indebtedness import LEVELS
from riskscore.service.openapi.pieces import SCORE_ID, json_of, key_of, operation, ref, whole
from riskscore.service.openapi.score_examples import SCORE_AT_800
from riskscore.service.what_if import EXAMPLE, REMEDIES, WhatIfBody

_NUMBER, _NUMBER_OR_NONE, _TEXT = {"type": "number"}, {"type": ["number", "null"]}, {"type": "string"}
_STATE, _LEVEL = {"enum": ["ready", "talk_first"]}, {"enum": list(LEVELS)}

_POINT_SCHEMA: dict[str, Any] = whole(
    {
        "amount": _NUMBER,
        "term_days": {"type": "integer"},
        "pd": _NUMBER,
        "score": _NUMBER,
        "grade": _TEXT,
        "state": _STATE,
        "ceiling": {**_NUMBER_OR_NONE, "description": "0 where nothing fits; null where capacity is unknown."},
        "level": _LEVEL,
        "nii_post": {**_NUMBER_OR_NONE, "description": "Net indebtedness after this loan; null where unknown."},
        "off_support": {"type": "boolean", "description": "Unlike the cases the model was made from."},
    }
)

_WHAT_IF_SCHEMA: dict[str, Any] = whole(
    {
        "what_if_id": {**_TEXT, "description": "Of the record, which is kept apart from scores."},
        "score_id": _TEXT,
        "asked": whole(
            {
                "amount": _NUMBER,
                "term_days": {"type": "integer"},
                "frequency": {"enum": list(FREQUENCIES)},
                "savings": _NUMBER,
                "finishes_debt": {"type": "boolean"},
            }
        )
        | {"description": "The request as it would be; what was left out stands as in the stored one."},
        "point": ref("WhatIfScore"),
        "grid": {
            "type": "array",
            "description": "Each amount with each term: all amounts of the first term, then of the next.",
            "items": ref("WhatIfPoint"),
        },
        "notice": whole({"es": _TEXT, "en": _TEXT}),
    }
)

_ANSWER: dict[str, Any] = {
    "what_if_id": "w_0b8d6a5f9c3e4d1790aa51c2e7f46b38",
    "score_id": SCORE_ID["example"],
    "asked": {"amount": 800.0, "term_days": 168, "frequency": "fortnightly", "savings": 0.0, "finishes_debt": False},
    "point": SCORE_AT_800,
    "grid": [
        {
            "amount": 600.0,
            "term_days": 126,
            "pd": 0.0541,
            "score": 569.7,
            "grade": "C",
            "state": "ready",
            "ceiling": 840.0,
            "level": "SOLVENT",
            "nii_post": 0.6639,
            "off_support": False,
        }
    ],
    "notice": {
        "es": "Lo calculó un sistema automático. Recomienda; deciden las personas.",
        "en": "Computed by an automatic system. It recommends; people decide.",
    },
}


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    return {
        "/v1/scores/{score_id}/what-if": {
            "parameters": [SCORE_ID],
            "post": operation(
                "What a stored score would be at another amount, term, frequency, with savings put by or a loan "
                "elsewhere finished first. Computed from the stored values with the model and policy of the score; "
                "unchanged it is the stored score to the last bit. For the member, the officer and the analyst.",
                {"200": json_of("The answer; the question is on record.", ref("WhatIf"), _ANSWER)},
                (401, 403, 404, 409, 413, 503),
                wrong=Fault("grid", "This grid has too many points.", REMEDIES["grid"]),
            )
            | {
                "parameters": [key_of("question", "the token's own, and of one score")],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": ref("WhatIfBody"), "example": EXAMPLE}},
                },
            },
        }
    }


def schemas() -> dict[str, Any]:
    """Return the schemas that the descriptions name."""
    body = WhatIfBody.model_json_schema(ref_template="#/components/schemas/{model}")
    body["examples"] = [EXAMPLE]
    parts = body.pop("$defs")
    return {"WhatIfBody": body, **parts, "WhatIf": _WHAT_IF_SCHEMA, "WhatIfPoint": _POINT_SCHEMA}
