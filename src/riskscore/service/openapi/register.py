"""The register of automatic systems, in the document."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from riskscore.catalog.declare import RISKS
from riskscore.dataset import OverIndebtednessRule
from riskscore.portfolio.maturity_rule import BankRule, MemberRule, ProducerRule
from riskscore.portfolio.tables import LEDGERS
from riskscore.scoring.register import SECTIONS
from riskscore.service.openapi.figures import BY_SAMPLE, FIGURE_OR_NONE
from riskscore.service.openapi.pieces import LANG, LANGUAGE, json_of, operation, ref, whole
from riskscore.service.openapi.score import (
    COUNT,
    COUNT_OR_NONE,
    FLAG,
    NAMES,
    NUMBER,
    NUMBER_OR_NONE,
    STATE,
    TEXT,
    TEXT_OR_NONE,
    WORDS,
)

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
    "gates": [
        {"name": "auc", "passed": True, "value": 0.741, "words": "AUC out of time 0.7410, at least 0.6.", "remedy": ""}
    ],
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

#: The figures by which each kind of outcome is told.
_RULES = (MemberRule, BankRule, ProducerRule, OverIndebtednessRule)


def paths() -> dict[str, Any]:
    """Return the description of the route."""
    return {
        "/v1/register": {
            "get": operation(
                "The register of the automatic systems in service (Peru, DS 115-2025-PCM), for everyone with a token.",
                {"200": json_of("The register.", ref("Register"), EXAMPLE) | {"headers": LANGUAGE}},
                (401, 503),
            )
            | {"parameters": [LANG]}
        },
    }


def schemas() -> dict[str, Any]:
    """Return the schemas that the description names."""
    told = {
        **dict.fromkeys(("language", "institution", "responsible", "contact"), TEXT),
        "reviewed": FLAG | {"description": "Somebody of the institution read every text."},
        "system": _system(),
        "purpose": TEXT,
        **dict.fromkeys(SECTIONS, NAMES),
        "tables": {
            "type": "array",
            "items": whole({"table": TEXT, "holds": TEXT, "columns": NAMES}),
            "description": "Tables and columns that it reads.",
        },
        "logic": _logic(),
        "grounds": {
            "oneOf": [_grounds(), {"type": "null"}],
            "description": "Of a model of judgement or of a structure: what it rests on beside its rows.",
        },
        "measured": BY_SAMPLE | {"description": "AUC with its interval, by sample."},
        "gates": {"type": "array", "items": ref("ModelGate")},
        "law": {
            "type": "array",
            "items": whole({"name": TEXT, "verified": FLAG, "source": TEXT, "says": TEXT}),
            "description": "What each law says, and whether that was verified in the official text.",
        },
        "versions": whole(
            {
                **dict.fromkeys(("model", "artefact", "lock", "words", "recipe", "policy"), TEXT),
                **dict.fromkeys(("portfolio", "data_date"), TEXT_OR_NONE),
                "riskscore": TEXT,
            }
        ),
    }
    return {
        **{rule.__name__: _rule(rule) for rule in _RULES},
        "RegisteredSystem": whole(told),
        "Register": whole({"language": TEXT, "systems": {"type": "array", "items": ref("RegisteredSystem")}}),
    }


def _rule(rule: type[Any]) -> dict[str, Any]:
    return whole({one.name: COUNT if one.type == "int" else NUMBER for one in fields(rule)})


def _system() -> dict[str, Any]:
    rules = [ref(rule.__name__) for rule in _RULES]
    return whole(
        {
            **dict.fromkeys(("recipe", "title", "question", "subject"), TEXT),
            "ledger": {"enum": list(LEDGERS)},
            "outcome": TEXT,
            "maturity_rule": {
                "oneOf": [*rules, {"type": "null"}],
                "description": "By which outcomes are told; null where the source brought them.",
            },
        }
    )


def _logic() -> dict[str, Any]:
    each = {"type": "object", "additionalProperties": NUMBER}
    feature = {
        **dict.fromkeys(("name", "title", "family"), TEXT),
        "risk": {"enum": list(RISKS), "description": "How it moves the risk; free where no direction is laid down."},
        "mean_points": NUMBER_OR_NONE | {"description": "How many points it moves, in the mean."},
        "basis": TEXT | {"description": "The study or rule it rests on."},
    }
    return whole(
        {
            "model": TEXT | {"description": "Kind of model."},
            "sum": TEXT,
            "scale": whole(dict.fromkeys(("base", "odds", "pdo"), NUMBER)),
            "caps": each | {"description": "Most points of a family, by family."},
            "grades": each | {"description": "The PD below which a grade stands, by grade."},
            "features": {"type": "array", "items": whole(feature), "description": "What weighs most first."},
            "never_in_a_fit": NAMES | {"description": "Protected traits."},
            "policy": {
                "type": "array",
                "items": whole({"from": NUMBER, "below": NUMBER, "state": STATE}),
                "description": "Bands of PD.",
            },
            "thresholds": {
                "type": "array",
                "items": whole({"name": TEXT, "value": NUMBER, "verified": FLAG, "source": TEXT}),
            },
        }
    )


def _grounds() -> dict[str, Any]:
    title = {"oneOf": [whole(WORDS), {"type": "null"}]}
    parameter = {
        "name": TEXT,
        "title": title,
        "before": FIGURE_OR_NONE | {"description": "Believed before any case."},
        "after": ref("Figure"),
        "cases": COUNT_OR_NONE | {"description": "0 where it is assumed, null where it follows from others."},
    }
    return whole(
        {
            "parameters": {"type": "array", "items": whole(parameter)},
            "assumed": {
                "type": "array",
                "items": whole({"name": TEXT, "title": title, "value": NUMBER, "verified": FLAG, "source": TEXT}),
                "description": "Numbers that no record gave.",
            },
            "settings": {"type": "object", "additionalProperties": ref("Figure")},
            "said": whole(WORDS, optional=tuple(WORDS)) | {"description": "Empty where nothing must be said."},
            "outlook": {"enum": ["beside", "none", None], "description": "Null where its answers are its outlooks."},
        }
    )
