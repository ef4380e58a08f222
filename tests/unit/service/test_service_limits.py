"""How often somebody may ask: every token for itself, strangers by address, and workers that agree."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from riskscore.errors import InvalidInput
from riskscore.service import buckets
from riskscore.service.buckets import Buckets, Rate
from riskscore.service.limits import Limits, address
from tests.unit.service.desks import BODY, TestClient
from tests.unit.service.test_service_refusals import refusals

TEN = Rate(per_minute=60, burst=10)


class Clock:
    now = 5.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.floats(0, 3), max_size=60))
def test_a_bucket_gives_as_a_bucket_would(steps):
    """Against the plain way to count: a level that rises by one a second, up to ten."""
    clock = Clock()
    shared, level = Buckets(clock=clock), 10.0
    for step in steps:
        clock.now += step
        level = min(10.0, level + step)
        wait = shared.take("token", "t", TEN)
        assert wait == pytest.approx(max(0.0, 1 - level), abs=1e-6)
        level -= 0 if wait else 1


def test_buckets_are_apart_by_kind_and_name():
    shared = Buckets(clock=Clock())
    one = Rate(1, 1)
    assert [shared.take(kind, name, one) for kind, name in (("a", "x"), ("b", "x"), ("a", "y"))] == [0.0, 0.0, 0.0]
    assert shared.take("a", "x", one) == 60


def test_ever_new_names_need_no_more_room_and_give_up_full_buckets_first(monkeypatch):
    monkeypatch.setattr(buckets, "PLACES", 64)
    clock = Clock()
    shared = Buckets(clock=clock)
    slow, fast = Rate(1, 1), Rate(60_000, 1)
    assert shared.take("token", "kept", slow) == 0
    for number in range(500):
        clock.now += 0.01
        assert shared.take("address", str(number), fast) == 0
    assert shared.take("token", "kept", slow) > 0


def test_a_moment_from_before_the_machine_was_started_anew_holds_nobody_up(tmp_path):
    clock = Clock()
    clock.now = 1e6
    assert Buckets(tmp_path / "limits", clock=clock).take("token", "t", Rate(1, 1)) == 0
    clock.now = 5.0
    assert Buckets(tmp_path / "limits", clock=clock).take("token", "t", Rate(1, 1)) == 0


def test_processes_agree(tmp_path):
    file = tmp_path / "limits"
    code = (
        "import sys; from pathlib import Path; from riskscore.service.buckets import Buckets, Rate; "
        "taken = Buckets(Path(sys.argv[1]), clock=lambda: 5.0); "
        "print(sum(taken.take('token', 't', Rate(1, 500)) == 0 for _ in range(400)))"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, file], stdout=subprocess.PIPE, text=True) for _ in (1, 2)]
    given_out = [int(process.communicate(timeout=120)[0]) for process in started]
    assert sum(given_out) == 500
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_size == buckets.PLACES * 16


def test_the_file_is_ours_and_no_link_to_another(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "limits")
    for file in (tmp_path / "link", tmp_path / "no folder" / "limits", tmp_path):
        with pytest.raises(InvalidInput, match="RISKSCORE_LIMITS"):
            Buckets(file)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidInput, match="somebody else's"):
        Buckets(tmp_path / "pipe")


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_is_one_home(host, counted):
    assert address(Request({"type": "http", "client": (host, 5)})) == counted
    assert address(Request({"type": "http", "client": None})) == ""


@pytest.fixture
def narrow(make_house):
    clock = Clock()
    house = make_house(limits=Limits(Buckets(clock=clock), token=Rate(60, 3), stranger=Rate(60, 2)))
    return house, clock


def test_a_token_that_asks_too_often_waits_and_holds_up_no_other(narrow):
    house, clock = narrow
    one, other = house.headers("officer", "all"), house.headers("officer", "all")
    answers = [house.client.post("/v1/scores", json=BODY, headers=one) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert answers[-1].headers["content-type"] == "application/problem+json"
    assert answers[-1].headers["retry-after"] == "1"
    assert house.client.post("/v1/scores", json=BODY, headers=other).status_code == 201
    clock.now += 1
    assert house.client.post("/v1/scores", json=BODY, headers=one).status_code == 201


def test_strangers_wait_and_hold_up_nobody_who_is_known(narrow):
    house, clock = narrow
    known = house.headers("officer", "all")
    forged = {"Authorization": "Bearer forged"}
    asked = [house.client.get("/v1/scores/x", headers=headers).status_code for headers in ({}, forged, forged, {})]
    assert asked == [401, 401, 429, 429]
    for path in ("/", "/nowhere", "/enter?key=x", "/login", "/openapi.json"):
        answer = house.client.get(path)
        assert (answer.status_code, "retry-after" in answer.headers) == (429, True), path
    for path in ("/livez", "/readyz"):  # who watches over the service is never held up
        assert house.client.get(path).status_code == 200
    assert house.client.get("/v1/scores/x", headers=known).status_code == 404
    elsewhere = TestClient(house.service.app(), client=("192.0.2.7", 5))
    assert elsewhere.get("/v1/scores/x").status_code == 401
    clock.now += 1
    assert house.client.get("/").status_code == 200


def test_too_often_is_on_record_as_a_count(narrow):
    house, _ = narrow
    officer = house.headers("officer", "all")
    for _ in range(8):
        house.client.get("/metrics", headers=officer)
    for _ in range(4):
        house.client.get("/v1/scores/CANARY")
    assert refusals(house) == []
    house.service.refusals.flush()
    (entry,) = refusals(house)
    token_id = house.access.list()[0].token_id
    assert sorted(entry["refused"], key=lambda one: (one["status"], one["times"])) == [
        {"status": 401, "reason": "none", "times": 2},
        {"status": 429, "reason": "often", "times": 2},
        {"token_id": token_id, "role": "officer", "status": 429, "reason": "often", "times": 5},
    ]
