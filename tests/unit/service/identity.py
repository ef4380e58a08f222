"""An identity provider on this machine where people sign in: its page, its token endpoint, its keys.

It is as strict as the standards let it be: a code is good once, for one client, one way back and one verifier.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from riskscore.service.oidc.code_flow import CodeFlow
from riskscore.service.oidc.keys import Keys
from riskscore.service.oidc.provider import Provider
from riskscore.service.oidc.settings import read_provider
from tests.unit.service.desks import NAMED, House, TestClient
from tests.unit.service.providers import TOML, jwk, rsa_key, token

CLIENT, SECRET = "riskscore pages:1", "CANARY-secret: ñ&="
ADDRESS = "https://scores.example.org"

CLIENT_TOML = """
[client]
name = "Fondo Andino"
id = "riskscore pages:1"
authorize = "{url}/authorize?tenant=7"
token = "{url}/token"
address = "{address}"
scope = "openid groups"
"""

#: A browser's answer to a redirect is not to follow it: the test does.
_OPENER = urllib.request.build_opener(type("Stay", (urllib.request.HTTPRedirectHandler,), {"redirect_request": None}))

#: What the handler of the token endpoint may be: it answers status, headers and pieces of a body.
Answer = Callable[[], tuple[int, dict[str, str], Iterator[bytes]]]


@dataclass
class Identity:
    """The provider, and what was asked of it.

    Parameters
    ----------
    url : str
    back : str
        The one address that is registered to come back to.
    secret : str or None
        Of the client; None of a public one.
    says : dict
        What its ID tokens say beside the usual.
    keys : callable
        Gives the pieces in which its keys come.
    beside : dict
        What goes beside an ID token.
    make : callable
        Makes an ID token of claims.
    answer : callable or None
        Stands in for the token endpoint.
    """

    url: str
    back: str = f"{ADDRESS}/login/provider/back"
    secret: str | None = SECRET
    says: dict[str, Any] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)
    keys: Callable[[], Iterable[bytes]] = lambda: [json.dumps({"keys": [jwk(rsa_key("one"), "r1")]}).encode()]
    make: Callable[..., str] = token
    answer: Answer | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[tuple[str | None, dict[str, str]]] = field(default_factory=list)
    given: list[str] = field(default_factory=list)

    def page(self, query: dict[str, str]) -> dict[str, str]:
        """Return what the page asks its person to send back, or raise where the request is not as it has to be."""
        assert {name: query[name] for name in ("response_type", "client_id", "redirect_uri", "tenant")} == {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": self.back,
            "tenant": "7",
        }
        assert query["code_challenge_method"] == "S256"
        assert query["scope"].split()[0] == "openid"
        for name in ("code_challenge", "state", "nonce"):
            assert re.fullmatch("[A-Za-z0-9_-]{43,64}", query[name]), name
        code = f"CANARY-code-{secrets.token_hex(8)}"
        self.codes[code] = query
        return {"code": code, "state": query["state"]}

    def change(self, known: str | None, form: dict[str, str]) -> tuple[int, dict[str, str]]:
        """Answer the token endpoint."""
        expected = None if self.secret is None else basic(CLIENT, self.secret)
        if known != expected or (self.secret is None and form.get("client_id") != CLIENT):
            return 401, {"error": "invalid_client"}
        query = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if query is None or query["code_challenge"].encode() != challenge or form["redirect_uri"] != self.back:
            return 400, {"error": "invalid_grant", "error_description": "CANARY-description"}
        if form["grant_type"] != "authorization_code":
            return 400, {"error": "unsupported_grant_type"}
        now = int(time.time())
        usual = {"aud": CLIENT, "nonce": query["nonce"], "iat": now, "exp": now + 300, "jti": secrets.token_hex(8)}
        self.given.append(self.make(**(usual | self.says)))
        told = {"id_token": self.given[-1], "access_token": "CANARY-access", "token_type": "Bearer"}
        return 200, told | self.beside


#: A provider that is away: nothing listens there.
NOBODY = Identity("http://127.0.0.1:1")


def basic(client_id: str, secret: str) -> str:
    """Return the header that RFC 6749, 2.3.1 has for a client with a secret."""
    both = f"{urllib.parse.quote_plus(client_id)}:{urllib.parse.quote_plus(secret)}"
    return f"Basic {base64.b64encode(both.encode()).decode()}"


@contextmanager
def identity() -> Iterator[Identity]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path == "/keys":
                self._send(200, {}, provider.keys())
            elif path == "/authorize":
                self._page(dict(urllib.parse.parse_qsl(query)))
            else:
                self._send(404, {}, [])

        def _page(self, asked: dict[str, str]) -> None:
            back = provider.page(asked)
            no = {"error": "access_denied", "state": back["state"]}
            yes, no = (f"{provider.back}?{urllib.parse.urlencode(one)}" for one in (back, no))
            html = f'<!doctype html><title>Fondo</title><p><a href="{yes}">Yes</a> <a href="{no}">No</a>'
            self._send(200, {"Content-Type": "text/html"}, [html.replace("&", "&amp;").encode()])

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            known, form = self.headers["Authorization"], dict(urllib.parse.parse_qsl(sent))
            provider.asked.append((known, form))
            if provider.answer is not None:
                status, headers, pieces = provider.answer()
                self._send(status, headers, pieces)
                return
            status, said = provider.change(known, form)
            self._send(status, {"Content-Type": "application/json"}, [json.dumps(said).encode()])

        def _send(self, status: int, headers: dict[str, str], pieces: Any) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            for piece in pieces:
                try:
                    self.wfile.write(piece)
                    self.wfile.flush()
                except OSError:  # whoever asked has gone
                    return

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    provider = Identity(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def toml(provider: Identity, folder: Path, address: str = ADDRESS, extra: str = "") -> Path:
    """Write the settings of a service that this provider knows, and its secret beside them."""
    text = extra + TOML.format(jwks=f"{provider.url}/keys") + CLIENT_TOML.format(url=provider.url, address=address)
    if provider.secret is not None:
        (folder / "secret").write_text(f"{provider.secret}\n", "utf-8")
        text += 'secret_file = "secret"\n'
    file = folder / "oidc.toml"
    file.write_text(text, "utf-8")
    return file


def with_provider(house: House, file: Path, **changes: Any) -> House:
    """Return the house with the identity provider that `file` describes."""
    settings = read_provider(file)
    provider = Provider(settings, house.access, "secret", Keys(settings.jwks))
    assert settings.client is not None
    flow = CodeFlow(settings.client, provider, house.access, "a secret of thirty-two characters")
    service = replace(house.service, provider=provider, code_flow=flow, **changes)
    scheme = "https" if service.secure_cookies else "http"
    return replace(
        house, service=service, client=TestClient(service.app(), base_url=f"{scheme}://testserver", headers=NAMED)
    )


def at_the_page(location: str, answer: str = "Yes") -> dict[str, str]:
    """Open the provider's page, as a browser does that was sent there, and return the query it sends back."""
    with _OPENER.open(location, timeout=10) as page:
        html = page.read().decode().replace("&amp;", "&")
    found = re.search(f'href="([^"]*)">{answer}<', html)
    assert found is not None
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(found[1]).query))
