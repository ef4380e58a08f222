"""Every fault of a policy, each with its line and its remedy; what is only unverified is a warning."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.scoring.measures import MEASURES
from tests.unit.scoring.policies import BASE, FIRST, MEASURE, READY, RULE, TALK, TEXT, faults, lint, with_bands


def test_the_starter_has_no_fault_and_says_what_nobody_verified(tmp_path):
    found = lint(tmp_path, TEXT)
    assert found.faults == ()
    assert len(found.policy.rules) == 15
    assert {rule.code for rule in found.policy.rules if rule.audience == "committee"} == {
        "G01",
        "G02",
        "G03",
        "G04",
        "G05",
        "G06",
        "G07",
    }
    warned = {one.where: one for one in found.warnings}
    assert "indebtedness.over_above.verified" not in warned
    cap = warned["indebtedness.cap.verified"]
    assert TEXT.splitlines()[cap.line - 1] == "verified = false"
    assert cap.what == "Nobody has verified 0.7."


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        # A gap, an overlap, and both of a single number.
        (
            ('at_most = "1/5", ' + READY, 'at_least = "1/4", ' + TALK),
            (7, "bands[2]", "Nothing is said of above 1/5 and below 1/4: a gap."),
        ),
        (
            ('below = "1/5", ' + READY, 'above = "1/5", ' + TALK),
            (7, "bands[2]", "Nothing is said of exactly 1/5: a gap."),
        ),
        (
            ('at_most = "20 %", ' + READY, "at_least = 0.2, " + TALK),
            (7, "bands[2]", "It says exactly 1/5 again: an overlap."),
        ),
        (
            ('at_most = "1/4", ' + READY, 'above = "1/5", ' + TALK),
            (7, "bands[2]", "It says above 1/5 and at most 1/4 again: an overlap."),
        ),
        # Ends that are left out.
        (
            ('at_least = "1/10", at_most = "1/5", ' + READY, 'above = "1/5", ' + TALK),
            (6, "bands[1]", "Nothing is said of at least 0 and below 1/10: a gap."),
        ),
        (
            ('at_most = "1/5", ' + READY, 'above = "1/5", below = 1, ' + TALK),
            (7, "bands[2]", "Nothing is said of exactly 1: a gap."),
        ),
        # The same span twice.
        (
            ('at_most = "1/5", ' + READY, 'above = "1/5", ' + READY, 'above = "1/5", ' + TALK),
            (8, "bands[3]", "It is the span of the band before it, as talk_first and ready: a contradiction."),
        ),
        # Out of reach.
        (
            ("at_most = 1, " + READY, "above = 1, " + TALK),
            (
                7,
                "bands[2]",
                "share_starting_business is always at least 0 and at most 1: it can never be reached.",
            ),
        ),
        (('above = "1/5", below = "1/5", ' + READY, TALK), (6, "bands[1]", "It holds nothing.")),
        # What loosens where the risk is higher.
        (
            ('at_most = "1/5", ' + TALK, 'above = "1/5", ' + READY),
            (7, "bands[2].state", "It is ready after talk_first: it loosens where share_starting_business is higher."),
        ),
        (
            (
                'at_most = "1/5", ' + READY,
                'above = "1/5", at_most = "1/2", exception = true, ' + TALK,
                'above = "1/2", ' + TALK,
            ),
            (
                8,
                "bands[3].state",
                "It is talk_first after talk_first with exception: it loosens where share_starting_business is higher.",
            ),
        ),
        ((READY,), (5, "bands", "It never asks for a talk.")),
        ((TALK,), (5, "bands", "It asks for a talk whatever is measured.")),
        # Wrong types.
        (('at_most = "a fifth", ' + READY, 'above = "1/5", ' + TALK), (6, "bands[1].at_most", None)),
        (('at_most = "1/0", ' + READY, 'above = "1/5", ' + TALK), (6, "bands[1].at_most", None)),
        (("at_most = nan, " + READY, 'above = "1/5", ' + TALK), (6, "bands[1].at_most", None)),
        (("at_most = true, " + READY, 'above = "1/5", ' + TALK), (6, "bands[1].at_most", None)),
        (("at_most = -1, " + READY, 'above = "1/5", ' + TALK), (6, "bands[1].at_most", None)),
        (('at_most = "9999999999999999999", ' + READY, TALK), (6, "bands[1].at_most", None)),
        (('at_most = "1/5", below = 1, ' + READY, 'above = "1/5", ' + TALK), (6, "bands[1].below", None)),
        (('at_most = "1/5", ' + READY, 'above = "1/5", state = "refuse"'), (7, "bands[2].state", None)),
        (('at_most = "1/5", exception = true, ' + READY, 'above = "1/5", ' + TALK), (6, "bands[1].exception", None)),
        (('at_most = "1/5", ' + READY, 'abov = "1/5", ' + TALK), (7, "bands[2].abov", "No such field is known.")),
    ],
)
def test_bands_of_a_rule(tmp_path, bands, expected):
    line, where, what = expected
    found = faults(tmp_path, with_bands(*bands))
    assert (line, f"rules[1].{where}") in [(at, place) for at, place, _ in found]
    if what is not None:
        assert found == [(line, f"rules[1].{where}", what)]


def test_whole_things_have_nothing_between_seven_and_eight(tmp_path):
    next_to = with_bands("at_most = 7, " + TALK, "at_least = 8, " + READY, measure="group_size")
    assert faults(tmp_path, next_to) == []
    between = with_bands("at_most = 7, " + TALK, "above = 7, below = 8, " + READY, TALK, measure="group_size")
    assert faults(tmp_path, between) == [(7, "rules[1].bands[2]", "It holds nothing.")]


def test_a_measure_that_falls_tightens_downwards_and_a_free_one_on_both_sides(tmp_path):
    falls = with_bands('below = "1/2", ' + READY, 'at_least = "1/2", ' + TALK, measure="share_attended")
    assert faults(tmp_path, falls) == [
        (7, "rules[1].bands[2].state", "The band before it is ready: it loosens where share_attended is lower.")
    ]
    both = with_bands(
        "below = 7, " + TALK, "at_least = 7, at_most = 40, " + READY, "above = 40, " + TALK, measure="group_size"
    )
    assert faults(tmp_path, both) == []
    hole = with_bands(
        "below = 7, " + READY, "at_least = 7, at_most = 40, " + TALK, "above = 40, " + READY, measure="group_size"
    )
    assert [where for _, where, _ in faults(tmp_path, hole)] == ["rules[1].bands[3].state"]


@pytest.mark.parametrize(
    ("old", "new", "line", "where", "what"),
    [
        (MEASURE, '"age"', 4, "measure", "age is protected: no rule may rest on it."),
        (MEASURE, '"share_over_70_age_band"', 4, "measure", "age is protected: no rule may rest on it."),
        (MEASURE, '"mother_tongue"', 4, "measure", "language is protected: no rule may rest on it."),
        (MEASURE, '"mean_travel_minutes"', 4, "measure", "travel_minutes is protected: no rule may rest on it."),
        (MEASURE, '"health_visits"', 4, "measure", "Health is never recorded for credit."),
        (MEASURE, '"worst_delay"', 4, "measure", "It is past, and nothing she does can change it."),
        (MEASURE, '"share_starting_busines"', 4, "measure", "'share_starting_busines' cannot be measured."),
        ('layer = "group"', 'layer = "loan"', 3, "layer", "share_starting_business is of the layer group."),
        ('layer = "group"', "layer = 3", 3, "layer", "3 is no text."),
        (
            'audience = "officer"',
            'audience = "committee"',
            9,
            "audience",
            "share_starting_business is not for a committee: it is about one member, or rests on facts from outside "
            "the group.",
        ),
        ('es = "Empiezan un negocio {value} socias."\n', "", 1, "es", "The words in this language are missing."),
        ("{value} members", "{amount} members", 11, "en", "{amount} is not filled in like this."),
        ("{value} members", "{value:>99999} members", 11, "en", "{value} is not filled in like this."),
        ("{value} members", "{} members", 11, "en", "{} is not filled in like this."),
        ("{value} members", "{value members", 11, "en", "Its braces do not close."),
        ("verified = true", 'verified = "yes"', 13, "verified", "'yes' is neither true nor false."),
        ("verified = true", "verified = true\nweight = 3", 14, "weight", "No such field is known."),
        ("audience", 'where = { area = "coast" }\naudience', 9, "where.area", "'coast' is not known."),
        (
            "audience",
            'where = { sex = "female" }\naudience',
            9,
            "where.sex",
            "sex is protected: no rule may rest on it.",
        ),
        ('code = "G08"', 'code = "the eighth"', 2, "code", "'the eighth' is no code."),
    ],
)
def test_one_slip_is_one_fault_on_its_line(tmp_path, old, new, line, where, what):
    assert faults(tmp_path, RULE.replace(old, new, 1)) == [(line, f"rules[1].{where}", what)]


def test_an_amount_names_its_currency(tmp_path):
    amount = with_bands("at_most = 1500, " + READY, "above = 1500, " + TALK, measure="amount", layer="loan")
    assert [(where, what) for _, where, what in faults(tmp_path, amount)] == [
        ("rules[1].where.currency", "An amount without its currency says nothing.")
    ]
    assert faults(tmp_path, amount.replace("audience", 'where = { currency = "PEN" }\naudience')) == []


SHADOWED = "G08 is as strict or stricter wherever it speaks: it can never decide."
SHADOWS = "It is as strict as G08 or stricter, which can never decide any more."


def other(*bands: str, where: str = "") -> str:
    rule = with_bands(*bands).replace("G08", "G09")
    return rule.replace("audience", f"where = {{ {where} }}\naudience") if where else rule


@pytest.mark.parametrize(
    ("second", "what"),
    [
        (other('at_most = "20 %", ' + READY, 'above = "20 %", ' + TALK), SHADOWED),
        (other('at_most = "1/4", ' + READY, 'above = "1/4", ' + TALK), SHADOWED),
        (other('at_most = "1/4", ' + READY, 'above = "1/4", ' + TALK, where='area = "rural"'), SHADOWED),
        (other('at_most = "1/10", ' + READY, 'above = "1/10", ' + TALK), SHADOWS),
        (
            other('at_most = "1/4", ' + READY, 'above = "1/4", exception = true, ' + TALK),
            "For above 1/5 and at most 1/4 it says ready where G08 says talk_first: a contradiction.",
        ),
    ],
)
def test_two_rules_on_one_measure(tmp_path, second, what):
    assert faults(tmp_path, RULE, second) == [(14, "rules[2]", what)]


def test_a_stricter_rule_for_some_is_no_fault_nor_is_one_for_others(tmp_path):
    stricter = other('at_most = "1/10", ' + READY, 'above = "1/10", ' + TALK, where='area = "rural"')
    assert faults(tmp_path, RULE, stricter) == []
    for_others = RULE.replace("audience", 'where = { area = "urban" }\naudience')
    assert (
        faults(
            tmp_path, for_others, other(*["at_most = 0.5, " + READY, "above = 0.5, " + TALK], where='area = "rural"')
        )
        == []
    )


def test_two_rules_of_one_code(tmp_path):
    second = other('at_most = "1/10", ' + READY, 'above = "1/10", ' + TALK, where='area = "rural"')
    assert faults(tmp_path, RULE, second.replace("G09", "G08")) == [(15, "rules[2].code", "G08 is also rules[1].")]


def test_every_fault_at_once_in_the_order_of_the_file(tmp_path):
    broken = (
        BASE.replace("pd_from = 0.12", "pd_from = 0.2")
        .replace("value = 0.70", 'value = "much"')
        .replace('UNKNOWN = "talk_first"', 'UNKNOWN = "ready"', 1)
    ) + RULE.replace("above =", "at_least =")
    found = lint(tmp_path, broken)
    assert [one.where for one in found.faults] == [
        "bands[2].pd_from",
        "indebtedness.cap.value",
        "matrix[1].UNKNOWN",
        "rules[1].bands[2]",
    ]
    lines = broken.splitlines()
    assert [lines[one.line - 1] for one in found.faults] == [
        "pd_from = 0.2",
        'value = "much"',
        'UNKNOWN = "ready"',
        '  { at_least = "20 %", state = "talk_first" },',
    ]
    assert all(one.remedy for one in found.faults)


def test_cells_that_decide_nothing_are_warned_of(tmp_path):
    low_cap = BASE.replace('AT_RISK = "talk_first"', 'AT_RISK = "ready"', 1)
    warned = {one.where: one.what for one in lint(tmp_path, low_cap).warnings}
    assert warned["matrix[1].AT_RISK"] == (
        "It is ready, but the cap of 0.7 asks for a talk below 0.75, where this level begins."
    )
    late = BASE.replace('NO_DEBT = "talk_first"', 'NO_DEBT = "ready"')
    warned = {one.where: one.what for one in lint(tmp_path, late).warnings}
    assert warned["matrix[2].NO_DEBT"] == "It is ready, but [[bands]] asks for a talk from 0.12 on."


def run(*arguments: str, **environment: str):
    return CliRunner().invoke(app, ["check", *arguments], env=environment)


def test_the_command_line(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(BASE + RULE, encoding="utf-8")
    fine = run("--policy", str(path))
    assert fine.exit_code == 0
    assert "no faults in 2 bands, 2 rows of the matrix, 9 numbers, 1 rules" in fine.stdout
    assert "warning  mine.toml:20: indebtedness.cap.verified: Nobody has verified 0.7." in fine.stdout
    path.write_text(BASE + RULE.replace('"officer"', '"committee"'), encoding="utf-8")
    broken = run("--policy", str(path))
    assert broken.exit_code == 1
    assert broken.stdout == ""
    assert f"  mine.toml:{FIRST + 9}: rules[1].audience" in broken.stderr
    assert '    -> Write "officer".' in broken.stderr
    told = run("--policy", "--json", str(path))
    assert told.exit_code == 1
    content = json.loads(told.stdout)
    assert [(one["file"], one["line"], one["where"]) for one in content["faults"]] == [
        ("mine.toml", FIRST + 9, "rules[1].audience")
    ]
    assert (content["version"], content["warnings"]) == (None, [])


def test_the_command_line_reads_the_projects_own_policy_whatever_the_portfolio(tmp_path):
    fine = run("--policy", "--project", str(Path(__file__).parents[3]), RISKSCORE_PORTFOLIO=str(tmp_path))
    assert fine.exit_code == 0, fine.output
    assert "15 rules" in fine.stdout


def test_what_is_no_toml_names_its_line(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("name = 'a'\nbands = = 2\n", encoding="utf-8")
    broken = run("--policy", str(path))
    assert broken.exit_code == 1
    assert "  mine.toml:2\n" in broken.stderr
    path.write_bytes(b"name = 'a'\n\xff")
    assert "  mine.toml:2\n" in run("--policy", str(path)).stderr


def test_a_command_not_understood(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(BASE, encoding="utf-8")
    assert run("--policy", str(tmp_path / "absent.toml")).exit_code == 2
    assert run("--policy", str(tmp_path)).exit_code == 2
    assert run("--policy", "--leaks", str(path)).exit_code == 2
    assert run("--json", str(tmp_path)).exit_code == 2
    assert run(str(path)).exit_code == 2
    assert run().exit_code == 2


def test_the_documented_example_is_what_is_printed(tmp_path):
    page = (Path(__file__).parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
    example = page[page.index("Three rules with six faults") :]
    rules, said = (example.split(f"```{kind}\n")[1].split("```")[0] for kind in ("toml", "text"))
    path = tmp_path / "mine.toml"
    path.write_text(BASE + rules, encoding="utf-8")
    assert run("--policy", str(path)).stderr == said


def test_the_documented_rule_and_list_of_measures(tmp_path):
    page = (Path(__file__).parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
    assert lint(tmp_path, BASE + page.split("```toml\n")[1].split("```")[0]).faults == ()
    for one in MEASURES.values():
        assert f"| `{one.name}` | {one.layer} | {one.doc} |" in page
