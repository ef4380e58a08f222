"""A whole meeting at once: in order, all or nothing, every fault of every row; and whatever is sent twice."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskscore.service.database import TOKENS
from riskscore.service.erasure import erase, export
from riskscore.service.verification import verify
from tests.unit.service.desks import BODY, House
from tests.unit.service.test_service_scores import PROBLEM, fields_at_fault
from tests.unit.service.worlds import canary_desk

URL = "/v1/scores/batch"
KEY = {"Idempotency-Key": "5f0c2f4e-3b1d"}
MEETING = {"requests": [BODY, BODY | {"subject": "M2", "amount": 400.0}, BODY | {"amount": 200.0}]}


def on_record(house: House) -> list[tuple[str, float]]:
    return [(one.place.subject, one.request["amount"]) for one in house.records.scores("member_default")]


@pytest.fixture
def officer(house: House) -> dict[str, str]:
    return house.headers("officer", "branch", "N")


def test_a_meeting_is_answered_in_order_and_each_score_is_on_record(house, officer):
    answer = house.client.post(URL, json=MEETING, headers=officer)
    assert answer.status_code == 201, answer.text
    scores = answer.json()["scores"]
    assert [(one["score_id"], one["subject"], one["request"]["amount"]) for one in scores] == [
        ("s_1", "M1", 600.0),
        ("s_2", "M2", 400.0),
        ("s_3", "M1", 200.0),
    ]
    for one in scores:
        assert house.client.get(f"/v1/scores/{one['score_id']}", headers=officer).json() == one
    assert verify(house.records.database).entries == 9  # each score, that it was asked for, and read
    assert {seen.action for seen in house.records.sightings("s_2")} == {"asked", "read"}


def test_one_fault_and_nothing_is_kept_and_all_are_named(house, officer):
    rows = [
        BODY,
        BODY | {"amount": -1, "currency": "USD"},
        {"subject": "M1"},
        BODY | {"as_of": "2026-01-15", "nickname": "CANARY", "purpose": "CANARY"},
    ]
    answer = house.client.post(URL, json={"requests": rows}, headers=officer)
    assert fields_at_fault(answer) == [
        "requests[1].amount",
        "requests[1].currency",
        *(f"requests[2].{name}" for name in ("amount", "currency", "frequency", "other_active_loans", "purpose")),
        *(f"requests[2].{name}" for name in ("recipe", "term_days")),
        "requests[3].nickname",
        "requests[3].purpose",
        "requests[3].as_of",
    ]
    assert "CANARY" not in answer.text
    assert on_record(house) == []


def test_whoever_is_out_of_reach_is_as_unknown_as_nobody_and_the_rest_is_named_too(house, officer):
    answers = [
        house.client.post(URL, json={"requests": [BODY | {"amount": 0}, BODY | {"subject": who}]}, headers=officer)
        for who in ("M9", "nobody")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    fields = [error["field"] for error in answers[0].json()["errors"]]
    assert fields == ["requests[0].amount", "requests[1].subject"]
    assert on_record(house) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b'{"requests": []}', b'{"requests": 5}', json.dumps({"requests": [BODY] * 101}).encode()],
)
def test_a_meeting_has_requests_and_not_too_many(house, officer, content):
    assert fields_at_fault(house.client.post(URL, content=content, headers=officer)) == ["requests"]


@pytest.mark.parametrize("content", [b"[]", b"{", b'{"requests": [NaN', b"\xff"])
def test_what_is_no_object_is_said_to_be_none(house, officer, content):
    assert fields_at_fault(house.client.post(URL, content=content, headers=officer)) == ["body"]


def test_a_row_that_is_no_object_is_named_by_its_place(house, officer):
    assert fields_at_fault(house.client.post(URL, json={"requests": [BODY, 5]}, headers=officer)) == ["requests[1]"]


def test_a_body_longer_than_a_meeting_is_not_read(house, officer):
    assert house.client.post(URL, content=b" " * 131_073, headers=officer).status_code == 413
    full = {"requests": [BODY] * 100}
    assert len(house.client.post(URL, json=full, headers=officer).json()["scores"]) == 100


@pytest.mark.parametrize("role", [("committee", "group", "B1"), ("member", "self", "M1"), ("auditor", "all", None)])
def test_who_may_not_ask_for_one_may_not_ask_for_many_whatever_the_facts(make_house, role):
    answers = set()
    for name, desk in (("plain", None), ("canary", canary_desk())):
        house = make_house(name, desk)
        headers = house.headers(*role)
        for body in (MEETING, {}, {"requests": [BODY | {"subject": "nobody"}]}):
            answer = house.client.post(URL, json=body, headers=headers | KEY)
            answers.add((answer.status_code, answer.content))
        assert on_record(house) == []
    assert [status for status, _ in answers] == [403]


def test_none_is_kept_when_one_cannot_be(house, officer, monkeypatch):
    names = iter(["s_1", "s_2", "s_2"])
    object.__setattr__(house.service, "new_id", lambda: next(names))
    answer = house.client.post(URL, json=MEETING, headers=officer)
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert on_record(house) == []


# -- keys -------------------------------------------------------------------------------------------------------------


def test_a_meeting_sent_twice_is_on_record_once(house, officer):
    first = house.client.post(URL, json=MEETING, headers=officer | KEY)
    spaced = json.dumps({"requests": [row | {"as_of": None} for row in MEETING["requests"]]}, indent=4).encode()
    for content in (json.dumps(MEETING).encode(), spaced):  # what it says counts, not how it is written
        again = house.client.post(URL, content=content, headers=officer | KEY)
        assert (again.status_code, again.json()) == (201, first.json())
    assert len(on_record(house)) == 3


def test_a_request_sent_twice_is_on_record_once_and_answered_alike(house, officer):
    first = house.client.post("/v1/scores", json=BODY, headers=officer | KEY)
    assert first.status_code == 201
    again = house.client.post("/v1/scores", json=BODY, headers=officer | KEY)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["location"] == first.headers["location"]
    without = house.client.post("/v1/scores", json=BODY, headers=officer)
    assert without.json()["score_id"] != first.json()["score_id"]
    assert len(on_record(house)) == 2


def test_it_is_answered_although_the_portfolio_has_moved_on(house, officer):
    first = house.client.post("/v1/scores", json=BODY, headers=officer | KEY)
    house.source.held.answer["pd"] = 0.5
    object.__setattr__(house.source.held, "place", lambda _: None)
    assert house.client.post("/v1/scores", json=BODY, headers=officer | KEY).json() == first.json()


@pytest.mark.parametrize(
    ("url", "body", "other"),
    [
        ("/v1/scores", BODY, BODY | {"amount": 500.0}),
        ("/v1/scores", BODY, BODY | {"as_of": "2026-01-15"}),
        (URL, MEETING, {"requests": MEETING["requests"][:2]}),
        (URL, MEETING, {"requests": MEETING["requests"][::-1]}),
    ],
)
def test_a_key_with_another_body_is_refused(house, officer, url, body, other):
    house.client.post(url, json=body, headers=officer | KEY)
    before = on_record(house)
    assert fields_at_fault(house.client.post(url, json=other, headers=officer | KEY)) == ["Idempotency-Key"]
    assert on_record(house) == before


def test_a_key_is_the_tokens_own_and_of_one_route(house, officer):
    other = house.headers("officer", "all")
    names = [
        house.client.post("/v1/scores", json=BODY, headers=officer | KEY).json()["score_id"],
        house.client.post("/v1/scores", json=BODY, headers=other | KEY).json()["score_id"],
        house.client.post(URL, json={"requests": [BODY]}, headers=officer | KEY).json()["scores"][0]["score_id"],
    ]
    assert len(set(names)) == 3


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "é".encode("latin-1")])
def test_a_key_that_is_none_is_named_with_the_rest(house, officer, key):
    headers = officer | {"Idempotency-Key": key}
    for url, body, fields in (("/v1/scores", BODY, ["amount"]), (URL, {"requests": [BODY]}, ["requests[0].amount"])):
        row = BODY | {"amount": -1}
        wrong = row if url != URL else {"requests": [row]}
        assert fields_at_fault(house.client.post(url, json=body, headers=headers)) == ["Idempotency-Key"]
        assert fields_at_fault(house.client.post(url, json=wrong, headers=headers)) == ["Idempotency-Key", *fields]


def test_what_was_erased_is_not_scored_again_by_sending_it_again(house, officer):
    house.client.post(URL, json=MEETING, headers=officer | KEY)
    house.client.post("/v1/scores", json=BODY, headers=officer | KEY)
    erase(house.records.database, "M1", reason="asked for by herself")
    assert house.client.post("/v1/scores", json=BODY, headers=officer | KEY).status_code == 404
    assert house.client.post(URL, json=MEETING, headers=officer | KEY).status_code == 404
    assert on_record(house) == [("M2", 400.0)]


def test_what_a_meeting_keeps_of_each_says_nothing_of_the_others(make_house):
    """Nor of who was erased: what she asked for could be guessed, and held against a digest over all rows."""
    kept = []
    for name, hers in (("one", 0), ("other", 3)):
        house = make_house(name)
        meeting = {"requests": [BODY, BODY | {"subject": "M2", "other_active_loans": hers, "amount": 400.0 + hers}]}
        token, _ = house.access.grant("officer", "all")
        with house.records.database.write() as connection:  # the same token in both
            connection.execute(TOKENS.update().values(token_id="t_1"))
        answer = house.client.post(URL, json=meeting, headers={"Authorization": f"Bearer {token}"} | KEY)
        assert answer.status_code == 201
        (score, *_) = export(house.records.database, "M1")["records"]
        assert score["content"]["sent"]["of"] == 2
        kept.append((score["score_id"], score["content"]["sent"]))
    assert kept[0] == kept[1]


def test_the_same_sent_by_several_at_once_is_written_once(house, officer):
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: house.client.post(URL, json=MEETING, headers=officer | KEY), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert len(on_record(house)) == 3
    verify(house.records.database)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(st.sampled_from(["M1", "M2"]), st.integers(100, 1000)), min_size=1, max_size=6))
def test_whatever_the_meeting_its_rows_come_back_in_order(house, rows):
    officer = house.headers("officer", "branch", "N")
    body = {"requests": [BODY | {"subject": subject, "amount": amount} for subject, amount in rows]}
    scores = house.client.post(URL, json=body, headers=officer).json()["scores"]
    assert [(one["subject"], one["request"]["amount"]) for one in scores] == rows
