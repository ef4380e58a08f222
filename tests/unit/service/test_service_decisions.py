"""Decisions: whole, all faults at once, and true about whether they override."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest

from riskscore.errors import InvalidInput, NotFound
from riskscore.service.access import Grant
from riskscore.service.before import Before
from riskscore.service.database import Database
from riskscore.service.decisions import decide, decisions, overrides
from riskscore.service.records import Records
from riskscore.service.verification import verify
from tests.unit.service.desks import SCORE
from tests.unit.service.stores import DECISION, OFFICER, at, of
from tests.unit.service.test_service_records import record


@pytest.fixture
def database(tmp_path) -> Database:
    """M1's score: 600 asked, `talk_first`, a ceiling of 280; recorded on 2 February at seven in Lima."""
    opened = Database(f"sqlite:///{tmp_path / 'records.db'}")
    Records(opened).append(of("M1", "s_1"), OFFICER)
    return opened


def test_a_decision_comes_back_as_it_was_taken(database):
    decided = decide(database, DECISION, OFFICER, clock=at())
    assert (decided.result, decided.overrides) == ("reduced", False)
    assert decided.recorded_at == "2026-02-04T12:00:00.000000+00:00"
    assert decided.decision.decided_on == date(2026, 2, 3)
    assert decisions(database, "s_1") == (decided,)
    assert verify(database).entries == 3


def test_a_correction_is_a_second_decision(database):
    first = decide(database, DECISION, OFFICER, clock=at())
    second = decide(database, replace(DECISION, amount_approved=200.0), OFFICER, clock=at())
    assert decisions(database) == (first, second)


@pytest.mark.parametrize(
    ("state", "ceiling", "approved", "expected"),
    [
        ("ready", 800.0, 600.0, False),
        ("ready", 800.0, 500.0, True),
        ("ready", 800.0, 0.0, True),
        ("ready", 800.0, None, True),
        ("talk_first", 280.0, 280.0, False),
        ("talk_first", 280.0, 290.0, True),
        ("talk_first", 280.0, 0.0, False),
        ("talk_first", 280.0, None, False),
        ("talk_first", 0.0, 100.0, True),  # to a committee this and the next are one
        ("talk_first", None, 100.0, True),
        ("talk_first", None, 600.0, True),
        ("talk_first", 600.0, 599.0, True),  # it is not the amount that speaks against the loan
        ("talk_first", 800.0, 0.0, False),
        ("talk_first", None, None, False),
    ],
)
def test_what_goes_against_a_recommendation(state, ceiling, approved, expected):
    one = replace(record(), score={**SCORE, "recommendation": {"state": state, "ceiling": ceiling, "why": []}})
    assert overrides(one, approved) is expected


def test_every_fault_is_named_at_once_and_nothing_repeated(database):
    wrong = replace(
        DECISION,
        who=" ",
        role="board",
        amount_approved=math.inf,
        currency="USD",
        decided_on=date(2026, 2, 5),
        opinion="CANARY" * 200,
        reason="CANARY\ud800",
    )
    with pytest.raises(InvalidInput) as caught:
        decide(database, wrong, OFFICER, clock=at())
    named = [fault.where for fault in caught.value.faults]
    assert named == ["amount_approved", "currency", "decided_on", "opinion", "reason", "role", "who"]
    assert "CANARY" not in str(caught.value)
    assert decisions(database) == ()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"amount_approved": 600.0}, "reason"),  # against the recommendation, and nobody says why
        ({"amount_approved": 601.0}, "amount_approved"),
        ({"amount_approved": -1.0}, "amount_approved"),
        ({"amount_approved": True}, "amount_approved"),
        ({"opinion": None}, "opinion"),
        ({"decided_on": date(2026, 2, 1)}, "decided_on"),
    ],
)
def test_each_fault(database, change, where):
    with pytest.raises(InvalidInput) as caught:
        decide(database, replace(DECISION, **change), OFFICER, clock=at())
    assert [fault.where for fault in caught.value.faults] == [where]


SHOWN = Before(opinion=True, opened=True)


def test_a_committee_enters_its_own_decisions(database):
    committee = Grant("t_3", "committee", "group", "B1")
    assert decide(database, DECISION, committee, before=SHOWN, clock=at()).result == "reduced"
    with pytest.raises(InvalidInput, match="role: A committee enters its own decisions"):
        decide(database, replace(DECISION, role="officer"), committee, before=SHOWN, clock=at())


def test_an_officer_needs_no_opinion_of_a_committee(database):
    assert decide(database, replace(DECISION, role="officer", opinion=None), OFFICER, clock=at()).overrides is False


def test_days_are_counted_by_the_institutions_clock(database):
    """At three in the morning of the 5th in Greenwich it is still the 4th in Lima."""
    early = at("2026-02-05T03:00:00.000000+00:00")
    with pytest.raises(InvalidInput, match="2026-02-02 to 2026-02-04"):
        decide(database, replace(DECISION, decided_on=date(2026, 2, 5)), OFFICER, clock=early)


def test_a_score_out_of_reach_is_as_unknown_as_one_that_is_not(database):
    elsewhere = Grant("t_2", "officer", "branch", "S")
    with pytest.raises(NotFound) as outside:
        decide(database, DECISION, elsewhere, clock=at())
    with pytest.raises(NotFound) as unknown:
        decide(database, replace(DECISION, score_id="s_9"), OFFICER, clock=at())
    assert str(outside.value) == str(unknown.value)
