"""Two members' scores, as the document's examples show them: one to talk with first, her neighbour ready to decide.

What was found rests on the day's budget and record: figures follow from each other as they do in an answer.
"""

from __future__ import annotations

from typing import Any

from riskscore.scoring.score import PEOPLE_DECIDE
from riskscore.service.batch_intake import EXAMPLE as MEETING
from riskscore.service.examples import DAY, MEMBER, NEIGHBOUR, SCORE
from riskscore.service.serializer import NOTICE

AS_OF = "2026-01-01T00:00:00"
LOCK = "9db6cb9e38f2023c69e61bf37bc131cf89129ef507fef6ceb7c864695fb7840f"
_HERS, _NEIGHBOURS = MEETING["requests"]

_MADE_WITH: dict[str, Any] = {"model_version": "3", "lock": LOCK, "policy_version": "55f437be96c1"}
_BESIDE: dict[str, Any] = {"recipe": "over_indebtedness", "model_version": "2", "lock": LOCK}
ON_RECORD: dict[str, Any] = {
    "regulation": {
        "country": "PE",
        "authority": "Superintendencia de Banca, Seguros y AFP (SBS)",
        "norm": "Resolución SBS 11356-2008",
        "effective_from": "2010-07-01",
        "verified": True,
    },
    "recorded_at": f"{DAY}T20:00:00.000000+00:00",
    "notice": NOTICE,
}
_NO_SIGNALS = {
    "signals": {"refinancings": False, "loan_to_repay": False, "paid_from_savings": False, "chronic_arrears": False},
    "sacrifice": None,
}

#: She asks for more than fits under the cap; 840 would be ready.
SCORE_OF_MEMBER: dict[str, Any] = {
    "score_id": SCORE,
    "recipe": "member_default",
    "subject": MEMBER,
    "as_of": AS_OF,
    "pd": 0.0731,
    "pd_interval": {"rate": 0.066, "low": 0.041, "high": 0.093, "level": 0.9, "n": 912},
    "frequency": {
        "es": "De 100 parecidas, 7 tuvieron problemas para pagar.",
        "en": "Of 100 like her, 7 had trouble repaying.",
    },
    "score": 560.4,
    "grade": "C",
    "indebtedness": {
        "level": "AT_RISK",
        "level_now": "SOLVENT",
        "surplus": 379.0,
        "instalment": 95.0,
        "service_now": 92.0,
        "service_post": 297.83,
        "nii_now": 0.2427,
        "nii_post": 0.7858,
        "nii_stress": 1.099,
        "nii_stress_with_cover": 1.1119,
        "nii_stress_one_stops": 1.1765,
        "headroom": 173.3,
        "largest_amount": 840.0,
        "above_cap": True,
        "cap": 0.7,
        "missing": [],
        **_NO_SIGNALS,
    },
    "points": {
        "base": 579.8,
        "features": {
            "worst_delay_180d": -13.9,
            "instalment_to_surplus": -5.5,
            "peer_late_share": -2.6,
            "lean_season": 2.6,
        },
        "families": {"repayment": -13.9, "capacity": -5.5, "group": -2.6, "business": 2.6},
        "shown_base": 580,
        "shown_score": 560,
        "shown": {"worst_delay_180d": -14, "instalment_to_surplus": -6, "peer_late_share": -3, "lean_season": 3},
        "shown_families": {"repayment": -14, "capacity": -6, "group": -3, "business": 3},
    },
    "reasons": [
        {
            "code": "R01",
            "feature": "worst_delay_180d",
            "es": "Su peor atraso en 6 meses fue de 9 días.",
            "en": "The worst delay in 6 months was 9 days.",
            "value": 9.0,
            "typical": 0.0,
            "points": -13.9,
        },
        {
            "code": "R02",
            "feature": "instalment_to_surplus",
            "es": "Las cuotas de todas sus deudas pesan más que lo usual frente a lo que le sobra.",
            "en": "Instalments of all debts weigh more than usual against what is left over.",
            "value": 0.7858,
            "typical": 0.45,
            "points": -5.5,
        },
        {
            "code": "R08",
            "feature": "peer_late_share",
            "es": "En su grupo hubo pagos atrasados en el último ciclo.",
            "en": "There were late payments in the group in the last cycle.",
            "value": 0.0606,
            "typical": 0.05,
            "points": -2.6,
        },
    ],
    "what_would_change": [
        {
            "kind": "amount",
            "amount": 840.0,
            "term_days": 168,
            "frequency": "fortnightly",
            "savings": 0.0,
            "finishes_debt": False,
            "score": 566,
            "state": "ready",
            "steps": 1.6,
            "es": "Con un préstamo de US$ 840, quedaría lista para decidir. Su puntaje sería 566.",
            "en": "With a loan of US$ 840, it would be ready to decide. Her score would be 566.",
        }
    ],
    "data_quality": {"missing": [], "stale": [], "off_support": []},
    "recommendation": {
        "state": "talk_first",
        "ceiling": 840.0,
        "why": [
            {
                "code": "above_cap",
                "es": "Con este préstamo sus cuotas pasan el límite de la institución.",
                "en": "With this loan her instalments pass the institution's limit.",
            },
            {
                "code": "pd_and_level",
                "es": "El riesgo y las deudas, vistos juntos, piden conversar antes.",
                "en": "Risk and debts, seen together, ask for a talk first.",
            },
        ],
    },
    **_MADE_WITH,
    "people_decide": PEOPLE_DECIDE,
    "over_indebtedness": {
        **_BESIDE,
        "probability": 0.21,
        "interval": [0.15, 0.26],
        "reasons": [
            {
                "code": "R02",
                "feature": "instalment_to_surplus",
                "es": "Las cuotas de todas sus deudas pesan más que lo usual frente a lo que le sobra.",
                "en": "Instalments of all debts weigh more than usual against what is left over.",
                "value": 0.7858,
                "typical": 0.45,
                "points": -21.4,
            }
        ],
    },
    **ON_RECORD,
    "request": _HERS | {"as_of": AS_OF},
}

#: Her neighbour, at the same meeting.
SCORE_OF_NEIGHBOUR: dict[str, Any] = {
    "score_id": "s_c41d07e5b9a24f6c8d13e6a0f7b25c98",
    "recipe": "member_default",
    "subject": NEIGHBOUR,
    "as_of": AS_OF,
    "pd": 0.0188,
    "pd_interval": {"rate": 0.021, "low": 0.012, "high": 0.034, "level": 0.9, "n": 1140},
    "frequency": {
        "es": "De 100 parecidas, 2 tuvieron problemas para pagar.",
        "en": "Of 100 like her, 2 had trouble repaying.",
    },
    "score": 601.3,
    "grade": "A",
    "indebtedness": {
        "level": "SOLVENT",
        "level_now": "SOLVENT",
        "surplus": 512.0,
        "instalment": 85.5,
        "service_now": 46.0,
        "service_post": 231.25,
        "nii_now": 0.0898,
        "nii_post": 0.4517,
        "nii_stress": 0.6183,
        "nii_stress_with_cover": 0.6266,
        "nii_stress_one_stops": 0.6664,
        "headroom": 312.4,
        "largest_amount": 1510.0,
        "above_cap": False,
        "cap": 0.7,
        "missing": [],
        **_NO_SIGNALS,
    },
    "points": {
        "base": 579.8,
        "features": {
            "worst_delay_180d": 12.4,
            "instalment_to_surplus": 9.1,
            "peer_late_share": -2.6,
            "lean_season": 2.6,
        },
        "families": {"repayment": 12.4, "capacity": 9.1, "group": -2.6, "business": 2.6},
        "shown_base": 580,
        "shown_score": 601,
        "shown": {"worst_delay_180d": 12, "instalment_to_surplus": 9, "peer_late_share": -3, "lean_season": 3},
        "shown_families": {"repayment": 12, "capacity": 9, "group": -3, "business": 3},
    },
    "reasons": [
        {
            "code": "R08",
            "feature": "peer_late_share",
            "es": "En su grupo hubo pagos atrasados en el último ciclo.",
            "en": "There were late payments in the group in the last cycle.",
            "value": 0.0606,
            "typical": 0.05,
            "points": -2.6,
        }
    ],
    "what_would_change": [],
    "data_quality": {"missing": [], "stale": [], "off_support": []},
    "recommendation": {"state": "ready", "ceiling": 1080.0, "why": []},
    **_MADE_WITH,
    "people_decide": PEOPLE_DECIDE,
    "over_indebtedness": {**_BESIDE, "probability": 0.06, "interval": [0.04, 0.09], "reasons": []},
    **ON_RECORD,
    "request": _NEIGHBOURS | {"as_of": AS_OF},
}

#: What hers would be at 800, which fits: no question beside it changes what was found of her.
SCORE_AT_800: dict[str, Any] = {
    **{name: SCORE_OF_MEMBER[name] for name in ("recipe", "subject", "as_of")},
    "pd": 0.0612,
    "pd_interval": {"rate": 0.058, "low": 0.037, "high": 0.084, "level": 0.9, "n": 934},
    "frequency": {
        "es": "De 100 parecidas, 6 tuvieron problemas para pagar.",
        "en": "Of 100 like her, 6 had trouble repaying.",
    },
    "score": 565.9,
    "grade": "C",
    "indebtedness": SCORE_OF_MEMBER["indebtedness"]
    | {
        "level": "SOLVENT",
        "instalment": 76.0,
        "service_post": 256.67,
        "nii_post": 0.6772,
        "nii_stress": 0.9471,
        "nii_stress_with_cover": 0.96,
        "nii_stress_one_stops": 1.0246,
        "above_cap": False,
    },
    "points": {
        "base": 579.8,
        "features": {
            "worst_delay_180d": -13.9,
            "instalment_to_surplus": 0.0,
            "peer_late_share": -2.6,
            "lean_season": 2.6,
        },
        "families": {"repayment": -13.9, "capacity": 0.0, "group": -2.6, "business": 2.6},
        "shown_base": 580,
        "shown_score": 566,
        "shown": {"worst_delay_180d": -14, "instalment_to_surplus": 0, "peer_late_share": -3, "lean_season": 3},
        "shown_families": {"repayment": -14, "capacity": 0, "group": -3, "business": 3},
    },
    "reasons": [one for one in SCORE_OF_MEMBER["reasons"] if one["feature"] != "instalment_to_surplus"],
    "what_would_change": [],
    "data_quality": SCORE_OF_MEMBER["data_quality"],
    "recommendation": {"state": "ready", "ceiling": 840.0, "why": []},
    **_MADE_WITH,
    "people_decide": PEOPLE_DECIDE,
    "over_indebtedness": {**_BESIDE, "probability": 0.17, "interval": [0.12, 0.22], "reasons": []},
}
