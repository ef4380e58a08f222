"""What is sound by itself in a recipe and does not go together, with its other parts or with the features there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from difflib import get_close_matches
from typing import TYPE_CHECKING

from riskscore.errors import Fault
from riskscore.modelling.maturity import BOUNDS, SECTION
from riskscore.modelling.toml_lines import lines_of

if TYPE_CHECKING:
    from riskscore.catalog import Lock
    from riskscore.modelling.recipe import Recipe


def faults_between(recipe: Recipe) -> list[Fault]:
    """Return where parts that are sound by themselves do not go together."""
    faults = []
    kinds = [candidate.kind for candidate in recipe.candidates]
    if len(set(kinds)) != len(kinds):
        faults.append(Fault("candidates", "Two are of the same kind.", "Keep one of each."))
    if (recipe.liability is None) == ("structural" in kinds):
        what = "A structural candidate and this section go together."
        faults.append(Fault("liability", what, "Add the other, or drop it."))
    if recipe.of_household and recipe.household is None:
        remedy = "Add the section; training/over_indebtedness.toml has it."
        faults.append(Fault("over_indebtedness", "It is missing.", remedy))
    if recipe.household is not None and not recipe.of_household:
        faults.append(Fault("over_indebtedness", "The outcome is not about households.", "Take the section out."))
    return faults


def unstated(recipe: Recipe) -> list[Fault]:
    """Return the sections ``[maturity]`` that a recipe must have to train, and has not; a champion's may be older."""
    faults = []
    needed = {SECTION: recipe.rule}
    if recipe.liability is not None:
        needed[f"liability.members.{SECTION}"] = recipe.liability.members.maturity
    standing = lines_of(recipe.text)
    for section, rule in needed.items():
        if rule is not None and section not in standing:
            figures = ", ".join(f"{name} = {one}" for name, one in asdict(rule).items() if name in BOUNDS)
            what = "It is missing: it says when an outcome is final, and what makes it bad."
            faults.append(Fault(recipe.at(section), what, f"Add [{section}]; the standing figures are {figures}."))
    return faults


def family_faults(recipe: Recipe, lock: Lock) -> list[Fault]:
    """Return the families that no predictor of the lock has, and the caps of families that do not enter.

    A cap whose family is only misspelt among those that enter is no second fault.
    """
    known = sorted({feature.family for feature in lock.predictors})
    among = f"The families are {', '.join(known)}; a new one is declared in features/."
    entering = recipe.features.families
    unknown = [family for family in entering if family not in known]
    meant = {match for family in unknown for match in get_close_matches(family, known, n=1)}
    return [
        Fault(
            recipe.at("features.families", family),
            f"The lock has no predictor of the family {family!r}.",
            near(family, known, also=among),
        )
        for family in unknown
    ] + [
        Fault(
            recipe.at(f"caps.{family}"),
            f"The family {family!r} is not in features.families.",
            near(family, entering, "Add it there, or drop it."),
        )
        for family in recipe.caps
        if family not in entering and family not in meant
    ]


def near(name: str, known: Iterable[str], otherwise: str = "", *, also: str = "") -> str:
    """Return the remedy of a misspelt name: the nearest there is, else `otherwise`; and `also` in any case."""
    found = get_close_matches(name, sorted(known), n=1)
    return f"{f'Did you mean {found[0]!r}?' if found else otherwise} {also}".strip()
