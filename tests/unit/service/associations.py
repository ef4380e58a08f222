"""Desks of a communal bank and of a producer association that answer what a test gave them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from riskscore.errors import Fault, InvalidInput
from riskscore.service.access import Place
from riskscore.service.context import Context
from riskscore.service.desk import Scored
from tests.unit.service.desks import MANIFEST

BANK_BODY: dict[str, Any] = {"recipe": "group_default", "subject": "B1"}
PRODUCER_BODY: dict[str, Any] = {
    "recipe": "producer_default",
    "subject": "PO1",
    "amount": 9000.0,
    "currency": "PEN",
    "term_days": 270,
    "frequency": "at_maturity",
    "purpose": "working_capital",
    "other_active_loans": 0,
}

BANK_SCORE: dict[str, Any] = {
    "recipe": "group_default",
    "subject_kind": "communal_bank",
    "subject": "B1",
    "as_of": "2026-02-01T00:00:00",
    "basis": "open_request",
    "requested_at": "2026-01-28T18:00:00",
    "application_id": "A-77",
    "asked": {"amount": 11400.0, "currency": "PEN", "term_days": 112, "frequency": "weekly", "purpose": "other"},
    "pd": 0.0312,
    "pd_interval": {"low": 0.0204, "high": 0.0551, "level": 0.9},
    "natural_frequency": {
        "es": "De 100 bancos comunales parecidos, 3.",
        "en": "Of 100 communal banks like this one, 3.",
    },
    "pd_from": "structural",
    "structural_pd": 0.0271,
    "prior_share": 0.61,
    "grade": "C",
    "order_judged": False,
    "members": 19,
    "solidarity_groups": 4,
    "expected_loss": 12.31,
    "expected_in_arrears": 1.27,
    "stops": 0.004,
    "covers_falls": 3,
    "in_arrears": [0.39, 0.34, 0.17, 0.1],
    "at_least": {"1": 0.6104, "2": 0.2744, "3": 0.1002},
    "waterfall": {
        "loss": 313.37,
        "by_savings": 61.12,
        "by_group": 158.9,
        "by_fund": 71.03,
        "by_untold": 10.01,
        "by_lender": 12.31,
    },
    "cover": {
        "lent": 11400.0,
        "one_fall": 247.91,
        "savings": 48.35,
        "group": 141.7,
        "fund": 570.0,
        "savings_untold": 2,
        "spare_untold": 5,
    },
    "arrears": {"late": 2, "members": 19},
    "recommendation": {"state": "ready"},
    "model_version": "2",
    "lock": "b" * 64,
}

PRODUCER_SCORE: dict[str, Any] = {
    "recipe": "producer_default",
    "subject_kind": "producer_association",
    "subject": "PO1",
    "as_of": "2026-02-01T00:00:00",
    "pd": 0.0837,
    "pd_interval": {"low": 0.0312, "high": 0.2189, "level": 0.9},
    "natural_frequency": {"es": "De 100 asociaciones de productores parecidas, 8.", "en": "Of 100, 8."},
    "score": 556.1,
    "grade": "B",
    "points": {
        "base": 550.0,
        "features": {"contract_cover": 6.1},
        "families": {"market": 6.1},
        "shown_base": 550,
        "shown_score": 556,
        "shown": {"contract_cover": 6},
        "shown_families": {"market": 6},
    },
    "dimensions": [{"name": "market", "points": 14.0, "of": 20.0, "es": "Mercado", "en": "Market"}],
    "prior_share": 0.85,
    "effective_n": 3.5,
    "whose_word": {"es": "De 100 partes, 85 son del experto.", "en": "Of 100 parts, 85 are the expert's."},
    "open_outcomes": ["good", "bad"],
    "conflict": {"found": False, "es": "Se llevan bien.", "en": "They agree."},
    "gates": [{"name": "legal", "answer": "passed", "es": "Personería", "en": "Legal person"}],
    "reasons": [],
    "data_quality": {"missing": ["dscr"]},
    "recommendation": {"state": "ready", "why": []},
    "model_version": "5",
    "lock": "c" * 64,
}


@dataclass
class PlainAssociationDesk:
    """A desk that answers one score for whatever stands in `places`."""

    kind: str
    recipe: str
    model_version: str
    answer: dict[str, Any]
    places: dict[str, Place]
    values: dict[str, Any] = field(default_factory=dict)
    behind: dict[str, dict[str, Any]] = field(default_factory=dict)
    features: dict[str, dict[str, str]] = field(default_factory=dict)
    currency: str = "PEN"
    moment: datetime = datetime(2026, 2, 1)
    time_zone: str = "America/Lima"

    def read_moment(self, value: str | date | datetime) -> datetime:
        return MANIFEST.moment(value)

    def place(self, subject: str) -> Place | None:
        return self.places.get(subject)

    def limit_faults(self, fields: Mapping[str, Any]) -> list[Fault]:
        return []

    def outlook(self, bank_id: str, as_of: datetime | None = None, *, in_books: bool = False) -> dict[str, Any]:
        return {**copy.deepcopy(self.answer), "subject": bank_id}

    def score(self, fields: Mapping[str, Any], as_of: datetime | None) -> Scored:
        if fields["subject"] == "B0":
            raise InvalidInput.of("subject", "No request was known.", "Record its request.")
        moment = (as_of or self.moment).isoformat()
        return Scored(
            score={**copy.deepcopy(self.answer), "subject": fields["subject"], "as_of": moment},
            request={**fields, "as_of": moment},
            values=self.values,
            behind=self.behind,
            context=Context(country="PE", currency="PEN", time_zone="America/Lima", features=self.features),
        )


def bank_desk(**changes: Any) -> PlainAssociationDesk:
    """A desk of B1 (branch N), B9 (branch S), and B0, which never asked."""
    places = {name: Place(name, None, name, branch) for name, branch in (("B1", "N"), ("B9", "S"), ("B0", "N"))}
    return PlainAssociationDesk("communal_bank", "group_default", "2", BANK_SCORE | changes, places)


def producer_desk(**changes: Any) -> PlainAssociationDesk:
    """A desk of PO1 (branch N) and PO9 (branch S)."""
    places = {name: Place(name, None, None, branch, name) for name, branch in (("PO1", "N"), ("PO9", "S"))}
    return PlainAssociationDesk("producer_association", "producer_default", "5", PRODUCER_SCORE | changes, places)
