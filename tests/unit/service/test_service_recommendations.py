"""From the service's records to the table `recommendations`, and what no outcome may do with it."""

from dataclasses import replace
from datetime import date, datetime

import polars as pl
import pytest
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.dataset.training_set import OUTCOMES
from riskscore.portfolio import Portfolio, check_portfolio, write_portfolio
from riskscore.project import Project
from riskscore.service.access import Grant, Place
from riskscore.service.database import Database
from riskscore.service.decisions import Decision, decide
from riskscore.service.recommendations import recommendations
from riskscore.service.records import Records
from tests.unit.portfolio.conftest import rows, standing
from tests.unit.service.desks import SCORE
from tests.unit.service.test_service_records import record

ASKER = Grant("t_1", "officer", "all", None)


def asked(name: str, day: int) -> dict[str, object]:
    return {
        "id": name,
        "event_at": datetime(2026, 2, day, 9),
        "known_at": datetime(2026, 2, day, 9),
        "member_id": "M1",
        "group_id": "SG",
        "product_id": "P1",
        "ledger": "internal",
        "amount": "100.00",
        "currency": "USD",
        "term_days": 28,
        "frequency": "weekly",
        "purpose": None,
        "other_active_loans": 0,
    }


def decided(name: str, application: str, result: str, day: int) -> dict[str, object]:
    return {
        "id": name,
        "event_at": datetime(2026, 2, day, 16),
        "known_at": datetime(2026, 2, day, 18),
        "application_id": application,
        "group_id": "CB",
        "result": result,
        "asked": "100.00",
        "approved": "100.00" if result == "approved" else None,
        "currency": "USD",
        "reason": None,
        "votes_for": None,
        "votes_against": None,
        "abstentions": None,
    }


PRODUCT = {
    "id": "P1",
    "name": "loan",
    "ledger": "internal",
    "amount_min": "50.00",
    "amount_max": "500.00",
    "amount_step": "10.00",
    "term_days_min": 28,
    "term_days_max": 240,
    "frequencies": "weekly",
    "rate_per_30_days": 0.03,
    "method": "flat",
    "growth_max": None,
    "currency": "USD",
}


@pytest.fixture
def portfolio(tmp_path) -> Portfolio:
    frames = standing() | {
        "products": rows("products", PRODUCT),
        "applications": rows("applications", asked("A1", 2), asked("A2", 20)),
        "committee_decisions": rows(
            "committee_decisions", decided("D1", "A1", "reduced", 4), decided("D2", "A2", "approved", 22)
        ),
    }
    return write_portfolio(
        tmp_path / "portfolio",
        frames,
        currency="USD",
        country="BO",
        time_zone="America/La_Paz",
        data_date=date(2026, 6, 30),
    )


@pytest.fixture
def address(tmp_path) -> str:
    """Three recommendations: on 3 and 21 February at noon UTC, and one about who is no member."""
    where = f"sqlite:///{tmp_path / 'records.db'}"
    records = Records(Database(where))
    for name, state, day, who in (
        ("s_1", "ready", 3, "M1"),
        ("s_2", "talk_first", 21, "M1"),
        ("s_3", "ready", 25, "M1"),
        ("s_4", "ready", 3, "M99"),
    ):
        score = {**SCORE, "score_id": name, "recommendation": {**SCORE["recommendation"], "state": state}}
        one = replace(
            record(name),
            place=Place(who, "SG", "CB", "BR"),
            score=score,
            recorded_at=f"2026-02-{day:02d}T12:00:00.000000+00:00",
        )
        records.append(one, ASKER)
    return where


def table(address, portfolio) -> list[tuple[object, ...]]:
    found = recommendations(Database(address), portfolio, recipe="member_default")
    names = ("id", "event_at", "application_id", "state", "decided_by", "decision")
    return found.select(names).rows()


def test_a_decision_is_a_later_version_of_what_was_recommended(address, portfolio):
    eight = datetime(2026, 2, 3, 8)  # noon in UTC is eight in La Paz
    assert table(address, portfolio) == [
        ("s_1", eight, "A1", "ready", None, None),
        ("s_1", datetime(2026, 2, 4, 16), "A1", "ready", "committee", "reduced"),
        ("s_2", eight.replace(day=21), "A2", "talk_first", None, None),
        ("s_2", datetime(2026, 2, 22, 16), "A2", "talk_first", "committee", "approved"),
        ("s_3", eight.replace(day=25), None, "ready", None, None),  # nobody has decided
    ]


def test_what_an_analyst_asked_is_no_recommendation(address, portfolio):
    """The committee decided on the 4th what an officer had asked on the 3rd, whatever was tried since."""
    before = table(address, portfolio)
    tried = {**SCORE, "score_id": "s_9", "recommendation": {**SCORE["recommendation"], "state": "talk_first"}}
    one = replace(
        record("s_9"),
        place=Place("M1", "SG", "CB", "BR"),
        score=tried,
        recorded_at="2026-02-03T13:00:00.000000+00:00",
    )
    Records(Database(address)).append(one, Grant("t_2", "analyst", "all", None))
    assert table(address, portfolio) == before


def entered(address: str, score_id: str, amount: float, day: int, **changes: object) -> None:
    given = {"who": "Comite CB", "role": "committee", "opinion": "Paga bien.", "reason": "Poca venta."} | changes
    decision = Decision(
        score_id=score_id, amount_approved=amount, currency="PEN", decided_on=date(2026, 2, day), **given
    )
    decide(Database(address), decision, ASKER, clock=lambda: "2026-02-27T12:00:00.000000+00:00")


def test_a_decision_entered_beside_the_recommendation_holds_over_the_portfolios(address, portfolio):
    """The portfolio says that A1 was reduced and that nobody decided on s_3."""
    entered(address, "s_1", 0, 4)
    entered(address, "s_3", 600, 26, role="officer", who="Rosa Q.", opinion=None)
    found = recommendations(Database(address), portfolio, recipe="member_default").drop_nulls("decision")
    assert found.select("id", "event_at", "application_id", "decided_by", "decision").rows() == [
        ("s_1", datetime(2026, 2, 4), "A1", "committee", "rejected"),
        ("s_2", datetime(2026, 2, 22, 16), "A2", "committee", "approved"),
        ("s_3", datetime(2026, 2, 26), None, "officer", "approved"),  # A2 was decided upon under s_2
    ]
    assert found["known_at"][0] == datetime(2026, 2, 27, 8)  # when it was entered


def test_a_corrected_decision_is_the_last_one(address, portfolio):
    entered(address, "s_3", 300, 26)
    entered(address, "s_3", 600, 26)
    found = recommendations(Database(address), portfolio, recipe="member_default").filter(pl.col("id") == "s_3")
    assert found["decision"].to_list() == [None, "approved"]


def test_the_command_writes_a_table_that_the_contract_takes(address, portfolio, tmp_path, monkeypatch):
    monkeypatch.setenv("RISKSCORE_RECORDS", address)
    out = portfolio.path / "recommendations.parquet"
    found = CliRunner().invoke(app, ["recommendations", str(portfolio.path), "--out", str(tmp_path / out.name)])
    assert found.exit_code == 0, found.output
    assert "3 recommendations, 2 of them with a decision" in found.output
    frames = {name: portfolio.table(name) for name in portfolio.manifest.rows}
    with_it = write_portfolio(
        tmp_path / "with",
        {**frames, "recommendations": pl.read_parquet(tmp_path / out.name)},
        currency="USD",
        country="BO",
        time_zone="America/La_Paz",
        data_date=date(2026, 6, 30),
    )
    assert [fault for fault in check_portfolio(with_it.path) if fault.where.startswith("recommendations")] == []
    assert with_it.table("recommendations").height == 5


def test_no_score_amount_or_reason_is_in_it(address, portfolio):
    found = recommendations(Database(address), portfolio, recipe="member_default")
    assert set(found.columns) == {
        *("id", "event_at", "known_at", "known_inferred", "member_id", "group_id", "application_id", "state"),
        *("decided_by", "decision", "model_version", "policy_version"),
    }


@pytest.mark.slow
def test_labels_are_the_same_whatever_people_decided(portfolio, address, tmp_path):
    lock = Project.open().catalog().lock()
    frames = {name: portfolio.table(name) for name in portfolio.manifest.rows}
    told = recommendations(Database(address), portfolio, recipe="member_default")
    kinds = {"currency": "USD", "country": "BO", "time_zone": "America/La_Paz", "data_date": date(2026, 6, 30)}
    undecided = {name: frame for name, frame in frames.items() if name != "committee_decisions"}
    without = write_portfolio(tmp_path / "without", undecided, **kinds)
    assert OUTCOMES["member_internal"].labels(without)["label"].to_list() == ["bad"]  # a loan that nobody paid
    for decision in ("approved", "rejected"):
        changed = told.with_columns(decision=pl.when(pl.col("decision").is_not_null()).then(pl.lit(decision)))
        beside = write_portfolio(tmp_path / decision, {**frames, "recommendations": changed}, **kinds)
        for rule in OUTCOMES.values():
            assert rule.outcomes(beside, lock).equals(rule.outcomes(without, lock))
