"""Models and the register in the document."""

from __future__ import annotations

from typing import Any

from riskscore.service.openapi.pieces import html_of, json_of, operation, ref

_VERSION: dict[str, Any] = {
    "version": "4",
    "model": "woe_scorecard",
    "trained_at": "2026-01-12T09:30:00+00:00",
    "passed": True,
    "promoted_against_gates": None,
    "auc": 0.741,
    "lock": "9db6cb9e38f2",
    "training_set": "8117424c4227",
    "artefact": "5a3c0e1f77b2",
    "card": {"title": {"es": "Riesgo del próximo préstamo de una socia", "en": "Risk of a member's next loan"}},
    "gates": [{"name": "auc", "passed": True, "value": 0.741, "words": "AUC out of time 0.7410, at least 0.6."}],
    "unreadable": None,
}

_MODELS: dict[str, Any] = {
    "models": [{"recipe": "member_default", "in_service": "4", "fault": None, "champion": _VERSION, "challenger": None}]
}

_TEXT = {"type": ["string", "null"]}


def paths() -> dict[str, Any]:
    """Return the description of both routes."""
    return {
        "/v1/models": {
            "get": operation(
                "Champion and challenger of every recipe, for officers, analysts and auditors.",
                {"200": json_of("The models.", ref("Models"), _MODELS)},
                (401, 403, 503),
            )
        },
        "/models": {"get": operation("The models' page.", {"200": html_of("The page.")}, (401, 403, 503))},
        "/policy": {"get": operation("The policy in words.", {"200": html_of("The page.")}, (401, 403, 503))},
        "/v1/register": {
            "get": operation(
                "The register of the automatic systems in service (Peru, DS 115-2025-PCM), for everyone with a token; "
                "`?lang=es` or `?lang=en`.",
                {"200": json_of("The register.", ref("Register"))},
                (401, 503),
            )
        },
    }


def schemas() -> dict[str, Any]:
    """Return the schemas that the descriptions name."""
    version = {
        "type": ["object", "null"],
        "required": ["version", "model", "trained_at", "passed", "gates", "lock", "card"],
        "properties": {
            "version": {"type": "string"},
            "model": {"type": "string", "description": "Kind of model."},
            "trained_at": {"type": "string", "description": "When it was registered, UTC."},
            "passed": {"type": "boolean", "description": "Whether every gate was passed."},
            "promoted_against_gates": _TEXT | {"description": "Why it was promoted although gates failed."},
            "auc": {"type": ["number", "null"], "description": "Out of time, on all later rows."},
            "lock": {"type": "string", "description": "SHA-256 of the features' definitions."},
            "training_set": {"type": "string"},
            "artefact": {"type": "string"},
            "card": {"type": ["object", "null"], "description": "What the model card begins with."},
            "gates": {"type": "array", "items": {"type": "object"}},
            "unreadable": _TEXT | {"description": "Why its artefact cannot be read."},
        },
    }
    return {
        "ModelVersion": version,
        "Models": {
            "type": "object",
            "required": ["models"],
            "properties": {
                "models": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["recipe", "in_service", "champion", "challenger"],
                        "properties": {
                            "recipe": {"type": "string"},
                            "in_service": _TEXT | {"description": "The version that answers; null where none does."},
                            "fault": _TEXT | {"description": "Why the champion is not in service."},
                            "champion": ref("ModelVersion"),
                            "challenger": ref("ModelVersion"),
                        },
                    },
                }
            },
        },
        "Register": {
            "type": "object",
            "required": ["language", "systems"],
            "properties": {
                "language": {"enum": ["es", "en"]},
                "systems": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "description": "Principles, data, logic, impacts, supervision, law and versions of one system.",
                        "required": ["institution", "system", "purpose", "tables", "logic", "law", "versions"],
                    },
                },
            },
        },
    }
