"""What the document says of a score: its examples hold together, and its schemas tell kinds and readers apart."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest

from riskscore.indebtedness.ratios import LEVELS, levels
from riskscore.scoring.points import largest_remainder
from riskscore.scoring.policy import WHYS
from riskscore.scoring.wording import of_100
from riskscore.service.access import Grant, Place
from riskscore.service.batch_intake import EXAMPLE as MEETING
from riskscore.service.decisions import Before
from riskscore.service.openapi import document
from riskscore.service.openapi.score_examples import SCORE_AT_800, SCORE_OF_MEMBER, SCORE_OF_NEIGHBOUR
from riskscore.service.openapi.score_examples_of_associations import OUTLOOK_OF_BANK, SCORE_OF_PRODUCERS
from riskscore.service.openapi.score_read import READERS
from riskscore.service.serializer import Serializer
from tests.unit.service.associations import BANK_SCORE, PRODUCER_SCORE
from tests.unit.service.test_service_records import record

DOCUMENT = document()
#: What she asked for with the stored score, and what she would ask for.
AT_800 = SCORE_AT_800 | {"request": SCORE_OF_MEMBER["request"] | {"amount": 800.0}}
EACH = pytest.mark.parametrize(
    "score", [SCORE_OF_MEMBER, SCORE_OF_NEIGHBOUR, AT_800], ids=["member", "neighbour", "at 800"]
)
READ = DOCUMENT["paths"]["/v1/scores/{score_id}"]["get"]["responses"]["200"]["content"]["application/json"]
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


@EACH
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


@EACH
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


@EACH
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


def test_the_points_of_producers_add_up():
    points = SCORE_OF_PRODUCERS["points"]
    for name in ("features", "families"):
        assert points["base"] + sum(points[name].values()) == pytest.approx(SCORE_OF_PRODUCERS["score"], abs=1e-9)
    for name in ("shown", "shown_families"):
        assert points["shown_base"] + sum(points[name].values()) == points["shown_score"] == 565
    for reason in SCORE_OF_PRODUCERS["reasons"]:
        assert points["features"][reason["feature"]] == reason["points"]


def test_the_outlook_of_a_bank_follows_from_its_falls():
    falls, borne = OUTLOOK_OF_BANK["in_arrears"], OUTLOOK_OF_BANK["waterfall"]
    assert len(falls) == OUTLOOK_OF_BANK["members"] + 1
    assert sum(falls) == pytest.approx(1.0)
    assert sum(k * one for k, one in enumerate(falls)) == pytest.approx(OUTLOOK_OF_BANK["expected_in_arrears"])
    for least, chance in OUTLOOK_OF_BANK["at_least"].items():
        assert sum(falls[int(least) :]) == pytest.approx(chance)
    assert borne["loss"] == pytest.approx(sum(one for name, one in borne.items() if name != "loss"))
    assert borne["by_lender"] == OUTLOOK_OF_BANK["expected_loss"]


# ------------------------------------------------------------------------------------------------ each reader's example

#: Who reads each example.
READER = {
    "Member": ("officer", "analyst"),
    "MemberForHerself": ("member",),
    "MemberForCommittee": ("committee",),
    "MemberForCommitteeBefore": ("committee",),
    "MemberForAuditor": ("auditor",),
    "Bank": ("officer", "analyst"),
    "BankForAuditor": ("auditor",),
    "BankForAssistant": ("assistant",),
    "Producers": ("officer", "analyst", "board", "lender"),
    "ProducersForAuditor": ("auditor",),
    "ProducersForAssistant": ("assistant",),
}
WHOLE = {"Member": SCORE_OF_MEMBER, "Bank": OUTLOOK_OF_BANK, "Producers": SCORE_OF_PRODUCERS}
#: What the group's own books say of her.
BOOKS = {"cycle_no": 8.0, "late_share": 0.0, "attendance_rate": 0.92, "group_savings": 214.5}


@pytest.mark.parametrize("name", READER)
def test_the_example_of_a_reader_is_what_it_is_answered(name, monkeypatch):
    whole = WHOLE[name.partition("For")[0]]
    computed = {one: value for one, value in whole.items() if one not in (*ADDED, "request")}
    kept = replace(
        record(whole["score_id"]),
        place=Place(whole["subject"], None, None, None),
        score={"score_id": whole["score_id"], **computed},
        request=whole["request"],
        recorded_at=whole["recorded_at"],
    )
    pseudonyms = {whole["subject"]: "P3f1c9a52d0e8", "A0028363": "P90b7c4e1a6d2"}
    monkeypatch.setattr(Serializer, "pseudonym", lambda _, subject: pseudonyms[subject])
    before = Before() if name.endswith("Before") else Before(opinion=True, opened=True)
    _, example = READERS[name]
    for role in READER[name]:
        found = Serializer("secret").score(kept, Grant("t", role, "all", None), before, BOOKS)
        # The route adds the rules on her, which are answered when she reads: `test_service_own_rules`.
        assert found == {one: value for one, value in example.items() if one != "rules"}, role


def test_each_reader_has_an_example_and_each_schema_a_reader():
    assert READ["examples"].keys() == READERS.keys() == READER.keys()
    kinds = [one["$ref"].rpartition("/")[2] for one in READ["schema"]["oneOf"]]
    found = set()
    for told in READ["examples"].values():
        (kind,) = [name for name in kinds if fits({"$ref": f"#/components/schemas/{name}"}, told["value"])]
        found.add(kind)
    assert found == set(kinds)


@pytest.mark.parametrize("name", READER)
def test_no_reader_is_answered_with_a_field_of_which_nothing_is_said(name):
    schema, (_, example) = READ["schema"], READERS[name]
    assert fits(schema, example)
    assert not fits(schema, example | {"unheard_of": 1})
    # Not every score has the first two; without the rules on her it is what others read of her.
    for field in example.keys() - {"over_indebtedness", "facts", "rules"}:
        assert not fits(schema, {one: value for one, value in example.items() if one != field}), field
        if isinstance(example[field], dict) and field != "at_least":  # that one is by how many fall
            assert not fits(schema, example | {field: example[field] | {"unheard_of": "1"}}), field
