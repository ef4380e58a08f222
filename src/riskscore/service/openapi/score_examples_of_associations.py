"""A communal bank's outlook and a producer association's score, as the document's examples show them.

Indicators are fewer than in an answer, so that a reader sees how points add up.
"""

from __future__ import annotations

from typing import Any

from riskscore.service.association_intake import BANK_EXAMPLE, PRODUCER_EXAMPLE
from riskscore.service.examples import ASSOCIATION, BANK, CURRENCY
from riskscore.service.kinds import COMMUNAL_BANK, PRODUCER_ASSOCIATION
from riskscore.service.openapi.score_examples import AS_OF, LOCK, ON_RECORD

#: Of 16 members who ask together; it can cover three who fall.
OUTLOOK_OF_BANK: dict[str, Any] = {
    "score_id": "s_7be0a4c1d2f94e6ba1f0c3d5e7a9b102",
    "recipe": BANK_EXAMPLE["recipe"],
    "subject_kind": COMMUNAL_BANK,
    "subject": BANK,
    "as_of": AS_OF,
    "basis": "open_request",
    "requested_at": "2025-12-30T10:00:00",
    "application_id": "A0028363",
    "asked": {
        "amount": 10680.0,
        "currency": CURRENCY,
        "term_days": 168,
        "frequency": "fortnightly",
        "purpose": "working_capital",
    },
    "pd": 0.0312,
    "pd_interval": {"low": 0.0204, "high": 0.0521, "level": 0.9},
    "natural_frequency": {
        "es": "De 100 bancos comunales parecidos, 3 no pagarían todo a tiempo.",
        "en": "Of 100 communal banks like this one, 3 would not repay all in time.",
    },
    "pd_from": "structural",
    "structural_pd": 0.0271,
    "prior_share": 0.61,
    "grade": "B",
    "order_judged": False,
    "members": 16,
    "solidarity_groups": 5,
    "expected_loss": 12.31,
    "expected_in_arrears": 1.01,
    "stops": 0.014,
    "covers_falls": 3,
    "in_arrears": [0.39, 0.34, 0.17, 0.07, 0.03, *(12 * [0.0])],
    "at_least": {"1": 0.61, "2": 0.27, "3": 0.1},
    "waterfall": {
        "loss": 313.37,
        "by_savings": 61.12,
        "by_group": 158.9,
        "by_fund": 71.03,
        "by_untold": 10.01,
        "by_lender": 12.31,
    },
    "cover": {
        "lent": 10680.0,
        "one_fall": 250.3,
        "savings": 48.4,
        "group": 141.7,
        "fund": 534.0,
        "savings_untold": 1,
        "spare_untold": 0,
    },
    "arrears": {"late": 1, "members": 16},
    "recommendation": {"state": "ready"},
    "model_version": "2",
    "lock": LOCK,
    **ON_RECORD,
    "request": BANK_EXAMPLE | {"as_of": AS_OF},
}

#: The expert's word is two thirds of it; no entry gate is closed.
SCORE_OF_PRODUCERS: dict[str, Any] = {
    "score_id": "s_c20d5b8e7f314a96b0e1d4837a6f59c2",
    "recipe": PRODUCER_EXAMPLE["recipe"],
    "subject_kind": PRODUCER_ASSOCIATION,
    "subject": ASSOCIATION,
    "as_of": AS_OF,
    "pd": 0.0641,
    "pd_interval": {"low": 0.0088, "high": 0.219, "level": 0.9},
    "natural_frequency": {
        "es": "De 100 asociaciones de productores parecidas, 6 no pagarían todo a tiempo.",
        "en": "Of 100 producer associations like this one, 6 would not repay all in time.",
    },
    "score": 564.6,
    "grade": "B",
    "points": {
        "base": 563.3,
        "features": {
            "assembly_on_time_share": 4.1,
            "accounts_on_time_share": -1.3,
            "debt_service_cover": 3.5,
            "buyer_days_late": -2.5,
            "yield_trend": -0.6,
            "pool.purpose": -1.9,
        },
        "families": {"governance": 2.8, "payment_capacity": 3.5, "market": -2.5, "production": -0.6, "pool": -1.9},
        "shown_base": 563,
        "shown_score": 565,
        "shown": {
            "assembly_on_time_share": 4,
            "accounts_on_time_share": -1,
            "debt_service_cover": 4,
            "buyer_days_late": -2,
            "yield_trend": -1,
            "pool.purpose": -2,
        },
        "shown_families": {"governance": 3, "payment_capacity": 4, "market": -2, "production": -1, "pool": -2},
    },
    "dimensions": [
        {"name": "governance", "es": "Gobierno y organización", "en": "Governance", "points": 23.0, "of": 25.0},
        {"name": "payment_capacity", "es": "Capacidad de pago", "en": "Payment capacity", "points": 20.0, "of": 25.0},
        {"name": "market", "es": "Mercado y contratos", "en": "Market and contracts", "points": 6.0, "of": 20.0},
        {"name": "production", "es": "Producción y clima", "en": "Production and climate", "points": 6.0, "of": 15.0},
    ],
    "prior_share": 0.65,
    "effective_n": 8.9,
    "whose_word": {
        "es": "De 100 partes de esta respuesta, 65 son del experto y 35 de los datos.",
        "en": "Of 100 parts of this answer, 65 are the expert's and 35 the data's.",
    },
    "open_outcomes": ["good"],
    "conflict": {
        "found": False,
        "es": "De 30 préstamos, 2 terminaron mal; el experto esperaba de 0 a 8. El juicio y los datos se llevan bien "
        "(p = 0.99).",
        "en": "Of 30 loans 2 ended badly; the expert expected 0 to 8. Judgement and record agree (p = 0.99).",
    },
    "gates": [
        {"name": "legal_person", "answer": "passed", "es": "Es persona jurídica", "en": "It is a legal person"},
        {
            "name": "debt_service_cover",
            "answer": "passed",
            "es": "Lo que genera alcanza 1,2 veces para sus cuotas",
            "en": "What it earns covers its instalments 1.2 times",
        },
    ],
    "reasons": [
        {
            "code": "R34",
            "feature": "buyer_days_late",
            "es": "En promedio, sus compradores pagan 32 días tarde.",
            "en": "On average its buyers pay 32 days late.",
            "value": 31.5,
            "typical": 8.25,
            "points": -2.5,
        },
        {
            "code": "R18",
            "feature": "accounts_on_time_share",
            "es": "De sus estados financieros de 3 años, el 33 % se entregó a tiempo.",
            "en": "Of the accounts of 3 years 33 % were delivered on time.",
            "value": 0.3333,
            "typical": 0.4167,
            "points": -1.3,
        },
    ],
    "data_quality": {"missing": ["yield_trend"]},
    "recommendation": {"state": "ready", "why": []},
    "model_version": "5",
    "lock": LOCK,
    **ON_RECORD,
    "request": PRODUCER_EXAMPLE | {"as_of": AS_OF},
}
