"""Models in the document."""

from __future__ import annotations

from typing import Any, get_args

from riskscore.evaluation.grade_tests import Light
from riskscore.modelling.card import DataFacts
from riskscore.modelling.validation.since_training import Answer
from riskscore.service.openapi.figures import BY_SAMPLE, FIGURE_OR_NONE
from riskscore.service.openapi.pieces import html_of, json_of, operation, ref, whole
from riskscore.service.openapi.score import (
    COUNT,
    COUNT_OR_NONE,
    FLAG,
    NAMES,
    NUMBER,
    NUMBER_OR_NONE,
    TEXT,
    TEXT_OR_NONE,
    WORDS,
)

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
    "card": {
        "title": {"es": "Riesgo del próximo préstamo de una socia", "en": "Risk of a member's next loan"},
        "question": {
            "es": "¿Tendrá problemas serios con este préstamo?",
            "en": "Will there be serious trouble with this loan?",
        },
        "subject": "member",
        "outcome": "member_default",
        "features": ["late_share_cycle", "peer_late_share"],
        "caps": {"group": 20.0},
        "grades": {"A": 0.02, "B": 0.05, "C": 1.0},
        "data": {
            "fingerprint": "8117424c4227",
            "content_hash": "2f40350f95a1",
            "lock_sha256": "9db6cb9e38f2",
            "data_date": "2025-12-31",
            "train_from": "2020-03-02 10:00:00",
            "train_to": "2024-06-28 16:30:00",
            "first_test": "2024-07-01 09:15:00",
            "last_test": "2025-05-30 11:45:00",
            "train_rows": "5230",
            "train_bads": "391",
            "train_indeterminate": "120",
            "train_clusters": "64",
            "embargoed": "410",
            "held_out": "0",
        },
        "auc": {"later": {"value": 0.741, "low": 0.702, "high": 0.779}},
        "calibration": {
            "": {
                "rows": 1240,
                "bads": 97,
                "slope": {"value": 0.96, "low": 0.78, "high": 1.14},
                "observed_expected": {"value": 1.04, "low": 0.85, "high": 1.26},
            },
            "first cycle": {"rows": 210, "bads": 14, "slope": None, "observed_expected": None},
        },
    },
    "gates": [
        {"name": "auc", "passed": True, "value": 0.741, "words": "AUC out of time 0.7410, at least 0.6.", "remedy": ""}
    ],
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
    version = whole(
        {
            "version": TEXT,
            "model": TEXT | {"description": "Kind of model."},
            "trained_at": TEXT | {"format": "date-time", "description": "When it was registered, UTC."},
            "passed": FLAG | {"description": "Whether every gate was passed."},
            "promoted_against_gates": TEXT_OR_NONE | {"description": "Why it was promoted although gates failed."},
            "auc": NUMBER_OR_NONE | {"description": "Out of time, on all later rows."},
            "lock": TEXT | {"description": "SHA-256 of the features' definitions."},
            "training_set": TEXT | {"description": "Fingerprint of its rows."},
            "artefact": TEXT | {"description": "SHA-256 of its manifest."},
            "card": {"oneOf": [ref("ModelCard"), {"type": "null"}], "description": "Null where it cannot be read."},
            "gates": {"type": "array", "items": ref("ModelGate")},
            "unreadable": TEXT_OR_NONE | {"description": "Why its artefact cannot be read."},
        }
    )
    recipe = whole(
        {
            "recipe": TEXT,
            "in_service": TEXT_OR_NONE | {"description": "The version that answers; null where none does."},
            "fault": TEXT_OR_NONE | {"description": "Why the champion is not in service."},
            "since_training": _or_none("SinceTraining") | {"description": "Null where no version is in service."},
            "champion": _or_none("ModelVersion"),
            "challenger": _or_none("ModelVersion"),
        }
    )
    return {
        "ModelVersion": version,
        "ModelCard": _card(),
        "SinceTraining": _since(),
        "Models": whole({"models": {"type": "array", "items": recipe}}),
    }


def _or_none(name: str) -> dict[str, Any]:
    return {"oneOf": [ref(name), {"type": "null"}]}


def _card() -> dict[str, Any]:
    each = {"type": "object", "additionalProperties": NUMBER}
    calibration = whole(
        {
            "rows": COUNT,
            "bads": COUNT,
            "slope": FIGURE_OR_NONE,
            "observed_expected": FIGURE_OR_NONE,
        }
    )
    return whole(
        {
            "title": whole(WORDS),
            "question": whole(WORDS),
            "subject": TEXT,
            "outcome": TEXT,
            "features": NAMES,
            "caps": each | {"description": "Most points of a family, by family."},
            "grades": each | {"description": "The PD below which each begins to end, by grade."},
            "data": whole(dict.fromkeys(DataFacts.__slots__, TEXT), optional=DataFacts.__slots__)
            | {"description": "What it learnt from and was tested on, each written as text."},
            "auc": BY_SAMPLE,
            "calibration": {
                "type": "object",
                "additionalProperties": calibration,
                "description": "On the rows after the split: of all (the empty name), of each cycle and regime. Null "
                "where there were too few bads to say.",
            },
        }
    ) | {"description": "What the model card begins with."}


def _since() -> dict[str, Any]:
    told = {
        "answer": {
            "enum": [*get_args(Answer), "counting", "unknown"],
            "description": "None is over; too few people or banks to be told; too few bads to say; as many bads as "
            "expected, more, or fewer beyond chance; being counted; could not be counted.",
        },
        "trained_to": TEXT | {"format": "date"},
        "data_date": TEXT | {"format": "date"},
        "minimum_bads": COUNT | {"description": "Fewest bads that the recipe judges a level by."},
        "matured": COUNT_OR_NONE,
        "clusters": COUNT_OR_NONE | {"description": "Communal banks, with those that share a household or person."},
        "expected": NUMBER_OR_NONE | {"description": "Sum of the PDs as of the requests."},
        "observed": COUNT_OR_NONE,
        "low": NUMBER_OR_NONE | {"description": "Clustered interval of the observed bads."},
        "high": NUMBER_OR_NONE,
        "level": NUMBER | {"description": "Coverage of the intervals."},
        "observed_expected": FIGURE_OR_NONE,
        "grades": {
            "type": "array",
            "items": whole(
                {
                    "name": TEXT,
                    "matured": COUNT,
                    "expected": NUMBER,
                    "observed": COUNT,
                    "light": {"enum": list(get_args(Light))},
                }
            ),
        },
    }
    return whole(told, optional=tuple(name for name in told if name != "answer")) | {
        "description": "Of the version in service: bads that it expected and bads there were, of the loans that became "
        "final after the last day of the portfolio it was trained on. Counted once for each version and portfolio, in "
        "the background; until then, and where it could not be counted, the answer stands alone.",
    }
