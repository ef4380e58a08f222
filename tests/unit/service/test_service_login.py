"""Signing in on a page, the sessions it opens, and the way out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from riskscore.service.access import Access, Grant
from riskscore.service.callers import SESSION_COOKIE
from riskscore.service.database import SESSIONS, stamp
from riskscore.service.oidc.keys import Keys
from riskscore.service.oidc.provider import Provider
from riskscore.service.oidc.settings import read_provider
from riskscore.service.routes.login import LOGIN_COOKIE
from riskscore.service.sessions import Sessions
from tests.unit.service.desks import BODY, TestClient
from tests.unit.service.providers import TOML, served, token
from tests.unit.service.test_service_refusals import refusals

HTML = {"Accept": "text/html,application/xhtml+xml"}


def word_of(text: str) -> str:
    return re.search(r'name="csrf_token" value="([0-9a-f]{128})"', text)[1]


def sign_in(house, secret: str, target: str = "/", client: TestClient | None = None, **changes: str):
    browser = client or house.client
    form = browser.get("/login", params={"next": target}, headers=HTML)
    fields = {"csrf_token": word_of(form.text), "token": secret, "next": target} | changes
    return browser.post("/login", data=fields, headers=HTML, follow_redirects=False)


@pytest.fixture
def officer(house):
    token, given = house.access.grant("officer", "all")
    house.client.post("/v1/scores", json=BODY, headers={"Authorization": f"Bearer {token}"})
    return token, given


def test_a_page_leads_to_the_form_and_the_form_back_to_the_page(house, officer):
    asked = house.client.get("/scores/s_1?lang=en", headers=HTML, follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=/scores/s_1%3Flang%3Den")
    form = house.client.get(asked.headers["location"], headers=HTML)
    assert form.status_code == 200
    assert 'name="next" value="/scores/s_1?lang=en"' in form.text
    cookie = form.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    answer = sign_in(house, f"  {officer[0]}\n", "/scores/s_1?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/scores/s_1?lang=en")
    cookies = answer.headers.get_list("set-cookie")
    session = next(one for one in cookies if one.startswith(SESSION_COOKIE)).lower()
    assert "httponly" in session
    assert "samesite=strict" in session
    assert "secure" not in session
    assert any(one.startswith(f'{LOGIN_COOKIE}=""') for one in cookies)
    assert officer[0] not in str(cookies)
    assert house.client.get("/scores/s_1", headers=HTML).status_code == 200
    led_on = house.client.get("/login?next=/scores/s_1", headers=HTML, follow_redirects=False)
    assert (led_on.status_code, led_on.headers["location"]) == (303, "/scores/s_1")


def test_behind_tls_the_cookies_are_for_tls_alone(make_house):
    house = make_house(secure_cookies=True)
    client = TestClient(house.service.app(), base_url="https://testserver")
    secret, _ = house.access.grant("officer", "all")
    assert "Secure" in client.get("/login").headers["set-cookie"]
    assert all("Secure" in one for one in sign_in(house, secret, client=client).headers.get_list("set-cookie"))


def test_a_program_is_answered_401_and_never_a_form(house):
    for path, headers in (("/scores/s_1", {}), ("/v1/scores/s_1", HTML), ("/scores/s_1", {"Accept": "*/*"})):
        answer = house.client.get(path, headers=headers, follow_redirects=False)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_every_wrong_key_is_answered_the_same(house, officer):
    revoked, given = house.access.grant("officer", "all")
    house.access.revoke(given.token_id)
    expired, _ = house.access.grant("officer", "all", valid_for=timedelta(seconds=-1))
    form = house.client.get("/login", headers=HTML).text
    word = word_of(form)
    pages = [
        house.client.post("/login", data={"csrf_token": word, "token": wrong}, headers=HTML).text
        for wrong in (
            revoked,
            expired,
            "rs_nobody",
            "",
            "a.b.c",
            officer[0][:-1],
            "<script>alert(1)</script>",
            "ñ" * 99,
        )
    ]
    answers = {page.replace(word_of(page), "") for page in pages}  # the word is another one on every page
    assert len(answers) == 1
    text = answers.pop()
    assert "Con esta clave no se puede entrar." in text
    assert 'role="alert"' in text
    assert "script" not in text
    assert len(house.sessions.list()) == 0
    house.service.refusals.flush()
    assert {(one["status"], one["reason"]): one["times"] for one in refusals(house)[-1]["refused"]} == {
        (401, "unknown"): 6,
        (401, "revoked"): 1,
        (401, "expired"): 1,
    }


def test_guessing_is_slowed_down(house, officer):
    answers = [sign_in(house, f"rs_{number}") for number in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 6
    assert "Demasiados intentos" in answers[-1].text
    assert sign_in(house, officer[0]).status_code == 429  # the right one, too, has to wait


def test_what_another_site_sends_is_no_attempt_of_hers(house, officer):
    for _ in range(11):
        answer = house.client.post("/login", data={"token": "rs_x"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
    assert sign_in(house, officer[0]).status_code == 303


@pytest.mark.parametrize("case", ["no word", "another word", "no cookie", "another site", "a session's word"])
def test_another_site_signs_nobody_in(house, officer, case):
    form = house.client.get("/login", headers=HTML)
    word, headers = word_of(form.text), dict(HTML)
    if case == "no word":
        word = ""
    elif case == "another word":
        word = word_of(TestClient(house.service.app()).get("/login").text)
    elif case == "no cookie":
        house.client.cookies.clear()
    elif case == "another site":
        headers["Sec-Fetch-Site"] = "cross-site"
    else:
        house.client.cookies.set(LOGIN_COOKIE, "")
    answer = house.client.post("/login", data={"csrf_token": word, "token": officer[0]}, headers=headers)
    assert answer.status_code == 403
    assert house.sessions.list() == ()


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "/a\r\nSet-Cookie: x=y"]
)
def test_signing_in_leads_nowhere_else(house, officer, target):
    form = house.client.get("/login", params={"next": target}, headers=HTML)
    assert 'name="next" value="/"' in form.text
    answer = sign_in(house, officer[0], next=target)
    assert answer.headers["location"] == "/"
    assert "x=y" not in str(answer.headers)


def test_every_page_of_a_session_has_the_way_out(house, officer):
    with_token = house.client.get("/scores/s_1", headers={"Authorization": f"Bearer {officer[0]}"})
    assert "/leave" not in with_token.text
    sign_in(house, officer[0])
    for path in ("/scores/s_1", "/scores/unknown", "/sessions"):
        page = house.client.get(path, headers=HTML)
        assert 'action="/leave"' in page.text
    left = house.client.post("/leave", data={"csrf_token": word_of(page.text)}, headers=HTML, follow_redirects=False)
    assert (left.status_code, left.headers["location"]) == (303, "/login")
    assert house.sessions.list() == ()
    assert house.client.get("/scores/s_1", headers=HTML, follow_redirects=False).status_code == 303


def test_leaving_needs_the_word_and_no_session_needs_none(house, officer):
    sign_in(house, officer[0])
    assert house.client.post("/leave", data={"csrf_token": "x"}).status_code == 403
    assert len(house.sessions.list()) == 1
    house.client.cookies.clear()
    assert house.client.post("/leave", follow_redirects=False).status_code == 303


def test_signing_in_again_ends_the_session_before(house, officer):
    sign_in(house, officer[0])
    before = house.client.cookies[SESSION_COOKIE]
    form = TestClient(house.service.app()).get("/login")
    cookies = {LOGIN_COOKIE: form.cookies[LOGIN_COOKIE], SESSION_COOKIE: before}
    other = TestClient(house.service.app(), cookies=cookies)
    other.post("/login", data={"csrf_token": word_of(form.text), "token": officer[0]}, follow_redirects=False)
    assert house.sessions.of(before) is None
    assert len(house.sessions.list()) == 1


def test_a_person_sees_her_own_sessions_and_ends_one(house, officer):
    sign_in(house, officer[0])
    elsewhere = TestClient(house.service.app())
    sign_in(house, officer[0], client=elsewhere)
    stranger, _ = house.access.grant("analyst", "all")
    sign_in(house, stranger, client=TestClient(house.service.app()))
    page = house.client.get("/sessions?lang=es", headers=HTML).text
    assert (page.count("Esta sesión</strong>"), page.count("Otra sesión</strong>")) == (1, 1)
    this = house.sessions.session_id(house.client.cookies[SESSION_COOKIE])
    named = re.findall(r'action="/sessions/(b_[0-9a-f]{12})/end"', page)
    other = next(one for one in named if one != this)
    theirs = next(one.session_id for one in house.sessions.list() if one.session_id not in named)
    word = {"csrf_token": word_of(page)}
    assert house.client.post(f"/sessions/{theirs}/end", data=word).status_code == 404
    assert house.client.post(f"/sessions/{other}/end", data={"csrf_token": "x"}).status_code == 403
    assert house.client.post(f"/sessions/{other}/end", data=word, follow_redirects=False).status_code == 303
    assert elsewhere.get("/scores/s_1").status_code == 401
    assert house.client.get("/scores/s_1").status_code == 200
    assert len(house.sessions.list()) == 2


def test_from_her_sessions_she_finds_back(house, officer):
    sign_in(house, officer[0])
    assert re.findall(r'<li><a href="(/[a-z]+)">', house.client.get("/sessions", headers=HTML).text) == [
        "/officer",
        "/models",
    ]
    for role, scope, scope_id in (("committee", "group", "B1"), ("member", "self", "M0000041")):
        other = TestClient(house.service.app())
        sign_in(house, house.access.grant(role, scope, scope_id)[0], client=other)
        assert "<nav" not in other.get("/sessions", headers=HTML).text
    by_token = TestClient(house.service.app()).get("/sessions", headers=house.headers("officer", "all"))
    assert "<nav" not in by_token.text


@pytest.mark.parametrize(
    ("column", "ago", "holds"),
    [
        ("seen_at", timedelta(minutes=59), True),
        ("seen_at", timedelta(minutes=61), False),
        ("expires_at", timedelta(seconds=1), False),
    ],
)
def test_a_session_ends_by_itself(database, column, ago, holds):
    _, given = Access(database).grant("officer", "all")
    sessions = Sessions(database)
    cookie = sessions.open(given)
    then = stamp(datetime.now(UTC) - ago)
    with database.write() as connection:
        connection.execute(SESSIONS.update().values({column: then}))
    assert (sessions.of(cookie) is not None) is holds
    with database.read() as connection:
        seen = connection.execute(sa.select(SESSIONS.c[column])).scalar()
    assert (seen > then) is holds  # its use is written down
    sessions.open(given)
    with database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(SESSIONS)).scalar() == 1 + holds


def test_a_session_of_nobody_opens_nothing(database):
    """Its token is not known here, and it is no provider's person either."""
    sessions = Sessions(database)
    assert sessions.of(sessions.open(Grant("t_gone", "officer", "all", None))) is None
    assert sessions.of("anything") is None


def test_a_providers_token_opens_one_session_and_no_second(make_house, tmp_path):
    with served() as ring:
        (tmp_path / "oidc.toml").write_text(TOML.format(jwks=ring.url), "utf-8")
        house = make_house()
        provider = Provider(read_provider(tmp_path / "oidc.toml"), house.access, "secret", Keys(ring.url))
        service = replace(house.service, provider=provider)
        house = replace(house, service=service, client=TestClient(service.app()))
        for sent in (token(jti="1"), token(jti="1", branch="S"), token(), token()):
            answer = sign_in(house, sent, client=TestClient(service.app()))
            assert answer.status_code in (303, 401)
        assert [one.role for one in house.sessions.list()] == ["officer", "officer"]
        assert {one.token_id for one in house.sessions.list()} == {provider.token_id("7d1c-canary-subject")}
        house.access.revoke(provider.token_id("7d1c-canary-subject"))
        assert house.sessions.list() == ()
        assert sign_in(house, token(jti="9")).status_code == 401


@pytest.mark.parametrize(
    ("grant", "leads"),
    [
        (("officer", "all"), ["/officer", "/models", "/sessions"]),
        (("analyst", "all"), ["/models", "/sessions"]),
        (("auditor", "all"), ["/models", "/trail", "/sessions"]),
        (("committee", "group", "B1"), ["/sessions", "/groups/B1"]),
        (("committee", "group", "S1"), ["/sessions"]),  # of a solidarity group there is no meeting
        (("member", "self", "M1"), ["/sessions", "/scores/s_2", "/scores/s_1"]),
        (("member", "self", "M2"), ["/sessions", "/scores/s_3"]),
        (("board", "organisation", "PA1"), ["/sessions"]),
    ],
)
def test_who_signs_in_is_led_to_pages_of_her_own(house, officer, grant, leads):
    for subject in ("M1", "M2"):
        body = BODY | {"subject": subject}
        assert house.client.post("/v1/scores", json=body, headers=house.headers("officer", "all")).status_code == 201
    answer = sign_in(house, house.access.grant(*grant)[0])
    assert answer.headers["location"] == "/"
    page = house.client.get("/?lang=es", headers=HTML).text
    assert re.findall('<a href="(/[^"]*)"', page) == leads
    assert ("Todavía no hay ninguna hoja suya." in page) == (grant[0] == "board")
    assert page.count("Salir") == 1


@pytest.mark.parametrize(
    ("sent", "back"),
    [
        ("/groups/B1/opinions", "/login?next=/groups/B1"),
        ("/scores/s_1/objections/o_1/answers", "/login?next=/scores/s_1"),
        ("/apply", "/login"),
    ],
)
def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(house, sent, back):
    answer = house.client.post(sent, data={"csrf_token": "x"}, headers=HTML, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, back)
