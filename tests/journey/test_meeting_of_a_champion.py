"""A whole meeting answered by a champion: each score as it would be alone, and each replays to the last bit."""

from __future__ import annotations

import pytest

from riskscore.service.replay import replay_record
from tests.journey.conftest import ask

pytestmark = pytest.mark.slow


def test_each_score_of_a_meeting_is_what_it_is_alone_and_replays(house, bodies, champion):
    meeting = bodies[:30]
    answer = house.client.post("/v1/scores/batch", json={"requests": meeting}, headers=house.headers("officer", "all"))
    assert answer.status_code == 201, answer.text
    scores = answer.json()["scores"]
    assert [score["subject"] for score in scores] == [body["subject"] for body in meeting]
    assert any(score["what_would_change"] for score in scores)
    for body, together in zip(meeting, scores, strict=True):
        record = house.records.get(together["score_id"])
        assert replay_record(record, champion).differences == ()
        alone = house.records.get(ask(house, body)["score_id"])
        assert {**alone.score, "score_id": together["score_id"]} == record.score
        assert alone.values == record.values
