"""Signing in at the identity provider's page as two worker processes take it: what one began, either ends, once."""

from __future__ import annotations

import http.client
from pathlib import Path
from urllib.parse import urlencode

import pytest

from riskscore.service.run import running
from tests.unit.service.identity import at_the_page, identity, toml

pytestmark = pytest.mark.service


def get(url: str, path: str, cookie: str = "") -> tuple[int, http.client.HTTPMessage]:
    """Ask over a connection of its own: it may reach either worker."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    try:
        connection.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html"})
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers
    finally:
        connection.close()


def cookies(headers: http.client.HTTPMessage) -> dict[str, str]:
    set_there = (one.partition(";")[0].partition("=") for one in headers.get_all("Set-Cookie") or [])
    return {name: value for name, _, value in set_there}


def test_two_workers_take_one_return_each_and_log_nothing_of_it(tmp_path: Path) -> None:
    with identity() as provider:
        environment = {
            "RISKSCORE_RECORDS": f"sqlite:///{tmp_path / 'records.db'}",
            "RISKSCORE_OIDC": str(toml(provider, tmp_path)),
            "RISKSCORE_PORTFOLIO": "",
        }
        options = {"must_be_ready": False, "log": tmp_path / "log", "wait_seconds": 300.0}
        told = []
        with running(environment=environment, **options) as url:
            for _ in range(4):
                status, headers = get(url, "/login/provider?next=/sessions")
                assert status == 303
                query = at_the_page(headers["Location"])
                kept = f"riskscore_attempt={cookies(headers)['riskscore_attempt']}"
                back = f"/login/provider/back?{urlencode(query)}"
                status, headers = get(url, back, kept)
                session = f"riskscore_session={cookies(headers).get('riskscore_session')}"
                told.append((status, get(url, "/sessions", session)[0], get(url, back, kept)[0]))
        assert told == [(200, 200, 403)] * 4
        assert len(provider.asked) == 4
        log = (tmp_path / "log").read_text("utf-8")
        assert log.count("GET /login/provider/back") == 8
        for secret in ("CANARY", "canary", query["state"], kept, session):
            assert secret not in log
