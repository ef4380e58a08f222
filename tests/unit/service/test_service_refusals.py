"""Refusals are on record: who, which route, what answer; never the path, which may name somebody."""

from __future__ import annotations

import json

import sqlalchemy as sa

from riskscore.service.verification import verify
from tests.unit.service.desks import BODY


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


def test_faults_of_a_request_and_strangers_are_none(house):
    house.client.post("/v1/scores", json={}, headers=house.headers("officer", "all"))
    house.client.get("/v1/scores/s_1", headers={"Authorization": "Bearer forged"})
    house.client.get("/v1/scores/s_1")
    assert refusals(house) == []
