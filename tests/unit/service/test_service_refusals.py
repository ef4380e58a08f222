"""Refusals are on record: who, which route, what answer; never the path, which may name somebody."""

from __future__ import annotations

import json
from datetime import timedelta
from threading import Event

import sqlalchemy as sa

from riskscore.service.verification import verify
from tests.unit.service.desks import BODY, TestClient


def refusals(house) -> list[dict[str, object]]:
    with house.records.database.read() as connection:
        rows = connection.execute(
            sa.text(
                "SELECT content FROM contents JOIN entries USING (sequence) WHERE kind = 'refusal' ORDER BY sequence"
            )
        )
        return [json.loads(row.content) for row in rows]


def test_who_was_refused_what_is_on_record(house):
    committee = house.headers("committee", "group", "B9")
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    house.client.get("/v1/scores/s_1", headers=committee)  # another group's
    house.client.get("/v1/scores/s_CANARY", headers=committee)
    house.client.post("/v1/scores", json=BODY, headers=committee)
    house.client.get("/scores/s_1", headers=committee | {"Accept": "text/html"})
    token_id = refusals(house)[0]["token_id"]
    assert refusals(house) == [
        {"token_id": token_id, "role": "committee", "method": method, "route": route, "status": status}
        for method, route, status in (
            ("GET", "/v1/scores/{score_id}", 404),
            ("GET", "/v1/scores/{score_id}", 404),
            ("POST", "/v1/scores", 403),
            ("GET", "/scores/{score_id}", 404),
        )
    ]
    assert verify(house.records.database).entries == 6


def test_faults_of_a_known_caller_are_on_record_one_by_one(house):
    officer = house.headers("officer", "all")
    house.client.post("/v1/scores", json={}, headers=officer)
    house.client.post("/v1/scores/s_CANARY/decisions", content=b"x" * 20_000, headers=officer)
    assert [(one["status"], one["route"]) for one in refusals(house)] == [(422, "/v1/scores")]
    house.service.refusals.flush()
    assert refusals(house)[-1]["refused"] == [{"status": 413, "reason": "request", "times": 1}]


def test_strangers_are_one_entry_however_often_they_knock(house):
    expired, _ = house.access.grant("officer", "all", valid_for=timedelta(seconds=-1))
    revoked, given = house.access.grant("officer", "all")
    house.access.revoke(given.token_id)
    for number in range(40):
        house.client.get(f"/v1/scores/CANARY{number}", headers={"Authorization": f"Bearer CANARY{number}"})
    for known in (expired, revoked, revoked):
        house.client.get("/scores/CANARY", headers={"Authorization": f"Bearer {known}"})
    house.client.get("/metrics")
    house.client.get("/enter?key=CANARY")
    house.client.get("/metrics", cookies={"riskscore_session": "CANARY"})
    house.client.get("/nowhere")  # nothing was refused: there is nothing
    assert refusals(house) == []
    house.service.refusals.flush()
    house.service.refusals.flush()  # nothing more has been counted
    (entry,) = refusals(house)
    assert {(one["status"], one["reason"]): one["times"] for one in entry["refused"]} == {
        (401, "unknown"): 40,
        (401, "expired"): 1,
        (401, "revoked"): 2,
        (401, "none"): 1,
        (401, "link"): 1,
        (401, "session_ended"): 1,
    }
    assert entry["since"] <= entry["until"]
    assert "CANARY" not in json.dumps(entry)
    assert verify(house.records.database).entries == 1


def test_counts_are_written_after_a_minute_by_themselves(house, monkeypatch):
    monkeypatch.setattr("riskscore.service.refusals.TOGETHER", 0.01)
    written = Event()
    together = house.records.refused_together
    monkeypatch.setattr(house.records, "refused_together", lambda *said: (together(*said), written.set()))
    house.client.get("/metrics")
    assert written.wait(60)
    assert len(refusals(house)) == 1


def test_counts_that_could_not_be_written_are_kept(house, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(house.records, "refused_together", fail)
        house.client.get("/metrics")
        house.service.refusals.flush()
    house.client.get("/metrics")
    house.service.refusals.flush()
    (entry,) = refusals(house)
    assert entry["refused"] == [{"status": 401, "reason": "none", "times": 2}]


def fail(*_: object) -> None:
    raise OSError("the disk is full")


def test_counts_are_written_when_the_service_stops(house):
    with TestClient(house.service.app()) as client:
        client.get("/metrics")
    assert len(refusals(house)) == 1
