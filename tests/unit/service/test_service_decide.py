"""Decisions over HTTP: who may enter one, every fault at once, once on record however often it is sent."""

from __future__ import annotations

import json
import re

import pytest

from riskscore.service import csrf
from riskscore.service.decisions import decisions
from riskscore.service.verification import verify
from tests.unit.service.chance import without_chance
from tests.unit.service.desks import BODY, House
from tests.unit.service.test_service_refusals import refusals
from tests.unit.service.test_service_scores import PROBLEM, fields_at_fault
from tests.unit.service.worlds import CANARY, canary_desk

URL = "/v1/scores/s_1/decisions"
KEY = {"Idempotency-Key": "5f0c2f4e-3b1d"}

DECISION = {
    "who": "Comité B1",
    "role": "committee",
    "amount_approved": 280.0,
    "currency": "PEN",
    "decided_on": "2026-02-02",
    "opinion": "Paga bien, pero vendió poco.",
}

RECORD = {
    "score_id": "s_1",
    "who": "Comité B1",
    "role": "committee",
    "amount_approved": 280.0,
    "currency": "PEN",
    "decided_on": "2026-02-02",
    "opinion": "Paga bien, pero vendió poco.",
    "reason": None,
    "result": "reduced",
    "overrides": False,
    "rules": [],
    "recorded_at": "2026-02-02T12:00:00.000000+00:00",
}


@pytest.fixture
def scored(house: House) -> House:
    """M1 of the bank B1 asked for 600: `talk_first`, a ceiling of 280. M9's bank is B9. Both heard it alone, and the
    committee of B1 has written what it thinks."""
    officer = house.headers("officer", "all")
    for subject in ("M1", "M9"):
        assert house.client.post("/v1/scores", json=BODY | {"subject": subject}, headers=officer).status_code == 201
    house.heard("s_1", "s_2")
    house.opined("s_1")
    return house


@pytest.fixture
def committee(scored: House) -> dict[str, str]:
    return scored.headers("committee", "group", "B1")


def on_record(house: House) -> int:
    return len(decisions(house.records.database))


def test_a_committee_enters_what_it_decided_and_reads_it_again(scored, committee):
    answer = scored.client.post(URL, json=DECISION, headers=committee | KEY)
    assert answer.status_code == 201
    body = answer.json()
    decision_id = body.pop("decision_id")
    assert re.fullmatch("d_[0-9a-f]{32}", decision_id)
    assert body == RECORD
    assert answer.headers["location"] == f"/v1/scores/s_1/decisions/{decision_id}"
    again = scored.client.get(answer.headers["location"], headers=committee)
    assert again.status_code == 200
    assert again.json() == RECORD | {"decision_id": decision_id}
    assert [(seen.role, seen.action) for seen in scored.records.sightings("s_1")] == [
        ("committee", "decision"),
        ("officer", "asked"),
    ]
    assert (
        verify(scored.records.database).entries == 9
    )  # two scores, accesses and talks, opinion, decision and its reading


def test_the_token_that_entered_it_is_on_record(scored):
    token, grant = scored.access.grant("officer", "branch", "N")
    headers = {"Authorization": f"Bearer {token}"} | KEY
    assert scored.client.post(URL, json=DECISION, headers=headers).status_code == 201
    (kept,) = decisions(scored.records.database, "s_1")
    assert (kept.entered_by, kept.decision.who) == (grant.token_id, "Comité B1")


@pytest.mark.parametrize(
    ("role", "kind", "scope", "status"),
    [
        ("officer", "all", None, 201),
        ("officer", "branch", "N", 201),
        ("officer", "branch", "S", 404),
        ("committee", "group", "B1", 201),
        ("committee", "group", "S1", 201),
        ("committee", "group", "B9", 404),
        ("member", "self", "M1", 403),
        ("member", "self", "M9", 403),
        ("board", "organisation", "P1", 403),
        ("lender", "all", None, 403),
        ("assistant", "group", "B1", 403),
        ("analyst", "all", None, 403),
        ("auditor", "all", None, 403),
    ],
)
def test_each_role(scored, role, kind, scope, status):
    answer = scored.client.post(URL, json=DECISION, headers=scored.headers(role, kind, scope) | KEY)
    assert answer.status_code == status
    assert on_record(scored) == (status == 201)
    assert [(one["role"], one["route"], one["status"]) for one in refusals(scored)] == (
        [] if status == 201 else [(role, "/v1/scores/{score_id}/decisions", status)]
    )


def test_another_groups_score_answers_as_an_unknown_one_whatever_is_sent(scored, committee):
    for content in (json.dumps(DECISION).encode(), b"", b"{"):
        for headers in (committee, committee | KEY):
            other = scored.client.post("/v1/scores/s_2/decisions", content=content, headers=headers)
            unknown = scored.client.post("/v1/scores/s_77/decisions", content=content, headers=headers)
            assert (other.status_code, other.content) == (404, unknown.content)
            assert dict(other.headers) == dict(unknown.headers)
    assert on_record(scored) == 0


def test_a_committee_cannot_speak_for_an_officer(scored, committee):
    own = DECISION | {"role": "officer"}
    assert fields_at_fault(scored.client.post(URL, json=own, headers=committee | KEY)) == ["role"]
    assert on_record(scored) == 0


def test_whom_nobody_knows_decides_nothing(scored, committee):
    token = committee["Authorization"].partition(" ")[2]
    for headers in (KEY, KEY | {"Authorization": "Bearer forged"}, KEY | {"Authorization": f"Basic {token}"}):
        answer = scored.client.post(URL, json=DECISION, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM)
    assert on_record(scored) == 0


def test_a_browser_decides_from_an_open_page_of_its_own_session(scored):
    def entered() -> str:
        token, _ = scored.access.grant("committee", "group", "B1")
        scored.client.get("/enter", params={"key": scored.access.link(token)}, follow_redirects=False)
        return csrf.word(scored.client.cookies["riskscore_session"])

    other, word = entered(), entered()
    proofs = [
        {},
        {csrf.HEADER: ""},
        {csrf.HEADER: other},
        {csrf.HEADER: word, "Sec-Fetch-Site": "cross-site"},
        {csrf.HEADER: word, "Sec-Fetch-Site": "same-site"},
    ]
    for proof in proofs:
        answer = scored.client.post(URL, json=DECISION, headers=KEY | proof)
        assert (answer.status_code, answer.headers["content-type"]) == (403, PROBLEM)
    assert on_record(scored) == 0
    answer = scored.client.post(URL, json=DECISION, headers=KEY | {csrf.HEADER: word, "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 201


def test_what_is_sent_twice_is_on_record_once(scored, committee):
    first = scored.client.post(URL, json=DECISION, headers=committee | KEY)
    spaced = json.dumps(DECISION | {"amount_approved": 280, "reason": None}, indent=4).encode()
    for content in (json.dumps(DECISION).encode(), spaced):  # what it says counts, not how it is written
        again = scored.client.post(URL, content=content, headers=committee | KEY)
        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["location"] == first.headers["location"]
    assert on_record(scored) == 1


def test_a_key_names_one_decision(scored, committee):
    scored.client.post(URL, json=DECISION, headers=committee | KEY)
    other = DECISION | {"amount_approved": 200.0}
    assert fields_at_fault(scored.client.post(URL, json=other, headers=committee | KEY)) == ["Idempotency-Key"]
    assert on_record(scored) == 1
    assert scored.client.post(URL, json=other, headers=committee | {"Idempotency-Key": "2"}).status_code == 201
    assert [one.decision.amount_approved for one in decisions(scored.records.database)] == [280.0, 200.0]


def test_a_key_is_the_tokens_own_and_of_one_score(scored, committee):
    officer = scored.headers("officer", "all")
    ids = {
        scored.client.post(url, json=DECISION, headers=headers | KEY).json()["decision_id"]
        for url, headers in ((URL, committee), (URL, officer), ("/v1/scores/s_2/decisions", officer))
    }
    assert len(ids) == on_record(scored) == 3


@pytest.mark.parametrize("key", [None, "", "x" * 201, "two words", "ñ"])
def test_without_a_key_nothing_is_written(scored, committee, key):
    headers = committee if key is None else committee | {"Idempotency-Key": key.encode()}
    assert fields_at_fault(scored.client.post(URL, json=DECISION, headers=headers)) == ["Idempotency-Key"]
    two = [*committee.items(), ("Idempotency-Key", "1"), ("Idempotency-Key", "2")]
    assert fields_at_fault(scored.client.post(URL, json=DECISION, headers=two)) == ["Idempotency-Key"]
    assert on_record(scored) == 0


def test_every_fault_comes_at_once(scored, committee):
    body = {"who": 7, "role": "committee", "amount_approved": 601.0, "currency": "USD", "decided_on": "2026-02-30"}
    answer = scored.client.post(URL, json=body | {"nickname": "CANARY", "reason": "CANARY" * 200}, headers=committee)
    assert fields_at_fault(answer) == [
        "Idempotency-Key",
        "amount_approved",
        "currency",
        "decided_on",
        "nickname",
        "reason",
        "who",
    ]
    assert "CANARY" not in answer.text
    assert on_record(scored) == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ('"amount_approved": NaN', "amount_approved"),
        ('"amount_approved": Infinity', "amount_approved"),
        ('"amount_approved": -Infinity', "amount_approved"),
        ('"amount_approved": 1e999', "amount_approved"),
        ('"amount_approved": 1e300', "amount_approved"),
        ('"amount_approved": ' + "9" * 4000, "amount_approved"),
        ('"amount_approved": ' + "9" * 5000, "body"),
        ('"amount_approved": -1', "amount_approved"),
        ('"amount_approved": "280"', "amount_approved"),
        ('"amount_approved": true', "amount_approved"),
        ('"amount_approved": [280]', "amount_approved"),
        ('"amount_approved": 600', "reason"),  # against the recommendation
        ('"who": ""', "who"),
        ('"who": "  "', "who"),
        ('"who": null', "who"),
        ('"who": {"name": "x"}', "who"),
        ('"role": "board"', "role"),
        ('"role": null', "role"),
        ('"currency": "soles"', "currency"),
        ('"currency": 604', "currency"),
        ('"decided_on": 20260202', "decided_on"),
        ('"decided_on": "1769990400"', "decided_on"),
        ('"decided_on": "2026-02-02T00:00:00"', "decided_on"),
        ('"decided_on": "٢٠٢٦-02-02"', "decided_on"),
        ('"decided_on": "2026-02-03"', "decided_on"),  # tomorrow
        ('"decided_on": "2026-02-01"', "decided_on"),  # before it was recommended
        ('"opinion": "\\ud800"', "body"),
        ('"reason": 5', "reason"),
        ('"score_id": "s_2"', "score_id"),
        ('"opinion": ' + "[" * 5000 + "]" * 5000, "body"),
    ],
)
def test_each_fault(scored, committee, change, field):
    others = {name: value for name, value in DECISION.items() if name != change.split('"')[1]}
    content = f"{json.dumps(others)[:-1]}, {change}}}".encode()
    answer = scored.client.post(URL, content=content, headers=committee | KEY)
    assert fields_at_fault(answer) == [field]
    assert on_record(scored) == 0


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"7", b"\xff\xfe", b'{"who": "\xf1"}', b"{"])
def test_bodies_that_are_none(scored, committee, content):
    assert fields_at_fault(scored.client.post(URL, content=content, headers=committee | KEY))
    assert on_record(scored) == 0


def test_a_body_that_is_too_long(scored, committee):
    answer = scored.client.post(URL, content=b" " * 16_385, headers=committee | KEY)
    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)


def test_put_off_rejected_and_against_the_recommendation(scored, committee):
    told = []
    for number, change in enumerate(
        ({"amount_approved": None}, {"amount_approved": 0}, {"amount_approved": 600, "reason": "La conocemos."})
    ):
        headers = committee | {"Idempotency-Key": str(number)}
        body = scored.client.post(URL, json=DECISION | change, headers=headers).json()
        told.append((body["result"], body["overrides"]))
    assert told == [("postponed", False), ("rejected", False), ("approved", True)]


def test_an_officers_words_do_not_reach_the_committee(scored, committee):
    """An officer's reason may rest on her budget."""
    officer = scored.headers("officer", "all")
    body = DECISION | {"role": "officer", "amount_approved": 600.0, "reason": "CANARY: gana 7777."}
    made = scored.client.post(URL, json=body, headers=officer | KEY)
    assert scored.client.get(made.headers["location"], headers=officer).json() == made.json()
    hidden = scored.client.get(made.headers["location"], headers=committee)
    unknown = scored.client.get(f"{URL}/d_0", headers=committee)
    assert (hidden.status_code, hidden.content) == (404, unknown.content)
    sent = scored.client.post(URL, json=DECISION, headers=committee | KEY)  # the officer's key
    for answer in (hidden, sent, scored.client.get(sent.headers["location"], headers=committee)):
        assert not re.search(CANARY, without_chance(answer.text))


def test_a_decision_is_reached_through_its_own_score(scored):
    officer = scored.headers("officer", "all")
    decision_id = scored.client.post(URL, json=DECISION, headers=officer | KEY).json()["decision_id"]
    assert scored.client.get(f"/v1/scores/s_2/decisions/{decision_id}", headers=officer).status_code == 404
    elsewhere = scored.headers("officer", "branch", "S")
    assert scored.client.get(f"{URL}/{decision_id}", headers=elsewhere).status_code == 404
    assert scored.client.get(f"{URL}/{decision_id}", headers=scored.headers("member", "self", "M1")).status_code == 403


SENT = [
    DECISION,
    DECISION | {"amount_approved": 600.0},
    DECISION | {"amount_approved": 600.0, "reason": "La conocemos."},
    DECISION | {"amount_approved": 281.0},
    DECISION | {"currency": "USD", "decided_on": "2030-01-01"},
    {},
]


def test_what_a_committee_is_answered_does_not_depend_on_what_lies_outside_its_table(make_house):
    answers = []
    for house, more in ((make_house("plain"), {}), (make_house("canary", canary_desk()), {"other_active_loans": 7})):
        house.client.post("/v1/scores", json=BODY | more, headers=house.headers("officer", "all"))
        house.heard("s_1")
        house.opined("s_1")
        headers = house.headers("committee", "group", "B1")
        found = []
        for body in SENT:
            answer = house.client.post(URL, json=body, headers=headers | {"Idempotency-Key": "1"})
            told = f"{sorted(answer.headers.items())} {answer.text}"
            found.append((answer.status_code, re.sub("d_[0-9a-f]{32}", "d_", told)))  # ids are random
        answers.append(found)
    assert answers[0] == answers[1]
    assert [status for status, _ in answers[0]] == [201, 422, 422, 422, 422, 422]
    assert not re.search(CANARY, str(answers))


def test_a_committee_decides_after_its_opinion_and_after_everybody_was_spoken_with(house):
    """Whether a reason is needed would tell the state: before it may be shown, that is not said either."""
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    headers = house.headers("committee", "group", "B1") | KEY
    whole = DECISION | {"amount_approved": 600.0}  # against the recommendation, without a reason
    for body in (DECISION, whole, whole | {"reason": "La conocemos."}):
        assert fields_at_fault(house.client.post(URL, json=body, headers=headers)) == ["opinion", "score_id"]
    house.opined("s_1")
    assert fields_at_fault(house.client.post(URL, json=whole, headers=headers)) == ["score_id"]
    house.heard("s_1")
    assert fields_at_fault(house.client.post(URL, json=whole, headers=headers)) == ["reason"]
    assert house.client.post(URL, json=DECISION | {"opinion": None}, headers=headers).status_code == 201


def test_an_officer_enters_what_a_committee_wrote_on_paper(house):
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    headers = house.headers("officer", "all") | KEY
    assert fields_at_fault(house.client.post(URL, json=DECISION | {"opinion": None}, headers=headers)) == ["opinion"]
    assert house.client.post(URL, json=DECISION, headers=headers).status_code == 201
