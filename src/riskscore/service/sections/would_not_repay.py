"""How many of 100 associations like this one would not repay all in time: one sentence, from the words of the pages."""

from __future__ import annotations

from riskscore.service.kinds import COMMUNAL_BANK, PRODUCER_ASSOCIATION
from riskscore.words import Words

_SECTIONS = {COMMUNAL_BANK: "outlook", PRODUCER_ASSOCIATION: "producer"}
_KEYS = ("less_than_one", "one", "sentence")


def would_not_repay(subject_kind: str, count: int, words: Words) -> str:
    """Return the sentence for `count` of 100, as `riskscore.scoring.wording.count_of_100` gives it."""
    return words(f"{_SECTIONS[subject_kind]}.{_KEYS[min(count, 2)]}", count=count)
