"""An identity provider on this machine: its keys, its tokens, and a server that gives the keys out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER, AUDIENCE = "https://login.example.org/fondo", "riskscore"

#: Far from now on either side: no test depends on when it runs.
LONG_AGO, FAR = 1_000_000_000, 4_000_000_000

#: What an officer's token says, her name included, which must stay in it.
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "7d1c-canary-subject",
    "exp": FAR,
    "nbf": LONG_AGO,
    "name": "CANARY-NAME",
    "email": "canary@example.org",
    "realm_access": {"roles": ["offline_access", "asesoras"]},
    "branch": "N",
}

TOML = """
issuer = "https://login.example.org/fondo"
audience = "riskscore"
jwks = "{jwks}"
role_claim = "realm_access.roles"

[roles]
asesoras = "officer"
auditoria = "auditor"
socias = "member"

[scopes]
officer = {{ kind = "branch", claim = "branch" }}
auditor = {{ kind = "all" }}
member = {{ kind = "self", claim = "member" }}
"""


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def jwk(key: Any, kid: str, **more: Any) -> dict[str, Any]:
    kind = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**kind.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", **more}


def token(key: Any = None, kid: str | None = "r1", algorithm: str = "RS256", **claims: Any) -> str:
    """Return a token of `CLAIMS` with changes; a claim that is None is left out."""
    content = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return jwt.encode(content, key or rsa_key("one"), algorithm, headers={} if kid is None else {"kid": kid})


@dataclass
class Keyring:
    """What the server answers, and how often it was asked."""

    keys: list[dict[str, Any]] = field(default_factory=lambda: [jwk(rsa_key("one"), "r1"), jwk(ec_key("one"), "e1")])
    status: int = 200
    location: str | None = None
    asked: int = 0
    url: str = ""


@contextmanager
def served() -> Iterator[Keyring]:
    ring = Keyring()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ring.asked += 1
            content = json.dumps({"keys": ring.keys}).encode()
            self.send_response(ring.status)
            if ring.location:
                self.send_header("Location", ring.location)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    ring.url = f"http://127.0.0.1:{server.server_port}/keys"
    try:
        yield ring
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
