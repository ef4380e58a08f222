"""The register of automatic systems, in the document."""

from __future__ import annotations

from typing import Any

from riskscore.service.openapi.pieces import LANG, json_of, operation, ref

#: A system as `riskscore.scoring.register.register` tells it, with one of each list.
_SYSTEM: dict[str, Any] = {
    "language": "es",
    "institution": "Fundación Las Flores",
    "responsible": "Gerencia de riesgos",
    "contact": "Oficina de atención a la socia",
    "reviewed": True,
    "system": {
        "recipe": "member_default",
        "title": "Riesgo del próximo préstamo de una socia",
        "question": "¿Tendrá problemas serios con este préstamo?",
        "subject": "member",
        "ledger": "internal",
        "outcome": "member_default",
        "maturity_rule": None,
    },
    "purpose": "Dar a asesores y comités una recomendación con sus razones antes de decidir un préstamo.",
    "principles": ["Un riesgo bajo no prueba que el préstamo quepa."],
    "data_sources": ["Registros propios: solicitudes, préstamos, cuotas, pagos, ahorros, asistencia y presupuestos."],
    "impacts": ["Puede dejar fuera a quien tiene poca historia."],
    "supervision": ["Decide el comité de crédito, que ha de escribir su opinión antes de ver la recomendación."],
    "tables": [{"table": "payments", "holds": "Payments on loans.", "columns": ["amount", "loan_id"]}],
    "logic": {
        "model": "woe_scorecard",
        "sum": "log-odds = 1.0210 x margin +0.0132",
        "scale": {"base": 600.0, "odds": 50.0, "pdo": 20.0},
        "caps": {"group": 20.0},
        "grades": {"A": 0.02, "B": 0.05},
        "features": [
            {
                "name": "late_share_cycle",
                "title": "Cuotas con atraso en el ciclo",
                "family": "repayment",
                "risk": "rises",
                "mean_points": 6.2,
                "basis": "Quien se atrasó antes se atrasa más.",
            }
        ],
        "never_in_a_fit": ["Edad"],
        "policy": [{"from": 0.0, "below": 0.1, "state": "ready"}],
        "thresholds": [{"name": "indebtedness.cap", "value": 0.7, "verified": False, "source": "A starting point."}],
    },
    "grounds": None,
    "measured": {"later": {"value": 0.741, "low": 0.702, "high": 0.779}},
    "gates": [{"name": "auc", "passed": True, "value": 0.741, "words": "AUC out of time 0.7410, at least 0.6."}],
    "law": [
        {
            "name": "DS 115-2025-PCM",
            "verified": False,
            "source": "Reglamento de la Ley 31814",
            "says": "Quien es evaluada lo sabe antes, y de forma sencilla.",
        }
    ],
    "versions": {
        "model": "4",
        "artefact": "5a3c0e1f77b2",
        "lock": "9db6cb9e38f2",
        "words": "1f0a7c66d3be",
        "recipe": "c41d90b7e5a8",
        "policy": "2026-01",
        "portfolio": "2f40350f95a1",
        "data_date": "2025-12-31",
        "riskscore": "0.1.0",
    },
}

EXAMPLE: dict[str, Any] = {"language": "es", "systems": [_SYSTEM]}

_TEXT, _TEXTS = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
_ROWS = {"type": "array", "items": {"type": "object"}}


def paths() -> dict[str, Any]:
    """Return the description of the route."""
    return {
        "/v1/register": {
            "get": operation(
                "The register of the automatic systems in service (Peru, DS 115-2025-PCM), for everyone with a token.",
                {"200": json_of("The register.", ref("Register"), EXAMPLE)},
                (401, 503),
            )
            | {"parameters": [LANG]}
        },
    }


def schemas() -> dict[str, Any]:
    """Return the schemas that the description names."""
    figure = {"type": ["number", "null"]}
    auc = {"type": ["object", "null"], "properties": {"value": figure, "low": figure, "high": figure}}
    told = {
        **dict.fromkeys(("language", "institution", "responsible", "contact", "purpose"), _TEXT),
        "reviewed": {"type": "boolean", "description": "Somebody of the institution read every text."},
        "system": {
            "type": "object",
            "description": "Recipe, question, subject, ledger and outcome.",
        },
        **dict.fromkeys(("principles", "data_sources", "impacts", "supervision"), _TEXTS),
        "tables": _ROWS | {"description": "Tables and columns that it reads."},
        "logic": {"type": "object", "description": "Model, scale, caps, grades, features, bands and thresholds."},
        "grounds": {
            "type": ["object", "null"],
            "description": "Of a model of judgement: whose it is, and how far.",
        },
        "measured": {"type": "object", "additionalProperties": auc, "description": "AUC with its interval, by sample."},
        "gates": _ROWS,
        "law": _ROWS | {"description": "What each law says, and whether that was verified in the official text."},
        "versions": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
    }
    system = {"type": "object", "required": [*told], "properties": told}
    return {
        "Register": {
            "type": "object",
            "required": ["language", "systems"],
            "properties": {"language": _TEXT, "systems": {"type": "array", "items": system}},
        }
    }
