"""What a committee meets does not depend on what lies outside its table.

Two services whose portfolios agree in what the group recorded and in the recommendation, and differ in everything
else: whatever a committee's token reaches is the same to the byte, and no canary is in it.
"""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from datetime import date

import pytest

from riskscore.service.consents import Consent, tell
from riskscore.service.desks import Desks
from tests.unit.service.associations import (
    BANK_BODY,
    BANK_SCORE,
    PRODUCER_BODY,
    PlainAssociationDesk,
    bank_desk,
    producer_desk,
)
from tests.unit.service.desks import BODY, HISTORY, SCORE, VALUES, PlainDesk

#: Values no honest row would have, one for each field that must not get out.
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

CANARY = re.compile("7777|CANARY")


def canary_desk() -> PlainDesk:
    score = copy.deepcopy(SCORE)
    score |= {"pd": 0.7777, "score": 7777.0, "grade": "CANARY-GRADE", "pd_interval": None}
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
    return PlainDesk(answer=score, values=VALUES | CANARIES, history=history)


def canary_bank() -> PlainAssociationDesk:
    """An outlook that rounds as the plain one does, over members whose facts are other ones."""
    return replace(
        bank_desk(
            pd=0.0333,
            structural_pd=0.7777,
            prior_share=0.7777,
            grade="CANARY-GRADE",
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


ROUTES = [
    ("GET", "/v1/scores/s_1", {}),
    ("GET", "/v1/scores/s_1", {"Accept-Language": "en"}),
    ("GET", "/v1/scores/unknown", {}),
    ("GET", "/v1/scores/s_2", {}),
    ("GET", "/scores/s_1", {}),
    ("GET", "/scores/s_1?lang=en", {}),
    ("GET", "/scores/s_1", {"Accept": "text/html", "Accept-Language": "en"}),
    ("GET", "/scores/s_2", {"Accept": "text/html"}),
    ("HEAD", "/scores/s_1", {}),
    ("POST", "/v1/scores", {}),
    ("POST", "/v1/scores/s_1/what-if", {}),
    ("POST", "/v1/scores/s_2/what-if", {}),
    ("POST", "/v1/scores/unknown/what-if", {}),
    ("POST", "/v1/scores/s_1/decisions", {}),
    ("POST", "/v1/scores/s_2/decisions", {}),
    ("GET", "/v1/scores/s_1/decisions/d_0", {}),
    ("GET", "/v1/scores/s_1/objections", {}),
    ("POST", "/v1/scores/s_1/objections", {}),
    ("POST", "/v1/scores/s_1/objections/o_0/answers", {}),
    ("POST", "/scores/s_1/objections", {}),
    ("POST", "/scores/s_1/objections/o_0/answers", {}),
    ("POST", "/scores/s_1/consents", {}),
    ("POST", "/scores/s_1/what-if", {}),
    ("POST", "/scores/s_1/again", {}),
    ("GET", "/apply", {"Accept": "text/html"}),
    ("POST", "/apply", {}),
    ("PUT", "/v1/scores", {}),
    ("DELETE", "/scores/s_1", {}),
    ("GET", "/v1/scores/s_3", {}),
    ("GET", "/v1/scores/s_4", {}),
    ("GET", "/v1/scores/s_5", {}),
    ("GET", "/scores/s_3", {}),
    ("GET", "/scores/s_3?lang=en", {}),
    ("GET", "/scores/s_4", {"Accept": "text/html"}),
    ("GET", "/scores/s_5", {"Accept": "text/html"}),
    ("POST", "/v1/scores/s_3/decisions", {}),
    ("GET", "/v1/models", {}),
    ("GET", "/v1/register", {}),
    ("GET", "/v1/register?lang=en", {}),
    ("GET", "/metrics", {}),
    ("GET", "/readyz", {}),
    ("GET", "/livez", {}),
    ("GET", "/openapi.json", {}),
    ("GET", "/docs.json", {}),
    ("GET", "/schema.json", {}),
    ("GET", "/", {}),
    ("GET", "/officer", {"Accept": "text/html"}),
    ("GET", "/models", {"Accept": "text/html"}),
    ("GET", "/trail", {"Accept": "text/html"}),
    ("GET", "/trail/s_1", {}),
    ("GET", "/v1/trail", {}),
    ("POST", "/trail/s_1/replay", {}),
    ("GET", "/nowhere", {}),
]


@pytest.fixture
def twins(make_house):
    """Two houses, alike for the committee of B1; in both an officer scored M1 and B1, and strangers too."""
    plain = make_house("plain", Desks.of(PlainDesk(), bank_desk(), producer_desk()))
    canary = make_house("canary", Desks.of(canary_desk(), canary_bank(), producer_desk(grade="CANARY")))
    other = BODY | {"other_active_loans": 7, "subject": "M1"}
    for house, body in ((plain, BODY), (canary, other)):
        officer = house.headers("officer", "all")
        assert house.client.post("/v1/scores", json=body, headers=officer).status_code == 201
        assert house.client.post("/v1/scores", json=body | {"subject": "M9"}, headers=officer).status_code == 201
        for asked in (BANK_BODY, BANK_BODY | {"subject": "B9"}, PRODUCER_BODY):
            assert house.client.post("/v1/scores", json=asked, headers=officer).status_code == 201
    # What she says against her score, and what she agreed to, stays between her and her officer.
    said = {"topic": "review", "text": "CANARY-SAID"}
    key = {"Idempotency-Key": "k1"}
    assert canary.client.post("/v1/scores/s_1/objections", json=said, headers=officer | key).status_code == 201
    consent = Consent("bureau", given=True, since=date(2026, 1, 5), role="member")
    member = canary.access.grant("member", "self", "M1")[1]
    tell(canary.records.database, "M1", consent, member, time_zone="America/Lima")
    return plain, canary


def test_every_route_a_committee_reaches_is_the_same_to_the_byte(twins, caplog, monkeypatch):
    monkeypatch.setattr("riskscore.service.gate.time.perf_counter", lambda: 0.0)
    monkeypatch.setattr("riskscore.service.access.secrets.token_hex", lambda _: "fixed")
    answers, logs = [], []
    for house in twins:
        headers = house.headers("committee", "group", "B1")
        caplog.clear()
        with caplog.at_level("DEBUG"):
            found = [
                house.client.request(method, path, headers=headers | extra, follow_redirects=False)
                for method, path, extra in ROUTES
            ]
        answers.append([(answer.status_code, sorted(answer.headers.items()), answer.content) for answer in found])
        logs.append([record.getMessage() for record in caplog.records if record.name == "riskscore.service"])
    for route, one, other in zip(ROUTES, *answers, strict=True):
        assert one == other, route
        assert not CANARY.search(str(one)), route
    assert logs[0] == logs[1]
    assert len(logs[0]) >= len(ROUTES) - 3
    assert not CANARY.search("\n".join(logs[0] + logs[1]))


def test_the_committee_does_see_its_own_table(twins):
    """The twin test would pass on an empty answer: this one says what stands in it."""
    plain, _ = twins
    plain.heard("s_1")
    plain.opined("s_1")
    headers = plain.headers("committee", "group", "B1")
    assert plain.client.get("/v1/scores/s_1", headers=headers).json() == {
        "score_id": "s_1",
        "recipe": "member_default",
        "subject": "M1",
        "as_of": "2026-02-01T00:00:00",
        "request": {
            "amount": 600.0,
            "currency": "PEN",
            "term_days": 120,
            "frequency": "weekly",
            "purpose": "working_capital",
        },
        "group_record": {"cycle_no": 3.0, "late_share": 0.125, "attendance_rate": 0.9, "group_savings": 85.5},
        "recommendation": {"state": "talk_first", "ceiling": 280.0},
        "opinion_needed": False,
        "not_ready": False,
        "model_version": "3",
        "policy_version": "2026-01",
        "notice": {
            "es": "Lo calculó un sistema automático. Recomienda; deciden las personas.",
            "en": "Computed by an automatic system. It recommends; people decide.",
        },
    }
    page = plain.client.get("/scores/s_1", headers=headers).text
    for shown in ("Conversar antes", "S/\xa0600", "S/\xa0280", "88 de cada 100", "90 de cada 100", "S/\xa085.50"):
        assert shown in page


def test_officers_do_see_the_difference(twins):
    """The canaries really are in the records: what the officer reads is full of them."""
    _, canary = twins
    headers = canary.headers("officer", "all")
    assert CANARY.search(canary.client.get("/v1/scores/s_1", headers=headers).text)
    assert CANARY.search(canary.client.get("/scores/s_1", headers=headers).text)
    assert CANARY.search(canary.client.get("/v1/scores/s_3", headers=headers).text)


def test_a_new_field_of_a_score_does_not_reach_the_committee(make_house):
    desk = PlainDesk()
    desk.answer["surprise"] = "CANARY"
    desk.answer["recommendation"]["surprise"] = "CANARY"
    house = make_house(desk=desk)
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    headers = house.headers("committee", "group", "B1")
    assert "CANARY" not in house.client.get("/v1/scores/s_1", headers=headers).text
    assert "CANARY" not in house.client.get("/scores/s_1", headers=headers).text


def test_an_auditor_reads_everything_about_nobody(house):
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    headers = house.headers("auditor", "all")
    answer = house.client.get("/v1/scores/s_1", headers=headers)
    page = house.client.get("/scores/s_1", headers=headers)
    assert answer.json()["pd"] == 0.0731
    name = answer.json()["subject"]
    assert re.fullmatch("P[0-9a-f]{12}", name)
    assert answer.json()["request"]["subject"] == name
    assert name in page.text
    for text in (answer.text, page.text):
        assert "M1" not in text


def test_the_member_reads_her_own_and_nobody_elses(house):
    officer = house.headers("officer", "all")
    house.client.post("/v1/scores", json=BODY, headers=officer)
    house.client.post("/v1/scores", json=BODY | {"subject": "M2"}, headers=officer)
    herself = house.headers("member", "self", "M1")
    assert house.client.get("/v1/scores/s_1", headers=herself).json()["pd"] == 0.0731
    assert house.client.get("/scores/s_1", headers=herself).status_code == 200
    assert house.client.get("/v1/scores/s_2", headers=herself).status_code == 404
    assert house.client.get("/scores/s_2", headers=herself).status_code == 404
