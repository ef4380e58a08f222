"""Rules answered over literal groups: exact shares, bounds on their side, unknown is never 0, nothing loosens."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscore.modelling.toml_fields import Fields
from riskscore.modelling.toml_file import parse_toml
from riskscore.scoring import Policy
from riskscore.scoring.group_facts import OF_GROUP, OF_MEMBER, GroupFacts, MemberFacts
from riskscore.scoring.measures import MEASURES
from riskscore.scoring.rule_answers import answer_rules
from riskscore.scoring.rules import rules_of

STARTER = Policy.load(Path(__file__).parents[3] / "serving" / "policy.toml").rules


def rule(measure: str, *bands: str, code: str = "G01", audience: str = "officer", where: str = ""):
    listed = ", ".join(f"{{ {band} }}" for band in bands)
    text = f"""[[rules]]
code = "{code}"
layer = "{MEASURES[measure].layer}"
measure = "{measure}"
where = {{ {where} }}
bands = [{listed}]
audience = "{audience}"
es = "Son {{value}}."
en = "They are {{value}}."
source = "Minutes of 3 May."
verified = true
"""
    faults = []
    (found,) = rules_of(Fields(parse_toml(text, "rule.toml"), "", faults).tables("rules"))
    assert faults == []
    return found


def above(bound: str, measure: str = "share_starting_business", **more: str):
    return rule(measure, f'at_most = {bound}, state = "ready"', f'above = {bound}, state = "talk_first"', **more)


def group(members, *, rural=False, first_cycle=False, currency="PEN") -> GroupFacts:
    return GroupFacts("CB", currency, rural, first_cycle, tuple(members))


def starting(new: int, old: int, untold: int = 0) -> GroupFacts:
    days = [100] * new + [3000] * old + [None] * untold
    return group(MemberFacts(f"M{number:02}", business_days=age) for number, age in enumerate(days))


def only(rules, facts):
    (found,) = answer_rules(rules, facts).answers
    return found


def test_every_measure_of_the_list_is_taken_of_a_group_or_of_a_member():
    assert set(OF_GROUP) == {name for name, one in MEASURES.items() if one.layer == "group"}
    assert set(OF_MEMBER) == {name for name, one in MEASURES.items() if one.layer != "group"}


@pytest.mark.parametrize(
    ("bound", "state"),
    [
        ('"48 %"', "talk_first"),
        ('"48.1 %"', "talk_first"),  # 13 of 27 is 48.148...
        ('"48.2 %"', "ready"),
        ('"13/27"', "ready"),
        ("0.4814814814", "talk_first"),
        ("0.4814814815", "ready"),
        ("0", "talk_first"),
    ],
)
def test_13_of_27_is_held_against_a_bound_as_13_over_27(bound, state):
    found = only([above(bound)], starting(13, 14))
    assert found.state == state
    assert found.found.value == Fraction(13, 27)
    assert (found.words("es"), found.words("en")) == ("Son 13 de 27.", "They are 13 of 27.")


@pytest.mark.parametrize(("new", "state"), [(26, "talk_first"), (1, "talk_first"), (0, "ready")])
def test_nothing_is_rounded_to_all_or_none(new, state):
    found = only([above("0")], starting(new, 27 - new))
    assert (found.state, found.found.said("en")) == (state, f"{new} of 27")


@pytest.mark.parametrize(
    ("bands", "at_a_fifth"),
    [
        (('at_most = "20 %", state = "ready"', 'above = "20 %", state = "talk_first"'), "ready"),
        (('below = "20 %", state = "ready"', 'at_least = "20 %", state = "talk_first"'), "talk_first"),
        (('at_most = 0.2, state = "ready"', 'above = "1/5", state = "talk_first"'), "ready"),
    ],
)
def test_a_bound_says_on_which_side_it_stands(bands, at_a_fifth):
    asked = rule("share_starting_business", *bands)
    assert only([asked], starting(5, 20)).state == at_a_fifth
    assert only([asked], starting(4, 20)).state == "ready"
    assert only([asked], starting(6, 20)).state == "talk_first"


def test_the_answer_in_plain_values():
    assert only([above('"20 %"', code="G08")], starting(13, 14)).to_dict() == {
        "code": "G08",
        "layer": "group",
        "subject": None,
        "measure": "share_starting_business",
        "audience": "officer",
        "state": "talk_first",
        "exception": False,
        "measured": {"es": "13 de 27", "en": "13 of 27"},
        "threshold": {"es": "más de 20 %", "en": "above 20 %"},
        "words": {"es": "Son 13 de 27.", "en": "They are 13 of 27."},
        "source": "Minutes of 3 May.",
        "verified": True,
    }


def test_what_is_not_recorded_is_unknown_with_its_reason_and_never_0():
    found = only([above('"20 %"')], starting(2, 22, untold=3))
    assert (found.state, found.band) == ("UNKNOWN", None)
    assert (found.words("es"), found.words("en")) == ("No se sabe de 3 de 27.", "It is not known of 3 of 27.")
    assert found.to_dict()["measured"] is None
    assert answer_rules([above('"20 %"')], starting(2, 22, untold=3)).state("officer") == "talk_first"


@pytest.mark.parametrize(
    ("measure", "facts", "why"),
    [
        ("share_in_arrears", group([]), "The communal bank has no members on record."),
        ("share_in_arrears", group([MemberFacts("A")]), "It is not known of 1 of 1."),
        ("loans_elsewhere", group([MemberFacts("A", asked=Decimal(300))]), "Other loans were not declared."),
    ],
)
def test_each_unknown_says_why(measure, facts, why):
    found = only([above('"1/2"' if "share" in measure else "2", measure)], facts)
    assert (found.state, found.words("en")) == ("UNKNOWN", why)


@pytest.mark.parametrize("measure", ["largest_to_smallest_request", "share_with_loans_elsewhere"])
def test_where_nobody_asks_a_rule_on_requests_has_nothing_to_measure(measure):
    bound = '"1/2"' if "share" in measure else "2"
    assert answer_rules([above(bound, measure)], group([MemberFacts("A", loans_elsewhere=2)])).answers == ()


def test_amounts_are_compared_without_rounding():
    facts = group([MemberFacts("A", asked=Decimal("900.03")), MemberFacts("B", asked=Decimal("300.01"))])
    ratio = above("3", "largest_to_smallest_request", audience="committee")
    assert only([ratio], facts).state == "ready"
    more = group([MemberFacts("A", asked=Decimal("900.04")), MemberFacts("B", asked=Decimal("300.01"))])
    assert only([ratio], more).state == "talk_first"
    assert only([ratio], more).words("en") == "They are 900.04 against 300.01."


def test_a_rule_speaks_to_those_it_is_meant_for():
    rural, urban = (
        rule(
            "group_size",
            f'below = {least}, state = "talk_first"',
            f'at_least = {least}, state = "ready"',
            where=f'area = "{area}"',
            code=code,
        )
        for least, area, code in ((10, "rural", "G02"), (7, "urban", "G01"))
    )
    eight = [MemberFacts(f"M{number}") for number in range(8)]
    assert [(one.rule.code, one.state) for one in answer_rules([rural, urban], group(eight)).answers] == [
        ("G01", "ready")
    ]
    assert [(one.rule.code, one.state) for one in answer_rules([rural, urban], group(eight, rural=True)).answers] == [
        ("G02", "talk_first")
    ]
    untold = answer_rules([rural, urban], group(eight, rural=None))
    assert {one.state for one in untold.answers} == {"UNKNOWN"}
    assert untold.answers[0].words("en") == "It is not known whether the area is rural."


def test_rules_on_a_member_and_her_loan():
    ana = MemberFacts(
        "A", False, loans_elsewhere=4, asked=Decimal(700), term_days=245, last_loan=Decimal(200), savings=Decimal(70)
    )
    eva = MemberFacts("E", True, loans_elsewhere=0, asked=Decimal("1500.01"), term_days=246)
    ines = MemberFacts("I", False, loans_elsewhere=9)  # asks for nothing
    found = answer_rules(STARTER, group([ana, eva, ines]))

    def said(name: str):
        return {one.rule.code: (one.state, one.exception, one.words("en")) for one in found.of_member(name)}

    assert said("A") == {
        "M01": ("talk_first", True, "Other loans declared: 4."),
        "L01": ("talk_first", True, "What is asked for and the last loan: 700 against 200."),
        "L04": ("ready", False, "The term is 245 days."),
        "L05": ("ready", False, "Savings with the group and what is asked for: 70 against 700."),
    }
    assert said("E") == {
        "M01": ("ready", False, "Other loans declared: 0."),
        "L02": ("talk_first", False, "Asked for in a first loan: 1500.01 soles."),
        "L04": ("talk_first", False, "The term is 246 days."),
    }
    assert said("I") == {}


def test_rules_on_a_member_do_not_move_the_groups_state():
    asked = [above("2", "loans_elsewhere")]
    facts = group([MemberFacts("A", asked=Decimal(300), loans_elsewhere=5)])
    found = answer_rules(asked, facts)
    assert found.of_member("A")[0].state == "talk_first"
    assert found.state("officer") == "ready"
    assert found.read_by("committee") == ()


# Properties: any group, any rules of the starter.

amounts = st.none() | st.integers(1, 500_000).map(lambda cents: Decimal(cents) / 100)
members = st.builds(
    MemberFacts,
    member_id=st.just("M"),
    first_cycle=st.none() | st.booleans(),
    in_arrears=st.none() | st.booleans(),
    marks=st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda two: (min(two), max(two))),
    business_days=st.none() | st.integers(0, 5000),
    loans_elsewhere=st.none() | st.integers(0, 6),
    asked=amounts,
    term_days=st.integers(30, 400),
    last_loan=amounts,
    savings=amounts,
)
groups = st.builds(
    GroupFacts,
    bank_id=st.just("CB"),
    currency=st.sampled_from(["PEN", "BOB"]),
    rural=st.none() | st.booleans(),
    first_cycle=st.none() | st.booleans(),
    members=st.lists(members, max_size=8).map(
        lambda listed: tuple(replace(one, member_id=f"M{number}") for number, one in enumerate(listed))
    ),
)
STRICTNESS = {"ready": 0, "talk_first": 1}


@given(groups, st.lists(st.sampled_from(STARTER), unique_by=lambda one: one.code), st.sampled_from(STARTER))
def test_adding_a_rule_can_only_tighten(facts, rules, more):
    before, after = answer_rules(rules, facts), answer_rules([*rules, more], facts)
    for audience in ("committee", "officer"):
        assert STRICTNESS[after.state(audience)] >= STRICTNESS[before.state(audience)]
    for one in facts.members:
        kept = [(answer.rule.code, answer.state) for answer in after.of_member(one.member_id)]
        assert all((answer.rule.code, answer.state) in kept for answer in before.of_member(one.member_id))


@given(groups, st.data())
def test_nothing_a_committee_reads_moves_with_facts_from_outside_the_group(facts, data):
    others = tuple(
        replace(
            one,
            business_days=data.draw(st.none() | st.integers(0, 5000)),
            loans_elsewhere=data.draw(st.none() | st.integers(0, 6)),
        )
        for one in facts.members
    )
    one, other = answer_rules(STARTER, facts), answer_rules(STARTER, replace(facts, members=others))
    assert [answer.to_dict() for answer in one.read_by("committee")] == [
        answer.to_dict() for answer in other.read_by("committee")
    ]
    assert one.state("committee") == other.state("committee")
    assert all(answer.member_id is None for answer in one.read_by("committee"))
