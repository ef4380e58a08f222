"""Numbers, bands and matrix beside one another: what leaves nobody ready, and what one says and another takes back."""

from __future__ import annotations

import pytest

from riskscore.scoring import Policy
from riskscore.scoring.group_facts import GroupFacts, MemberFacts
from riskscore.scoring.rule_answers import answer_rules
from tests.unit.scoring.policies import BASE, READY, TALK, TEXT, lint, with_bands

AT_RISK, SOLVENT = 'AT_RISK = "talk_first"', 'SOLVENT = "ready"'


def number(text: str, name: str, value: str) -> str:
    before, after = text.split(f"[{name}]\n")
    _, rest = after.split("\n", 1)
    return f"{before}[{name}]\nvalue = {value}\n{rest}"


def warned(tmp_path, text: str) -> list[tuple[str, str]]:
    """What is warned of, beside what nobody verified."""
    found = lint(tmp_path, text)
    assert found.faults == ()
    return [(one.where, one.what) for one in found.warnings if not one.where.endswith(".verified")]


def test_the_starter_is_warned_of_nothing_but_what_nobody_verified(tmp_path):
    assert warned(tmp_path, TEXT) == []


def test_a_cap_beyond_over_indebted_is_a_fault(tmp_path):
    text = number(number(TEXT, "indebtedness.cap", "1.0"), "indebtedness.over_above", "0.80")
    (fault,) = lint(tmp_path, text).faults
    assert (fault.where, text.splitlines()[fault.line - 1]) == ("indebtedness.cap.value", "value = 1.0")
    assert fault.what == ("It is above over_above: ceilings would be told that leave people over-indebted, past 0.8.")
    assert fault.remedy == "Give 0.8 or less."
    assert lint(tmp_path, number(text, "indebtedness.cap", "0.8")).faults == ()
    assert Policy.of_record(text).value("indebtedness.cap") == 1.0


CEILING = (
    "Ceilings are told up to 0.95 of what is left over, but above 0.75 she is AT_RISK and matrix[1] asks for a talk: "
    "who asks for her ceiling is not ready."
)


def test_a_ceiling_that_is_not_ready_once_it_is_asked_for(tmp_path):
    text = number(BASE, "indebtedness.cap", "0.95")
    assert warned(tmp_path, text) == [("indebtedness.cap.value", CEILING)]
    # Exactly as far as she is solvent; and where the matrix lets who is at risk be ready.
    assert warned(tmp_path, number(BASE, "indebtedness.cap", "0.75")) == []
    assert warned(tmp_path, text.replace(AT_RISK, 'AT_RISK = "ready"', 1)) == []


def test_a_ceiling_is_told_in_every_row_where_bands_are_ready(tmp_path):
    text = number(BASE, "indebtedness.cap", "0.95").replace(AT_RISK, 'AT_RISK = "ready"', 1)
    first = text[text.index("[[matrix]]") : text.index("[[matrix]]\npd_below = 1.0")]
    rows = first.replace("0.12", "0.05") + first.replace('AT_RISK = "ready"', AT_RISK)
    text = text.replace(first, rows)
    assert warned(tmp_path, text) == [("indebtedness.cap.value", CEILING.replace("matrix[1]", "matrix[2]"))]
    # It is told once, of the safest row.
    assert warned(tmp_path, text.replace('AT_RISK = "ready"', AT_RISK)) == [("indebtedness.cap.value", CEILING)]


def test_nobody_can_be_ready(tmp_path):
    bands = BASE.replace('state = "ready"', 'state = "talk_first"', 1)
    assert warned(tmp_path, bands) == [("bands", "Nobody can be ready: every band asks for a talk.")]
    what = "Nobody can be ready: whoever takes a loan is SOLVENT or worse, and that asks for a talk in every row."
    matrix = BASE.replace(SOLVENT, 'SOLVENT = "talk_first"')
    # NO_DEBT is ready, and nobody who takes a loan has none.
    assert warned(tmp_path, matrix) == [("matrix[1].SOLVENT", what)]
    assert warned(tmp_path, matrix.replace('NO_DEBT = "ready"', 'NO_DEBT = "talk_first"')) == [
        ("matrix[1].SOLVENT", what)
    ]


def test_a_probability_of_nothing_asks_everybody_for_a_talk(tmp_path):
    name = "indebtedness.probability_talk_from"
    what = "With a model of over-indebtedness in service it asks everybody for a talk: no probability is below 0."
    assert warned(tmp_path, number(BASE, name, "0.0")) == [(f"{name}.value", what)]
    assert warned(tmp_path, number(BASE, name, "0.01")) == []


def to_last_loan(*bands: str) -> str:
    return with_bands(*bands, measure="request_to_last_loan", layer="loan")


@pytest.mark.parametrize(
    ("growth", "bound", "beyond"),
    [
        ("2.0", "at_most = 5", "above 2 and at most 5"),
        ("2.2", 'at_most = "2.2001"', "above 11/5 and at most 22001/10000"),
        ("2.0", "at_most = 2", None),
        ("2.2", 'at_most = "11/5"', None),
        ("2.0", "below = 2", None),
    ],
)
def test_a_rule_that_is_ready_beyond_the_growth_allowed(tmp_path, growth, bound, beyond):
    after = bound.replace("at_most", "above").replace("below", "at_least")
    text = number(BASE, "progression.growth_max", growth) + to_last_loan(f"{bound}, {READY}", f"{after}, {TALK}")
    what = f"It is ready for {beyond}, where progression.growth_max asks for a talk in any case."
    assert warned(tmp_path, text) == ([] if beyond is None else [("rules[1].bands[1]", what)])


def test_each_band_beyond_is_named(tmp_path):
    bands = (f"at_most = 2, {READY}", f"above = 2, at_most = 3, {READY}", f"above = 3, {TALK}")
    ((where, what),) = warned(tmp_path, BASE + to_last_loan(*bands))
    assert (where, what.partition(",")[0]) == ("rules[1].bands[2]", "It is ready for above 2 and at most 3")
    bands = (f"at_most = 3, {READY}", f"above = 3, at_most = 4, {READY}", f"above = 4, {TALK}")
    told = [what.partition(",")[0] for _, what in warned(tmp_path, BASE + to_last_loan(*bands))]
    assert told == ["It is ready for above 2 and at most 3", "It is ready for above 3 and at most 4"]


def rule(code: str, where: str, measure: str = "share_starting_business", layer: str = "group") -> str:
    bands = (f'at_most = "1/{code[1:]}", {READY}', f'above = "1/{code[1:]}", {TALK}')
    limited = f"where = {{ {where} }}\naudience" if where else "audience"
    return with_bands(*bands, measure=measure, layer=layer).replace("G08", code).replace("audience", limited)


@pytest.mark.parametrize(
    ("rules", "silent"),
    [
        ([rule("A11", 'area = "urban"')], ["rural"]),
        ([rule("A11", 'area = "rural"')], ["urban"]),
        ([rule("A11", 'area = "urban"'), rule("A12", 'area = "rural"')], []),
        ([rule("A11", ""), rule("A12", 'area = "rural"')], []),
        ([rule("A11", 'area = "urban"'), rule("A12", 'area = "rural", cycle = "first"')], ["rural and cycle later"]),
        ([rule("A11", 'area = "urban", cycle = "later"')], ["rural and cycle later"]),
        ([rule("A11", 'area = "urban"'), rule("A12", 'cycle = "first"')], ["rural and cycle later"]),
        ([rule("A11", 'area = "urban"'), rule("A12", 'area = "rural", currency = "PEN"')], ["rural"]),
        # A rule for one cycle alone is no gap.
        ([rule("A11", 'cycle = "first"')], []),
        # On another measure it says nothing of this one.
        (
            [rule("A11", 'area = "urban"'), rule("A12", 'area = "rural"', "share_with_loans_elsewhere")],
            ["rural", "urban"],
        ),
    ],
)
def test_an_area_of_which_nothing_is_said(tmp_path, rules, silent):
    told = warned(tmp_path, BASE + "".join(rules))
    assert [what.partition(" area is ")[2] for _, what in told] == [f"{one}: a gap." for one in silent]
    assert all(where.endswith(".where.area") for where, _ in told)


def test_in_a_first_cycle_nothing_is_left_out_of_what_has_no_last_loan(tmp_path):
    kind = ("request_to_last_loan", "loan")
    text = BASE + rule("A11", 'area = "urban"', *kind) + rule("A12", 'area = "rural", cycle = "later"', *kind)
    assert warned(tmp_path, text) == []


def test_the_share_in_first_cycle_says_little_in_a_first_cycle(tmp_path):
    text = BASE + rule("A11", 'cycle = "first"', "share_in_first_cycle")
    what = "In a communal bank's first cycle nearly every member is in hers: it says the same of almost all."
    assert warned(tmp_path, text) == [("rules[1].where.cycle", what)]
    assert warned(tmp_path, text.replace('"first"', '"later"')) == []
    # It is no fault: members who come from other communal banks had loans before.
    came = GroupFacts("CB", "PEN", False, True, tuple(MemberFacts(f"M{n}", first_cycle=False) for n in range(3)))
    (answer,) = answer_rules(Policy.parse(text).rules, came).answers
    assert (answer.found.said("en"), answer.state) == ("0 of 3", "ready")
