"""Rules of the policy that do not hold, as lines of a page: what was found, and which bound asks for a talk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskscore.scoring.measures import MEASURES
from riskscore.service.policy_page import bounds_said
from riskscore.words import Format, InSpanish, Words


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule: what was found in the board's words, and what the policy asks for then.

    Parameters
    ----------
    found, asked : str
    private : bool
        It is the officer's alone: she reads it on the screen, and it is on no paper that goes round the table.
    exception : bool
        Whoever approves all the same has to write why.
    """

    found: str
    asked: str
    private: bool
    exception: bool


def rule_lines(told: Sequence[Mapping[str, Any]], words: Words, form: Format) -> tuple[RuleLine, ...]:
    """Return the lines of `riskscore.service.rules_told`."""
    return tuple(
        RuleLine(_found(one, words), _asked(one, words, form), one["audience"] == "officer", one["exception"])
        for one in told
    )


def _found(one: Mapping[str, Any], words: Words) -> str:
    measured = one["measured"]
    if measured is not None:
        # Such as "13 of 27", a figure may hold a word, which a third language has no text for.
        bare = measured["es"] == measured["en"]
        return words.said(one["words"], f"rule.{one['code']}" if bare else "", value=measured["es"])
    if words.spanish is not None:
        return InSpanish(_found(one, words.spanish))
    return words("rules.of", measure=words(f"measure.{one['measure']}"), why=one["words"][words.language])


def _asked(one: Mapping[str, Any], words: Words, form: Format) -> str:
    """Return the bound and its state; of a rule on the group that only an officer reads, that too."""
    measure = MEASURES[one["measure"]]
    if one["bounds"] is None:
        asked = words("rules.unknown", code=one["code"])
    else:
        bound = bounds_said(one["bounds"], measure.kind, words, form)
        state = words("policy.exception" if one["exception"] else "policy.talk")
        asked = words("rules.asked", code=one["code"], bound=bound, state=state)
    private = measure.layer == "group" and one["audience"] == "officer"
    return f"{asked} {words('rules.officer')}" if private else asked
