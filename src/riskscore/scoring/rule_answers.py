"""What the rules of a policy answer about a communal bank at a moment: for its sheet, and not for any score.

Rules on the group tighten the sheet of the group. Rules on one member and her loan stand beside her request on the
officer's sheet; her own recommendation stays what bands, cap, matrix and growth made of it, of which she hears first
and in private. A committee reads the rules that are for it, and its state of the group rests on those alone: so
nothing it sees moves with a member's facts from outside the group.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from riskscore.scoring.group_facts import OF_GROUP, OF_MEMBER, GroupFacts, Measured, MemberFacts, Unknown
from riskscore.scoring.matrix import State
from riskscore.scoring.measures import Audience
from riskscore.scoring.rule_bands import RuleBand
from riskscore.scoring.rules import Rule
from riskscore.words import LANGUAGES

_AREA = Unknown("No se sabe si la zona es rural.", "It is not known whether the area is rural.")
_CYCLE = Unknown("No se sabe si es el primer ciclo.", "It is not known whether this is the first cycle.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rule answers.

    Parameters
    ----------
    rule : Rule
    member_id : str or None
        Of whom; None of the group.
    found : Measured or Unknown
    band : RuleBand or None
        In which the value lies; None where it is unknown.
    """

    rule: Rule
    member_id: str | None
    found: Measured | Unknown
    band: RuleBand | None

    @property
    def state(self) -> Literal["ready", "talk_first", "UNKNOWN"]:
        """What the rule asks for; UNKNOWN where it could not be measured, which is never ready."""
        return "UNKNOWN" if self.band is None else self.band.state

    @property
    def exception(self) -> bool:
        """Whoever goes on must write why, in words."""
        return self.band is not None and self.band.exception

    def words(self, language: str) -> str:
        """Return what was found, or why nothing was."""
        if isinstance(self.found, Unknown):
            return self.found.es if language == "es" else self.found.en
        return self.rule.words[language].format(value=self.found.said(language, self.rule.measure.kind))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        measured = self.found if isinstance(self.found, Measured) else None
        kind = self.rule.measure.kind
        return {
            "code": self.rule.code,
            "layer": self.rule.measure.layer,
            "subject": self.member_id,
            "measure": self.rule.measure.name,
            "audience": self.rule.audience,
            "state": self.state,
            "exception": self.exception,
            "measured": None if measured is None else {one: measured.said(one, kind) for one in LANGUAGES},
            "threshold": None if self.band is None else {one: self.band.said(one) for one in LANGUAGES},
            "words": {one: self.words(one) for one in LANGUAGES},
            "source": self.rule.source,
            "verified": self.rule.verified,
        }


@dataclass(frozen=True, slots=True)
class RuleAnswers:
    """Every answer about a communal bank, the group's first, then member by member."""

    bank_id: str
    answers: tuple[Answer, ...]

    def read_by(self, audience: Audience) -> tuple[Answer, ...]:
        """Return what `audience` may read: an officer all, a committee what is marked for it."""
        return tuple(one for one in self.answers if audience == "officer" or one.rule.audience == "committee")

    def state(self, audience: Audience) -> State:
        """Return the strictest state of the rules on the group that `audience` may read; unknown is never ready."""
        about_group = (one for one in self.read_by(audience) if one.member_id is None)
        return "ready" if all(one.state == "ready" for one in about_group) else "talk_first"

    def of_member(self, member_id: str) -> tuple[Answer, ...]:
        """Return the answers about a member and the loan she asks for; for her and her officer."""
        return tuple(one for one in self.answers if one.member_id == member_id)


def answer_rules(rules: Iterable[Rule], group: GroupFacts) -> RuleAnswers:
    """Answer every rule that is meant for a communal bank, its members or what they ask for.

    Parameters
    ----------
    rules : iterable of Rule
        `Policy.rules`.
    group : GroupFacts
        As `riskscore.scoring.group_reading.read_group` finds it at a moment.
    """
    listed = tuple(rules)
    subjects = (None, *group.asking)
    found = (_answer(rule, group, member) for member in subjects for rule in listed)
    return RuleAnswers(group.bank_id, tuple(one for one in found if one is not None))


def _answer(rule: Rule, group: GroupFacts, member: MemberFacts | None) -> Answer | None:
    """Return a rule's answer of the group (no member) or of a member; None where it is not meant, or of the other."""
    name = rule.measure.name
    if (member is None) != (name in OF_GROUP):
        return None
    meant = _meant(rule, group, group.first_cycle if member is None else member.first_cycle)
    if meant is False:
        return None
    taken = OF_GROUP[name](group) if member is None else OF_MEMBER[name](member)
    found = taken if meant is True else meant
    if found is None:
        return None
    band = next(one for one in rule.bands if one.holds(found.value)) if isinstance(found, Measured) else None
    return Answer(rule, None if member is None else member.member_id, found, band)


def _meant(rule: Rule, group: GroupFacts, first_cycle: bool | None) -> bool | Unknown:
    """Return whether a rule is meant for them, or why that is not known."""
    where = rule.where
    area = None if group.rural is None else ("urban", "rural")[group.rural]
    cycle = None if first_cycle is None else ("later", "first")[first_cycle]
    asked = [(where.currency, group.currency, _AREA), (where.area, area, _AREA), (where.cycle, cycle, _CYCLE)]
    asked = [(wanted, given, untold) for wanted, given, untold in asked if wanted is not None]
    if any(given is not None and given != wanted for wanted, given, _ in asked):
        return False
    return next((untold for _, given, untold in asked if given is None), True)
