"""A producer association's score as it lies in the records, literal."""

from __future__ import annotations

import copy
from typing import Any

from riskscore.service.access import Grant, Place
from riskscore.service.context import Context
from riskscore.service.records import Record, Records

SCORE: dict[str, Any] = {
    "recipe": "producer_default",
    "subject_kind": "producer_association",
    "subject": "PA1",
    "as_of": "2026-01-01T00:00:00",
    "pd": 0.1104,
    "pd_interval": {"low": 0.0214, "high": 0.3422, "level": 0.9},
    "natural_frequency": {
        "es": "De 100 asociaciones de productores parecidas, 11 no pagarían todo a tiempo.",
        "en": "Of 100 producer associations like this one, 11 would not repay all in time.",
    },
    "score": 547.1,
    "grade": "C",
    "points": {
        "base": 551.7,
        "shown_base": 552,
        "shown_score": 547,
        "features": {
            "assembly_on_time_share": -3.2,
            "debt_service_cover": 2.1,
            "pool.purpose": -4.2,
            "pool.season": 0.0,
        },
        "families": {"governance": -3.2, "payment_capacity": 2.1, "pool": -4.2},
        "shown": {"assembly_on_time_share": -3, "debt_service_cover": 2, "pool.purpose": -4, "pool.season": 0},
        "shown_families": {"governance": -3, "payment_capacity": 2, "pool": -4},
    },
    "dimensions": [
        {"name": "governance", "points": 15.0, "of": 25.0, "es": "Gobierno y organización", "en": "Governance"},
        {"name": "payment_capacity", "points": 20.0, "of": 25.0, "es": "Capacidad de pago", "en": "Payment capacity"},
    ],
    "prior_share": 0.6368,
    "effective_n": 6.6,
    "whose_word": {"es": "", "en": ""},
    "open_outcomes": ["good", "bad"],
    "conflict": {"found": False, "es": "", "en": ""},
    "gates": [
        {"name": "legal_person", "answer": "passed", "es": "Es persona jurídica", "en": "It is a legal person"},
        {"name": "accounts", "answer": "unknown", "es": "Estados financieros recientes", "en": "Recent accounts"},
        {"name": "debt_service_cover", "answer": "failed", "es": "Alcanza para sus cuotas", "en": "Covers instalments"},
    ],
    "reasons": [
        {
            "code": "R31",
            "es": "Ninguna asamblea de 2 años se celebró a tiempo.",
            "en": "No assembly of 2 years was held on time.",
        }
    ],
    "data_quality": {"missing": ["debt_service_cover"]},
    "recommendation": {"state": "talk_first", "why": []},
    "model_version": "1",
    "lock": "a" * 64,
}

FACTS: dict[str, Any] = {
    "seasons": [
        {
            "season": "2024",
            "starts_on": "2024-05-22",
            "ends_on": "2024-08-05",
            "expected_kg": 168380.0,
            "harvested_kg": 164600.0,
            "contracted_kg": 130760.0,
        },
        {
            "season": "2026",
            "starts_on": "2026-05-19",
            "ends_on": "2026-08-02",
            "expected_kg": 82300.0,
            "harvested_kg": None,
            "contracted_kg": None,
        },
    ],
    "months": [
        {
            "month": f"2026-{month:02}-01",
            "sold": {9: 9179.94, 10: 33085.33}.get(month, 0.0),
            "due": {12: 24800.0}.get(month, 0.0),
            "due_elsewhere": {10: 500.0}.get(month, 0.0),
            "harvest": month in (5, 6, 7, 8),
        }
        for month in range(1, 13)
    ],
    "sold_without_rate": 2,
    "assemblies": [
        {
            "kind": "ordinary",
            "due_on": "2025-03-31",
            "held_on": "2025-04-02",
            "entitled": 68,
            "present": 22,
            "quorum": False,
        },
        {
            "kind": "ordinary",
            "due_on": "2024-03-31",
            "held_on": None,
            "entitled": None,
            "present": None,
            "quorum": None,
        },
    ],
    "accounts": [
        {"period_ends_on": "2024-12-31", "due_on": "2025-03-31", "delivered_on": "2025-03-18", "audited": False},
        {"period_ends_on": "2023-12-31", "due_on": "2024-03-30", "delivered_on": None, "audited": None},
    ],
    "register": {"mandate_ends_on": "2025-10-22", "registered_members": 68, "active_members": 44},
}

PLACE = Place("PA1", None, None, "N", organisation_id="PA1")


def keep(records: Records, score_id: str = "s_pa", *, facts: bool = True, **changes: Any) -> Record:
    """Write the score, with parts of it `changes`, into the records, and return it."""
    score = copy.deepcopy(SCORE) | changes
    kept = Record(
        score_id=score_id,
        place=PLACE,
        score={"score_id": score_id, **score},
        request={
            "recipe": "producer_default",
            "subject": "PA1",
            "amount": 20000.0,
            "currency": "PEN",
            "term_days": 360,
            "frequency": "at_maturity",
            "purpose": "equipment",
            "other_active_loans": 0,
            "as_of": "2026-01-01T00:00:00",
        },
        values={"row": {"debt_service_cover": None}, "levels": {"purpose": "equipment"}}
        | ({"facts": copy.deepcopy(FACTS)} if facts else {}),
        context=Context(
            country="PE",
            currency="PEN",
            time_zone="America/Lima",
            features={
                "assembly_on_time_share": {
                    "family": "governance",
                    "es": "Asambleas celebradas a tiempo, 2 años",
                    "en": "Assemblies held on time, 2 years",
                },
                "debt_service_cover": {
                    "family": "payment_capacity",
                    "es": "Cobertura del servicio de la deuda",
                    "en": "Debt service cover",
                },
            },
        ),
        recorded_at="2026-02-02T12:00:00.000000+00:00",
        asked_by="t_1",
    )
    records.append(kept, Grant("t_1", "officer", "all", None))
    return kept
