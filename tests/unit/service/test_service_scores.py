"""Asking for a score, and asking for it again."""

from __future__ import annotations

import pytest

from riskscore.errors import InvalidInput
from riskscore.service.facts import LONGEST_WITH_FACTS
from tests.unit.service.desks import BODY, House, PlainDesk

PROBLEM = "application/problem+json"


def fields_at_fault(answer) -> list[str]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == PROBLEM
    body = answer.json()
    assert all(error["message"] and error["remedy"] for error in body["errors"])
    return [error["field"] for error in body["errors"]]


@pytest.fixture
def officer(house: House) -> dict[str, str]:
    return house.headers("officer", "branch", "N")


def test_a_score_is_written_down_before_it_is_answered(house, officer):
    answer = house.client.post("/v1/scores", json=BODY, headers=officer)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["score_id"], body["pd"], body["grade"]) == ("s_1", 0.0731, "C")
    assert answer.headers["location"] == "/v1/scores/s_1"
    kept = house.records.get("s_1")
    assert kept.score["pd"] == 0.0731
    assert kept.values["business_revenue"] == 913.0
    assert [(seen.role, seen.action) for seen in house.records.sightings("s_1")] == [("officer", "asked")]
    again = house.client.get("/v1/scores/s_1", headers=officer)
    assert again.status_code == 200
    assert again.json() == body
    assert [seen.action for seen in house.records.sightings("s_1")] == ["read", "asked"]


def test_no_score_is_answered_that_could_not_be_written(make_house):
    house = make_house()

    def fail(*_):
        raise OSError("disk full at 913.0")

    object.__setattr__(house.service.records, "append_all", fail)
    answer = house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    assert answer.status_code == 500
    assert answer.headers["content-type"] == PROBLEM
    assert "disk" not in answer.text


def test_an_empty_body_names_every_field(house, officer):
    expected = ["amount", "currency", "frequency", "other_active_loans", "purpose", "recipe", "subject", "term_days"]
    assert fields_at_fault(house.client.post("/v1/scores", content=b"", headers=officer)) == expected
    assert fields_at_fault(house.client.post("/v1/scores", json={}, headers=officer)) == expected


def test_faults_of_the_body_and_of_the_portfolio_come_at_once(house, officer):
    body = BODY | {"amount": -5, "currency": "USD", "as_of": "2031-01-01", "nickname": "x", "frequency": "bimonthly"}
    del body["other_active_loans"]
    assert fields_at_fault(house.client.post("/v1/scores", json=body, headers=officer)) == [
        "amount",
        "as_of",
        "currency",
        "frequency",
        "nickname",
        "other_active_loans",
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": 50}, "amount"),
        ({"amount": 5000}, "amount"),
        ({"amount": "600"}, "amount"),
        ({"amount": True}, "amount"),
        ({"currency": "BOB"}, "currency"),
        ({"currency": "soles"}, "currency"),
        ({"as_of": "2026-02-01T00:00:01"}, "as_of"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"term_days": 0}, "term_days"),
        ({"term_days": 30.5}, "term_days"),
        ({"purpose": "health"}, "purpose"),
        ({"recipe": "group_default"}, "recipe"),
        ({"other_active_loans": -1}, "other_active_loans"),
        ({"other_active_loans": None}, "other_active_loans"),
        ({"income": 900}, "income"),
    ],
)
def test_each_fault_is_named(house, officer, change, field):
    assert fields_at_fault(house.client.post("/v1/scores", json=BODY | change, headers=officer)) == [field]


@pytest.mark.parametrize("content", [b"{", b"[]", b'"text"', b"\xff\xfe", b"null"])
def test_a_body_that_is_no_object_is_said_to_be_none(house, officer, content):
    assert fields_at_fault(house.client.post("/v1/scores", content=content, headers=officer)) == ["body"]


def test_a_body_too_long_is_not_read(house, officer):
    answer = house.client.post("/v1/scores", content=b" " * (LONGEST_WITH_FACTS + 1), headers=officer)
    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)
    # Only who may ask is read at such length.
    stranger = house.client.post("/v1/scores", content=b" " * 20_000)
    assert stranger.status_code == 401


def test_a_moment_with_an_offset_is_read_in_the_institutions_zone(house, officer):
    """Midnight of 1 February in Lima is 05:00 in Greenwich: not a moment later than the data."""
    early = house.client.post("/v1/scores", json=BODY | {"as_of": "2026-02-01T05:00:00Z"}, headers=officer)
    assert (early.status_code, early.json()["as_of"]) == (201, "2026-02-01T00:00:00")
    late = house.client.post("/v1/scores", json=BODY | {"as_of": "2026-02-01T05:00:01Z"}, headers=officer)
    assert fields_at_fault(late) == ["as_of"]


def test_faults_never_repeat_what_was_sent(house, officer):
    body = BODY | {"amount": "CANARY-1", "currency": "CANARY-2", "as_of": "CANARY-3", "frequency": "CANARY-4"}
    assert "CANARY" not in house.client.post("/v1/scores", json=body, headers=officer).text


def test_unknown_and_out_of_scope_are_one_answer(house, officer):
    other = house.client.post("/v1/scores", json=BODY | {"subject": "M9"}, headers=house.headers("officer", "all"))
    assert other.status_code == 201
    score_id = other.json()["score_id"]
    pairs = [
        (
            house.client.post("/v1/scores", json=BODY | {"subject": "M9"}, headers=officer),
            house.client.post("/v1/scores", json=BODY | {"subject": "nobody"}, headers=officer),
        ),
        (
            house.client.get(f"/v1/scores/{score_id}", headers=officer),
            house.client.get("/v1/scores/s_unknown", headers=officer),
        ),
        (house.client.get(f"/scores/{score_id}", headers=officer), house.client.get("/scores/xx", headers=officer)),
        (
            house.client.get(f"/scores/{score_id}", headers=officer | {"Accept": "text/html"}),
            house.client.get("/scores/xx", headers=officer | {"Accept": "text/html"}),
        ),
    ]
    for outside, unknown in pairs:
        assert outside.status_code == unknown.status_code == 404
        assert outside.content == unknown.content
        assert outside.headers == unknown.headers
    assert pairs[0][0].content == pairs[1][0].content == house.client.get("/no/such/route").content


def test_roles_without_the_right_are_refused_whatever_they_ask_for(house, officer):
    house.client.post("/v1/scores", json=BODY, headers=officer)
    for role, scope in [("committee", "group"), ("auditor", "all"), ("member", "self"), ("board", "organisation")]:
        headers = house.headers(role, scope, None if scope == "all" else "B1")
        assert house.client.post("/v1/scores", json=BODY, headers=headers).status_code == 403
    for role, scope in [("board", "organisation"), ("lender", "branch"), ("assistant", "group")]:
        headers = house.headers(role, scope, "N" if scope == "branch" else "B1")
        answers = [house.client.get(path, headers=headers) for path in ("/v1/scores/s_1", "/v1/scores/unknown")]
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].content == answers[1].content
        assert house.client.get("/metrics", headers=headers).status_code == 403


def test_methods_and_addresses_that_do_not_exist_are_problems_too(house, officer):
    wrong = house.client.put("/v1/scores", headers=officer)
    assert (wrong.status_code, wrong.headers["content-type"]) == (405, PROBLEM)
    assert house.client.get("/schema.json").headers["content-type"] == PROBLEM


def test_a_desk_that_says_no_is_a_422_and_one_that_breaks_says_nothing(make_house, caplog):
    class Picky(PlainDesk):
        def score(self, fields, as_of):
            raise InvalidInput.of("term_days", "Too long for this product.", "Ask for less.")

    class Broken(PlainDesk):
        def score(self, fields, as_of):
            raise ZeroDivisionError("income was CANARY")

    picky = make_house("picky", Picky())
    assert fields_at_fault(picky.client.post("/v1/scores", json=BODY, headers=picky.headers("officer", "all")))
    broken = make_house("broken", Broken())
    answer = broken.client.post("/v1/scores", json=BODY, headers=broken.headers("officer", "all"))
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert "ZeroDivisionError" in caplog.text
    assert "CANARY" not in caplog.text + answer.text
