"""What may go wrong at the identity provider's page: told on the form, on record as a word, and nothing is leaked."""

from __future__ import annotations

import json
import logging
import re
import time
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from riskscore.service.callers import SESSION_COOKIE
from riskscore.service.routes.provider_login import ATTEMPT_COOKIE
from tests.unit.service.identity import CLIENT, SECRET, at_the_page, toml, with_provider
from tests.unit.service.providers import FAR, LONG_AGO, ec_key, rsa_key, token
from tests.unit.service.signing_in import back, begin, lines, reasons, said, sign_in
from tests.unit.service.test_service_refusals import refusals


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "No se terminó de entrar con su usuario. Si quiere, empiece de nuevo."),
        ("en", "Signing in with your user name was not finished. Begin again if you wish."),
    ],
)
def test_who_cancels_is_back_at_the_form_in_her_language(known, lang, text):
    answer = sign_in(known, "/officer", answer="No", lang=lang)
    assert (answer.status_code, said(answer)) == (401, text)
    assert 'href="/login/provider?next=%2Fofficer"' in answer.text
    assert f'<html lang="{lang}">' in answer.text
    assert known.sessions.list() == ()
    assert reasons(known) == {(401, "cancelled"): 1}


AWAY = "Ahora no se puede entrar con su usuario. Pruebe en un minuto, o use una clave de acceso."


#: Seconds that are long beside the half second for which the service is patient here, also on a slow machine.
LONG = 40


def _later(seconds, piece, times):
    for _ in range(times):
        time.sleep(seconds)
        yield piece


#: What the token endpoint may answer instead of a token: status, headers, pieces of the body.
NO_ANSWERS = {
    "an error": lambda: (500, {}, [b"CANARY-error"]),
    "nothing": lambda: (200, {}, []),
    "no JSON": lambda: (200, {}, [b"<html>CANARY-error</html>"]),
    "no object": lambda: (200, {}, [b'["CANARY-error"]']),
    "no token": lambda: (200, {}, [b'{"access_token": "CANARY-error"}']),
    "a number": lambda: (200, {}, [b'{"id_token": 7}']),
    "deep": lambda: (200, {}, [b"[" * 60_000]),
    "not UTF-8": lambda: (200, {}, [b'{"id_token": "\xff"}']),
    "without end": lambda: (200, {}, _later(0, b" " * 10_000, 10_000)),
    "late": lambda: (200, {}, _later(LONG, b"{}", 1)),
    "byte by byte": lambda: (200, {}, _later(0.1, b" ", 10 * LONG)),
    "unknown client": lambda: (401, {}, [b'{"error": "invalid_client"}']),
    "not allowed": lambda: (400, {}, [b'{"error": "unauthorized_client", "error_description": "CANARY-error"}']),
    "another word": lambda: (400, {}, [b'{"error": "CANARY-error"}']),
    "many words": lambda: (400, {}, [b'{"error": ["CANARY-error"]}']),
    "compressed": lambda: (200, {"Content-Encoding": "gzip"}, [b"{}"]),
}


@pytest.mark.parametrize("case", NO_ANSWERS)
def test_a_token_endpoint_that_does_not_do_its_part_is_not_waited_for(known, provider, case, monkeypatch, caplog):
    monkeypatch.setattr("riskscore.service.oidc.exchange.PATIENCE", 0.5)
    provider.answer = NO_ANSWERS[case]
    query = at_the_page(begin(known))
    began = time.monotonic()
    with caplog.at_level(logging.DEBUG):
        answer = back(known, query)
    assert time.monotonic() - began < LONG / 2
    assert (answer.status_code, said(answer)) == (503, AWAY)
    assert answer.headers["retry-after"] == "60"
    assert len(provider.asked) == 1
    assert known.sessions.list() == ()
    assert reasons(known) == {(503, "provider"): 1}
    for canary in ("CANARY-error", "CANARY-code", "CANARY-secret"):
        assert canary not in answer.text
        assert canary not in "\n".join(lines(caplog))


def test_an_answer_longer_than_any_of_tokens_is_not_read(known, provider):
    provider.beside = {"padding": "x" * 50_000}
    assert sign_in(known).status_code == 200
    provider.beside = {"padding": "x" * 70_000}
    known.client.cookies.clear()
    assert sign_in(known).status_code == 503


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_token_endpoint_is_the_one_that_was_written_down(known, provider, status):
    """A code and a secret go to no other address, not even where that one would answer well."""

    def elsewhere():
        provider.answer = None
        return status, {"Location": f"{provider.url}/elsewhere"}, []

    provider.answer = elsewhere
    assert sign_in(known).status_code == 503
    assert len(provider.asked) == 1


def test_a_provider_that_is_gone_is_told(make_house, provider, tmp_path):
    file = toml(provider, tmp_path)
    file.write_text(file.read_text("utf-8").replace(f"{provider.url}/token", "http://127.0.0.1:1/token"), "utf-8")
    house = with_provider(make_house(), file)
    answer = sign_in(house)
    assert (answer.status_code, said(answer)) == (503, AWAY)


def test_keys_that_cannot_be_read_are_told(make_house, provider, tmp_path):
    file = toml(provider, tmp_path)
    file.write_text(file.read_text("utf-8").replace(f"{provider.url}/keys", "keys.json"), "utf-8")
    house = with_provider(make_house(), file)
    answer = sign_in(house)
    assert (answer.status_code, said(answer)) == (503, AWAY)
    assert house.sessions.list() == ()


@pytest.mark.parametrize("pieces", [lambda: _later(0.1, b" ", 10 * LONG), lambda: _later(0, b" " * 10_000, 10_000)])
def test_keys_that_come_slowly_or_without_end_are_not_waited_for(known, provider, pieces, monkeypatch):
    monkeypatch.setattr("riskscore.service.oidc.keys.PATIENCE", 0.5)
    provider.keys = pieces
    began = time.monotonic()
    answer = sign_in(known)
    assert time.monotonic() - began < LONG / 2
    assert (answer.status_code, said(answer)) == (503, AWAY)


def test_the_log_tells_the_operator_which_word_the_provider_refused_with(known, provider, caplog):
    provider.answer = NO_ANSWERS["unknown client"]
    with caplog.at_level(logging.WARNING):
        sign_in(known)
    assert "The token endpoint answered 401, invalid_client" in caplog.text


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        ("access_denied", 401, "cancelled"),
        ("login_required", 401, "cancelled"),
        ("CANARY-word", 401, "cancelled"),
        ("", 401, "cancelled"),
        ("server_error", 503, "provider"),
        ("invalid_scope", 503, "provider"),
    ],
)
def test_what_the_providers_page_may_come_back_with(known, provider, error, status, reason, caplog):
    state = at_the_page(begin(known))["state"]
    with caplog.at_level(logging.DEBUG):
        answer = back(known, {"state": state, "error": error, "error_description": "CANARY-text", "code": "x"})
    assert answer.status_code == status
    assert provider.asked == []
    assert reasons(known) == {(status, reason): 1}
    assert "CANARY" not in answer.text
    assert "CANARY" not in "".join(one.getMessage() for one in caplog.records if one.name.startswith("riskscore"))


UNPROVEN = "No se pudo comprobar quién es usted. Empiece de nuevo. Si pasa otra vez, avise a su institución."


def test_a_code_that_is_not_taken_opens_nothing(known, provider):
    for change in ({"code": "CANARY-code"}, {"code": ""}):
        answer = back(known, at_the_page(begin(known)) | change)
        assert (answer.status_code, said(answer)) == (401, UNPROVEN)
    codes = [at_the_page(begin(known))]  # of an attempt whose verifier is another
    answer = back(known, at_the_page(begin(known)) | {"code": codes[0]["code"]})
    assert (answer.status_code, said(answer)) == (401, UNPROVEN)
    assert len(provider.asked) == 2
    assert known.sessions.list() == ()
    assert reasons(known) == {(401, "code"): 3}


def signed_with(key, algorithm):
    return lambda **claims: jwt.encode(claims, key, algorithm, headers={"kid": "r1"})


#: What is wrong with an ID token: its claims, or how it is made; by the word for the records.
TOKENS = {
    "issuer": {"iss": "https://elsewhere.example/"},
    "audience": {"aud": "riskscore"},  # good as a bearer token, and not for this
    "audience with another": {"aud": [CLIENT, "another"]},
    "audience by another": {"azp": "another"},
    "nonce": {"nonce": "another"},
    "nonce number": {"nonce": 7},
    "malformed without nonce": {"nonce": None},
    "malformed without iat": {"iat": None},
    "malformed without sub": {"sub": None},
    "malformed sub": {"sub": "\ud800"},
    "malformed id": {"jti": "\ud800"},
    "expired": {"exp": LONG_AGO},
    "not_yet": {"nbf": FAR},
    "not_yet made": {"iat": FAR},
    "algorithm none": lambda **claims: jwt.encode(claims, None, "none", headers={"kid": "r1"}),
    "algorithm secret": signed_with(SECRET.encode() * 2, "HS256"),
    "algorithm long": signed_with(rsa_key("one"), "RS512"),
    "signature": signed_with(rsa_key("mine"), "RS256"),
    "signature curve": lambda **claims: token(ec_key("one"), "r1", "ES256", **claims),
    "key": lambda **claims: token(kid="unknown", **claims),
    "malformed": lambda **_: "CANARY.b.c",
    "malformed long": lambda **_: f"a.b.{'c' * 9_000}",
    "malformed, no dot": lambda **_: "",
}


@pytest.mark.parametrize("case", TOKENS)
def test_an_id_token_that_does_not_hold_opens_nothing(known, provider, case):
    wrong = TOKENS[case]
    if callable(wrong):
        provider.make = wrong
    else:
        provider.says = wrong
    answer = sign_in(known)
    assert (answer.status_code, said(answer)) == (401, UNPROVEN)
    assert known.sessions.list() == ()
    word = "algorithm" if case == "signature curve" else re.split("[ ,]", case)[0]
    assert reasons(known) == {(401, word): 1}


@pytest.mark.parametrize("says", [{"aud": [CLIENT]}, {"aud": [CLIENT, "another"], "azp": CLIENT}, {"azp": CLIENT}])
def test_an_id_token_for_this_client_is_taken_whatever_the_form(known, provider, says):
    provider.says = says
    assert sign_in(known).status_code == 200


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ({"realm_access": {"roles": ["offline_access"]}}, "no_role"),
        ({"realm_access": None}, "no_role"),
        ({"realm_access": {"roles": ["asesoras", "auditoria"]}}, "two_roles"),
        ({"branch": None}, "no_scope"),
        ({"branch": "\ud800"}, "no_scope"),
        ({}, "revoked"),
    ],
)
def test_who_has_no_role_here_is_told_so(known, provider, says, reason):
    provider.says = says
    if reason == "revoked":
        known.access.revoke(known.service.provider.token_id("7d1c-canary-subject"))
    answer = sign_in(known)
    text = "Su usuario no tiene permiso para entrar aquí. Pídalo a su institución."
    assert (answer.status_code, said(answer)) == (403, text)
    assert known.sessions.list() == ()
    assert reasons(known) == {(403, reason): 1}


def test_nothing_of_a_person_or_of_her_way_is_written_down(known, provider, tmp_path, caplog):
    with caplog.at_level(logging.DEBUG):
        location = begin(known)
        kept = known.client.cookies[ATTEMPT_COOKIE]
        query = at_the_page(location)
        pages = [back(known, query)]
        session = known.client.cookies[SESSION_COOKIE]
        known.client.cookies.clear()
        pages.append(back(known, query))
        pages.append(sign_in(known, answer="No"))
        provider.says = {"realm_access": {"roles": ["CANARY-role"]}, "branch": "CANARY-branch"}
        pages.append(sign_in(known))
        pages.append(back(known, dict.fromkeys(("code", "state", "error", "error_description"), "CANARY-guess")))
    assert [page.status_code for page in pages] == [200, 403, 401, 403, 403]
    known.service.refusals.flush()
    asked = parse_qs(urlsplit(location).query)
    secrets = [
        *("CANARY", "canary", kept, session, query["state"], asked["nonce"][0], asked["code_challenge"][0]),
        *(provider.asked[0][1]["code_verifier"], provider.given[0].rpartition(".")[0]),
    ]
    stored = b"".join(file.read_bytes() for file in (tmp_path / "one").iterdir())
    logged = lines(caplog)
    assert any(provider.url in line for line in logged)
    metrics = known.client.get("/metrics", headers=known.headers("officer", "all")).text
    for secret in secrets:
        assert secret.encode() not in stored
        for text in (*logged, *(page.text for page in pages), metrics, json.dumps(refusals(known))):
            assert secret not in text
