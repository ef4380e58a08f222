"""The part of a page that tells a communal bank's outlook: in natural frequency, with its waterfall in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskscore.service.group_outlook import GroupOutlook
from riskscore.service.kinds import COMMUNAL_BANK
from riskscore.service.sections.would_not_repay import would_not_repay
from riskscore.words import Format, Words

#: Who bears, in the order in which they do.
_BEARERS = ("by_savings", "by_group", "by_fund", "by_untold", "by_lender")

_COVERS = ("covers_none", "covers_one", "covers")

#: Width of the drawing, in its own units.
WIDTH = 340.0


@dataclass(frozen=True, slots=True)
class Bearing:
    """One row of the waterfall: what it says, how much, and where its bar lies."""

    label: str
    shown: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class OutlookPart:
    """What the template shows of an outlook."""

    frequency: str
    range: str
    dots: int
    falls: str
    covers: str
    rows: tuple[Bearing, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupPart:
    """A communal bank's outlook on a page, or why there is none."""

    outlook: OutlookPart | None
    no_outlook: str


def group_part(found: GroupOutlook, words: Words, form: Format) -> GroupPart:
    """Return the part of an outlook, or of why there is none."""
    return GroupPart(
        outlook=None if found.content is None else outlook_part(found.content, words, form),
        no_outlook="" if found.missing is None else words(f"outlook.{found.missing}"),
    )


def outlook_part(outlook: Mapping[str, Any], words: Words, form: Format) -> OutlookPart:
    """Return the part of an outlook as its committee may see it (`riskscore.service.views.bank.committee`)."""
    cover = outlook["cover"]
    lines = [
        words("outlook.one_fall", amount=form.money(cover["one_fall"])),
        words("outlook.fund", amount=form.money(cover["fund"])),
    ]
    if not outlook["order_judged"]:
        lines.append(words("outlook.not_judged"))
    return OutlookPart(
        frequency=would_not_repay(COMMUNAL_BANK, outlook["of_100"], words),
        range=_range(outlook["low"], outlook["high"], words),
        dots=outlook["of_100"],
        falls=_falls(outlook["falls_expected"], outlook["members"], words),
        covers=words("outlook.covers_unknown")
        if outlook["covers_falls"] is None
        else words(f"outlook.{_COVERS[min(outlook['covers_falls'], 2)]}", count=outlook["covers_falls"]),
        rows=() if outlook["waterfall"] is None else _rows(outlook["waterfall"], words, form),
        lines=tuple(lines),
    )


def _range(low: int | None, high: int | None, words: Words) -> str:
    if low is None or high is None:
        return words("outlook.no_range")
    return words("outlook.same_range") if low == high else words("outlook.range", low=low, high=high)


def _falls(expected: int | None, members: int, words: Words) -> str:
    if expected is None:
        return ""
    keys = ("falls_expected_none", "falls_expected_one", "falls_expected")
    return words(f"outlook.{keys[min(expected, 2)]}", count=expected, members=members)


def _rows(borne: Mapping[str, float], words: Words, form: Format) -> tuple[Bearing, ...]:
    """Return a bar for the whole and one for each bearer, each beginning where the one before it ends."""
    most = max(borne["loss"], *(borne[name] for name in _BEARERS), 1e-9)
    unit, at = WIDTH / most, 0.0
    rows = [Bearing(words("outlook.loss"), form.money(borne["loss"]), 0.0, round(borne["loss"] * unit, 1))]
    for name in _BEARERS:
        amount = borne[name]
        if name == "by_untold" and not amount:
            continue
        fails = name == "by_untold" and amount < 0
        label = words("outlook.by_untold_fails" if fails else f"outlook.{name}")
        shown = f"\N{MINUS SIGN}{form.money(-amount)}" if fails else form.money(amount)
        end = at + amount
        left = max(min(at, end), 0.0)
        width = min(abs(amount) * unit, WIDTH - left * unit)
        rows.append(Bearing(label, shown, round(left * unit, 1), round(max(width, 0.0), 1)))
        at = end
    return tuple(rows)
