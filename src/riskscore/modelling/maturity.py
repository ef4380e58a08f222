"""The section ``[maturity]`` of a recipe: when its outcome is final, and from what a loan is bad or indeterminate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import TypeVar

from riskscore.dataset import OUTCOMES, Figures, OverIndebtednessRule
from riskscore.modelling.toml_fields import Fields
from riskscore.portfolio.maturity_rule import MaturityRule, MemberRule

SECTION = "maturity"

#: Bounds of every figure; all are whole numbers.
BOUNDS: dict[str, tuple[int, int]] = {
    "days_after_maturity": (0, 3650),
    "days_late": (1, 3650),
    "indeterminate_days_late": (1, 3650),
    "covered_instalments": (1, 1000),
    "equipment_months": (1, 600),
    "renewal_days": (1, 3650),
}

R = TypeVar("R", bound=MaturityRule)


def maturity_rule(top: Fields, outcome: str) -> MaturityRule | None:
    """Read the rule of a recipe's outcome; faults are gathered.

    Without the section the standing figures hold: they were everybody's before recipes stated them, and a champion of
    then answers and is replayed by them. To train, a recipe must state them (`known_outcome`).

    Parameters
    ----------
    top : Fields
        The whole recipe.
    outcome : str

    Returns
    -------
    MemberRule, BankRule, ProducerRule or None
        None for an outcome that has none: labels a source brought, a household's (`over_indebtedness_rule`), and one
        that does not exist, which is the recipe's fault and not the section's.
    """
    section = top.table(SECTION, needed=False)
    if outcome not in OUTCOMES:
        return None
    standing = OUTCOMES[outcome].standing
    if standing is None:
        if SECTION in top.content:
            what = f"The outcome {outcome!r} has no maturity rule: its labels are final when the source brought them."
            top.fault(SECTION, what, "Take the section out.")
        return None
    if isinstance(standing, OverIndebtednessRule):
        return None
    return rule_of(section, type(standing)) if SECTION in top.content else standing


def rule_of(table: Fields, kind: type[R]) -> R:
    """Read a rule from its table, every figure of it; faults are gathered in the table."""
    before = len(table.faults)
    rule = kind(**figures_of(table, [one.name for one in fields(kind)]))
    if isinstance(rule, MemberRule) or len(table.faults) > before:
        return rule
    if rule.indeterminate_days_late > rule.days_late:
        what = f"{rule.indeterminate_days_late} days late are bad before they are indeterminate."
        table.fault("indeterminate_days_late", what, f"Give {rule.days_late} days at most: then none is indeterminate.")
    if rule.days_late > rule.days_after_maturity + 1:
        what = f"A last instalment still open when the outcome is final would not be {rule.days_late} days late."
        table.fault("days_late", what, f"Give {rule.days_after_maturity + 1} days at most, or wait longer.")
    return rule


def figures_of(table: Fields, names: Sequence[str]) -> dict[str, int]:
    """Read whole numbers by name; whatever else the table holds is a fault."""
    for name in table.content:
        if name in BOUNDS and name not in names:
            table.fault(name, "It is a figure of another outcome.", f"Take it out; here belong {', '.join(names)}.")
    found = {name: table.whole(name, *BOUNDS[name]) for name in names}
    table.done(but=BOUNDS)
    return found


def in_words(rule: Figures | None) -> str:
    """Return the figures of an outcome for a card.

    Examples
    --------
    >>> in_words(MemberRule())
    'days after maturity 30, days late 15, covered instalments 2'
    """
    if rule is None:
        return "none: the source brought the labels"
    return ", ".join(f"{name.replace('_', ' ')} {figure:g}" for name, figure in asdict(rule).items())
