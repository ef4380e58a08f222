"""What `riskscore replay` says of a communal bank's score, also once a member behind it was erased."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.service.desks import Desks
from riskscore.service.verification import verify
from tests.unit.service.associations import BANK_BODY
from tests.unit.service.bank_cases import CASE, ROWS, as_first_kept, bank_champion, desk_of_case
from tests.unit.service.desks import House, PlainDesk, build
from tests.unit.service.stores import OFFICER


@pytest.fixture(scope="module")
def champion():
    return bank_champion()


@pytest.fixture
def house(tmp_path, monkeypatch, champion) -> House:
    """s_1 is of B1; the portfolio gives what the desk gives."""
    desk = desk_of_case(champion)
    made = build(tmp_path, Desks.of(PlainDesk(), desk))
    assert made.client.post("/v1/scores", json=BANK_BODY, headers=made.headers("officer", "all")).status_code == 201
    monkeypatch.setenv("RISKSCORE_RECORDS", f"sqlite:///{tmp_path / 'records.db'}")
    found = SimpleNamespace(folder=lambda *_: Path())
    for name in ("riskscore.modelling.Registry", "riskscore.service.replay.Registry"):
        monkeypatch.setattr(name, lambda *_: found)
    monkeypatch.setattr("riskscore.modelling.artefact.load", lambda *_, **__: champion)
    monkeypatch.setattr("riskscore.portfolio.Portfolio.open", lambda _: None)
    monkeypatch.setattr("riskscore.service.bank_desk.BankDesk.build", lambda *_: desk)
    return made


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "300"})
    return done.exit_code, " ".join(done.output.split())


def test_it_is_the_same_to_the_last_bit_and_so_are_the_members_of_the_portfolio(house, tmp_path):
    code, said = run("replay", "s_1", "--portfolio", str(tmp_path))
    assert code == 0, said
    assert "computed again from its record: the same to the last bit" in said
    assert "8 values, the same" in said


def test_a_member_whom_the_portfolio_gives_otherwise_is_a_fault(house, tmp_path, monkeypatch, champion):
    other = replace(CASE, members=replace(CASE.members, loan=CASE.members.loan + 1.0))
    monkeypatch.setattr("riskscore.service.bank_desk.BankDesk.build", lambda *_: desk_of_case(champion, other))
    code, said = run("replay", "s_1", "--portfolio", str(tmp_path))
    assert code == 1
    assert "members" in said
    assert "910" not in said


def test_a_score_that_kept_its_members_itself_is_compared_as_well(house, tmp_path, monkeypatch, champion):
    record = house.records.get("s_1")
    first = replace(
        record, score_id="s_0", score=record.score | {"score_id": "s_0"}, values=as_first_kept(record.values), behind={}
    )
    house.records.append(first, OFFICER)
    code, said = run("replay", "s_0", "--portfolio", str(tmp_path))
    assert code == 0, said
    assert "the same to the last bit" in said
    assert "7 values, the same" in said
    other = replace(CASE, members=replace(CASE.members, spare=CASE.members.spare + 1.0))
    monkeypatch.setattr("riskscore.service.bank_desk.BankDesk.build", lambda *_: desk_of_case(champion, other))
    assert run("replay", "s_0", "--portfolio", str(tmp_path))[0] == 1


def test_she_is_handed_her_part_and_erased_and_the_replay_tells_it(house, tmp_path):
    out = tmp_path / "hers.json"
    assert run("records", "export", "M2", "--out", str(out))[0] == 0
    assert [one["content"] for one in json.loads(out.read_text("utf-8"))["records"]] == [ROWS["M2"]]
    code, said = run("records", "erase", "M2", "--reason", "asked for by herself")
    assert (code, "2 records erased" in said) == (0, True)  # her part, and that it was handed over
    for arguments in ((), ("--portfolio", str(tmp_path))):
        code, said = run("replay", "s_1", *arguments)
        assert code == 0, said
        assert "members behind it who were erased since: 1; it cannot be computed again" in said
        assert "the same" not in said
        assert "M2" not in said
    assert run("records", "verify")[0] == 0
    assert verify(house.records.database).erased == 2
