"""The words of a rule as people read them on a sheet: short sentences, counts in place of %, no < or >."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from riskscore.errors import Fault
from riskscore.scoring.measures import Kind
from riskscore.scoring.rules import Rule

#: Words of a sentence, as on every page.
MOST_WORDS = 20

#: A figure as long as it is said, by what is measured.
_FIGURE: dict[Kind, str] = {"share": "13 / 27", "ratio": "900 / 300", "whole": "13", "amount": "1500"}

#: A colon ends a sentence too: what follows is read by itself.
_END = re.compile(r"[.:?!](?:\s|$)")


def word_faults(rules: Sequence[Rule], faults: Collection[Fault]) -> list[Fault]:
    """Return what is wrong with words that could be read.

    Parameters
    ----------
    rules : sequence of Rule
        Every one of the file, in its order.
    faults : collection of Fault
        What reading them found: words named there are left alone.
    """
    unread = {fault.where for fault in faults}
    return [
        Fault(place, what, remedy)
        for number, rule in enumerate(rules, start=1)
        for language, text in rule.words.items()
        if (place := f"rules[{number}].{language}") not in unread
        for what, remedy in _slips(text.format(value=_FIGURE[rule.measure.kind]))
    ]


def _slips(text: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a text as it is read, and what to do."""
    longest = max(len(sentence.split()) for sentence in _END.split(text))
    if longest > MOST_WORDS:
        yield f"A sentence has {longest} words with its figure.", f"Write sentences of at most {MOST_WORDS} words."
    if "%" in text:
        yield "It has a %, which many do not read.", "Write {value}: a share is said like 13 of 27."
    if "<" in text or ">" in text:
        yield "It has < or >, which belongs to no sentence.", "Say it in words."
