"""Indebtedness on the page: three bars, the limit, and what they mean; it never enters the points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskscore.scoring.score import NOTHING_LEFT
from riskscore.scoring.signals import SIGNALS
from riskscore.service.waterfall import WIDTH
from riskscore.words import Format, Words


@dataclass(frozen=True, slots=True)
class DebtRow:
    """One bar: instalments out of every 100 left over a month."""

    label: str
    shown: str
    width: float
    over: bool


@dataclass(frozen=True, slots=True)
class DebtsSection:
    """The bars, the sentences under them, and where the limit stands; empty where it is unknown."""

    rows: tuple[DebtRow, ...] = ()
    lines: tuple[str, ...] = ()
    cap_x: float | None = None


def debts_section(found: Mapping[str, Any], words: Words, form: Format) -> DebtsSection:
    """Return what ``indebtedness`` of a score says."""
    if found["level"] == "UNKNOWN" or found["nii_post"] is None:
        return DebtsSection()
    cap = found["cap"]
    longest = max(found[name] for name in ("nii_now", "nii_post", "nii_stress") if found[name] is not None)
    full = min(max(1.25, longest), 2.5)  # the drawing ends between 125 and 250 of 100
    rows = tuple(
        DebtRow(
            label=words(f"debts.{name}"),
            shown=of_100(found[field], words, form),
            width=round(min(found[field], full) / full * WIDTH, 1) if found[field] is not None else 0.0,
            over=found[field] is not None and found[field] > cap + 1e-9,
        )
        for name, field in (("now", "nii_now"), ("after", "nii_post"), ("stress", "nii_stress"))
    )
    lines = [words("debts.limit", limit=form.number(round(100 * cap)))]
    if found["headroom"] is not None:
        lines.append(words("debts.headroom", amount=form.money(round(found["headroom"], 2))))
    if found["largest_amount"]:
        lines.append(words("debts.largest", amount=form.money(found["largest_amount"])))
    present = found.get("signals", {})
    lines += [
        words.said({"es": sign.es, "en": sign.en}, f"signal.{sign.name}") for sign in SIGNALS if present.get(sign.name)
    ]
    return DebtsSection(rows, tuple(lines), round(cap / full * WIDTH, 1))


def of_100(index: float | None, words: Words, form: Format) -> str:
    """Return an index of indebtedness in words."""
    if index is None:
        return words("group_record.not_recorded")
    if index >= NOTHING_LEFT:
        return words("debts.nothing_left")
    return words("debts.of_100", count=form.number(round(100 * index)))
