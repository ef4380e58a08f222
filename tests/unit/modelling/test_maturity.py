"""The section ``[maturity]``: what the starter's recipes state, and every way in which a section can be wrong."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from riskscore.cli.leaks import search_leaks
from riskscore.dataset import OverIndebtednessRule
from riskscore.errors import InvalidInput
from riskscore.modelling import Recipe, leaks
from riskscore.modelling.rows import known_outcome
from riskscore.modelling.toml_file import read_toml
from riskscore.portfolio import write_portfolio
from riskscore.portfolio.maturity_rule import BankRule, MemberRule, ProducerRule
from riskscore.project import Project

ROOT = Path(__file__).parents[3]
NAMES = ("member_default", "group_default", "producer_default", "over_indebtedness")

SECTION = re.compile(r"(?m)^\[(liability\.members\.)?maturity\].*\n(\w+ = .*\n)+")


def text_of(name):
    return (ROOT / "training" / f"{name}.toml").read_text(encoding="utf-8")


def faults_of(text, act=lambda recipe: None):
    with pytest.raises(InvalidInput) as told:
        act(Recipe.parse(text, where="r.toml"))
    return [(fault.where, fault.what, fault.remedy) for fault in told.value.faults]


def line_of(text, beginning, after="[maturity]"):
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(after))
    return next(n for n, line in enumerate(lines[start:], start + 1) if line.startswith(beginning))


def test_the_starters_recipes_state_the_standing_figures():
    stated = {name: read_toml(ROOT / "training" / f"{name}.toml")["maturity"] for name in NAMES}
    assert stated == {
        "member_default": {"days_after_maturity": 30, "days_late": 15, "covered_instalments": 2},
        "group_default": {"days_after_maturity": 30, "days_late": 31, "indeterminate_days_late": 9},
        "producer_default": {
            "days_after_maturity": 90,
            "days_late": 31,
            "indeterminate_days_late": 9,
            "equipment_months": 12,
        },
        "over_indebtedness": {"renewal_days": 90},
    }
    members = read_toml(ROOT / "training" / "group_default.toml")["liability"]["members"]
    assert members["maturity"] == stated["member_default"]
    rules = [Recipe.parse(text_of(name)).rule for name in NAMES]
    assert rules == [MemberRule(), BankRule(), ProducerRule(), OverIndebtednessRule()]


def test_what_is_stated_is_what_is_read():
    assert Recipe.parse(text_of("member_default").replace("days_late = 15", "days_late = 20")).rule == MemberRule(
        days_late=20
    )
    group = Recipe.parse(text_of("group_default").replace("covered_instalments = 2", "covered_instalments = 3"))
    assert (group.rule, group.liability.members.maturity) == (BankRule(), MemberRule(covered_instalments=3))
    producers = text_of("producer_default").replace("equipment_months = 12", "equipment_months = 18")
    assert Recipe.parse(producers).rule == ProducerRule(equipment_months=18)


def test_every_fault_of_the_section_at_once_with_its_line():
    text = text_of("member_default")
    text = text.replace("days_after_maturity = 30 ", "days_after_maturity = -1 ")
    text = text.replace("covered_instalments = 2 ", "equipment_months = 12\ncovered_instalment = 2 ")
    text = text.replace("days_late = 15 ", 'days_late = "15" ')
    assert faults_of(text) == [
        (
            f"r.toml:{line_of(text, 'equipment_months')}: maturity.equipment_months",
            "It is a figure of another outcome.",
            "Take it out; here belong days_after_maturity, days_late, covered_instalments.",
        ),
        (
            f"r.toml:{line_of(text, 'days_after')}: maturity.days_after_maturity",
            "-1 is out of bounds.",
            "Give a whole number from 0 to 3650.",
        ),
        (
            f"r.toml:{line_of(text, 'days_late')}: maturity.days_late",
            "'15' is no whole number.",
            "Give one from 1 to 3650, without quotes.",
        ),
        (
            f"r.toml:{line_of(text, '[maturity]')}: maturity.covered_instalments",
            "It is missing.",
            "Add it; the starter's file shows every field.",
        ),
        (
            f"r.toml:{line_of(text, 'covered_instalment')}: maturity.covered_instalment",
            "No such field is known.",
            "Did you mean 'covered_instalments'?",
        ),
    ]


@pytest.mark.parametrize(
    ("before", "after", "field", "remedy"),
    [
        ("indeterminate_days_late = 9 ", "indeterminate_days_late = 32 ", "indeterminate_days_late", "Give 31 days"),
        ("days_after_maturity = 30\n", "days_after_maturity = 29\n", "days_late", "Give 30 days at most, or wait"),
    ],
)
def test_figures_that_contradict_one_another(before, after, field, remedy):
    text = text_of("group_default").replace(before, after, 1)
    ((where, _, told),) = faults_of(text)
    assert where == f"r.toml:{line_of(text, field)}: maturity.{field}"
    assert told.startswith(remedy)


def test_the_members_section_of_a_communal_banks_recipe_has_lines_of_its_own():
    text = text_of("group_default").replace("covered_instalments = 2", "covered_instalments = 0")
    ((where, what, _),) = faults_of(text)
    line = line_of(text, "covered_instalments", after="[liability.members.maturity]")
    assert (where, what) == (f"r.toml:{line}: liability.members.maturity.covered_instalments", "0 is out of bounds.")


def test_labels_that_a_source_brings_have_no_rule():
    text = (ROOT / "experiments" / "superlender" / "training" / "member_given.toml").read_text(encoding="utf-8")
    assert Recipe.parse(text).rule is None
    known_outcome(Recipe.parse(text))
    ((where, what, remedy),) = faults_of(text + "\n[maturity]\ndays_late = 15\n")
    assert where == f"r.toml:{len(text.splitlines()) + 2}: maturity"
    assert what.startswith("The outcome 'member_given' has no maturity rule")
    assert remedy == "Take the section out."


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("member_default", ["days_after_maturity = 30, days_late = 15, covered_instalments = 2"]),
        (
            "group_default",
            [
                "days_after_maturity = 30, days_late = 31, indeterminate_days_late = 9",
                "days_after_maturity = 30, days_late = 15, covered_instalments = 2",
            ],
        ),
        (
            "producer_default",
            ["days_after_maturity = 90, days_late = 31, indeterminate_days_late = 9, equipment_months = 12"],
        ),
    ],
)
def test_without_the_section_a_recipe_loads_by_the_standing_figures_and_does_not_train(name, missing):
    text, found = SECTION.subn("", text_of(name))
    assert found == len(missing)
    # As in the artefact of a champion from before the section.
    assert Recipe.parse(text).rule == Recipe.parse(text_of(name)).rule
    faults = faults_of(text, known_outcome)
    places = ["maturity", "liability.members.maturity"]
    assert [where.split(": ")[-1] for where, _, _ in faults] == places[: len(missing)]
    assert [remedy.split("figures are ")[1] for _, _, remedy in faults] == [f"{figures}." for figures in missing]
    known_outcome(Recipe.parse(text_of(name)))


def test_the_days_to_renew_of_a_champion_from_before_the_section():
    section = '[over_indebtedness.renewal_days]\nvalue = 60\nverified = false\nsource = "Theirs."\n'
    older = SECTION.sub(section, text_of("over_indebtedness"))
    assert Recipe.parse(older).rule == OverIndebtednessRule(renewal_days=60)
    ((_, _, remedy),) = faults_of(older, known_outcome)
    assert remedy == "Add [maturity]; the standing figures are renewal_days = 60."
    # In both places it would be two truths.
    both = text_of("over_indebtedness").replace("[split]", f"{section}\n[split]")
    ((where, what, _),) = faults_of(both)
    assert where.endswith(": over_indebtedness.renewal_days")
    assert what == "No such field is known."


class Asked(Exception):
    """Carries what the search was asked, and ends it."""


def test_the_search_for_leaks_reads_labels_by_the_recipes_figures(tmp_path, monkeypatch):
    for folder in ("features", "training", "serving"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    recipe = tmp_path / "training" / "member_default.toml"
    recipe.write_text(text_of("member_default").replace("days_late = 15", "days_late = 20"), "utf-8")
    empty = write_portfolio(
        tmp_path / "p", {}, currency="PEN", country="PE", time_zone="America/Lima", data_date=date(2025, 12, 31)
    )

    def cases(*asked, **_):
        raise Asked(asked[1:])

    monkeypatch.setattr(leaks.Cases, "of", cases)
    with pytest.raises(Asked) as told:
        search_leaks(empty, Project.open(tmp_path), {}, recipe="member_default", earlier=None)
    assert told.value.args == (("member_internal", MemberRule(days_late=20)),)
