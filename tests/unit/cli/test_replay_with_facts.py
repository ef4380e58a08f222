"""What `riskscore replay --portfolio` says of a score that was computed from facts sent with the request."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from riskscore.cli import replay as command
from riskscore.cli.replayed_rules import RulesAgain
from riskscore.errors import NotFound, Refused
from riskscore.service.replay import Replay


@pytest.fixture
def replayed(monkeypatch, tmp_path, capsys):
    """Replay a score whose record holds two values, with a portfolio that gives `row`."""

    def run(facts, row) -> str:
        record = SimpleNamespace(
            values={"outstanding": 100.0, "business_revenue": 900.0},
            facts=facts,
            kind="member",
            score={"recipe": "member_default", "model_version": "3", "as_of": datetime(2026, 2, 1).isoformat()},
        )

        def read_again(*_):
            if row is None:
                raise NotFound.of("subject", "There is no such member at this moment.", "Check the id.")
            return row

        monkeypatch.setattr("riskscore.service.replay.replay", lambda _: Replay("s_1", "3", "2026-01", ()))
        monkeypatch.setattr("riskscore.service.records.Records.get", lambda *_: record)
        monkeypatch.setattr("riskscore.service.database.Database.__init__", lambda *_: None)
        monkeypatch.setattr("riskscore.modelling.Registry", lambda: SimpleNamespace(folder=lambda *_: Path()))
        monkeypatch.setattr("riskscore.modelling.artefact.load", lambda *_: None)
        monkeypatch.setattr("riskscore.portfolio.Portfolio.open", lambda _: None)
        monkeypatch.setattr(command, "_read_again", read_again)
        monkeypatch.setattr("riskscore.cli.replayed_rules.rules_again", lambda *_: RulesAgain())
        command.replay("s_1", tmp_path)
        return " ".join(capsys.readouterr().out.split())

    return run


SENT = {"tables": {"budgets": 2}, "rows": 2, "digest": "0" * 64}


def test_without_facts_what_differs_is_a_fault(replayed):
    with pytest.raises(Refused) as refused:
        replayed(None, {"outstanding": 100.0, "business_revenue": 800.0})
    assert [fault.where for fault in refused.value.faults] == ["business_revenue"]


def test_with_facts_it_is_named_and_expected(replayed):
    said = replayed(SENT, {"outstanding": 100.0, "business_revenue": 800.0})
    assert "facts were sent with the request: budgets 2" in said
    assert "2 values, as expected otherwise: business_revenue" in said
    assert "800" not in said


def test_who_is_in_no_portfolio_is_told_as_such(replayed):
    assert "she is no member there at that moment" in replayed(SENT, None)
    with pytest.raises(NotFound):
        replayed(None, None)
