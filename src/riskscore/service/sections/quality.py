"""What is missing, old, or unlike what was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskscore.service.sections.defined import title_of
from riskscore.words import Words

#: Facts of one family that are listed by name where they are missing; more are counted.
LISTED = 3


@dataclass(frozen=True, slots=True)
class QualitySection:
    """Lines of each kind."""

    missing: tuple[str, ...]
    stale: tuple[str, ...]
    unseen: tuple[str, ...]


def quality_section(quality: Mapping[str, Sequence[str]], features: Mapping[str, Any], words: Words) -> QualitySection:
    """Return what ``data_quality`` of a score says."""
    return QualitySection(
        missing=_missing(quality["missing"], features, words),
        stale=_old(quality["stale"], features, words),
        unseen=_titles(quality["off_support"], features, words),
    )


def _missing(names: Sequence[str], features: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    """Return what is missing; where most of a family is, as in a first cycle, the family with how many."""
    families: dict[str, list[str]] = {}
    for name in names:
        families.setdefault(features[name]["family"] if name in features else "", []).append(name)
    lines: list[str] = []
    for family, members in families.items():
        if len(members) <= LISTED or f"family.{family}" not in words.texts:
            lines += _titles(members, features, words)
        else:
            lines.append(words("data.many", family=words(f"family.{family}"), count=len(members)))
    return tuple(lines)


def _old(names: Sequence[str], features: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    """Return what is old: the thing itself where the words have it, not the feature that tells its age."""
    things = {name: f"data.old_{name}" for name in names}
    return tuple(
        words(thing) if thing in words.texts else _titles([name], features, words)[0] for name, thing in things.items()
    )


def _titles(names: Sequence[str], features: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    return tuple(title_of(name, features, words) if name in features else name for name in names)
