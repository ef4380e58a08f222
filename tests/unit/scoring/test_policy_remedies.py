"""What people write by mistake in a policy: the remedy says what to write in the file as it is."""

from __future__ import annotations

import re

import pytest

from tests.unit.scoring.policies import BASE, READY, RULE, TALK, lint, with_bands


def told(tmp_path, text: str) -> list[tuple[str, str, str]]:
    return [(one.where, one.what, one.remedy) for one in lint(tmp_path, text).faults]


CAP = "indebtedness.cap.value"


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "remedy"),
    [
        (
            "value = 0.70",
            'value = "70 %"',
            CAP,
            "'70 %' is no number.",
            "Give one from 0.01 to 1, without quotes or signs.",
        ),
        (
            "value = 0.70",
            "value = true",
            CAP,
            "true is no number.",
            "Give one from 0.01 to 1, without quotes or signs.",
        ),
        ("value = 0.70", "value = 70", CAP, "70 is out of bounds.", "Give a number from 0.01 to 1."),
        (
            "value = 120",
            "value = 2026-01-01",
            "data.budget_old_after_days.value",
            "2026-01-01 is no number.",
            "Give one from 1 to 3650, without quotes or signs.",
        ),
        ('name = "starter"', 'name = " "', "name", "It is empty.", "Write it out."),
    ],
)
def test_a_value_of_another_type_is_not_called_out_of_bounds(tmp_path, old, new, where, what, remedy):
    assert old in BASE
    assert told(tmp_path, BASE.replace(old, new, 1)) == [(where, what, remedy)]


@pytest.mark.parametrize(
    ("rule", "where", "what", "remedy"),
    [
        (
            re.sub(r"bands = \[.*?\n\]", "bands = []", RULE, flags=re.S),
            "bands",
            "It is an empty list.",
            "Write it as bands = [{ ... }, { ... }].",
        ),
        (
            RULE.replace("audience", 'where = "urban"\naudience'),
            "where",
            "'urban' is no table.",
            "Write it as where = { ... }.",
        ),
        (
            RULE.replace("audience", 'where = { currency = "S/" }\naudience'),
            "where.currency",
            "'S/' is not known.",
            'Write three capitals, like "PEN".',
        ),
        (
            with_bands("at_most = 20, " + READY, "above = 20, " + TALK),
            "bands[2]",
            "share_starting_business is always at least 0 and at most 1: it can never be reached.",
            'Write ten of a hundred as "10 %" or 0.1.',
        ),
    ],
)
def test_within_a_rule_the_remedy_says_how_it_is_written_there(tmp_path, rule, where, what, remedy):
    assert told(tmp_path, BASE + rule) == [(f"rules[1].{where}", what, remedy)]


def test_what_is_missing_whole_is_named_once(tmp_path):
    missing = {where for where, _, _ in told(tmp_path, "# nothing yet\n")}
    assert missing == {"name", "indebtedness", "progression", "data", "bands", "matrix"}
    without = re.sub(r"\[indebtedness\.cap\]\n(.+\n)+", "", BASE)
    assert [where for where, _, _ in told(tmp_path, without)] == ["indebtedness.cap"]
    empty = re.sub(r"(\[indebtedness\.cap\]\n)(.+\n)+", r"\1", BASE)
    assert [where for where, _, _ in told(tmp_path, empty)] == [
        "indebtedness.cap.value",
        "indebtedness.cap.verified",
        "indebtedness.cap.source",
    ]


def test_the_mark_that_an_editor_puts_first_is_no_fault(tmp_path):
    assert lint(tmp_path, "\ufeff" + BASE + RULE).faults == ()


def test_a_dot_that_was_to_part_thousands_is_warned_of(tmp_path):
    small = with_bands("at_most = 1.500, " + READY, "above = 1.500, " + TALK, measure="amount", layer="loan")
    found = lint(tmp_path, BASE + small.replace("audience", 'where = { currency = "PEN" }\naudience'))
    assert found.faults == ()
    assert [(one.where, one.what, one.remedy) for one in found.warnings if "verified" not in one.where] == [
        (
            f"rules[1].bands[{place}].{side}",
            "It is 1.5 PEN, which is less than any loan.",
            "A dot is no mark of thousands: write 1500.",
        )
        for place, side in ((1, "at_most"), (2, "above"))
    ]
