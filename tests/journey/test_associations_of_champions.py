"""Communal banks and producer associations of a simulated portfolio over HTTP: answered, kept, and computed again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from riskscore.catalog import Catalog
from riskscore.modelling import Recipe, artefact, train
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.communal_bank.structural import Structural
from riskscore.modelling.reference import Reference
from riskscore.modelling.scale import ScoreScale
from riskscore.modelling.scorecard import Bins, Scorecard
from riskscore.portfolio import Portfolio
from riskscore.scoring.communal_bank import outlooks
from riskscore.scoring.group_facts import OF_GROUP, Measured
from riskscore.scoring.group_reading import read_group
from riskscore.scoring.producers import latest_of_producers, score_producers
from riskscore.service.bank_desk import BankDesk
from riskscore.service.desks import Desks
from riskscore.service.producer_desk import ProducerDesk
from riskscore.service.replay import replay_record
from riskscore.simulator import simulate
from tests.journey.conftest import faults_in_document
from tests.unit.modelling.test_communal_bank import LEVEL, STRUCTURE
from tests.unit.scoring.conftest import champion_of
from tests.unit.service.desks import House, build

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory) -> Portfolio:
    return simulate(tmp_path_factory.mktemp("associations") / "portfolio", members=150, seed=11)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.from_folder(ROOT / "features")


@pytest.fixture(scope="module")
def bank_champion(catalog):
    """The structure by hand: who was late falls."""
    late = Bins("worst_delay_180d", (5.0,), (0.5, -0.5), 0.0, 0.1, -0.9, (80, 15, 5), (4, 6, 0))
    card = Scorecard(("worst_delay_180d",), -2.0, (late,))
    member = CalibratedModel(card, {"worst_delay_180d": "repayment"}, 1.1, 0.2, {}, ScoreScale(600, 50, 20))
    return replace(
        champion_of(catalog.lock()),
        model=SimpleNamespace(kind="structural", margin=Structural(member, STRUCTURE, LEVEL, -4.0)),
        recipe=Recipe.load(ROOT / "training" / "group_default.toml"),
        reference=Reference(features={}, bands=(), metrics={"gates": []}),
    )


@pytest.fixture(scope="module")
def banks(bank_champion, portfolio) -> BankDesk:
    return BankDesk.build(bank_champion, portfolio)


@pytest.fixture
def house(tmp_path, banks) -> House:
    return build(tmp_path, Desks.of(banks))


def ask(house: House, body: dict):
    answer = house.client.post("/v1/scores", json=body, headers=house.headers("officer", "all"))
    assert answer.status_code == 201, answer.text
    assert faults_in_document(answer.json()) == []
    return house.records.get(answer.json()["score_id"])


def test_an_outlook_over_http_is_that_of_the_file(house, banks, bank_champion, portfolio):
    for expected in outlooks(bank_champion, portfolio, banks.moment)[:4]:
        score = ask(house, {"recipe": "group_default", "subject": expected.bank_id}).score
        for name in ("pd", "structural_pd", "expected_loss", "covers_falls", "members", "grade"):
            assert score[name] == getattr(expected, name)
        assert score["in_arrears"] == list(expected.in_arrears)
        assert score["recommendation"] == {"state": expected.state}


def test_every_outlook_is_computed_again_to_the_last_bit(house, banks, bank_champion):
    earlier = (banks.moment - timedelta(days=90)).isoformat()
    for bank_id in list(banks.cases)[:3]:
        for body in ({}, {"as_of": earlier}):
            record = ask(house, {"recipe": "group_default", "subject": bank_id, **body})
            assert replay_record(record, bank_champion).differences == ()
    changed = json.loads(json.dumps(record.behind))
    next(iter(changed.values()))["pd"] = 0.99
    found = replay_record(replace(record, behind=changed), bank_champion)
    assert {"pd", "expected_in_arrears"} <= {one.where for one in found.differences}


def test_no_member_is_named_in_the_record_of_an_outlook(house, banks, portfolio):
    members = portfolio.table("members")["id"].to_list()
    record = ask(house, {"recipe": "group_default", "subject": next(iter(banks.cases))})
    text = json.dumps([record.score, record.request, record.values, record.context])
    assert not any(f'"{one}"' in text for one in members)
    assert set(record.values["members"]) == {"savings_untold", "spare_untold"}
    assert list(record.behind) == sorted(set(record.behind) & set(members))
    assert len(record.behind) == record.values["behind"] == record.score["members"]
    asked = portfolio.table("applications").filter(pl.col("ledger") == "internal")
    for member, row in record.behind.items():
        assert row["loan"] in asked.filter(pl.col("member_id") == member)["amount"].to_list()
    assert {tuple(one) for one in record.behind.values()} == {("group", "loan", "pd", "savings", "spare")}


def test_arrears_are_those_of_the_groups_rules(banks, portfolio):
    told = 0
    for bank_id in banks.branch:
        found = OF_GROUP["share_in_arrears"](read_group(portfolio, bank_id, banks.moment))
        if isinstance(found, Measured):
            assert banks.arrears[bank_id] == {"late": found.part, "members": found.whole}
            told += 1
        else:
            assert bank_id not in banks.arrears
    assert told > 0


def test_a_producer_association_over_http_agrees_with_the_file_and_is_computed_again(tmp_path, catalog, portfolio):
    recipe = Recipe.load(ROOT / "training" / "producer_default.toml")
    run = train(recipe, catalog, portfolio, seed=2, folder=tmp_path / "artefacts")
    champion = artefact.load(run.folder, version="1")
    desk = ProducerDesk.build(champion, portfolio)
    house = build(tmp_path, Desks.of(desk))
    asked = latest_of_producers(portfolio, desk.moment).drop_nulls("purpose")
    expected = {row["group_id"]: row for row in score_producers(champion, portfolio).iter_rows(named=True)}
    compared = 0
    for row in asked.head(4).iter_rows(named=True):
        fields = {name: row[name] for name in ("amount", "currency", "frequency", "purpose")}
        whole = {name: int(row[name] or 0) for name in ("term_days", "other_active_loans")}
        record = ask(house, {"recipe": "producer_default", "subject": row["group_id"], **fields, **whole})
        score, told = record.score, expected[row["group_id"]]
        assert (score["pd"], score["score"]) == (pytest.approx(told["pd"]), pytest.approx(told["score"]))
        interval = score["pd_interval"]
        assert (interval["low"], interval["high"]) == (pytest.approx(told["low"]), pytest.approx(told["high"]))
        assert score["prior_share"] == pytest.approx(told["prior_share"])
        assert score["points"]["base"] + sum(score["points"]["features"].values()) == pytest.approx(score["score"])
        assert replay_record(record, champion).differences == ()
        compared += 1
    assert compared > 0
