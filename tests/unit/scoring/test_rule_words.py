"""The words of a rule: sentences of at most twenty words with their figure, no % and nothing of a page's code."""

from __future__ import annotations

import pytest

from tests.unit.scoring.policies import READY, RULE, TALK, faults, with_bands

EN = 'en = "Starting a business are {value} members."'
LONG, SIGN, CODE = "A sentence has 21 words with its figure.", "It has a %, which many do not read.", "It has < or >"


def said(tmp_path, text: str, rule: str = RULE) -> list[tuple[int, str, str]]:
    return faults(tmp_path, rule.replace(EN, f'en = "{text}"'))


def words(count: int) -> str:
    return "word " * (count - 1) + "word"


@pytest.mark.parametrize(
    "text",
    [
        words(20) + ".",
        words(17) + " {value}.",  # 13 of 27: three words
        words(17) + " {value}. " + words(20) + ". " + words(20) + "?",
        words(20) + ": " + words(17) + " {value}",
        words(19) + " 3.5",
        "The {value} of {{all}}.",
    ],
)
def test_twenty_words_with_the_figure_are_read(tmp_path, text):
    assert said(tmp_path, text) == []


@pytest.mark.parametrize(
    "text",
    [words(21) + ".", words(18) + " {value}.", "Short. " + words(18) + " {value}", words(10) + " 3.5 " + words(10)],
)
def test_the_next_word_is_one_too_many(tmp_path, text):
    assert said(tmp_path, text) == [(11, "rules[1].en", LONG)]


def test_a_number_alone_is_one_word(tmp_path):
    size = with_bands("below = 7, " + TALK, "at_least = 7, " + READY, measure="group_size")
    assert said(tmp_path, words(19) + " {value}.", size) == []
    assert said(tmp_path, words(20) + " {value}.", size) == [(11, "rules[1].en", LONG)]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{value}: over 20 %.", SIGN),
        ("{value}: over 20%.", SIGN),
        ("<b>{value}</b>", CODE),
        ("{value} > 3", CODE),
        ("{value} &lt; 3 <", CODE),
    ],
)
def test_signs_that_nobody_says(tmp_path, text, what):
    ((line, where, told),) = said(tmp_path, text)
    assert (line, where) == (11, "rules[1].en")
    assert told.startswith(what)


def test_every_slip_of_every_language_at_once(tmp_path):
    text = (
        "<script>alert(1)</script> The term is {value} days, which is more than what anybody has ever asked for in "
        "this bank or in any other bank that we know of in this country and beyond 35 %."
    )
    rule = RULE.replace("Empiezan un negocio {value} socias.", text).replace("Starting", "<i>Starting</i>")
    told = [(where, what.split(",")[0]) for _, where, what in faults(tmp_path, rule)]
    assert told == [
        ("rules[1].es", "A sentence has 37 words with its figure."),
        ("rules[1].es", "It has a %"),
        ("rules[1].es", "It has < or >"),
        ("rules[1].en", "It has < or >"),
    ]


def test_words_that_cannot_be_read_are_one_fault(tmp_path):
    assert [what for _, _, what in said(tmp_path, "{value members <")] == ["Its braces do not close."]
    assert [what for _, _, what in said(tmp_path, "{amount} %")] == ["{amount} is not filled in like this."]
