"""Questions on a stored score over HTTP: who may ask, every fault at once, and what is kept of it."""

from __future__ import annotations

import json
import re

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskscore.errors import ArtefactError, NotFound, Unreachable
from riskscore.service import csrf
from riskscore.service.erasure import erase
from riskscore.service.verification import verify
from tests.unit.service.desks import BODY, House, PlainDesk
from tests.unit.service.test_service_scores import PROBLEM, fields_at_fault
from tests.unit.service.worlds import CANARY, canary_desk

URL = "/v1/scores/s_1/what-if"

#: Every role that may not ask, with a scope that reaches the score.
OTHERS = [
    ("committee", "group", "B1"),
    ("board", "organisation", "O1"),
    ("lender", "organisation", "O1"),
    ("assistant", "group", "B1"),
    ("auditor", "all", None),
]


def questions(house: House) -> list[dict]:
    with house.records.database.read() as connection:
        rows = connection.execute(
            sa.text("SELECT content FROM contents JOIN entries USING (sequence) WHERE kind = 'what_if' ORDER BY 1")
        )
        return [json.loads(row.content) for row in rows]


@pytest.fixture
def officer(house: House) -> dict[str, str]:
    headers = house.headers("officer", "branch", "N")
    assert house.client.post("/v1/scores", json=BODY, headers=headers).status_code == 201
    assert house.client.post("/v1/scores", json=BODY | {"subject": "M2"}, headers=headers).status_code == 201
    return headers


def test_a_question_is_answered_and_kept_apart_from_the_scores(house, officer):
    grid = {"amounts": [200, 300], "term_days": [90, 120]}
    answer = house.client.post(URL, json={"amount": 250, "savings": 20.5, "grid": grid}, headers=officer)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["score_id"] == "s_1"
    assert body["asked"] == {
        "amount": 250,
        "term_days": 120,
        "frequency": "weekly",
        "savings": 20.5,
        "finishes_debt": False,
    }
    assert (body["point"]["score"], body["point"]["recommendation"]["state"]) == (560.4, "ready")
    assert "score_id" not in body["point"]
    told = [(one["amount"], one["term_days"], one["state"]) for one in body["grid"]]
    assert told == [(200, 90, "ready"), (300, 90, "talk_first"), (200, 120, "ready"), (300, 120, "talk_first")]
    (kept,) = questions(house)
    assert (kept["role"], kept["asked"]["savings"], kept["asked"]["grid"]) == ("officer", 20.5, grid)
    assert kept["answered"] == {
        "pd": 0.0731,
        "score": 560.4,
        "grade": "C",
        "model_version": "3",
        "policy_version": "2026-01",
        "level": "SOLVENT",
        "state": "ready",
        "ceiling": 280.0,
        "points_of_grid": 4,
    }
    assert [record.score_id for record in house.records.scores("member_default")] == ["s_1", "s_2"]
    assert [(seen.role, seen.action) for seen in house.records.sightings("s_1")] == [
        ("officer", "what_if"),
        ("officer", "asked"),
    ]
    assert verify(house.records.database).entries == 5


@pytest.mark.parametrize("content", [b"", b"{}", b'{"amount": null, "grid": null}'])
def test_nothing_asked_is_the_request_as_it_was(house, officer, content):
    body = house.client.post(URL, content=content, headers=officer).json()
    assert body["asked"] == {
        "amount": 600.0,
        "term_days": 120,
        "frequency": "weekly",
        "savings": 0.0,
        "finishes_debt": False,
    }
    assert body["grid"] == []


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"amount": 0}, ["amount"]),
        ({"amount": "500"}, ["amount"]),
        ({"amount": 5000}, ["amount"]),
        ({"term_days": 30.5}, ["term_days"]),
        ({"frequency": "daily"}, ["frequency"]),
        ({"savings": -1}, ["savings"]),
        ({"finishes_debt": 1}, ["finishes_debt"]),
        ({"grid": {}}, ["grid.amounts", "grid.term_days"]),
        ({"grid": {"amounts": [], "term_days": [120]}}, ["grid.amounts"]),
        ({"grid": {"amounts": [200, "x", -3], "term_days": [120]}}, ["grid.amounts[1]", "grid.amounts[2]"]),
        ({"grid": {"amounts": [200], "term_days": [120], "rates": [1]}}, ["grid.rates"]),
        ({"grid": {"amounts": [200] * 201, "term_days": [120]}}, ["grid.amounts"]),
        ({"grid": {"amounts": [200] * 101, "term_days": [90, 120]}}, ["grid"]),
        ({"amount": "CANARY", "income": "CANARY", "grid": {"amounts": ["CANARY"]}, "frequency": "CANARY"}, None),
    ],
)
def test_every_fault_is_named_and_no_value_repeated(house, officer, body, fields):
    answer = house.client.post(URL, json=body, headers=officer)
    found = fields_at_fault(answer)
    assert found == (fields or ["amount", "frequency", "grid.amounts[0]", "grid.term_days", "income"])
    assert "CANARY" not in answer.text
    assert questions(house) == []


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"NaN", b'{"grid": ' * 300])
def test_what_is_no_object_is_said_to_be_none(house, officer, content):
    assert fields_at_fault(house.client.post(URL, content=content, headers=officer)) == ["body"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_no_number_that_is_none_gets_through(house, officer, number):
    answer = house.client.post(URL, content=f'{{"amount": {number}, "savings": {number}}}', headers=officer)
    assert answer.status_code == 422
    assert questions(house) == []


def test_the_member_asks_about_her_own_and_an_analyst_about_all(house, officer):
    herself, analyst = house.headers("member", "self", "M1"), house.headers("analyst", "all")
    assert house.client.post(URL, json={}, headers=herself).json()["point"]["pd"] == 0.0731
    assert house.client.post(URL, json={}, headers=analyst).status_code == 200
    other = house.client.post("/v1/scores/s_2/what-if", json={}, headers=herself)
    unknown = house.client.post("/v1/scores/s_99/what-if", json={}, headers=herself)
    assert other.status_code == unknown.status_code == 404
    assert other.content == unknown.content
    stranger = house.headers("officer", "branch", "S")
    assert house.client.post(URL, json={"amount": "x"}, headers=stranger).content == unknown.content


@pytest.mark.parametrize(("role", "kind", "scope"), OTHERS)
def test_whoever_could_read_her_income_off_the_edge_may_not_ask(house, officer, role, kind, scope):
    headers = house.headers(role, kind, scope)
    answers = {
        (answer.status_code, answer.content)
        for answer in (
            house.client.post(URL, json={}, headers=headers),
            house.client.post(URL, json={"amount": "x"}, headers=headers),
            house.client.post("/v1/scores/s_99/what-if", json={}, headers=headers),
        )
    }
    assert [status for status, _ in answers] == [403]
    assert questions(house) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(amount=st.floats(1, 2000), terms=st.lists(st.integers(1, 400), max_size=5), savings=st.floats(-10, 500))
def test_a_committee_is_told_the_same_whatever_the_facts_and_the_question(twins_of, amount, terms, savings):
    body = {"amount": amount, "savings": savings, "grid": {"amounts": [amount], "term_days": terms}}
    one, other = (house.client.post(URL, json=body, headers=headers) for house, headers in twins_of)
    assert one.status_code == other.status_code == 403
    assert (one.content, sorted(one.headers.items())) == (other.content, sorted(other.headers.items()))
    assert not re.search(CANARY, one.text)


@pytest.fixture
def twins_of(make_house):
    """Two houses that differ in everything outside the group's table, and a committee's token in each."""
    houses = make_house("plain"), make_house("canary", canary_desk())
    for house in houses:
        answer = house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
        assert answer.status_code == 201
    return [(house, house.headers("committee", "group", "B1")) for house in houses]


def test_a_browser_asks_from_an_open_page_only(house, officer):
    token, _ = house.access.grant("member", "self", "M1")
    house.client.get("/enter", params={"key": house.access.link(token)}, follow_redirects=False)
    word = csrf.word(house.client.cookies["riskscore_session"])
    for proof in ({}, {csrf.HEADER: "x"}, {csrf.HEADER: word, "Sec-Fetch-Site": "cross-site"}):
        assert house.client.post(URL, json={}, headers=proof).status_code == 403
    assert questions(house) == []
    assert house.client.post(URL, json={}, headers={csrf.HEADER: word}).status_code == 200


@pytest.mark.parametrize(
    ("error", "status"), [(ArtefactError, 409), (NotFound, 409), (Unreachable, 503)], ids=lambda one: str(one)
)
def test_a_model_that_is_not_at_hand_is_told(make_house, error, status):
    class Forgetful(PlainDesk):
        def what_if(self, record, otherwise, amounts, terms):
            raise error.of("version 2", "CANARY", "CANARY")

    house = make_house(desk=Forgetful())
    officer = house.headers("officer", "all")
    house.client.post("/v1/scores", json=BODY, headers=officer)
    answer = house.client.post(URL, json={}, headers=officer)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert "CANARY" not in answer.text


def test_the_same_question_under_the_same_key_is_answered_alike_and_on_record_once(house, officer):
    keyed = officer | {"Idempotency-Key": "k-1"}
    first = house.client.post(URL, json={"amount": 250}, headers=keyed)
    again = house.client.post(URL, content=b'{ "savings": 0.0, "amount": 250.0 }', headers=keyed)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    (kept,) = questions(house)
    assert kept["sent"]["key"] == f"POST {URL} k-1"
    assert verify(house.records.database).entries == 5  # two scores, two askings, one question
    assert [seen.action for seen in house.records.sightings("s_1")] == ["what_if", "asked"]


def test_another_question_under_the_same_key_is_refused(house, officer):
    keyed = officer | {"Idempotency-Key": "k-1"}
    assert house.client.post(URL, json={"amount": 250}, headers=keyed).status_code == 200
    other = house.client.post(URL, json={"amount": 251}, headers=keyed)
    assert (other.status_code, fields_at_fault(other)) == (422, ["Idempotency-Key"])
    assert len(questions(house)) == 1


def test_a_key_is_its_tokens_own_and_of_one_score(house, officer):
    key = {"Idempotency-Key": "k-1"}
    answers = [
        house.client.post(url, json={"amount": amount}, headers=headers | key).json()["what_if_id"]
        for url, amount, headers in (
            (URL, 250, officer),
            (URL, 251, house.headers("analyst", "all")),
            ("/v1/scores/s_2/what-if", 252, officer),
        )
    ]
    assert len(set(answers)) == len(questions(house)) == 3


@pytest.mark.parametrize("keys", [[""], ["a b"], ["k" * 201], ["k-1", "k-1"]])
def test_a_key_that_is_none_is_told_with_every_other_fault(house, officer, keys):
    headers = [*officer.items(), *(("Idempotency-Key", key) for key in keys)]
    answer = house.client.post(URL, json={"amount": 0}, headers=headers)
    assert fields_at_fault(answer) == ["Idempotency-Key", "amount"]
    assert questions(house) == []


def test_questions_without_a_key_are_each_on_record(house, officer):
    ids = {house.client.post(URL, json={"amount": 250}, headers=officer).json()["what_if_id"] for _ in range(2)}
    assert len(ids) == len(questions(house)) == 2


def test_a_keyed_question_on_an_erased_score_finds_nothing(house, officer):
    keyed = officer | {"Idempotency-Key": "k-1"}
    assert house.client.post(URL, json={}, headers=keyed).status_code == 200
    erase(house.records.database, "M1", reason="asked for by herself")
    assert house.client.post(URL, json={}, headers=keyed).status_code == 404


def test_what_was_erased_while_it_was_computed_is_neither_kept_nor_told(make_house):
    class Slow(PlainDesk):
        def what_if(self, record, otherwise, amounts, terms):
            erase(house.records.database, "M1", reason="asked for by herself")
            return super().what_if(record, otherwise, amounts, terms)

    house = make_house(desk=Slow())
    officer = house.headers("officer", "all")
    house.client.post("/v1/scores", json=BODY, headers=officer)
    assert house.client.post(URL, json={}, headers=officer).status_code == 404
    assert questions(house) == []
    assert verify(house.records.database).entries == 4  # score, access, erasure, refusal
