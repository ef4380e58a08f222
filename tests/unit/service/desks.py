"""A service with a desk that knows three members, and a client for every role."""

from __future__ import annotations

import copy
import sqlite3
import warnings
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from riskscore.errors import Fault, InvalidInput
from riskscore.portfolio import TABLES
from riskscore.portfolio.kinds import schema
from riskscore.portfolio.manifest import Manifest
from riskscore.project import starter_dir
from riskscore.scoring import Otherwise, Policy
from riskscore.scoring.bank_calendar import BankRow
from riskscore.scoring.group_facts import GroupFacts, MemberFacts
from riskscore.scoring.open_requests import OpenRequest
from riskscore.scoring.rules import Rule
from riskscore.service.access import Access, Place
from riskscore.service.app import Service
from riskscore.service.bank_facts import BankFacts, LedgerArrears, group_record
from riskscore.service.context import Context
from riskscore.service.database import Database
from riskscore.service.desk import Desk, Scored, WhatIf
from riskscore.service.desks import Desks
from riskscore.service.facts import Facts
from riskscore.service.metrics import Metrics
from riskscore.service.openapi.register import EXAMPLE as REGISTER
from riskscore.service.pages import Pages
from riskscore.service.records import Record, Records
from riskscore.service.refusals import Refusals
from riskscore.service.serializer import Serializer
from riskscore.service.sessions import Sessions
from riskscore.service.state import State

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it asks for another HTTP client, which is no concern of ours
    from starlette.testclient import TestClient

MANIFEST = Manifest("PEN", "PE", "America/Lima", date(2026, 1, 31))

#: Every request of a test has the same name, so that answers can be compared to the byte.
NAMED = {"X-Request-ID": "0af7651916cd43dd8448eb211c80319c"}

PLACES = {
    "M1": Place("M1", "S1", "B1", "N"),
    "M2": Place("M2", "S2", "B1", "N"),
    "M9": Place("M9", "S9", "B9", "S"),
}

VALUES: dict[str, float | None] = {
    "worst_delay": 9.0,
    "late_share": 0.25,
    "peer_late": 0.5,
    "instalment_to_surplus": 0.72,
    "lean_month": 0.0,
    "cycle_no": 3.0,
    "late_share_cycle": 0.125,
    "attendance_rate_cycle": 0.9,
    "group_savings": 85.5,
    "business_revenue": 913.0,
    "business_costs": 507.0,
    "accessible_savings": 41.0,
    "bureau_service": 71.0,
}

FEATURES = {
    "worst_delay": {"family": "repayment", "es": "Peor atraso en 6 meses", "en": "Worst delay in 6 months"},
    "late_share": {"family": "repayment", "es": "Cuotas con atraso", "en": "Late instalments"},
    "peer_late": {
        "family": "group",
        "es": "Atrasos de sus compañeras de grupo en el último ciclo",
        "en": "Delays of her companions",
    },
    "instalment_to_surplus": {
        "family": "capacity",
        "es": "Cuota sobre lo que queda",
        "en": "Instalment over what is left",
    },
    "lean_month": {"family": "business", "es": "Meses flojos en el plazo", "en": "Lean months in the term"},
}

SCORE: dict[str, Any] = {
    "recipe": "member_default",
    "subject": "M1",
    "as_of": "2026-02-01T00:00:00",
    "pd": 0.0731,
    "pd_interval": {"rate": 0.066, "low": 0.041, "high": 0.093, "level": 0.9},
    "score": 560.4,
    "grade": "C",
    "indebtedness": {
        "level": "SOLVENT",
        "nii_now": 0.7075,
        "nii_post": 0.72,
        "nii_stress": 0.9648,
        "headroom": 84.4167,
        "largest_amount": 280.0,
        "cap": 0.7,
    },
    "points": {
        "base": 579.8,
        "shown_base": 580,
        "shown_score": 560,
        "features": {
            "worst_delay": -14.2,
            "late_share": 3.1,
            "peer_late": -6.0,
            "instalment_to_surplus": -4.3,
            "lean_month": 2.0,
        },
        "shown": {
            "worst_delay": -15,
            "late_share": 3,
            "peer_late": -6,
            "instalment_to_surplus": -4,
            "lean_month": 2,
        },
    },
    "reasons": [
        {
            "code": "R01",
            "es": "Su peor atraso en 6 meses fue de 9 días.",
            "en": "Her worst delay in 6 months was 9 days.",
            "value": 9.0,
        }
    ],
    "what_would_change": [
        {
            "kind": "amount",
            "amount": 500.0,
            "term_days": 140,
            "frequency": "weekly",
            "savings": 0.0,
            "finishes_debt": False,
            "score": 588,
            "state": "ready",
            "steps": 1.0,
            "es": "Con 500 soles la cuota cabe.",
            "en": "With 500 soles the instalment fits.",
        }
    ],
    "data_quality": {"missing": ["lean_month"], "stale": [], "off_support": []},
    "recommendation": {
        "state": "talk_first",
        "ceiling": 280.0,
        "why": [{"code": "above_cap", "es": "Sus cuotas pasan el límite.", "en": "Her instalments pass the limit."}],
    },
    "model_version": "3",
    "lock": "a" * 64,
    "policy_version": "2026-01",
}

BANKS = (
    BankRow("B1", "N", 27, date(2026, 2, 6), 2),
    BankRow("B9", "S", 14, None, 1),
)
HISTORY: list[dict[str, Any]] = [
    {
        "cycle_no": 2,
        "amount": 400.0,
        "disbursed_on": "2025-03-10",
        "worst_delay": 0,
        "due": 16,
        "late": 0,
        "owing": False,
    },
    {
        "cycle_no": 3,
        "amount": 500.0,
        "disbursed_on": "2025-08-11",
        "worst_delay": 9,
        "due": 16,
        "late": 2,
        "owing": False,
    },
]

PRODUCT: dict[str, Any] = {
    "id": "P1",
    "name": "Capital de trabajo",
    "amount_min": 100.0,
    "amount_max": 1000.0,
    "amount_step": 20.0,
    "term_days_min": 56,
    "term_days_max": 168,
    "frequencies": ["weekly", "fortnightly"],
    "rate_per_30_days": 0.03,
    "method": "flat",
    "growth_max": None,
}

#: Of every member, as the portfolio has it: late, at half of the meetings, her business new, and 900 asked for.
MEMBER_FACTS = MemberFacts(
    "",
    first_cycle=False,
    in_arrears=True,
    marks=(4, 8),
    business_days=120,
    loans_elsewhere=0,
    asked=Decimal(900),
    term_days=300,
    last_loan=Decimal(200),
    savings=Decimal(30),
)

#: The rules of the starter's policy, in the order written.
STARTER_POLICY = starter_dir() / "serving" / "policy.toml"
STARTER_RULES = Policy.load(STARTER_POLICY).rules

BODY: dict[str, Any] = {
    "recipe": "member_default",
    "subject": "M1",
    "amount": 600.0,
    "currency": "PEN",
    "term_days": 120,
    "frequency": "weekly",
    "purpose": "working_capital",
    "other_active_loans": 1,
}


@dataclass
class PlainDesk:
    """A desk that answers the same score for everyone."""

    recipe: str = "member_default"
    kind: str = "member"
    model_version: str = "3"
    currency: str = "PEN"
    moment: datetime = datetime(2026, 2, 1)
    time_zone: str = "America/Lima"
    answer: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(SCORE))
    values: dict[str, float | None] = field(default_factory=lambda: dict(VALUES))
    features: dict[str, dict[str, str]] = field(default_factory=lambda: dict(FEATURES))
    own_loan: LedgerArrears = field(default_factory=lambda: LedgerArrears(1, 5400.0, 0.0, 0))
    between_members: LedgerArrears = field(default_factory=lambda: LedgerArrears(2, 900.0, 60.0, 0))
    history: list[dict[str, Any]] = field(default_factory=lambda: copy.deepcopy(HISTORY))

    @property
    def context(self) -> Context:
        return Context(
            country="PE",
            currency="PEN",
            time_zone="America/Lima",
            features=self.features,
            products=[dict(PRODUCT)],
        )

    banks: tuple[BankRow, ...] = BANKS
    rules: tuple[Rule, ...] = ()
    facts: MemberFacts = MEMBER_FACTS

    def group(self, bank_id: str, moment: datetime | None = None) -> GroupFacts:
        members = (self.member_facts(name) for name, place in PLACES.items() if place.bank_id == bank_id)
        return GroupFacts(bank_id, "PEN", rural=False, first_cycle=False, members=tuple(members))

    def member_facts(self, name: str) -> MemberFacts:
        return replace(self.facts, member_id=name)

    def calendar(self) -> tuple[BankRow, ...]:
        return self.banks

    open: tuple[OpenRequest, ...] = ()

    def open_requests(self, bank_id: str) -> tuple[OpenRequest, ...]:
        return tuple(one for one in self.open if one.bank_id == bank_id)

    def read_moment(self, value: str | date | datetime) -> datetime:
        return MANIFEST.moment(value)

    def place(self, subject: str) -> Place | None:
        return PLACES.get(subject)

    def bank(self, bank_id: str) -> BankFacts | None:
        members = {name: self.group_record(name) for name, place in PLACES.items() if place.bank_id == bank_id}
        if not members:
            return None
        branch = next(place.branch_id for place in PLACES.values() if place.bank_id == bank_id)
        return BankFacts(
            bank_id, branch, self.moment, "PE", "PEN", "America/Lima", members, self.own_loan, self.between_members
        )

    def grid(self, record: Record) -> list[dict[str, Any]]:
        return [
            {"amount": amount, "term_days": term, "state": "ready" if amount < 300 else "talk_first", "nii_post": share}
            for term, share in ((90, 1.2), (120, 0.72))
            for amount in (280.0, 600.0)
        ]

    def group_record(self, name: str) -> dict[str, float | None]:
        return group_record(self.values)

    def limit_faults(self, fields: Mapping[str, Any]) -> list[Fault]:
        amount = fields.get("amount")
        if amount is not None and not 100 <= amount <= 1000:
            return [Fault("amount", "Outside the product's range.", "Ask for 100 to 1000.")]
        return []

    def score(self, fields: Mapping[str, Any], as_of: datetime | None) -> Scored:
        moment = (as_of or self.moment).isoformat()
        return Scored(
            score={**self.answer, "subject": fields["subject"], "as_of": moment, "model_version": self.model_version},
            request={**fields, "as_of": moment},
            values=self.values,
            context=self.context,
            history=copy.deepcopy(self.history),
        )

    def held(self, subject: str) -> Place | None:
        return self.place(subject)

    def loaded(self, subject: str, tables: Iterable[str]) -> dict[str, pl.DataFrame]:
        return {name: pl.DataFrame(schema=schema(TABLES[name])) for name in tables}

    def score_sent(
        self, fields: Mapping[str, Any], as_of: datetime | None, facts: Facts, reaches: Callable[[Place], bool]
    ) -> tuple[Place, Scored]:
        return PLACES.get(fields["subject"], Place(fields["subject"], "S1", "B1", "N")), self.score(fields, as_of)

    def score_all(self, every: Sequence[Mapping[str, Any]], as_of: datetime | None) -> list[Scored]:
        return [self.score(fields, as_of) for fields in every]

    def what_if(self, record: Record, otherwise: Otherwise, amounts: Sequence[float], terms: Sequence[int]) -> WhatIf:
        faults = self.limit_faults({"amount": otherwise.amount})
        if faults:
            raise InvalidInput(faults)
        point = copy.deepcopy(self.answer) | {"subject": record.place.subject, "as_of": record.score["as_of"]}
        point["recommendation"]["state"] = "ready" if otherwise.amount <= 280 else "talk_first"
        grid = tuple(
            {
                "amount": amount,
                "term_days": term,
                "pd": self.answer["pd"],
                "score": self.answer["score"],
                "grade": self.answer["grade"],
                "state": "ready" if amount <= 280 else "talk_first",
                "ceiling": 280.0,
                "level": self.answer["indebtedness"]["level"],
                "nii_post": None,
                "off_support": False,
            }
            for term in terms
            for amount in amounts
        )
        return WhatIf(point, grid)


class WithPolicy(PlainDesk):
    """A desk whose context holds the policy, as a champion's does."""

    @property
    def context(self) -> Context:
        return Context(super().context | {"policy": STARTER_POLICY.read_text("utf-8")})


@dataclass
class PlainSource:
    """A source that holds whatever a test put in it: a desk, several, or an error to raise."""

    held: Desk | Desks | Exception
    mark: Hashable = 1

    def signature(self) -> Hashable:
        return self.mark

    def build(self, previous: Desks | None) -> Desks:
        if isinstance(self.held, Exception):
            raise self.held
        return self.held if isinstance(self.held, Desks) else Desks.of(self.held)


class PlainShelf:
    """A shelf of one recipe."""

    def stop(self) -> None:
        """Nothing is being counted."""

    def models(self, desks: Desks) -> list[dict[str, Any]]:
        return [
            {
                "recipe": name,
                "in_service": own,
                "fault": None,
                "since_training": None,
                "champion": None,
                "challenger": None,
            }
            for name, own in _sorted(desks)
        ]

    def policy(self) -> Policy:
        return Policy.load(starter_dir() / "serving" / "policy.toml")

    def register(self, desks: Desks, language: str) -> list[dict[str, Any]]:
        (system,) = REGISTER["systems"]
        told = {"language": language, "institution": "A village bank", "purpose": f"In {language}"}
        return [system | told | {"versions": system["versions"] | {"model": version}} for _, version in _sorted(desks)]


def _sorted(desks: Desks) -> list[tuple[str, str]]:
    return sorted(desks.versions.items())


@dataclass
class House:
    """The service with what is behind it."""

    service: Service
    source: PlainSource
    client: TestClient
    access: Access
    sessions: Sessions
    records: Records

    def heard(self, *score_ids: str) -> None:
        """Note that the members of these scores heard their results alone."""
        officer = self.headers("officer", "all")
        for score_id in score_ids:
            assert self.client.post(f"/v1/scores/{score_id}/told", headers=officer).status_code == 204

    def opined(self, score_id: str, bank_id: str = "B1") -> None:
        """Write the opinion of a committee on a score."""
        body = {"would_approve": "less", "amount": 400.0, "words": "Vendió poco.", "written_on": "2026-02-02"}
        committee = self.headers("committee", "group", bank_id)
        assert self.client.post(f"/v1/scores/{score_id}/opinions", json=body, headers=committee).status_code == 201

    def headers(self, role: str, scope_kind: str, scope_id: str | None = None) -> dict[str, str]:
        token, _ = self.access.grant(role, scope_kind, scope_id)
        return {"Authorization": f"Bearer {token}"}


@cache
def _pages() -> Pages:
    """Templates and words are read once for all houses: nothing of a request stays in them."""
    return Pages(starter_dir() / "serving")


@cache
def _empty_records() -> bytes:
    """A database brought up to date once: each house starts from a copy."""
    with TemporaryDirectory(prefix="riskscore-records-") as folder:
        file = Path(folder) / "records.db"
        Database(f"sqlite:///{file}").close()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return file.read_bytes()


def build(folder: Path, desk: Desk | Desks | Exception, **changes: Any) -> House:
    file = folder / "records.db"
    if not file.exists():
        file.write_bytes(_empty_records())
        file.chmod(0o600)
    database = Database(f"sqlite:///{file}")
    access, records, source = Access(database), Records(database), PlainSource(desk)
    ids = count(1)
    parts: dict[str, Any] = {
        "state": State(source, poll_seconds=3600),
        "access": access,
        "sessions": Sessions(database),
        "records": records,
        "refusals": Refusals(records),
        "serializer": Serializer("secret"),
        "pages": _pages(),
        "metrics": Metrics(),
        "shelf": PlainShelf(),
        "new_id": lambda: f"s_{next(ids)}",
        "clock": lambda: "2026-02-02T12:00:00.000000+00:00",
    }
    service = Service(**(parts | changes))
    service.state.look()
    # The lifespan, which starts the watch, is left out: tests look when they mean to.
    client = TestClient(service.app(), base_url="http://testserver", headers=NAMED)
    return House(service, source, client, access, service.sessions, records)
