"""What the document says of a score: its examples hold together, and its schemas tell one kind from another."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema_rs
import pytest

from riskscore.indebtedness.ratios import LEVELS, levels
from riskscore.scoring.points import largest_remainder
from riskscore.scoring.policy import WHYS
from riskscore.scoring.wording import of_100
from riskscore.service.batch_intake import EXAMPLE as MEETING
from riskscore.service.openapi import document
from riskscore.service.openapi.score_examples import SCORE_OF_MEMBER, SCORE_OF_NEIGHBOUR
from tests.unit.service.associations import BANK_SCORE, PRODUCER_SCORE

DOCUMENT = document()
BOTH = pytest.mark.parametrize("score", [SCORE_OF_MEMBER, SCORE_OF_NEIGHBOUR], ids=["member", "neighbour"])
ONE_OF = DOCUMENT["paths"]["/v1/scores"]["post"]["responses"]["201"]["content"]["application/json"]["schema"]
ADDED = {name: SCORE_OF_MEMBER[name] for name in ("score_id", "regulation", "recorded_at", "notice")}
BANK = {
    **BANK_SCORE,
    **ADDED,
    "request": {name: BANK_SCORE[name] for name in ("recipe", "subject", "as_of")},
}
PRODUCER = {**PRODUCER_SCORE, **ADDED, "request": SCORE_OF_MEMBER["request"]}


def fits(schema: dict[str, Any], value: Any) -> bool:
    return jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).is_valid(value)


@BOTH
def test_the_points_of_an_example_add_up(score):
    points = score["points"]
    assert points["base"] + sum(points["features"].values()) == pytest.approx(score["score"], abs=1e-9)
    assert points["base"] + sum(points["families"].values()) == pytest.approx(score["score"], abs=1e-9)
    assert points["shown_score"] == round(score["score"])
    assert points["shown_base"] + sum(points["shown"].values()) == points["shown_score"]
    rows = largest_remainder([points["base"], *points["families"].values()], points["shown_score"])
    assert rows == [points["shown_base"], *points["shown_families"].values()]
    for reason in score["reasons"]:
        assert points["features"][reason["feature"]] == reason["points"]
    assert {reason["feature"] for reason in score["reasons"]} == {
        name for name, given in points["features"].items() if given < 0
    }


@BOTH
def test_the_debts_of_an_example_follow_from_each_other(score):
    debts, asked = score["indebtedness"], score["request"]
    assert debts["service_post"] == pytest.approx(debts["service_now"] + debts["instalment"] * 26 / 12, abs=0.005)
    assert debts["nii_now"] == pytest.approx(debts["service_now"] / debts["surplus"], abs=5e-5)
    assert debts["nii_post"] == pytest.approx(debts["service_post"] / debts["surplus"], abs=5e-5)
    assert debts["headroom"] == pytest.approx(debts["cap"] * debts["surplus"] - debts["service_now"])
    most = asked["amount"] * debts["headroom"] / (debts["service_post"] - debts["service_now"])
    assert debts["largest_amount"] == most // 10 * 10
    assert debts["above_cap"] == (debts["nii_post"] > debts["cap"]) == (asked["amount"] > debts["largest_amount"])
    for index, level in (("nii_now", "level_now"), ("nii_post", "level")):
        code = int(levels(debts[index], debts["service_post"], at_risk_above=0.75, over_above=1.0))
        assert debts[level] == LEVELS[code]


@BOTH
def test_the_words_of_an_example_are_those_of_an_answer(score):
    assert tuple(score["frequency"].values()) == of_100(score["pd_interval"]["rate"])
    why = score["recommendation"]["why"]
    assert why == [{"code": one["code"], "es": WHYS[one["code"]].es, "en": WHYS[one["code"]].en} for one in why]
    assert bool(why) == (score["recommendation"]["state"] == "talk_first")


def test_the_batch_answers_its_own_example_in_order():
    answer = DOCUMENT["paths"]["/v1/scores/batch"]["post"]["responses"]["201"]["content"]["application/json"]["example"]
    asked = [{name: one["request"][name] for name in MEETING["requests"][0]} for one in answer["scores"]]
    assert asked == MEETING["requests"]
    assert len({one["score_id"] for one in answer["scores"]}) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("Score", SCORE_OF_MEMBER), ("CommunalBankScore", BANK), ("ProducerScore", PRODUCER)],
    ids=["member", "bank", "producer"],
)
def test_a_score_is_of_one_kind_and_every_field_of_it_is_told(name, value):
    assert fits(ONE_OF, value)
    others = {"Score", "CommunalBankScore", "ProducerScore"} - {name}
    assert not any(fits({"$ref": f"#/components/schemas/{other}"}, value) for other in others)
    assert not fits(ONE_OF, value | {"unheard_of": 1})
    optional = {"over_indebtedness", "facts"}
    for field in set(value) - optional:
        assert not fits(ONE_OF, {one: value[one] for one in value if one != field}), field
    for field in optional & set(value):
        assert fits(ONE_OF, {one: value[one] for one in value if one != field}), field


@pytest.mark.parametrize(
    ("where", "wrong"),
    [
        (("pd",), 7.31),
        (("subject_kind",), "member"),
        (("indebtedness", "level"), "FINE"),
        (("indebtedness", "surplus"), "379.00"),
        (("points", "shown", "lean_season"), 2.6),
        (("recommendation", "state"), "approved"),
        (("request", "frequency"), "daily"),
        (("over_indebtedness", "interval"), [0.1]),
        (("recipe",), "group_default"),
    ],
    ids=lambda one: ".".join(one) if isinstance(one, tuple) else "",
)
def test_a_member_s_score_that_is_wrong_somewhere_is_none(where, wrong):
    score = copy.deepcopy(SCORE_OF_MEMBER)
    inside = score
    for name in where[:-1]:
        inside = inside[name]
    inside[where[-1]] = wrong
    assert not fits(ONE_OF, score)


def test_what_is_not_known_may_be_null():
    score = copy.deepcopy(SCORE_OF_MEMBER) | {"pd_interval": None, "regulation": None}
    score["indebtedness"] |= dict.fromkeys(("surplus", "nii_now", "nii_post", "headroom", "largest_amount"))
    score["indebtedness"] |= {"level": "UNKNOWN", "above_cap": None}
    score["indebtedness"]["signals"] = dict.fromkeys(score["indebtedness"]["signals"])
    score["recommendation"]["ceiling"] = None
    assert fits(ONE_OF, score)
    assert not fits(ONE_OF, score | {"pd": None})
