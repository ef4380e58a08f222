"""Models in the document."""

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

_SINCE: dict[str, Any] = {
    "answer": "held",
    "trained_to": "2025-12-31",
    "data_date": "2026-06-30",
    "minimum_bads": 60,
    "matured": 812,
    "clusters": 41,
    "expected": 70.3,
    "observed": 76,
    "low": 58.9,
    "high": 95.8,
    "level": 0.9,
    "observed_expected": {"value": 1.081, "low": 0.87, "high": 1.343},
    "grades": [
        {"name": "A–B", "matured": 520, "expected": 22.1, "observed": 24, "light": "green"},
        {"name": "C–E", "matured": 292, "expected": 48.2, "observed": 52, "light": "green"},
    ],
}

_MODELS: dict[str, Any] = {
    "models": [
        {
            "recipe": "member_default",
            "in_service": "4",
            "fault": None,
            "since_training": _SINCE,
            "champion": _VERSION,
            "challenger": None,
        }
    ]
}

_TEXT = {"type": ["string", "null"]}


def paths() -> dict[str, Any]:
    """Return the description of every route."""
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
        "SinceTraining": _since(),
        "Models": {
            "type": "object",
            "required": ["models"],
            "properties": {
                "models": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["recipe", "in_service", "since_training", "champion", "challenger"],
                        "properties": {
                            "recipe": {"type": "string"},
                            "in_service": _TEXT | {"description": "The version that answers; null where none does."},
                            "fault": _TEXT | {"description": "Why the champion is not in service."},
                            "since_training": {"oneOf": [ref("SinceTraining"), {"type": "null"}]},
                            "champion": ref("ModelVersion"),
                            "challenger": ref("ModelVersion"),
                        },
                    },
                }
            },
        },
    }


def _since() -> dict[str, Any]:
    count, number = {"type": ["integer", "null"]}, {"type": ["number", "null"]}
    return {
        "type": "object",
        "description": "Of the version in service: bads that it expected and bads there were, of the loans that became "
        "final after the last day of the portfolio it was trained on. Counted once for each version and portfolio, in "
        "the background; until then the answer stands alone.",
        "required": ["answer"],
        "properties": {
            "answer": {
                "enum": ["none", "withheld", "too_few", "held", "more", "fewer", "counting", "unknown"],
                "description": "None is over; too few people or banks to be told; too few bads to say; as many bads as "
                "expected, more, or fewer beyond chance; being counted; could not be counted.",
            },
            "trained_to": {"type": "string", "format": "date"},
            "data_date": {"type": "string", "format": "date"},
            "minimum_bads": {"type": "integer", "description": "Fewest bads that the recipe judges a level by."},
            "matured": count,
            "clusters": count | {"description": "Communal banks, with those that share a household or person."},
            "expected": number | {"description": "Sum of the PDs as of the requests."},
            "observed": count,
            "low": number | {"description": "Clustered interval of the observed bads."},
            "high": number,
            "level": {"type": "number", "description": "Coverage of the intervals."},
            "observed_expected": {"type": ["object", "null"], "description": "`value`, `low` and `high`."},
            "grades": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "matured", "expected", "observed", "light"],
                    "properties": {
                        "name": {"type": "string"},
                        "matured": {"type": "integer"},
                        "expected": {"type": "number"},
                        "observed": {"type": "integer"},
                        "light": {"enum": ["green", "yellow", "red", "too_few"]},
                    },
                },
            },
        },
    }
