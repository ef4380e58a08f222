"""Tokens, one-time links, sessions."""

from __future__ import annotations

import re
import sqlite3
from datetime import timedelta

import pytest

from riskscore.errors import InvalidInput, NotFound
from riskscore.service.access import Grant, Place
from riskscore.service.routes.browser import safe_next
from tests.unit.service.desks import BODY

PLACE = Place("M1", "S1", "B1", "N")


@pytest.mark.parametrize(
    ("kind", "scope_id", "reached"),
    [
        ("all", None, True),
        ("branch", "N", True),
        ("branch", "S", False),
        ("group", "S1", True),
        ("group", "B1", True),
        ("group", "N", False),
        ("self", "M1", True),
        ("self", "B1", False),
        ("group", None, False),
    ],
)
def test_a_scope_reaches(kind, scope_id, reached):
    assert Grant("t", "officer", kind, scope_id).reaches(PLACE) is reached


def test_someone_without_a_group_is_in_no_groups_scope():
    assert not Grant("t", "committee", "group", None).reaches(Place("M1", None, None, "N"))


@pytest.mark.parametrize(
    ("role", "kind", "scope_id", "places"),
    [
        ("boss", "all", None, ["role"]),
        ("committee", "all", None, ["scope"]),
        ("member", "self", None, ["scope"]),
        ("committee", "branch", None, ["scope", "scope"]),
    ],
)
def test_role_and_scope_must_go_together(house, role, kind, scope_id, places):
    with pytest.raises(InvalidInput) as caught:
        house.access.grant(role, kind, scope_id)
    assert [fault.where for fault in caught.value.faults] == places


def test_the_database_holds_no_token_key_or_cookie(house, tmp_path):
    token, _ = house.access.grant("officer", "all")
    key = house.access.link(token)
    cookie = house.sessions.enter(key)
    with sqlite3.connect(tmp_path / "one" / "records.db") as raw:
        dump = "\n".join(raw.iterdump())
    for secret in (token, key, cookie):
        assert secret not in dump
        assert secret.removeprefix("rs_") not in dump


def test_the_database_is_for_its_owner_alone(house, tmp_path):
    assert (tmp_path / "one" / "records.db").stat().st_mode & 0o777 == 0o600


def test_nobody_without_a_valid_token_is_answered(house):
    token, given = house.access.grant("officer", "all")
    expired, _ = house.access.grant("officer", "all", valid_for=timedelta(seconds=-1))
    cases = [{}, {"Authorization": "Bearer no"}, {"Authorization": f"Basic {token}"}, {"Authorization": "Bearer"}]
    cases.append({"Authorization": f"Bearer {expired}"})
    for headers in cases:
        for method, path in [
            ("POST", "/v1/scores"),
            ("GET", "/v1/scores/x"),
            ("GET", "/metrics"),
            ("GET", "/scores/x"),
        ]:
            answer = house.client.request(method, path, headers=headers)
            assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
            assert answer.headers["www-authenticate"] == "Bearer"
    good = {"Authorization": f"Bearer {token}"}
    assert house.client.post("/v1/scores", json=BODY, headers=good).status_code == 201
    house.access.revoke(given.token_id)
    assert house.client.post("/v1/scores", json=BODY, headers=good).status_code == 401
    with pytest.raises(NotFound):
        house.access.revoke("t_unknown")


def test_list_names_every_token_and_when_it_ended(house):
    _, first = house.access.grant("officer", "branch", "N")
    _, second = house.access.grant("auditor", "all", "ignored")
    house.access.revoke(first.token_id)
    found = {given.token_id: given for given in house.access.list()}
    assert list(found) == [first.token_id, second.token_id]
    assert found[first.token_id].revoked_at is not None
    assert found[second.token_id].scope_id is None


@pytest.fixture
def entered(house):
    token, given = house.access.grant("officer", "all")
    score_id = house.client.post("/v1/scores", json=BODY, headers={"Authorization": f"Bearer {token}"}).json()[
        "score_id"
    ]
    key = house.access.link(token)
    return house, token, given, key, f"/scores/{score_id}"


def test_a_link_works_once(entered):
    house, _, _, key, page = entered
    before = house.client.get(page)
    assert before.status_code == 401
    answer = house.client.get(f"/enter?key={key}&next={page}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert key not in cookie
    assert house.client.get(page).status_code == 200
    # Whoever opens the link again without the session is not let in; the one who has it is led on.
    assert house.client.get(f"/enter?key={key}&next={page}", follow_redirects=False).status_code == 303
    house.client.cookies.clear()
    assert house.client.get(f"/enter?key={key}&next={page}", follow_redirects=False).status_code == 401


def test_a_preview_does_not_use_a_link_up(entered):
    house, _, _, key, page = entered
    assert house.client.head(f"/enter?key={key}&next={page}").status_code == 200
    assert house.client.get(f"/enter?key={key}&next={page}", follow_redirects=False).status_code == 303


def test_a_link_opened_from_another_site_is_led_on_by_a_page_of_ours(entered):
    house, _, _, key, page = entered
    answer = house.client.get(
        f"/enter?key={key}&next={page}", headers={"Sec-Fetch-Site": "cross-site"}, follow_redirects=False
    )
    assert answer.status_code == 200
    assert f'content="0; url={page}"' in answer.text
    assert house.client.get(page).status_code == 200


def test_links_and_sessions_end_with_their_token(entered):
    house, token, given, key, page = entered
    house.client.get(f"/enter?key={key}&next={page}")
    unused = house.access.link(token)
    house.access.revoke(given.token_id)
    assert house.client.get(page).status_code == 401
    assert house.sessions.enter(unused) is None
    with pytest.raises(NotFound):
        house.access.link(token)


def test_a_link_expires(house):
    token, _ = house.access.grant("officer", "all")
    assert house.sessions.enter(house.access.link(token, valid_for=timedelta(seconds=-1))) is None


def test_leaving_ends_the_session(entered):
    house, _, _, key, page = entered
    house.client.get(f"/enter?key={key}&next={page}")
    assert house.client.post("/leave").status_code == 403  # another site's button
    word = re.search(r'name="csrf_token" value="([0-9a-f]{128})"', house.client.get(page).text)[1]
    answer = house.client.post("/leave", data={"csrf_token": word}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert house.client.get(page).status_code == 401


def test_a_cookie_alone_opens_pages_and_asks_for_no_score(entered):
    house, _, _, key, page = entered
    house.client.get(f"/enter?key={key}&next={page}")
    assert house.client.get(page).status_code == 200
    assert house.client.post("/v1/scores", json=BODY).status_code == 403


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/scores/s_1?lang=en", "/scores/s_1?lang=en"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("/\t/elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
        ("scores/s_1", "/"),
        ("", "/"),
        ("//[", "/"),
        ("/scores/s_1\r\nSet-Cookie: a=b", "/"),
    ],
)
def test_a_link_leads_nowhere_but_here(asked, led):
    assert safe_next(asked) == led


def test_a_slash_too_many_is_not_led_to_the_host_that_the_request_names(house):
    answer = house.client.get("/v1/scores/", headers={"Host": "elsewhere.example"}, follow_redirects=False)
    assert answer.status_code == 404
    assert "location" not in answer.headers
