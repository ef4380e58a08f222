"""A producer association's seasons and months in the units of their drawings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from riskscore.service.waterfall import WIDTH
from riskscore.words import Format, Words

#: Height of the columns of months, and where they stand.
TALL, FLOOR = 100.0, 130.0


@dataclass(frozen=True, slots=True)
class SeasonBar:
    """One bar of a season: what was harvested or is expected, or what is under contract."""

    label: str
    shown: str
    width: float
    contracted: bool


@dataclass(frozen=True, slots=True)
class MonthColumn:
    """One month: where it stands, what is sold and what falls due, both as heights and in words.

    Its year is written below the first of all and below each January.
    """

    label: str
    name: str
    year: str
    x: float
    sold: float
    due: float
    harvest: bool
    sold_shown: str
    due_shown: str


def season_bars(seasons: Sequence[Mapping[str, Any]], words: Words, form: Format) -> tuple[SeasonBar, ...]:
    """Return two bars a season, the longest as wide as the drawing; what nobody recorded has none."""
    volumes = [one["expected_kg"] if one["harvested_kg"] is None else one["harvested_kg"] for one in seasons]
    longest = max([one for one in (*volumes, *(each["contracted_kg"] for each in seasons)) if one], default=1.0)

    def bar(label: str, kg: float | None, *, contracted: bool) -> SeasonBar:
        shown = words("group_record.not_recorded") if kg is None else words("producer.kg", count=form.number(kg))
        return SeasonBar(label, shown, round((kg or 0.0) / longest * WIDTH, 1), contracted)

    found = []
    for one, volume in zip(seasons, volumes, strict=True):
        key = "producer.expected" if one["harvested_kg"] is None else "producer.harvested"
        found.append(bar(words(key, season=one["season"]), volume, contracted=False))
        contracted = one["contracted_kg"]
        if contracted is None:
            none = words("producer.no_contract")
            found.append(SeasonBar(words("producer.contracted", season=one["season"]), none, 0.0, contracted=True))
        else:
            found.append(bar(words("producer.contracted", season=one["season"]), contracted, contracted=True))
    return tuple(found)


def month_columns(months: Sequence[Mapping[str, Any]], form: Format) -> tuple[MonthColumn, ...]:
    """Return the columns, the highest `TALL`."""
    due = [one["due"] + one["due_elsewhere"] for one in months]
    highest = max([*due, *(one["sold"] for one in months)], default=0.0) or 1.0
    step = WIDTH / max(len(months), 1)
    days = [date.fromisoformat(one["month"]) for one in months]
    return tuple(
        MonthColumn(
            label=form.month(day),
            name=form.month_name(day)[:3],
            year=str(day.year) if not place or day.month == 1 else "",
            x=round(place * step, 1),
            sold=round(one["sold"] / highest * TALL, 1),
            due=round(owed / highest * TALL, 1),
            harvest=one["harvest"],
            sold_shown=form.money(one["sold"]),
            due_shown=form.money(owed),
        )
        for place, (day, one, owed) in enumerate(zip(days, months, due, strict=True))
    )


def month_sentences(months: Sequence[Mapping[str, Any]], words: Words, form: Format) -> tuple[str, ...]:
    """Return when it sells most, when most falls due, and in how many months that is more than is sold."""

    def most(of: Sequence[float]) -> tuple[date, float] | None:
        top = max(of, default=0.0)
        return (date.fromisoformat(months[of.index(top)]["month"]), top) if top else None

    sold = [float(one["sold"]) for one in months]
    due = [float(one["due"] + one["due_elsewhere"]) for one in months]
    best, heaviest = most(sold), most(due)
    lines = [
        words("producer.sells_nothing")
        if best is None
        else words("producer.sells_most", month=form.month_name(best[0])),
        words("producer.due_nothing")
        if heaviest is None
        else words("producer.due_most", month=form.month_name(heaviest[0]), amount=form.money(heaviest[1])),
    ]
    short = sum(owed > earned for owed, earned in zip(due, sold, strict=True))
    if short:
        lines.append(words("producer.one_short" if short == 1 else "producer.short", count=short))
    return tuple(lines)
