"""The form of an application, ready to be written out: its fields, what is on offer, and what has to be corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskscore.frequency import FREQUENCIES
from riskscore.scoring.request import PURPOSES
from riskscore.service.controls import Refilled
from riskscore.words import Format, Words


@dataclass(frozen=True, slots=True)
class Field:
    """One field: a number or text, or a choice where there are any; and what is wrong with it."""

    name: str
    label: str
    hint: str
    value: str
    whole: bool | None
    choices: tuple[tuple[str, str], ...]
    fault: str


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """What ``application.html`` shows."""

    fields: tuple[Field, ...]
    offers: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]


def application_page(
    products: Sequence[Mapping[str, Any]], refilled: Refilled, words: Words, form: Format
) -> ApplicationPage:
    """Return the form, with what was sent and every fault of it where it was not accepted."""
    offered = {one for product in products for one in product["frequencies"]}
    frequencies = tuple(one for one in FREQUENCIES if one in offered or not products)
    kinds: tuple[tuple[str, bool | None, tuple[str, ...], str], ...] = (
        ("subject", None, (), ""),
        ("amount", False, (), ""),
        ("term_days", True, (), ""),
        ("frequency", None, frequencies, "frequency"),
        ("purpose", None, PURPOSES, "purpose"),
        ("other_active_loans", True, (), ""),
    )
    fields = tuple(
        Field(
            name=name,
            label=words(f"apply.{name}"),
            hint=words(f"apply.{name}_hint"),
            value=refilled.fields.get(name, ""),
            whole=whole,
            choices=tuple((one, words(f"{section}.{one}")) for one in choices),
            fault=words(f"apply.{name}_fault") if name in refilled.faults else "",
        )
        for name, whole, choices, section in kinds
    )
    return ApplicationPage(
        fields,
        tuple(_offer(product, words, form) for product in products),
        tuple((field.name, field.fault) for field in fields if field.fault),
    )


def _offer(product: Mapping[str, Any], words: Words, form: Format) -> str:
    return words(
        "apply.offer",
        name=product["name"],
        low=form.money(product["amount_min"]),
        high=form.money(product["amount_max"]),
        shortest=product["term_days_min"],
        longest=product["term_days_max"],
    )
