"""What `riskscore replay --portfolio` says of the rules beside a score, and of those under one id."""

from __future__ import annotations

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.service.desks import Desks
from riskscore.service.erasure import erase
from riskscore.service.rules_recorded import rules_of_score
from tests.unit.service.associations import bank_desk
from tests.unit.service.desks import BODY, STARTER_RULES, WithPolicy, build

RUN = CliRunner()


@pytest.fixture
def house(tmp_path, monkeypatch):
    made = build(tmp_path, Desks.of(WithPolicy(rules=STARTER_RULES), bank_desk()))
    officer = made.headers("officer", "all")
    for body in (BODY, BODY | {"subject": "M2"}):
        assert made.client.post("/v1/scores", json=body, headers=officer).status_code == 201
    assert made.client.get("/v1/groups/B1/sheet", headers=officer).status_code == 200
    monkeypatch.setenv("RISKSCORE_RECORDS", f"sqlite:///{tmp_path / 'records.db'}")
    monkeypatch.setattr("riskscore.portfolio.Portfolio.open", lambda _: None)
    return made


@pytest.fixture
def rules_id(house) -> str:
    (ruled,) = rules_of_score(house.records.database, house.records.get("s_1"))
    return ruled.rules_id


def replayed(house, rules_id, tmp_path, monkeypatch, **facts) -> tuple[int, str]:
    """Replay against a portfolio whose members have other `facts`."""
    group = house.service.state.desk.group("B1")
    members = tuple(replace(one, **facts) for one in group.members)
    groups = {"B1": replace(group, members=members)}
    monkeypatch.setattr("riskscore.scoring.group_reading.read_groups", lambda *_: groups)
    done = RUN.invoke(app, ["replay", rules_id, "--portfolio", str(tmp_path)])
    return done.exit_code, " ".join(done.output.split())


def test_the_same_is_said_to_be_the_same(house, rules_id, tmp_path, monkeypatch):
    code, said = replayed(house, rules_id, tmp_path, monkeypatch)
    assert code == 0, said
    assert "1 on record, the same" in said


def test_what_differs_is_a_fault_named_by_its_place(house, rules_id, tmp_path, monkeypatch):
    code, said = replayed(house, rules_id, tmp_path, monkeypatch, marks=(5, 8))
    assert code == 1
    assert f"{rules_id} G07.measured" in said
    assert "10" not in said.replace(rules_id, "")


def test_a_bank_that_the_portfolio_does_not_have_is_a_fault(rules_id, tmp_path, monkeypatch):
    monkeypatch.setattr("riskscore.scoring.group_reading.read_groups", lambda *_: {})
    done = RUN.invoke(app, ["replay", rules_id, "--portfolio", str(tmp_path)])
    assert (done.exit_code, f"{rules_id} group" in " ".join(done.output.split())) == (1, True)


def test_of_an_erased_request_it_says_so(house, rules_id, tmp_path, monkeypatch):
    erase(house.records.database, "M1", reason="Lo pidió ella.")
    code, said = replayed(house, rules_id, tmp_path, monkeypatch)
    assert code == 0
    assert "1 on record with a request that was erased since" in said


def test_without_a_portfolio_or_under_an_unknown_id_it_says_what_to_do(house, tmp_path):
    bare = RUN.invoke(app, ["replay", "r_1"])
    assert (bare.exit_code, "--portfolio" in bare.output) == (1, True)
    unknown = RUN.invoke(app, ["replay", "r_1", "--portfolio", str(tmp_path)])
    assert (unknown.exit_code, "There are no rules 'r_1'." in unknown.output) == (1, True)
