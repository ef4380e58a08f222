"""Rules of the policy marked ``exception`` that do not hold: whoever approves in spite of one writes why.

They bind whoever decides, and only by what that role reads (`riskscore.scoring.rules`): a committee by the rules on
its own group that are for it, an officer by those and by the rules on the member and her loan. So no refusal tells a
committee of a rule on one of its members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from riskscore.scoring.measures import Audience
from riskscore.scoring.rule_answers import Answer
from riskscore.scoring.rules import Rule


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Codes of the rules that ask for a reason, by who decides.

    Parameters
    ----------
    committee, officer : tuple of str
    """

    committee: tuple[str, ...] = ()
    officer: tuple[str, ...] = ()

    @classmethod
    def among(cls, of_group: Iterable[Answer], of_member: Iterable[Answer]) -> Exceptions:
        """Return those among answers about a communal bank and about the member whose request is decided on."""
        asking = [one for one in of_group if one.exception]
        shared = [one.rule.code for one in asking if one.rule.audience == "committee"]
        hers = [one.rule.code for one in of_member if one.exception]
        return cls(tuple(shared), (*(one.rule.code for one in asking), *hers))

    def binding(self, audience: Audience) -> tuple[str, ...]:
        """Return the codes that bind a decision of `audience`."""
        return self.committee if audience == "committee" else self.officer


#: Answers which rules ask for a reason, when that is wanted: it takes a reading of the whole group. None: they cannot.
Asking = Callable[[], Exceptions | None]


def unanswered() -> None:
    """Answer that no rule can be answered, such as while nothing is served."""


def ask_at_all(rules: Iterable[Rule]) -> bool:
    """Tell whether any rule could ask for a reason, whatever it finds."""
    return any(band.exception for rule in rules for band in rule.bands)


def approves(approved: float | None) -> bool:
    """Tell whether a decision approves something: to put off and to reject go against no rule."""
    return approved is not None and approved > 0


def gone_against(asking: Asking, audience: Audience, approved: float | None) -> tuple[str, ...] | None:
    """Return the codes of the rules that a decision of `audience` goes against; None where they cannot be answered.

    To approve, also less than was asked, goes against all that ask.
    """
    if not approves(approved):
        return ()
    found = asking()
    return None if found is None else found.binding(audience)
