"""Tokens of an identity provider: taken, refused one and the same way, and never more of a person than a pseudonym."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from riskscore.errors import InvalidInput
from riskscore.service.oidc.keys import Away, Keys
from riskscore.service.oidc.provider import Provider
from riskscore.service.oidc.settings import read_provider
from tests.unit.service.desks import BODY, TestClient
from tests.unit.service.providers import AUDIENCE, FAR, ISSUER, LONG_AGO, TOML, ec_key, jwk, rsa_key, served, token
from tests.unit.service.test_service_refusals import refusals


@dataclass
class Clock:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ring():
    with served() as ring:
        yield ring


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make(make_house, ring, clock, tmp_path):
    def make(extra: str = ""):
        file = tmp_path / "oidc.toml"
        file.write_text(f"{extra}\n{TOML.format(jwks=ring.url)}", "utf-8")
        house = make_house()
        provider = Provider(read_provider(file), house.access, "secret", Keys(ring.url, clock=clock))
        service = replace(house.service, provider=provider)
        return replace(house, service=service, client=TestClient(service.app()))

    return make


@pytest.fixture
def known(make):
    return make()


def ask(house, sent: str):
    return house.client.post("/v1/scores", json=BODY, headers={"Authorization": f"Bearer {sent}"})


def b64(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_both_algorithms_open_the_scope_that_the_claims_name(known):
    assert ask(known, token()).status_code == 201
    assert ask(known, token(ec_key("one"), "e1", "ES256")).status_code == 201
    assert ask(known, token(branch="S")).status_code == 404  # M1 is of branch N
    assert ask(known, token(realm_access={"roles": ["auditoria"]})).status_code == 403
    herself = {"Authorization": f"Bearer {token(realm_access={'roles': 'socias'}, member='M1')}"}
    assert known.client.get("/v1/scores/s_1", headers=herself).status_code == 200


def test_a_person_is_a_pseudonym_that_stays_and_her_name_is_nowhere(known, tmp_path, caplog):
    with caplog.at_level(logging.DEBUG):
        ask(known, token())
        ask(known, token(name="Another"))
        ask(known, token(sub="somebody else"))
    asked = [record.asked_by for record in known.records.scores("member_default")]
    assert asked[0] == asked[1] != asked[2]
    assert re.fullmatch("o_[0-9a-f]{16}", asked[0])
    kept = b"".join(file.read_bytes() for file in (tmp_path / "one").iterdir())
    for canary in (b"CANARY-NAME", b"canary@example.org", b"canary-subject"):
        assert canary not in kept
        assert canary.decode() not in caplog.text


def hmac_with_the_public_key() -> str:
    public = rsa_key("one").public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    said = f"{b64({'alg': 'HS256', 'kid': 'r1'})}.{token().split('.')[1]}"
    signature = base64.urlsafe_b64encode(hmac.new(pem, said.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
    return f"{said}.{signature}"


def tampered() -> str:
    head, body, signature = token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    return f"{head}.{b64(claims | {'branch': 'S'})}.{signature}"


def unsigned() -> str:
    return f"{b64({'alg': 'none', 'kid': 'r1'})}.{token().split('.')[1]}."


def bringing_its_own_key() -> str:
    mine = rsa_key("mine")
    content = jwt.decode(token(), options={"verify_signature": False})
    return jwt.encode(
        content, mine, "RS256", headers={"kid": "r1", "jwk": jwk(mine, "r1"), "jku": "http://127.0.0.1:9"}
    )


REFUSED = {
    "expired": lambda: token(exp=LONG_AGO),
    "not_yet": lambda: token(nbf=FAR),
    "issuer": lambda: token(iss="https://elsewhere.example/"),
    "audience": lambda: token(aud="another service"),
    "algorithm": unsigned,
    "algorithm hs256": hmac_with_the_public_key,
    "algorithm rs512": lambda: token(algorithm="RS512"),
    "algorithm of the other key": lambda: token(rsa_key("one"), "e1"),
    "signature": lambda: token(rsa_key("mine")),
    "signature of other claims": tampered,
    "signature own key": bringing_its_own_key,
    "key": lambda: token(kid="unknown"),
    "key missing": lambda: token(kid=None),
    "malformed no exp": lambda: token(exp=None),
    "malformed no sub": lambda: token(sub=None),
    "malformed empty sub": lambda: token(sub=""),
    "malformed half a character": lambda: token(sub="\ud800"),
    "malformed half a character as its id": lambda: token(jti="\ud800"),
    "malformed control character": lambda: token(sub="7\0"),
    "malformed": lambda: "a.b.c",
    "malformed long": lambda: f"a.b.{'c' * 9000}",
    "no_role": lambda: token(realm_access={"roles": ["offline_access"]}),
    "no_role at all": lambda: token(realm_access="x"),
    "two_roles": lambda: token(realm_access={"roles": ["asesoras", "auditoria"]}),
    "no_scope": lambda: token(branch=None),
    "no_scope list": lambda: token(branch=["N", "S"]),
    "no_scope half a character": lambda: token(branch="\ud800"),
    "no_scope control character": lambda: token(branch="N\0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_every_fault_is_one_and_the_same_401(known, case):
    answer = ask(known, REFUSED[case]())
    assert (answer.status_code, answer.content) == (401, ask(known, "rs_unknown").content)
    known.service.refusals.flush()
    counted = {one["reason"]: one["times"] for one in refusals(known)[-1]["refused"]}
    assert counted == {case.split()[0]: 1, "unknown": 1}
    assert list(known.records.scores("member_default")) == []


def test_clocks_may_be_a_little_apart(known):
    now = int(time.time())
    assert ask(known, token(exp=now - 5)).status_code == 201
    assert ask(known, token(exp=now - 600)).status_code == 401
    assert ask(known, token(nbf=now + 600)).status_code == 401


def test_keys_are_read_once_and_new_ones_at_most_once_a_minute(known, ring, clock):
    for _ in range(3):
        assert ask(known, token()).status_code == 201
    assert ring.asked == 1
    ring.keys.append(jwk(rsa_key("two"), "r2"))
    clock.now += 59
    for number in range(5):
        assert ask(known, token(kid=f"unknown {number}")).status_code == 401
    assert ring.asked == 1
    clock.now += 1
    assert ask(known, token(rsa_key("two"), "r2")).status_code == 201
    assert ask(known, token(kid="unknown")).status_code == 401
    assert ring.asked == 2


def test_a_key_that_was_withdrawn_stops_working_within_the_hour(known, ring, clock):
    assert ask(known, token()).status_code == 201
    del ring.keys[0]
    clock.now += 3_601
    assert ask(known, token()).status_code == 401


def test_while_the_provider_is_away_known_keys_work_for_a_day(known, ring, clock):
    assert ask(known, token()).status_code == 201
    ring.status = 500
    clock.now += 3_601
    assert ask(known, token()).status_code == 201
    away = ask(known, token(kid="unknown"))
    assert (away.status_code, away.headers["retry-after"]) == (503, "60")
    assert "127.0.0.1" not in away.text
    clock.now += 86_400
    assert ask(known, token()).status_code == 503
    token_of_ours = known.headers("officer", "all")
    assert known.client.post("/v1/scores", json=BODY, headers=token_of_ours).status_code == 201
    ring.status = 200
    clock.now += 60
    assert ask(known, token()).status_code == 201


def test_keys_come_from_the_address_that_was_written_down_alone(known, ring):
    with served() as other:
        ring.status, ring.location = 302, other.url
        assert ask(known, token()).status_code == 503
        assert other.asked == 0


def test_only_keys_that_may_check_a_signature_are_taken(ring, clock):
    ring.keys = [
        jwk(rsa_key("one"), "encrypts", use="enc"),
        jwk(rsa_key("short", 1024), "short"),
        jwk(rsa_key("one"), "other", alg="RS512"),
        {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "kid": "shared"},
        {"kty": "RSA", "kid": "broken"},
        {"kid": "nothing"},
        jwk(ec_key("one"), "good"),
        "no key",
    ]
    keys = Keys(ring.url, clock=clock)
    assert keys.key("good").algorithm_name == "ES256"
    for name in ("encrypts", "short", "other", "shared", "broken", "nothing"):
        assert keys.key(name) is None
    assert ring.asked == 1


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"keys": 5}', '{"keys": []}', "\xff"])
def test_what_is_no_set_of_keys_is_as_good_as_none(tmp_path, content, clock):
    file = tmp_path / "keys.json"
    file.write_text(content, "latin-1")
    with pytest.raises(Away):
        Keys(str(file), clock=clock).key("r1")


def test_keys_may_lie_in_a_file_beside_the_settings(tmp_path, clock):
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [jwk(rsa_key("one"), "r1")]}), "utf-8")
    (tmp_path / "oidc.toml").write_text(TOML.format(jwks="keys.json"), "utf-8")
    settings = read_provider(tmp_path / "oidc.toml")
    assert settings.jwks == str(tmp_path / "keys.json")
    assert Keys(settings.jwks, clock=clock).key("r1") is not None


def test_who_is_shut_out_here_stays_out_until_let_in_again(known):
    assert ask(known, token()).status_code == 201
    token_id = known.service.provider.token_id("7d1c-canary-subject")
    known.access.revoke(token_id)
    assert ask(known, token()).status_code == 401
    assert known.access.restore(token_id)
    assert not known.access.restore(token_id)
    assert ask(known, token()).status_code == 201


def test_where_a_token_is_good_for_one_request_it_is_for_one(make):
    house = make("single_use = true")
    once = token(jti="1")
    assert [ask(house, once).status_code for _ in range(2)] == [201, 401]
    assert ask(house, token(jti="1", branch="N", nbf=LONG_AGO + 1)).status_code == 401
    assert ask(house, token(jti="2")).status_code == 201
    assert ask(house, token()).status_code == 401  # it has no jti


def test_every_fault_of_the_settings_is_named(tmp_path):
    file = tmp_path / "oidc.toml"
    together = (
        f'issuer="{ISSUER}"\naudience="{AUDIENCE}"\njwks="http://login.example.org/keys"\nrole_claim="r"\n'
        '[roles]\na="boss"\nb="committee"\nc="officer"\nd="analyst"\n'
        '[scopes]\ncommittee={kind="all"}\nlender={kind="all"}\nofficer={kind="branch"}\n'
    )
    cases = {
        "nonsense": ["oidc.toml"],
        'issuer = ""\nextra = 1': ["audience", "extra", "issuer", "jwks", "role_claim", "roles", "scopes"],
        together: ["jwks", "roles.a", "scopes.analyst", "scopes.committee", "scopes.lender", "scopes.officer"],
    }
    for content, places in cases.items():
        file.write_text(content, "utf-8")
        with pytest.raises(InvalidInput) as caught:
            read_provider(file)
        found = [fault.where.rsplit(": ", 1)[-1].rsplit("/", 1)[-1] for fault in caught.value.faults]
        assert sorted(found) == places
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_provider(tmp_path / "missing.toml")


def test_the_example_in_the_docs_holds_together(tmp_path):
    text = (Path(__file__).parents[3] / "docs" / "access.md").read_text("utf-8")
    (tmp_path / "oidc.toml").write_text(re.search("```toml\n(.*?)```", text, re.DOTALL)[1], "utf-8")
    assert read_provider(tmp_path / "oidc.toml").roles == {"asesoras": "officer", "auditoria": "auditor"}
