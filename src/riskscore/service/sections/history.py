"""Her last cycles as a small picture: a bar for each amount, and under it the worst delay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskscore.service.waterfall import WIDTH
from riskscore.words import Format, Words

#: Height of the tallest bar, and the room above it for the amount.
TALL, ABOVE = 60.0, 18.0


@dataclass(frozen=True, slots=True)
class Cycle:
    """One bar, its amount above and its cycle and worst delay below."""

    x: float
    y: float
    width: float
    height: float
    centre: float
    amount: str
    cycle: str
    delay: str
    late: bool
    line: str


@dataclass(frozen=True, slots=True)
class HistorySection:
    """The bars, the oldest first; none where there is no earlier cycle or none was kept."""

    cycles: tuple[Cycle, ...]
    title: str
    how: str


def history_section(history: Sequence[Mapping[str, Any]], words: Words, form: Format) -> HistorySection:
    """Return the picture of what `riskscore.portfolio.cycles` kept with the score."""
    largest = max((one["amount"] for one in history), default=1.0)
    slot = WIDTH / max(len(history), 3)  # one cycle alone is not a wall
    cycles = []
    for place, one in enumerate(history):
        height = round(max(2.0, one["amount"] / largest * TALL), 1)
        late = one["worst_delay"] > 0
        cycles.append(
            Cycle(
                x=round(place * slot + slot * 0.15, 1),
                y=round(ABOVE + TALL - height, 1),
                width=round(slot * 0.7, 1),
                height=height,
                centre=round((place + 0.5) * slot, 1),
                amount=form.number(one["amount"]),
                cycle=words("history.cycle", number=one["cycle_no"]),
                delay=words("history.short_delay", days=form.number(one["worst_delay"])),
                late=late,
                line=_line(one, words, form),
            )
        )
    return HistorySection(
        tuple(cycles), words("history.title", count=len(history)), words("history.how", sign=form.sign)
    )


def _line(one: Mapping[str, Any], words: Words, form: Format) -> str:
    """Return a cycle in a sentence."""
    parts = [words("history.line", number=one["cycle_no"], amount=form.money(one["amount"]))]
    if not one["due"]:
        parts.append(words("history.nothing_due"))
    elif one["late"]:
        parts.append(words("history.late", late=form.number(one["late"]), due=form.number(one["due"])))
        parts.append(words("history.worst", days=form.number(one["worst_delay"])))
    else:
        parts.append(words("history.all_on_time", due=form.number(one["due"])))
    if one["owing"]:
        parts.append(words("history.owing"))
    return " ".join(parts)
