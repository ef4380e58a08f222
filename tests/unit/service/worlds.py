"""Institutions that agree in what a group recorded and in what was recommended of M1, and differ in all else of her."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from riskscore.scoring import Otherwise
from riskscore.scoring.group_facts import MemberFacts
from riskscore.service.bank_facts import BankFacts
from riskscore.service.desk import Scored, WhatIf
from riskscore.service.desks import Desks
from riskscore.service.records import Record
from tests.unit.service.associations import (
    BANK_BODY,
    BANK_SCORE,
    PRODUCER_BODY,
    PlainAssociationDesk,
    bank_desk,
    producer_desk,
)
from tests.unit.service.desks import (
    BODY,
    HISTORY,
    MEMBER_FACTS,
    SCORE,
    STARTER_RULES,
    VALUES,
    House,
    PlainDesk,
)

#: What no honest row would have, for each field that must not get out; of grades, which are counted, there are few.
CANARIES = {
    "business_revenue": 7777.01,
    "business_costs": 7777.02,
    "accessible_savings": 7777.03,
    "bureau_service": 7777.04,
    "worst_delay": 7777.05,
    "late_share": 7777.06,
    "peer_late": 7777.07,
    "instalment_to_surplus": 7777.08,
    "lean_month": 7777.09,
}

#: What the policy's rules measure of her from outside the group; the rest is as the group's own books have it.
CANARY_FACTS = replace(
    MEMBER_FACTS, business_days=7777, loans_elsewhere=7777, last_loan=Decimal("7777.11"), savings=Decimal("7777.12")
)

#: A canary as a value, a word, or an amount with the signs between thousands of either language.
CANARY = r"7[,. \u00a0]?777|CANARY"

#: What moves with the PD alone: it is hers and her officer's, however little of it there is.
GRADED: dict[str, Any] = {"pd": 0.1177, "score": 531.7, "grade": "D", "pd_interval": None}


def graded_desk() -> PlainDesk:
    """Her PD is another one, and with it score, grade and points; nothing else is."""
    score = copy.deepcopy(SCORE) | GRADED
    score["points"] |= {"base": 551.1, "shown_base": 551, "shown_score": 532}
    return PlainDesk(answer=score)


def canary_desk() -> PlainDesk:
    """Everything from outside the group's table is a canary."""
    score = copy.deepcopy(SCORE)
    score |= {"pd": 0.7777, "score": 7777.0, "grade": "E", "pd_interval": None}
    score["indebtedness"] |= {
        "level": "OVER_INDEBTED",
        "nii_now": 7777.1,
        "nii_post": 7777.2,
        "nii_stress": 7777.3,
        "headroom": 7777.4,
        "largest_amount": 7777.5,
        "signals": {"refinancings": True, "chronic_arrears": True, "paid_from_savings": True, "loan_to_repay": True},
        "sacrifice": True,
    }
    score["points"] |= {"base": 7777.6, "features": dict.fromkeys(score["points"]["features"], 7777.7)}
    score["points"]["shown"] = dict.fromkeys(score["points"]["shown"], 7777)
    score["reasons"] = [{"code": "R02", "es": "CANARY-ES", "en": "CANARY-EN", "value": 7777.8}]
    score["what_would_change"] = [{"es": "CANARY-CHANGE", "en": "CANARY-CHANGE"}]
    score["data_quality"] = {"missing": ["CANARY-MISSING"], "stale": ["CANARY-STALE"], "off_support": ["CANARY-UNSEEN"]}
    score["recommendation"] |= {
        "why": [{"code": "CANARY", "es": "CANARY-WHY", "en": "CANARY-WHY"}],
        "binding": "CANARY-BINDING",
    }
    history = [one | {"amount": 7777.0, "worst_delay": 7777} for one in HISTORY]
    return PlainDesk(answer=score, values=VALUES | CANARIES, history=history, facts=CANARY_FACTS)


def other_desk() -> PlainDesk:
    """She is another woman altogether: her record at the group's table, her state and her ceiling as well."""
    desk = canary_desk()
    desk.answer["recommendation"] |= {"state": "ready", "ceiling": 540.0}
    table = {"cycle_no": 7.0, "late_share_cycle": 0.5, "attendance_rate_cycle": 0.25, "group_savings": 7777.0}
    facts = replace(desk.facts, first_cycle=True, in_arrears=False, marks=(1, 8))
    return replace(desk, values=desk.values | table, facts=facts)


def canary_bank() -> PlainAssociationDesk:
    """An outlook that rounds as the plain one does, over members whose facts are other ones."""
    return replace(
        bank_desk(
            pd=0.0333,
            structural_pd=0.7777,
            prior_share=0.7777,
            grade="E",
            expected_loss=7777.1,
            expected_in_arrears=1.3333,
            stops=0.7777,
            in_arrears=[0.7777, 0.2223],
            at_least={"1": 0.6133, "2": 0.2733, "3": 0.1033},
            waterfall=BANK_SCORE["waterfall"] | {"by_group": 158.33, "by_savings": 61.33},
            cover=BANK_SCORE["cover"] | {"one_fall": 251.33, "group": 141.33, "spare_untold": 7777},
            surprise="CANARY",
        ),
        values={"members": {"pd": [0.7777], "spare": [7777.2]}},
    )


@dataclass
class DeskOfTwo(PlainDesk):
    """A desk that answers about M1 what another desk would; everybody else is a plain woman."""

    hers: PlainDesk = field(default_factory=PlainDesk)
    breaks: Exception | None = None

    def _of(self, name: str) -> PlainDesk | None:
        return self.hers if name == "M1" else None

    def score(self, fields: Mapping[str, Any], as_of: datetime | None) -> Scored:
        hers = self._of(fields["subject"])
        return super().score(fields, as_of) if hers is None else hers.score(fields, as_of)

    def what_if(self, record: Record, otherwise: Otherwise, amounts: Sequence[float], terms: Sequence[int]) -> WhatIf:
        hers = self._of(record.place.subject)
        asked = (record, otherwise, amounts, terms)
        return super().what_if(*asked) if hers is None else hers.what_if(*asked)

    def group_record(self, name: str) -> dict[str, float | None]:
        hers = self._of(name)
        return super().group_record(name) if hers is None else hers.group_record(name)

    def member_facts(self, name: str) -> MemberFacts:
        hers = self._of(name)
        return super().member_facts(name) if hers is None else hers.member_facts(name)

    def bank(self, bank_id: str) -> BankFacts | None:
        if self.breaks is not None:
            raise self.breaks
        return super().bank(bank_id)


@dataclass
class BankOfBooks(PlainAssociationDesk):
    """A communal bank's desk whose outlook by the group's own books is the plain one, whatever else is told of it."""

    def outlook(self, bank_id: str, as_of: datetime | None = None, *, in_books: bool = False) -> dict[str, Any]:
        return bank_desk().outlook(bank_id) if in_books else super().outlook(bank_id)


@dataclass
class World:
    """An institution with what happened there outside the group's table.

    Parameters
    ----------
    hers : PlainDesk
        Answers about M1.
    bank : PlainAssociationDesk
    ids : list of str
        Names of scores, in the order in which they are asked for.
    asked : dict
        What of her request was not spoken at the group's table.
    officer_says, committee_said : str
        Private words of an officer, and those of a committee that she took down.
    told_first : str
        Whose talk alone comes first; as long as somebody waits, everybody does.
    happened : callable
        What else was said, shown and tried between M1 and her officer; gives the id of what the officer decided.
    """

    hers: PlainDesk
    bank: PlainAssociationDesk
    ids: list[str]
    asked: dict[str, Any] = field(default_factory=dict)
    officer_says: str = "Se conversó."
    told_first: str = "s_2"
    happened: Callable[[House], str] = lambda _: "d_" + 32 * "0"

    @property
    def desks(self) -> Desks:
        """The desks, new ones each time."""
        return Desks.of(DeskOfTwo(hers=self.hers, rules=STARTER_RULES), self.bank, producer_desk())


IDS = ["s_1", "s_2", "s_9", "b_1", "b_9", "p_1"]


def plain_world() -> World:
    """Nothing is special about her, and nothing happened."""
    return World(PlainDesk(), bank_desk(), [*IDS, "s_10"])


def graded_world() -> World:
    """As the plain one, but for her PD."""
    return World(graded_desk(), bank_desk(), [*IDS, "s_10"])


#: What she told of her household an hour ago, after the portfolio's last moment.
TOLD: dict[str, Any] = {
    "budgets": [
        {
            "id": "CANARY-BUDGET",
            "event_at": "2026-02-01T10:00:00",
            "known_at": "2026-02-01T10:00:00",
            "member_id": "M1",
            "business_revenue": "7777.00",
            "currency": "PEN",
        }
    ]
}


def canary_world(hers: PlainDesk | None = None) -> World:
    """Everything is otherwise that lies outside the group's table, and she withdrew a request before this one."""
    bank = canary_bank()
    books = BankOfBooks(bank.kind, bank.recipe, bank.model_version, bank.answer, bank.places, bank.values)
    return World(
        hers or canary_desk(),
        books,
        ["s_0", *IDS, "s_10"],
        {"other_active_loans": 7, "as_of": "2026-02-01T10:01:00", "facts": TOLD},
        "CANARY: gana 7777 al mes y debe en otra casa.",
        "s_1",
        _happened,
    )


def ask(house: House, world: World) -> None:
    """Let officers ask for the scores of a meeting and take down what a committee thinks of M2 from paper."""
    officer = house.headers("officer", "all")

    def sent(path: str, body: dict[str, Any], status: int = 201) -> None:
        answer = house.client.post(path, json=body, headers=officer)
        assert answer.status_code == status, answer.text

    if "s_0" in world.ids:
        sent("/v1/scores", BODY | {"amount": 777.0, "other_active_loans": 7})
        house.heard("s_0")
        assert house.client.post("/v1/scores/s_0/withdrawn", headers=officer).status_code == 204
    sent("/v1/scores", BODY | world.asked)
    for body in (BODY | {"subject": "M2"}, BODY | {"subject": "M9"}):
        sent("/v1/scores", body)
    for body in (BANK_BODY, BANK_BODY | {"subject": "B9"}, PRODUCER_BODY):
        sent("/v1/scores", body)
    opinion = {"would_approve": "less", "amount": 400.0, "words": world.officer_says, "written_on": "2026-02-02"}
    sent("/v1/scores/s_2/opinions", opinion)
    house.heard(world.told_first)
    # She looks first: what the rules answer is on record before the committee comes, and nothing is drawn for it then.
    assert house.client.get("/v1/groups/B1/sheet", headers=officer).status_code == 200


def _happened(house: House) -> str:
    officer, member = house.headers("officer", "all"), house.headers("member", "self", "M1")
    client = house.client
    for headers in (officer, member, member, house.headers("auditor", "all"), house.headers("analyst", "all")):
        assert client.get("/scores/s_1?lang=es", headers=headers).status_code == 200
        assert client.get("/v1/scores/s_1", headers=headers).status_code == 200
    for asked in ({"amount": 420.0}, {"term_days": 140, "savings": 77.0}):
        assert client.post("/v1/scores/s_1/what-if", json=asked, headers=member).status_code == 200
    for key, topic in enumerate(("review", "correction", "objection")):
        said = {"topic": topic, "text": "CANARY-SAID 7777"}
        headers = member | {"Idempotency-Key": f"o{key}"}
        objection = client.post("/v1/scores/s_1/objections", json=said, headers=headers).json()["objection_id"]
        path = f"/v1/scores/s_1/objections/{objection}/answers"
        headers = officer | {"Idempotency-Key": f"a{key}"}
        assert client.post(path, json={"answer": "CANARY-ANSWER"}, headers=headers).status_code == 201
    for purpose in ("assessment", "bureau"):
        form = {"purpose": purpose, "given": "yes", "since": "2026-01-07"}
        assert client.post("/scores/s_1/consents", data=form, headers=member, follow_redirects=False).status_code == 303
    # What she sent wrongly holds canaries too, and so do the errors of others who asked about her.
    for headers, path, body in (
        (officer, "/v1/scores", BODY | {"amount": 7777777.0, "purpose": "CANARY-PURPOSE"}),
        (officer, "/v1/scores", BODY | {"subject": "CANARY-NAME"}),
        (member, "/v1/scores/s_1/what-if", {"amount": 7777777.0}),
        (officer, "/v1/scores/CANARY-ID/what-if", {}),
    ):
        assert client.post(path, json=body, headers=headers).status_code in (404, 422)
    decided = {
        "who": "CANARY-OFFICER",
        "role": "officer",
        "amount_approved": 600.0,
        "currency": "PEN",
        "decided_on": "2026-02-02",
        "reason": "CANARY: gana 7777.",
    }
    answer = client.post("/v1/scores/s_1/decisions", json=decided, headers=officer | {"Idempotency-Key": "same"})
    assert answer.status_code == 201
    return str(answer.json()["decision_id"])
