"""What rules say beside one another: covered by several others, nothing left ready, meant where nothing is measured."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscore.errors import InvalidInput
from riskscore.modelling.toml_fields import Fields
from riskscore.modelling.toml_file import parse_toml
from riskscore.scoring import Policy
from riskscore.scoring.group_facts import GroupFacts, MemberFacts
from riskscore.scoring.rule_answers import answer_rules
from riskscore.scoring.rules import rules_of
from riskscore.scoring.rules_together import cover_faults, pair_faults, sound
from tests.unit.scoring.policies import BASE, READY, TALK, faults, lint, with_bands

URBAN, RURAL, FIRST, LATER = 'area = "urban"', 'area = "rural"', 'cycle = "first"', 'cycle = "later"'
EXCEPTION = TALK + ", exception = true"


def size(code: str, bound: int, where: str = "", *, below: str = TALK, audience: str = "officer") -> str:
    """A rule on the size of the group, ready from a bound on."""
    bands = (f"below = {bound}, {below}", f"at_least = {bound}, {READY}")
    return limited(with_bands(*bands, measure="group_size"), code, where).replace('"officer"', f'"{audience}"')


def limited(rule: str, code: str, where: str) -> str:
    return rule.replace("G08", code).replace("audience", f"where = {{ {where} }}\naudience")


def together(*codes: str) -> str:
    named = f"{', '.join(codes[:-1])} and {codes[-1]}"
    return f"{named} together are as strict or stricter wherever it speaks: it can never decide."


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (
            [size("A1", 10, URBAN), size("A2", 10, RURAL), size("A3", 7)],
            [("rules[3]", together("A1", "A2"))],
        ),
        # In any order, and whatever stands between.
        (
            [size("A3", 7), size("A1", 10, URBAN), size("A2", 10, RURAL)],
            [("rules[1]", together("A1", "A2"))],
        ),
        # One of two areas is parted by the cycle.
        (
            [
                size("A1", 10, URBAN),
                size("A2", 9, f"{RURAL}, {FIRST}"),
                size("A3", 8, f"{RURAL}, {LATER}"),
                size("A4", 7),
            ],
            [("rules[4]", together("A1", "A2", "A3"))],
        ),
        # Only those that it takes are named.
        (
            [size("A1", 10, URBAN), size("A2", 10, RURAL), size("A3", 12, FIRST), size("A4", 7)],
            [("rules[4]", together("A1", "A2"))],
        ),
        # What one alone leaves nothing to decide covers none: one of the two is too many, and not both.
        (
            [size("A1", 10, URBAN), size("A2", 8, RURAL), size("A3", 8)],
            [("rules[3]", "It is as strict as A2 or stricter, which can never decide any more.")],
        ),
        # Of several ways to say the same the later one is too many.
        (
            [size("A1", 9, URBAN), size("A2", 9, RURAL), size("A3", 9, FIRST), size("A4", 9, LATER)],
            [("rules[3]", together("A1", "A2")), ("rules[4]", together("A1", "A2"))],
        ),
    ],
)
def test_several_rules_leave_another_nothing_to_decide(tmp_path, rules, told):
    assert [(where, what) for _, where, what in faults(tmp_path, *rules)] == told


@pytest.mark.parametrize(
    "rules",
    [
        # Rural groups in a later cycle are nobody else's.
        [size("A1", 10, URBAN), size("A2", 10, f"{RURAL}, {FIRST}"), size("A3", 7)],
        # Of eight rural members it alone asks.
        [size("A1", 10, URBAN), size("A2", 5, RURAL, below=EXCEPTION), size("A3", 9)],
        # It asks for a reason in words, the others for a talk.
        [size("A1", 10, URBAN), size("A2", 10, RURAL), size("A3", 7, below=EXCEPTION)],
        # Where the area is not known the others ask for a talk, and it for a reason in words.
        [
            size("A1", 10, URBAN, below=EXCEPTION),
            size("A2", 10, RURAL, below=EXCEPTION),
            size("A3", 7, below=EXCEPTION),
        ],
        # So where the cycle is not known.
        [
            size("A1", 10, FIRST, below=EXCEPTION),
            size("A2", 10, LATER, below=EXCEPTION),
            size("A3", 7, below=EXCEPTION),
        ],
        # A committee reads none of the others.
        [size("A1", 10, URBAN), size("A2", 10, RURAL), size("A3", 7, audience="committee")],
        # A third currency is nobody else's.
        [size("A1", 10, 'currency = "PEN"'), size("A2", 10, 'currency = "BOB"'), size("A3", 7)],
    ],
)
def test_a_rule_that_decides_somewhere_is_no_fault(tmp_path, rules):
    assert faults(tmp_path, *rules) == []


def test_it_is_told_on_the_line_of_the_rule(tmp_path):
    first = size("A1", 10, URBAN) + size("A2", 10, RURAL)
    ((line, _, _),) = faults(tmp_path, first, size("A3", 7))
    assert line == len(first.splitlines()) + 1
    (fault,) = lint(tmp_path, BASE + first + size("A3", 7)).faults
    assert fault.remedy == "Take it out, or make it stricter."


CYCLES = ("", FIRST, LATER)
WHERES = [", ".join(one for one in pair if one) for pair in product(("", URBAN, RURAL), CYCLES)]
GROUPS = [
    GroupFacts("CB", "PEN", rural, first, tuple(MemberFacts(f"M{n:02}") for n in range(members)))
    for rural, first, members in product((None, False, True), (None, False, True), range(1, 12))
]


def strictness(rules, group) -> int:
    """What rules ask of a group: 0 nothing, 1 a talk (as where it is not known), 2 a reason in words."""
    answers = answer_rules(rules, group).answers
    return max((2 if one.exception else one.state != "ready" for one in answers), default=0)


@given(
    st.lists(
        st.tuples(st.sampled_from((3, 6, 9)), st.sampled_from(WHERES), st.sampled_from((TALK, EXCEPTION))),
        min_size=2,
        max_size=4,
    )
)
def test_what_never_decides_is_what_no_group_shows(drawn):
    text = "".join(size(f"A{n}", bound, where, below=below) for n, (bound, where, below) in enumerate(drawn))
    rules = rules_of(Fields(parse_toml(text, "rules.toml"), "", []).tables("rules"))
    *others, last = rules
    meant = [group for group in GROUPS if any(one.state != "UNKNOWN" for one in answer_rules([last], group).answers)]
    idle = all(strictness([last], group) <= strictness(others, group) for group in meant)
    placed = sound(rules, [])
    found = [
        fault.what for fault in (*pair_faults(placed), *cover_faults(placed)) if fault.where == f"rules[{len(rules)}]"
    ]
    if idle:
        assert found
    else:
        assert not [what for what in found if what.endswith("it can never decide.")]


def most(code: str, bound: int, where: str = "") -> str:
    """A rule on the size of the group, ready up to a bound."""
    return limited(
        with_bands(f"at_most = {bound}, {READY}", f"above = {bound}, {TALK}", measure="group_size"), code, where
    )


def test_two_rules_that_leave_nothing_ready(tmp_path):
    found = faults(tmp_path, size("A1", 30, URBAN), most("A2", 20))
    what = "It is ready only for at least 1 and below 21, A1 only for at least 30. Where both speak nothing is."
    assert [(where, said) for _, where, said in found] == [("rules[2]", what)]
    assert len(faults(tmp_path, size("A1", 21, URBAN), most("A2", 20))) == 1
    # Exactly twenty are ready for both; and no group is of both areas.
    assert faults(tmp_path, size("A1", 20, URBAN), most("A2", 20)) == []
    assert faults(tmp_path, size("A1", 30, URBAN), most("A2", 20, RURAL)) == []
    # Of the same groups it is one fault, and not two.
    (contradiction,) = faults(tmp_path, size("A1", 30), most("A2", 20))
    assert contradiction[2].endswith("a contradiction.")


def to_last_loan(bound: str, where: str) -> str:
    bands = (f"at_most = {bound}, {READY}", f"above = {bound}, {TALK}")
    return limited(with_bands(*bands, measure="request_to_last_loan", layer="loan"), "L01", where)


def test_a_first_loan_has_no_last_one(tmp_path):
    what = "A first loan has no last one: it can never decide."
    assert faults(tmp_path, to_last_loan("2", FIRST)) == [(9, "rules[1].where.cycle", what)]
    assert faults(tmp_path, to_last_loan("2", LATER)) == []
    # It is one fault, though another rule says the same of all.
    of_all = with_bands("at_most = 2, " + READY, "above = 2, " + TALK, measure="request_to_last_loan", layer="loan")
    assert [where for _, where, _ in faults(tmp_path, of_all, to_last_loan("2", FIRST))] == ["rules[2].where.cycle"]


def test_one_slip_elsewhere_hides_nothing_of_it(tmp_path):
    rules = [size("A1", 10, URBAN), size("A2", 10, RURAL), size("A3", 7).replace("verified = true", "verified = 1")]
    assert [where for _, where, _ in faults(tmp_path, *rules)] == ["rules[3]", "rules[3].verified"]
    unread = [size("A1", 10, URBAN), size("A2", 10, RURAL).replace("below = 10", "below = 1"), size("A3", 7)]
    assert [where for _, where, _ in faults(tmp_path, *unread)] == ["rules[2].bands[1]"]


def test_a_policy_on_record_is_not_held_to_it():
    text = BASE + size("A1", 10, URBAN) + size("A2", 10, RURAL) + size("A3", 7) + to_last_loan("2", FIRST)
    text += most("A4", 5, f"{URBAN}, {FIRST}").replace("{value}", "{value} %")
    text = text.replace("value = 0.70", "value = 0.95").replace("value = 1.00", "value = 0.90", 1)
    with pytest.raises(InvalidInput) as error:
        Policy.parse(text)
    assert {fault.where for fault in error.value.faults} == {
        "policy.toml: indebtedness.cap.value",
        "policy.toml: rules[3]",
        "policy.toml: rules[4].where.cycle",
        "policy.toml: rules[5]",
        "policy.toml: rules[5].es",
        "policy.toml: rules[5].en",
    }
    assert len(Policy.of_record(text).rules) == 5
