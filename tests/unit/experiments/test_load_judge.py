"""The judge of `make load` finds what was lost and what stands twice: a run that cannot fail would prove nothing."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from riskscore.service.database import Database
from riskscore.service.decisions import decide
from tests.unit.service.stores import DECISION, OFFICER, at, fill, of
from tests.unit.service.test_service_records import record


@pytest.fixture
def tools(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3] / "experiments" / "benchmarks"))
    import load_clients
    import load_judge

    yield load_clients.Told, load_judge
    for name in ("load_clients", "load_judge"):
        sys.modules.pop(name)


@pytest.fixture
def database(tmp_path) -> Database:
    """Scores s_1 and s_2, and one decision on s_1 without a key; then one under the key k."""
    made = Database(f"sqlite:///{tmp_path / 'records.db'}")
    fill(made)
    return made


def told(tools, **changes):
    score = record("s_1").score["score"]
    fresh = tools[0](milliseconds=[1.0, 2.0, 3.0], sent_scores=2, scores={"s_1": score, "s_2": score})
    fresh.sent_decisions = {None, "k"}  # what `fill` enters has no key
    return replace(fresh, **changes)


def verdict(tools, database, **changes):
    found = tools[1].judge(database, told(tools, **changes)) | {"faults": []}
    return found["lost"], found["doubled"], tools[1].good(found)


def test_what_is_there_once_is_good(tools, database):
    entered = decide(database, DECISION, OFFICER, key="k", clock=at())
    assert verdict(tools, database, decisions={"k": entered.decision_id}) == (0, 0, True)


def test_a_score_that_was_acknowledged_and_is_not_there_is_lost(tools, database):
    assert verdict(tools, database, scores={"s_9": 560.4}) == (1, 0, False)


def test_so_is_one_that_is_there_otherwise(tools, database):
    assert verdict(tools, database, scores={"s_1": 1.0}) == (1, 0, False)


def test_and_a_decision(tools, database):
    assert verdict(tools, database, decisions={"k": "d_nobody"}) == (1, 0, False)


def test_more_scores_than_were_sent_are_doubled(tools, database):
    from riskscore.service.records import Records

    Records(database).append(of("M2", "s_3"), OFFICER)
    assert verdict(tools, database) == (0, 1, False)


def test_a_key_that_stands_twice_is_doubled(tools, database):
    decide(database, DECISION, OFFICER, key="k", clock=at())
    decide(database, replace(DECISION, score_id="s_2"), OFFICER, key="k", clock=at())  # on another score it may
    assert verdict(tools, database) == (0, 1, False)


def test_whatever_else_was_wrong_is_not_good(tools, database):
    assert verdict(tools, database, wrong=["GET /readyz: 500"]) == (0, 0, False)
    assert verdict(tools, database, wrong=["malformed: x"]) == (0, 0, False)
    assert verdict(tools, database, given_up=1) == (0, 0, False)
