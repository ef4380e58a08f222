"""Signing in at the identity provider's own page: the way there, the way back, and the session that it opens."""

from __future__ import annotations

import html
import json
import re
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from riskscore.service.callers import SESSION_COOKIE
from riskscore.service.routes.login import LOGIN_COOKIE
from riskscore.service.routes.provider_login import ATTEMPT_COOKIE
from tests.unit.service.desks import BODY, TestClient
from tests.unit.service.identity import CLIENT, SECRET, at_the_page, basic, toml, with_provider
from tests.unit.service.signing_in import BACK, HTML, back, begin, reasons, said, sign_in
from tests.unit.service.test_service_login import word_of


def expires(house) -> datetime:
    (one,) = house.sessions.list()
    return datetime.fromisoformat(one.expires_at)


def test_a_person_goes_to_the_provider_and_comes_back_to_the_page_she_wanted(known):
    known.client.post("/v1/scores", json=BODY, headers=known.headers("officer", "all"))
    asked = known.client.get("/scores/s_1?lang=en", headers=HTML, follow_redirects=False)
    form = known.client.get(asked.headers["location"], headers=HTML)
    button = re.search('<a class="button" href="([^"]*)">([^<]*)</a>', form.text)
    assert button is not None
    assert html.unescape(button[2]) == "Entrar con Fondo Andino"
    sent = known.client.get(html.unescape(button[1]), headers=HTML, follow_redirects=False)
    assert sent.status_code == 303
    led = back(known, at_the_page(sent.headers["location"]))
    assert led.status_code == 200
    assert '<meta http-equiv="refresh" content="0; url=/scores/s_1?lang=en">' in led.text
    assert known.client.get("/scores/s_1?lang=en", headers=HTML).status_code == 200
    (session,) = known.sessions.list()
    assert (session.role, session.token_id) == ("officer", known.service.provider.token_id("7d1c-canary-subject"))
    grant = known.sessions.of(known.client.cookies[SESSION_COOKIE])
    assert (grant.scope_kind, grant.scope_id) == ("branch", "N")


def test_the_provider_is_asked_for_a_code_by_pkce_with_state_and_nonce(known, provider):
    location = begin(known, lang="en")
    asked = {name: value for name, (value,) in parse_qs(urlsplit(location).query).items()}
    assert location.startswith(f"{provider.url}/authorize?tenant=7&")
    random = [asked.pop(name) for name in ("state", "nonce", "code_challenge")]
    assert len(set(random)) == 3
    assert asked == {
        "tenant": "7",
        "response_type": "code",
        "client_id": "riskscore pages:1",
        "redirect_uri": "https://scores.example.org/login/provider/back",
        "scope": "openid groups",
        "code_challenge_method": "S256",
        "ui_locales": "en",
    }
    assert not set(random) & {one for _, (one,) in parse_qs(urlsplit(begin(known)).query).items()}


def test_the_secret_goes_to_the_token_endpoint_and_is_read_anew_each_time(known, provider, tmp_path):
    assert sign_in(known).status_code == 200
    header, form = provider.asked[0]
    assert (
        header == basic(CLIENT, SECRET) == "Basic cmlza3Njb3JlK3BhZ2VzJTNBMTpDQU5BUlktc2VjcmV0JTNBKyVDMyVCMSUyNiUzRA=="
    )
    assert set(form) == {"grant_type", "code", "redirect_uri", "code_verifier"}
    assert re.fullmatch("[A-Za-z0-9_-]{43}", form["code_verifier"])
    provider.secret = "another"
    known.client.cookies.clear()
    assert sign_in(known).status_code == 503
    (tmp_path / "secret").write_text("another", "utf-8")
    assert sign_in(known).status_code == 200
    (tmp_path / "secret").unlink()
    known.client.cookies.clear()
    assert sign_in(known).status_code == 503


def test_a_public_client_shows_its_verifier_alone(make_house, provider, tmp_path):
    provider.secret = None
    house = with_provider(make_house(), toml(provider, tmp_path))
    assert sign_in(house).status_code == 200
    ((header, form),) = provider.asked
    assert (header, form["client_id"]) == (None, "riskscore pages:1")


@pytest.mark.parametrize("secure", [False, True])
def test_cookies_are_no_scripts_and_the_attempts_alone_comes_back_from_elsewhere(
    make_house, provider, tmp_path, secure
):
    house = with_provider(make_house(), toml(provider, tmp_path), secure_cookies=secure)
    sent = house.client.get("/login/provider", follow_redirects=False)
    more = "; Secure" if secure else ""
    (attempt,) = sent.headers.get_list("set-cookie")
    rest = attempt.partition("; ")[2]
    assert rest == f"HttpOnly; Max-Age=600; Path=/login/provider; SameSite=lax{more}"
    led = back(house, at_the_page(sent.headers["location"]))
    cookies = {one.partition("=")[0]: one for one in led.headers.get_list("set-cookie")}
    assert set(cookies) == {ATTEMPT_COOKIE, LOGIN_COOKIE, SESSION_COOKIE}
    assert cookies[SESSION_COOKIE].partition("; ")[2] == f"HttpOnly; Max-Age=43200; Path=/; SameSite=strict{more}"
    assert re.match(f'{ATTEMPT_COOKIE}=""; .*Max-Age=0; Path=/login/provider;', cookies[ATTEMPT_COOKIE])
    assert ("Secure" in cookies[ATTEMPT_COOKIE]) is secure


def test_the_cookie_holds_neither_nonce_nor_verifier(known, provider):
    location = begin(known)
    kept = jwt.decode(known.client.cookies[ATTEMPT_COOKIE], options={"verify_signature": False})
    assert set(kept) == {"state", "target", "language", "exp"}
    assert back(known, at_the_page(location)).status_code == 200
    for secret in (provider.asked[0][1]["code_verifier"], parse_qs(urlsplit(location).query)["nonce"][0]):
        assert secret not in json.dumps(kept)


def test_whoever_is_signed_in_is_led_on_and_a_session_before_is_ended(known):
    assert sign_in(known).status_code == 200
    before = known.client.cookies[SESSION_COOKIE]
    led = known.client.get("/login/provider?next=/officer", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (303, "/officer")
    known.client.cookies.delete(SESSION_COOKIE)
    location = begin(known)
    known.client.cookies.set(SESSION_COOKIE, before)  # as from a provider of the same site
    assert back(known, at_the_page(location)).status_code == 200
    assert known.sessions.of(before) is None
    assert len(known.sessions.list()) == 1


OVER = "Este intento de entrar ya no vale. Empiece de nuevo en este mismo navegador."


def no_cookie(house, query, patch):
    house.client.cookies.clear()


def of_another_attempt(house, query, patch):
    begin(house)


def of_another_browser(house, query, patch):
    other = TestClient(house.service.app())
    other.get("/login/provider", follow_redirects=False)
    house.client.cookies.clear()
    house.client.cookies.update(other.cookies)


def no_state(house, query, patch):
    del query["state"]


def another_state(house, query, patch):
    query["state"] = "ñ" * 43


def _changed(house, change):
    """Put a cookie in place whose content is changed by `change`, and let it keep its signature."""
    head, body, signature = house.client.cookies[ATTEMPT_COOKIE].split(".")
    content = jwt.utils.base64url_encode(json.dumps(change(json.loads(jwt.utils.base64url_decode(body)))).encode())
    house.client.cookies.clear()
    house.client.cookies.set(ATTEMPT_COOKIE, f"{head}.{content.decode()}.{signature}")


def another_target(house, query, patch):
    _changed(house, lambda kept: kept | {"target": "//elsewhere.example"})


def unsigned(house, query, patch):
    kept = jwt.decode(house.client.cookies[ATTEMPT_COOKIE], options={"verify_signature": False})
    house.client.cookies.clear()
    house.client.cookies.set(ATTEMPT_COOKIE, jwt.encode(kept, None, "none"))


def signed_by_another(house, query, patch):
    kept = jwt.decode(house.client.cookies[ATTEMPT_COOKIE], options={"verify_signature": False})
    house.client.cookies.clear()
    house.client.cookies.set(ATTEMPT_COOKIE, jwt.encode(kept, "another secret of thirty-two char", "HS256"))


def no_cookie_of_ours(house, query, patch):
    house.client.cookies.clear()
    house.client.cookies.set(ATTEMPT_COOKIE, "x" * 3_000)


@pytest.mark.parametrize(
    "spoil",
    [
        no_cookie,
        of_another_attempt,
        of_another_browser,
        no_state,
        another_state,
        another_target,
        unsigned,
        signed_by_another,
        no_cookie_of_ours,
    ],
)
def test_a_return_that_is_not_this_browsers_is_refused_and_asks_the_provider_nothing(
    known, provider, spoil, monkeypatch
):
    query = at_the_page(begin(known))
    spoil(known, query, monkeypatch)
    answer = back(known, query)
    assert (answer.status_code, said(answer)) == (403, OVER)
    assert provider.asked == []
    assert known.sessions.list() == ()
    assert reasons(known) == {(403, "state"): 1}


def test_a_return_after_ten_minutes_is_too_late(known, provider, monkeypatch):
    monkeypatch.setattr("riskscore.service.oidc.attempts.LASTS", -1)
    query = at_the_page(begin(known))
    answer = back(known, query)
    assert (answer.status_code, said(answer)) == (403, OVER)
    assert provider.asked == []
    assert reasons(known) == {(403, "late"): 1}


@pytest.mark.parametrize("first", ["Yes", "No"])
def test_a_return_is_good_once_in_whatever_worker(known, provider, tmp_path, first):
    """What one process used up is used up in another, over the same records; and one takes what the other began."""
    other = with_provider(known, tmp_path / "oidc.toml")
    query = at_the_page(begin(known), first)
    cookie = known.client.cookies[ATTEMPT_COOKIE]
    other.client.cookies.set(ATTEMPT_COOKIE, cookie, path="/login/provider")
    assert back(other, query).status_code == {"Yes": 200, "No": 401}[first]
    opened = len(known.sessions.list())
    for house in (known, other):
        house.client.cookies.clear()
        house.client.cookies.set(ATTEMPT_COOKIE, cookie)
        answer = back(house, query)
        assert (answer.status_code, said(answer)) == (403, OVER)
    assert len(known.sessions.list()) == opened
    assert len(provider.asked) == opened
    assert reasons(known)[403, "replayed"] == 2


def test_a_preview_uses_nothing_up(known):
    query = at_the_page(begin(known))
    assert known.client.head(BACK, params=query).content == b""
    assert "set-cookie" not in known.client.head("/login/provider", follow_redirects=False).headers
    assert back(known, query).status_code == 200


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "/a\r\nSet-Cookie: x=y"]
)
def test_the_way_back_leads_nowhere_else(known, target):
    answer = sign_in(known, target)
    assert answer.status_code == 200
    assert '<meta http-equiv="refresh" content="0; url=/">' in answer.text
    assert "elsewhere" not in answer.text


@pytest.mark.parametrize(
    ("lasts", "extra", "minutes"),
    [(300, "", 480), (300, "session_minutes = 60", 60), (400_000_000, "session_minutes = 720", 720)],
)
def test_a_session_lasts_as_the_institution_says_and_not_as_long_as_the_token(
    make_house, provider, tmp_path, lasts, extra, minutes
):
    house = with_provider(make_house(), toml(provider, tmp_path, extra=extra))
    provider.says = {"exp": int(time.time()) + lasts}
    assert sign_in(house).status_code == 200
    ends = expires(house) - datetime.now(UTC)
    assert timedelta(minutes=minutes - 0.5) < ends <= timedelta(minutes=minutes)


def test_a_session_ends_for_whoever_is_shut_out(known):
    assert sign_in(known).status_code == 200
    assert known.client.get("/sessions").status_code == 200
    known.access.revoke(known.service.provider.token_id("7d1c-canary-subject"))
    assert known.client.get("/sessions").status_code == 401


def test_an_id_token_that_came_back_opens_no_second_session(make_house, provider, tmp_path):
    """Where the client is called as the audience of bearer tokens is, it could be pasted into the form."""
    file = toml(provider, tmp_path)
    text = file.read_text("utf-8").replace('audience = "riskscore"', f'audience = "{CLIENT}"')
    file.write_text(text, "utf-8")
    house = with_provider(make_house(), file)
    assert sign_in(house).status_code == 200
    other = TestClient(house.service.app())
    word = word_of(other.get("/login").text)
    fields = {"csrf_token": word, "token": provider.given[0], "next": "/"}
    assert other.post("/login", data=fields, follow_redirects=False).status_code == 401
    assert len(house.sessions.list()) == 1


def test_where_nobody_signs_in_at_a_providers_page_there_is_none(house):
    for path in ("/login/provider?next=/officer", f"{BACK}?code=x&state=y"):
        page = house.client.get(path, headers=HTML, follow_redirects=False)
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert house.client.get(path, follow_redirects=False).json()["title"] == "Not found"
    assert "/login/provider" not in house.client.get("/login", headers=HTML).text


def test_returns_are_counted_as_attempts(known):
    begin(known)
    answers = [back(known, {"state": "x", "code": "y"}) for _ in range(11)]
    assert [one.status_code for one in answers] == [403] * 10 + [429]
    assert "Demasiados intentos" in answers[-1].text


def test_what_another_site_brings_about_shuts_nobody_out(known):
    for _ in range(11):  # as an image does there
        assert known.client.get(BACK, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert sign_in(known).status_code == 200
