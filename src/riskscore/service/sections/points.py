"""Points by whose they are, family and feature, with the bars that show how they add up."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from riskscore.service.sections.defined import title_of
from riskscore.service.waterfall import Bar, Step, bars, signed
from riskscore.words import Words

#: The group's record is shown apart and last: what is of her own comes first.
GROUP_FAMILY = "group"


@dataclass(frozen=True, slots=True)
class Family:
    """A family's bar, and those of its features."""

    bar: Bar
    features: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """What is hers, or what is the group's: its sum, and its families."""

    heading: str
    families: tuple[Family, ...]


@dataclass(frozen=True, slots=True)
class PointsSection:
    """From the points everybody begins with to the score."""

    base: Bar
    sides: tuple[Side, ...]
    total: Bar


def points_section(
    points: Mapping[str, Any], features: Mapping[str, Any], words: Words, missing: Set[str] = frozenset()
) -> PointsSection:
    """Return the waterfall in whole points that add up: her own families first, the group's last.

    Families come in the order of their weight, and so do the features inside one; those of no whole point are left
    out. A feature that is `missing` says so: its points are those of having no record.
    """
    shown: Mapping[str, int] = points["shown"]
    families: dict[str, list[str]] = {}
    for name in shown:
        families.setdefault(features[name]["family"], []).append(name)
    sums = {family: sum(shown[name] for name in names) for family, names in families.items()}
    order = sorted(families, key=lambda family: (family == GROUP_FAMILY, -abs(sums[family]), family))
    inside = {family: _features(families[family], shown, features, words, missing) for family in order}
    steps = [Step(words("waterfall.base"), points["shown_base"], "base")]
    for family in order:
        key = f"family.{family}"
        steps += [Step(words(key if key in words.texts else "family.other"), sums[family], "family"), *inside[family]]
    drawn = iter(bars([*steps, Step(words("waterfall.total"), points["shown_score"], "total")])[0])
    base = next(drawn)
    laid = {family: Family(next(drawn), tuple(next(drawn) for _ in inside[family])) for family in order}
    group = sums.get(GROUP_FAMILY, 0)
    own = sum(sums.values()) - group
    sides = [("waterfall.own", own, [family for family in order if family != GROUP_FAMILY])]
    if GROUP_FAMILY in sums:
        sides.append(("waterfall.group", group, [GROUP_FAMILY]))
    return PointsSection(
        base,
        tuple(Side(words(key, points=signed(sum_)), tuple(laid[one] for one in of)) for key, sum_, of in sides),
        next(drawn),
    )


def _features(
    names: list[str], shown: Mapping[str, int], features: Mapping[str, Any], words: Words, missing: Set[str]
) -> list[Step]:
    steps = []
    for name in sorted((one for one in names if shown[one]), key=lambda one: (-abs(shown[one]), one)):
        label = title_of(name, features, words, missing=name in missing)
        steps.append(Step(label, shown[name], "feature"))
    return steps
