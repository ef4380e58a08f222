"""Sends one session of requests to a house and keeps everything that comes back, and every line that was logged."""

from __future__ import annotations

import asyncio
import io
import logging
import random
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from riskscore.service import csrf, logs
from riskscore.service.callers import SESSION_COOKIE
from tests.unit.service.calls import Call
from tests.unit.service.desks import NAMED, House, TestClient

#: An answer: to what, and status, headers and bytes of it.
Told = tuple[str, int, tuple[tuple[str, str], ...], bytes]

#: When a cookie ends; nothing else of an answer is chance.
_ENDS = re.compile("expires=[^;]*")

#: When a line was logged; nothing else of a line is chance.
_LOGGED_AT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,]\d{3}(\+00:00)?")


def still(patch: pytest.MonkeyPatch) -> None:
    """Take chance and the clock out: names that are random come from a seed, and nothing takes any time."""
    patch.setattr(secrets, "token_hex", _drawn(secrets.token_hex))
    patch.setattr("riskscore.service.csrf.secrets", _Unmasked)
    patch.setattr(secrets, "token_urlsafe", _drawn(secrets.token_urlsafe))
    patch.setattr("riskscore.service.request_id.uuid4", lambda: _Named(_CHANCE.randbytes(16).hex()))
    patch.setattr("riskscore.service.gate.time.perf_counter", lambda: 0.0)
    patch.setattr("riskscore.service.oidc.attempts._end", lambda: 4_000_000_000)
    patch.setattr("riskscore.service.pages.ago", lambda *_: "just now")  # how long ago a session was opened
    patch.setattr("riskscore.service.chain.now", lambda: "2026-02-02T12:00:00.000000+00:00")
    patch.setattr("riskscore.service.refusals.TOGETHER", 3_600.0)


_CHANCE = random.Random("before anybody came")  # noqa: S311 - the point is that it can be foreseen


def _drawn(by_chance: Callable[[int], str]) -> Callable[..., str]:
    """Return what draws from the seed, but for the timers that a house of an earlier test may have left."""

    def draw(count: int = 32) -> str:
        if isinstance(threading.current_thread(), threading.Timer):
            return by_chance(count)
        return _CHANCE.randbytes(count).hex()

    return draw


def begin() -> None:
    """Draw what is random in a new house from the beginning."""
    _CHANCE.seed("before anybody came")


@dataclass(frozen=True)
class _Named:
    hex: str


class _Unmasked:
    """Stands for `secrets` where the word of a page is made: that it is another one each time is chance too."""

    token_bytes = bytes


@contextmanager
def log() -> Iterator[tuple[io.StringIO, io.StringIO]]:
    """Collect what the service logs, as lines for people and as JSON; of anybody else's lines the warnings."""
    written = (io.StringIO(), io.StringIO())
    handlers = [logging.StreamHandler(one) for one in written]
    for handler, shape in zip(handlers, (logs._Text(), logs._Json()), strict=True):
        handler.setFormatter(shape)
    root, own = logging.getLogger(), logging.getLogger("riskscore")
    level = own.level
    own.setLevel(logging.DEBUG)
    for handler in handlers:
        root.addHandler(handler)
    try:
        yield written
    finally:
        own.setLevel(level)
        for handler in handlers:
            root.removeHandler(handler)


@contextmanager
def one_loop(client: TestClient) -> Iterator[None]:
    """Answer all requests of a client in one loop: a thread and a loop of its own for each takes most of the time."""
    with start_blocking_portal() as portal:
        client.portal = portal
        yield
        client.portal = None


@dataclass
class Caller:
    """Somebody who sends requests by a token, as a browser with a session, or as nobody.

    Parameters
    ----------
    house : House
    role, scope_kind, scope_id
        What is granted; new with each `come`.
    names : dict
        What stands in the calls' braces.
    told : list of Told
        Everything that was answered.
    """

    house: House
    role: str
    scope_kind: str
    scope_id: str | None
    names: dict[str, str] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def come(self, seed: int | str) -> None:
        """Come with a new token and a new session; what is random from here on follows from `seed`."""
        _CHANCE.seed(seed)
        token, grant = self.house.access.grant(self.role, self.scope_kind, self.scope_id)
        self._bearer = {"Authorization": f"Bearer {token}"}
        client = self.house.client
        client.cookies.clear()
        entered = client.get("/enter", params={"key": self.house.access.link(token)}, follow_redirects=False)
        self._keep("GET /enter", entered)
        cookie = client.cookies[SESSION_COOKIE]
        client.cookies.clear()
        self._browser = {"Cookie": f"{SESSION_COOKIE}={cookie}"}
        (session,) = self.house.sessions.list(grant.token_id)
        self.names |= {"word": csrf.word(cookie), "session": session.session_id}

    def send(self, method: str, calls: Iterable[Call], ways: str = "") -> None:
        """Send each call by each way: with her token, from her browser, as nobody, and with a token that is none.

        Where no way is given, it goes with her token, and to a page from her browser too.
        """
        headers = {
            "token": self._bearer,
            "browser": self._browser,
            "nobody": {},
            "forged": {"Authorization": "Bearer rs_" + "0" * 43},
        }
        for call in calls:
            for way in (ways or ("token" if call.path.startswith("/v1/") else "token browser")).split():
                self._send(method, call, headers[way], way)

    def _send(self, method: str, call: Call, who: dict[str, str], way: str) -> None:
        path, body, names = call.path, call.body, self.names
        for name, value in names.items():
            path = path.replace(f"{{{name}}}", value)
        sent: dict[str, Any] = {}
        if isinstance(body, bytes):
            sent["content"] = body
        elif body is not None and call.path.startswith("/v1/"):
            sent["json"] = body
        elif body is not None:
            sent["data"] = {key: names.get(value.strip("{}"), value) for key, value in body.items()}
        headers = {**NAMED, **who, **call.headers}
        answer = self.house.client.request(method, path, headers=headers, follow_redirects=False, **sent)
        self.house.client.cookies.clear()
        self._keep(f"{way}: {method} {call.path}", answer)
        if answer.status_code == 201 and path.endswith("/decisions"):
            names["decision"] = answer.json()["decision_id"]

    def stall(self, path: str) -> None:
        """Begin a body and never end it."""
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(3_600)
            raise AssertionError("it was waited for")

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        headers = [(name.lower().encode(), value.encode()) for name, value in (NAMED | self._bearer).items()]
        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": headers,
            "client": ("testclient", 5),
        }
        asyncio.run(self.house.client.app(scope, receive, send))  # type: ignore[arg-type]
        start, body = sent
        kept = tuple((name.decode(), value.decode()) for name, value in start["headers"])
        self.told.append((f"stalled: {path}", start["status"], kept, body["body"]))

    def _keep(self, what: str, answer: httpx.Response) -> None:
        headers = tuple((name, _ENDS.sub("expires=THEN", value)) for name, value in answer.headers.multi_items())
        self.told.append((what, answer.status_code, headers, answer.content))


def without_times(text: str) -> str:
    """Return lines of the log without when they were written."""
    return _LOGGED_AT.sub("AT", text)


def without_beginnings(metrics: str) -> str:
    """Return metrics without the moments, in seconds, since which each is counted."""
    return "".join(line for line in metrics.splitlines(keepends=True) if "_created" not in line)
