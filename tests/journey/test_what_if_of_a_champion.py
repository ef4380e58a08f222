"""Questions on stored scores, answered by a champion: nothing changed is the stored score, to the last bit."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from riskscore.modelling import Recipe
from riskscore.scoring import Otherwise, ScoreRequest, as_changed
from riskscore.service.champion_desk import ChampionDesk
from riskscore.service.frozen import thawed
from tests.journey.conftest import POLICY, ROOT, ask, faults_in_document
from tests.unit.service.desks import build

pytestmark = pytest.mark.slow


def question(house, score_id: str, body: dict):
    answer = house.client.post(f"/v1/scores/{score_id}/what-if", json=body, headers=house.headers("officer", "all"))
    if answer.status_code == 200:
        assert faults_in_document(answer.json(), "POST /v1/scores/{score_id}/what-if", 200) == []
    return answer


def test_the_unchanged_point_is_the_stored_score(house, bodies):
    for body in bodies[:25]:
        score_id = ask(house, body)["score_id"]
        found = question(house, score_id, {}).json()["point"]
        stored = house.records.get(score_id).score
        assert {"score_id": score_id, **found} == stored


def test_it_stays_the_stored_score_when_model_policy_and_portfolio_have_moved_on(tmp_path, house, desk, bodies):
    score_id = ask(house, bodies[3])["score_id"]
    stored = house.records.get(score_id).score
    stricter = POLICY.replace("value = 0.70", "value = 0.50", 1)
    other = replace(desk.champion, version="8")
    loaded = []

    def of_version(recipe, version):
        loaded.append((recipe, version))
        return desk.champion

    moved = ChampionDesk.build(other, stricter, desk.portfolio, desk, of_version=of_version)
    emptied = replace(moved, snapshot=replace(moved.snapshot, places={}))  # she is no member any more
    house.source.held, house.source.mark = emptied, 2
    house.service.state.look()
    found = question(house, score_id, {}).json()["point"]
    assert {"score_id": score_id, **found} == stored
    assert loaded == [("member_default", "7")]


def test_another_model_of_the_same_version_is_not_taken_for_it(house, desk, bodies):
    score_id = ask(house, bodies[0])["score_id"]
    record = house.records.get(score_id)
    other = replace(record, score=record.score | {"lock": "0" * 64})
    object.__setattr__(house.records, "get", lambda _: other)
    assert question(house, score_id, {}).status_code == 409


def test_a_changed_point_is_the_score_of_that_request(house, desk, bodies):
    asked = 0
    for body in bodies[:60]:
        offers = ask(house, body)["what_would_change"]
        record = house.records.get(f"s_{bodies.index(body) + 1}")
        for offer in offers:
            asked += 1
            levers = ("amount", "term_days", "frequency", "savings", "finishes_debt")
            answer = question(house, record.score_id, {name: offer[name] for name in levers})
            assert answer.status_code == 200, answer.text
            point = answer.json()["point"]
            assert (point["recommendation"]["state"], round(point["score"])) == ("ready", offer["score"])
    assert asked >= 5


def test_a_grid_agrees_with_its_points(house, desk, bodies):
    body = bodies[5]
    score_id = ask(house, body)["score_id"]
    product = desk.snapshot.products[0]
    amounts = [product.amount_min, (product.amount_min + product.amount_max) / 2, product.amount_max]
    terms = [product.term_days_min, product.term_days_max]
    answer = question(house, score_id, {"grid": {"amounts": amounts, "term_days": terms}})
    assert answer.status_code == 200, answer.text
    grid = answer.json()["grid"]
    assert [(one["amount"], one["term_days"]) for one in grid] == [(a, t) for t in terms for a in amounts]
    for one in grid:
        alone = question(house, score_id, {"amount": one["amount"], "term_days": one["term_days"]}).json()["point"]
        assert one["pd"] == pytest.approx(alone["pd"], abs=1e-12)
        assert one["score"] == pytest.approx(alone["score"], abs=1e-9)
        assert (one["state"], one["ceiling"]) == (alone["recommendation"]["state"], alone["recommendation"]["ceiling"])
        assert (one["grade"], one["level"]) == (alone["grade"], alone["indebtedness"]["level"])
        assert one["nii_post"] == alone["indebtedness"]["nii_post"]


def test_what_no_product_allows_is_named_for_point_and_grid_at_once(house, bodies):
    score_id = ask(house, bodies[0])["score_id"]
    answer = question(house, score_id, {"amount": 1e9, "grid": {"amounts": [1e9], "term_days": [3660]}})
    assert answer.status_code == 422
    fields = [error["field"] for error in answer.json()["errors"]]
    assert fields == ["amount", "grid.amounts", "grid.term_days"]


def test_what_cannot_be_otherwise_is_refused(house, desk, bodies):
    several = next(body | {"other_active_loans": 3} for body in bodies)
    score_id = ask(house, several)["score_id"]
    answer = question(house, score_id, {"finishes_debt": True})
    assert [error["field"] for error in answer.json()["errors"]] == ["finishes_debt"]
    record = house.records.get(score_id)
    unknown = replace(record, values=record.values | {"group_savings": None})
    object.__setattr__(house.records, "get", lambda _: unknown)
    answer = question(house, score_id, {"savings": 10.0})
    assert [error["field"] for error in answer.json()["errors"]] == ["savings"]


def test_savings_put_by_are_in_the_values_the_point_is_computed_from(house, desk, bodies):
    body = next(
        body
        for body in bodies
        if (row := desk.snapshot.row(body["subject"])).get("group_savings") is not None and row["group_savings"] > 0
    )
    record = house.records.get(ask(house, body)["score_id"])
    otherwise = Otherwise(
        amount=body["amount"], term_days=body["term_days"], frequency=body["frequency"], savings=100.0
    )
    snapshot = thawed(record, desk.champion.lock)
    request = ScoreRequest(**record.request | {"as_of": snapshot.as_of})
    changed, asked = as_changed(snapshot, request, otherwise)
    expected = desk.scorer.score(changed, asked)
    assert expected.values["group_savings"] == pytest.approx(record.values["group_savings"] + 100.0)
    found = question(house, record.score_id, {"savings": 100.0}).json()["point"]
    assert found == json.loads(json.dumps(expected.to_dict()))


def test_a_house_without_the_model_of_that_day_says_so(tmp_path, desk, bodies):
    (tmp_path / "away").mkdir()
    house = build(tmp_path / "away", desk)
    score_id = ask(house, bodies[0])["score_id"]
    house.source.held, house.source.mark = (
        ChampionDesk.build(replace(desk.champion, version="8"), POLICY, desk.portfolio, desk),
        2,
    )
    house.service.state.look()
    assert question(house, score_id, {}).status_code == 409


@pytest.fixture(scope="module")
def tightening(champion, desk):
    """A desk with a champion of over-indebtedness beside the members', by whose word people often talk first."""
    recipe = Recipe.parse((ROOT / "training" / "over_indebtedness.toml").read_text("utf-8"))
    policy = re.sub(r"(probability_talk_from[^\n]*\n(?:[^\n]*\n)*?value = )[0-9.]+", r"\g<1>0.05", POLICY, count=1)
    assert policy != POLICY
    beside = replace(champion, recipe=recipe, version="3")
    return ChampionDesk.build(champion, policy, desk.portfolio, desk, over_indebtedness=beside)


def test_what_stands_beside_a_score_is_asked_again_too(tmp_path, tightening, bodies):
    (tmp_path / "two").mkdir()
    house = build(tmp_path / "two", tightening)
    talks = 0
    for body in bodies[:25]:
        score_id = ask(house, body)["score_id"]
        stored = house.records.get(score_id).score
        grid = {"amounts": [body["amount"]], "term_days": [body["term_days"]]}
        found = question(house, score_id, {"grid": grid}).json()
        assert {"score_id": score_id, **found["point"]} == stored
        assert found["grid"][0]["state"] == stored["recommendation"]["state"]
        talks += [why["code"] for why in stored["recommendation"]["why"]] == ["likely_over_indebted"]
    assert talks > 0
