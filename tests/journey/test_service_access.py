"""Access as two worker processes keep it: limits they agree on, an identity provider, counts written at the end."""

from __future__ import annotations

import http.client
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from riskscore.service.database import Database
from riskscore.service.run import running
from riskscore.service.verification import verify
from tests.unit.service.providers import TOML, jwk, rsa_key, token

pytestmark = pytest.mark.service

BURST = 20


def status(url: str, **headers: str) -> int:
    """Ask over a connection of its own: it may reach either worker."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    try:
        connection.request("GET", "/v1/scores/s_CANARY", headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_two_workers_hold_to_one_limit_and_write_down_what_they_refused(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [jwk(rsa_key("one"), "r1")]}), "utf-8")
    (tmp_path / "oidc.toml").write_text(TOML.format(jwks="keys.json"), "utf-8")
    address = f"sqlite:///{tmp_path / 'records.db'}"
    environment = {
        "RISKSCORE_RECORDS": address,
        "RISKSCORE_OIDC": str(tmp_path / "oidc.toml"),
        "RISKSCORE_STRANGER_REQUESTS_PER_MINUTE": "1",
        "RISKSCORE_STRANGER_BURST": str(BURST),
        "RISKSCORE_PORTFOLIO": "",
    }
    options = {"must_be_ready": False, "log": tmp_path / "log", "wait_seconds": 300.0}
    with running(environment=environment, **options) as url:
        asked = [status(url) for _ in range(BURST + 10)]
        assert status(url, Authorization=f"Bearer {token()}") == 404
        assert status(url, **{"X-Forwarded-For": "192.0.2.7"}) == 401  # a proxy on this machine tells of another
    # A minute may have passed on a slow machine, and have given one more.
    assert asked[:BURST] == [401] * BURST
    assert asked[BURST:].count(429) >= 9
    database = Database(address)
    with database.read() as connection:
        said = connection.execute(
            sa.text("SELECT content FROM contents JOIN entries USING (sequence) WHERE kind = 'refusal'")
        ).scalars()
        entries = [json.loads(content) for content in said]
    times: dict[int, int] = {}
    for one in (one for entry in entries if "refused" in entry for one in entry["refused"]):
        times[one["status"]] = times.get(one["status"], 0) + one["times"]
    assert times == {401: asked.count(401) + 1, 429: asked.count(429)}
    assert [entry["status"] for entry in entries if "status" in entry] == [404]
    verify(database)
    log = (tmp_path / "log").read_text("utf-8")
    assert "CANARY" not in log
    assert "canary" not in log
