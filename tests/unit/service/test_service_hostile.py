"""What nobody sends by mistake: a clear refusal, nothing executed, nothing leaked, nothing in the log."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from typing import Any

import pytest
from markupsafe import escape

from riskscore.service import bounds
from riskscore.service.access import Place
from tests.unit.service.desks import BODY, PLACES, TestClient
from tests.unit.service.test_service_refusals import refusals

HOSTILE = [
    "'; DROP TABLE entries; --",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "${jndi:ldap://127.0.0.1/a}",
    "../../etc/passwd",
    "M1\x00",
    "M1\r\nSet-Cookie: a=b",
    "‮M1",
    "M\u030a1",
    "%s%n",
    "\ud83d",
    "9" * 79,
]

BODIES = {
    "deep list": b'{"subject": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "deep object": b'{"a":' * 2_500 + b"1" + b"}" * 2_500,
    "open brackets": b"[" * 16_000,
    "not a number": json.dumps(BODY | {"amount": float("nan")}).encode(),
    "infinity": json.dumps(BODY | {"amount": float("inf")}).encode(),
    "minus infinity": json.dumps(BODY | {"term_days": float("-inf")}).encode(),
    "beyond a float": json.dumps(BODY).replace("600.0", "1e999").encode(),
    "many digits": json.dumps(BODY).replace("120", "9" * 5_000).encode(),
    "latin-1": json.dumps(BODY | {"subject": "Ñ"}, ensure_ascii=False).encode("latin-1"),
    "utf-16": json.dumps(BODY).encode("utf-16"),
    "utf-8 with a mark": json.dumps(BODY).encode("utf-8-sig"),
    "half a surrogate": json.dumps(BODY | {"subject": "\ud83d"}).encode(),
    "overlong": b'{"subject": "\xc0\xaf"}',
    "a zero": b"\0",
    "a list": b"[]",
    "a text": b'"x"',
    "null": b"null",
    "two texts": json.dumps(BODY).encode() * 2,
    "a form": b"subject=M1&amount=600",
    "two amounts": json.dumps(BODY).encode()[:-1] + b', "amount": 300.0}',
    "two amounts, one of them none": b'{"amount": null, ' + json.dumps(BODY).encode()[1:],
    "compressed": gzip.compress(json.dumps(BODY).encode()),
}


@pytest.fixture
def officer(house):
    return house.headers("officer", "all")


@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_is_none_is_refused_by_its_field_or_as_a_whole(house, officer, case):
    answer = house.client.post("/v1/scores", content=BODIES[case], headers=officer)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]
    assert list(house.records.scores("member_default")) == []
    assert [one["status"] for one in refusals(house)] == [422]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_a_body_of_another_kind_is_not_guessed_at(house, officer, headers):
    answer = house.client.post("/v1/scores", content=json.dumps(BODY), headers=officer | headers)
    assert answer.status_code == 415


@pytest.mark.parametrize(("path", "kind"), [("/v1/scores", "application/json"), ("/login", "form-urlencoded")])
def test_a_programs_address_takes_json_and_a_pages_a_form(house, officer, path, kind):
    other = {"/v1/scores": {"data": BODY}, "/login": {"json": {}}}[path]
    answer = house.client.post(path, headers=officer, **other)
    assert answer.status_code == 415
    assert kind in answer.json()["detail"]


def test_a_charset_that_is_ours_is_none_of_another(house, officer):
    headers = officer | {"Content-Type": 'Application/JSON; charset="UTF-8"'}
    assert house.client.post("/v1/scores", content=json.dumps(BODY), headers=headers).status_code == 201


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_unknown_and_never_repeated(house, officer, text, caplog):
    with caplog.at_level(logging.DEBUG):
        asked = house.client.post("/v1/scores", content=json.dumps(BODY | {"subject": text}), headers=officer)
        assert asked.status_code in (404, 422)
        for field in ("recipe", "frequency", "purpose", "currency", "as_of"):
            answer = house.client.post("/v1/scores", content=json.dumps(BODY | {field: text}), headers=officer)
            assert answer.status_code == 422
            assert text not in answer.text
    assert text not in asked.text
    assert text not in "".join(one.getMessage() for one in caplog.records if one.name.startswith("riskscore"))
    assert text not in house.client.get("/metrics", headers=officer).text
    assert text not in json.dumps(refusals(house), ensure_ascii=False)


@pytest.mark.parametrize("name", ["<b>M1</b>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "'M1' & co"])
@pytest.mark.parametrize("role", ["officer", "committee"])
def test_markup_in_a_name_is_text_on_a_page(house, officer, monkeypatch, name, role):
    monkeypatch.setitem(PLACES, name, Place(name, "S1", "B1", "N"))
    assert house.client.post("/v1/scores", json=BODY | {"subject": name}, headers=officer).status_code == 201
    page = house.client.get("/scores/s_1", headers=house.headers(role, "group", "B1")).text
    assert str(escape(name)) in page
    assert name == escape(name) or name not in page


def test_another_groups_score_is_as_unknown_as_none(house, officer):
    house.client.post("/v1/scores", json=BODY, headers=officer)
    other = house.headers("committee", "group", "B9") | {"Idempotency-Key": "k"}
    for path in ("/v1/scores/{}", "/scores/{}", "/v1/scores/{}/decisions/d_0"):
        found, unknown = (house.client.get(path.format(name), headers=other) for name in ("s_1", "s_2"))
        for answer in (found, unknown):
            assert answer.headers.pop("x-request-id")  # of its own for every request
        assert (found.status_code, found.content, found.headers) == (404, unknown.content, unknown.headers)
    post = [house.client.post(f"/v1/scores/{name}/decisions", json={}, headers=other) for name in ("s_1", "s_2")]
    assert (post[0].status_code, post[0].content) == (404, post[1].content)


def test_what_is_longer_than_anything_of_ours_is_not_read(house, officer):
    long = "x" * bounds.LONGEST_ADDRESS
    for headers in (officer, {}):
        assert house.client.get(f"/v1/scores/{long}", headers=headers).status_code == 414
        assert house.client.get(f"/login?next=/{long}", headers=headers).status_code == 414
        wide = {"X-Long": "x" * bounds.LONGEST_HEADERS}
        answer = house.client.get("/v1/scores/s_1", headers=headers | wide)
        assert (answer.status_code, answer.headers["content-type"]) == (431, "application/problem+json")
        many = {f"X-{number}": "" for number in range(bounds.MOST_HEADERS)}
        assert house.client.get("/v1/scores/s_1", headers=headers | many).status_code == 431
    house.service.refusals.flush()
    assert {one["status"]: one["times"] for one in refusals(house)[-1]["refused"]} == {414: 4, 431: 4}


def test_a_body_that_never_ends_is_not_waited_for(house, monkeypatch):
    monkeypatch.setattr("riskscore.service.answers.SLOWEST_BODY", 0.01)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(3600)
        raise AssertionError("it was waited for")

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/scores",
        "raw_path": b"/v1/scores",
        "query_string": b"",
        "headers": [(b"authorization", house.headers("officer", "all")["Authorization"].encode())],
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 80),
        "scheme": "http",
        "root_path": "",
    }
    asyncio.run(house.service.app()(scope, receive, send))
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


def test_a_body_that_breaks_off_is_no_failure_of_ours(house, caplog):
    """A telephone that lost its line: were it a 500, whoever opens connections could wake up those on call."""
    sent: list[dict[str, Any]] = []
    came = iter([{"type": "http.request", "body": b"to", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> dict[str, Any]:
        return next(came)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/login",
        "raw_path": b"/login",
        "query_string": b"",
        "headers": [(b"content-type", b"application/x-www-form-urlencoded")],
        "client": ("127.0.0.1", 1),
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
    }
    with caplog.at_level(logging.WARNING):
        asyncio.run(house.service.app()(scope, receive, send))
    assert sent[0]["status"] == 408
    assert not [one for one in caplog.records if one.name.startswith("riskscore")]


@pytest.mark.parametrize("sent", ["a" * 9_000, "ñ", "\t", "rs_" + "'" * 40, "a.b", "....", "null", "Bearer Bearer x"])
def test_a_forged_token_is_refused_whatever_it_looks_like(house, sent):
    for headers in ({"Authorization": f"Bearer {sent}".encode()}, {"Cookie": f"riskscore_session={sent}".encode()}):
        assert house.client.get("/v1/scores/s_1", headers=headers).status_code == 401


def test_log_metrics_and_records_hold_no_word_of_what_was_refused(house, officer, caplog):
    canary = "CANARY7777"
    client: TestClient = house.client
    with caplog.at_level(logging.DEBUG):
        client.post("/v1/scores", json=BODY | {"subject": canary, canary: canary}, headers=officer)
        client.post("/v1/scores", content=canary * 5_000, headers=officer)
        client.post("/v1/scores", content=canary, headers=officer | {"Content-Type": canary})
        client.get(f"/v1/scores/{canary}?{canary}={canary}", headers=officer)
        client.get(f"/v1/scores/{canary}", headers={"Authorization": f"Bearer {canary}"})
        client.get(f"/{canary}")
        client.request(canary, "/v1/scores", headers=officer)
        client.get(f"/enter?key={canary}&next=/{canary}")
        client.post("/login", data={"token": canary, "next": canary, "csrf_token": canary})
        client.get("/scores/x", headers={"Cookie": f"riskscore_session={canary}", "Accept": "text/html"})
        client.post(f"/sessions/{canary}/end", data={canary: canary}, headers=officer)
        client.get("/", headers={"X-Forwarded-For": canary, "User-Agent": canary, "Accept-Language": canary})
    house.service.refusals.flush()
    assert len(refusals(house)) > 3
    ours = "\n".join(one.getMessage() for one in caplog.records if one.name.startswith("riskscore"))
    assert ours
    for text in (ours, client.get("/metrics", headers=officer).text, json.dumps(refusals(house))):
        assert canary not in text
