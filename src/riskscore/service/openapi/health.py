"""Life, readiness and metrics in the document."""

from __future__ import annotations

from typing import Any

from riskscore.service.openapi.pieces import json_of, operation, text_of

_READY_EXAMPLE: dict[str, Any] = {
    "status": "degraded",
    "recipe": "member_default",
    "model_version": "3",
    "recipes": {"member_default": "3"},
    "data_age_days": 9,
    "remarks": ["The portfolio's last day is 9 days ago; newer data is due after 7."],
}

_READY: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": [*_READY_EXAMPLE],
    "properties": {
        "status": {"enum": ["ready", "degraded"]},
        "recipe": {"type": "string"},
        "model_version": {"type": "string"},
        "recipes": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Version by recipe."},
        "data_age_days": {"type": "integer"},
        "remarks": {"type": "array", "items": {"type": "string"}},
    },
}


def paths() -> dict[str, Any]:
    """Return the description of every route."""
    return {
        "/livez": {"get": operation("The process is up.", {"200": text_of("Up.", "\n")}, (), secured=False)},
        "/readyz": {
            "get": operation(
                "The latest champion and portfolio are in service, records can be written, and the data is of late. "
                "503 says why not; `degraded` that it serves, and what is to be seen to.",
                {"200": json_of("Ready, or degraded.", _READY, _READY_EXAMPLE)},
                (503,),
                secured=False,
            )
        },
        "/metrics": {
            "get": operation(
                "Prometheus metrics, for officers, analysts and auditors.",
                {"200": text_of("Metrics.", "riskscore_ready 1.0\n")},
                (401, 403),
            )
        },
    }
