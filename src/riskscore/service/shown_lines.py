"""What a member may show her committee, in words: on her own page, and on the sheet where she shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskscore.words import Format, Words


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A fact she may show: its name in the form, what her committee would read, and whether she shows it now."""

    name: str
    line: str
    now: bool


def shown_lines(values: Mapping[str, Any], words: Words, form: Format) -> tuple[str, ...]:
    """Return one sentence for each of `riskscore.service.shown.showable`."""
    return tuple(_line(name, value, words, form) for name, value in values.items())


def choices(values: Mapping[str, Any], now: Sequence[str], words: Words, form: Format) -> tuple[ShownLine, ...]:
    """Return what she may choose among on her own page."""
    return tuple(ShownLine(name, _line(name, value, words, form), name in now) for name, value in values.items())


def _line(name: str, value: Any, words: Words, form: Format) -> str:
    if name == "other_loans":
        return words(f"shown.other_loans_{value}" if value < 2 else "shown.other_loans", count=form.number(value))
    return (
        words(f"shown.level_{value.lower()}") if name == "level" else words("shown.savings", amount=form.money(value))
    )
