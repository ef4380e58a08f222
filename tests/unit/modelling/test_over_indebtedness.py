"""The recipe of over-indebtedness: its numbers, and the wall between it and the PD, on both sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscore.catalog import Catalog
from riskscore.dataset import OverIndebtednessRule
from riskscore.errors import InvalidInput
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.rows import columns_of

ROOT = Path(__file__).parents[3]
LOCK = Catalog.from_folder(ROOT / "features").lock()
TEXT = (ROOT / "training" / "over_indebtedness.toml").read_text("utf-8")
DEFAULT = (ROOT / "training" / "member_default.toml").read_text("utf-8")

#: Where a household stands: level, headroom, largest amount, and the indices but the one DESIGN lets into capacity.
STANDING = {"net_indebtedness_now", "room_to_instalment"}


def test_the_numbers_of_the_outcome_are_the_recipes():
    assert Recipe.parse(TEXT).household == OverIndebtednessRule(1.0, 0.10, 3, 90)
    assert Recipe.parse(DEFAULT).household is None
    wider = Recipe.parse(TEXT.replace("renewal_days = 90", "renewal_days = 120"))
    assert wider.household == OverIndebtednessRule(1.0, 0.10, 3, 120)


def test_every_fault_of_the_section_is_told_at_once():
    text = TEXT.replace("renewal_days = 90", "renewal_days = 9.5").replace(
        "value = 3\nverified = false", "value = 1\nverified = 0"
    )
    text = text.replace("value = 0.10\n", "value = 0.10\nuntil = 2027\n")
    with pytest.raises(InvalidInput) as error:
        Recipe.parse(text)
    assert [fault.where.rpartition(" ")[2] for fault in error.value.faults] == [
        "maturity.renewal_days",
        "over_indebtedness.haircut.until",
        "over_indebtedness.late_periods.value",
        "over_indebtedness.late_periods.verified",
    ]


def test_the_section_and_the_outcome_go_together():
    section = TEXT[TEXT.index("[over_indebtedness.over_above]") : TEXT.index("[split]")]
    with pytest.raises(InvalidInput, match="over_indebtedness: It is missing"):
        Recipe.parse(TEXT.replace(section, ""))
    with pytest.raises(InvalidInput, match="not about households"):
        Recipe.parse(TEXT.replace('"over_indebted_next"', '"member_internal"'))


def test_where_a_household_stands_never_enters_the_pd():
    entering = columns_of(Recipe.parse(DEFAULT), LOCK)
    assert not STANDING & set(entering.names)
    assert "indebtedness" not in entering.families.values()
    with pytest.raises(InvalidInput, match="never enters the probability of default"):
        columns_of(Recipe.parse(DEFAULT.replace('"capacity", ', '"capacity", "indebtedness", ')), LOCK)
    # Under another name of the recipe too: what counts is the outcome.
    renamed = DEFAULT.replace('name = "member_default"', 'name = "over_indebtedness"')
    with pytest.raises(InvalidInput, match="never enters the probability of default"):
        columns_of(Recipe.parse(renamed.replace('"capacity", ', '"capacity", "indebtedness", ')), LOCK)


def test_a_pd_never_enters_over_indebtedness():
    entering = columns_of(Recipe.parse(TEXT), LOCK)
    assert set(entering.names) > STANDING
    # No feature of the catalogue reads a score, a PD or a grade: no such table or column is there to be read.
    for name in entering.names:
        feature = LOCK.feature(name)
        words = f"{feature.expression} {feature.source}".lower()
        assert not any(word in words.replace("_", " ").split() for word in ("pd", "score", "scores", "grade"))
    assert not any(family in entering.families.values() for family in ("group", "staff", "organisation"))


def test_the_flag_of_sacrifices_is_an_output_and_no_feature():
    assert LOCK.feature("sacrifice_flag").role == "fact"
    assert "sacrifice_flag" not in columns_of(Recipe.parse(TEXT), LOCK).names
