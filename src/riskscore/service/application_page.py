"""The form of an application, ready to be written out: its fields, what is on offer, and what has to be corrected."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from riskscore.frequency import FREQUENCIES
from riskscore.portfolio.tables import TABLES
from riskscore.scoring.request import PURPOSES
from riskscore.service.controls import Refilled
from riskscore.service.declared import BUDGET, DEBT, MOST_DEBTS, debts_in
from riskscore.service.declared_months import MONTH, field_of, months_in
from riskscore.words import Format, Words

Kind = Literal["text", "whole", "number", "choice", "date", "moment"]

_LENDERS = TABLES["obligations"].column("lender_kind").choices

#: What each column of a debt is asked for with.
_OF_A_DEBT: dict[str, Kind] = {
    "lender_kind": "choice",
    "instalment": "number",
    "frequency": "choice",
    "balance": "number",
    "ends_on": "date",
    "days_late": "whole",
}

#: Where a debt of the form would stand of which nothing is written yet.
_BLANK = 0


@dataclass(frozen=True, slots=True)
class Field:
    """One field, and what is wrong with it; a hint is empty where the label says all."""

    name: str
    label: str
    kind: Kind
    hint: str = ""
    value: str = ""
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Debt:
    """A debt elsewhere: what it is called and its number in the form, and its fields."""

    label: str
    number: int
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the household's year: what it is called, and its fields."""

    label: str
    fields: tuple[Field, ...]

    @property
    def open(self) -> bool:
        """Whether something of it is written, or at fault."""
        return any(one.value or one.fault for one in self.fields)


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """What ``application.html`` shows; of the household only to whom the page is sent, the asker."""

    fields: tuple[Field, ...]
    offers: tuple[str, ...]
    budget: tuple[Field, ...]
    months: tuple[Month, ...]
    count: Field
    debts: tuple[Debt, ...]
    blank: Debt
    told_at: Field
    known_until: str
    most_debts: int = MOST_DEBTS
    faults: tuple[tuple[str, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        """Gather the faults in the order of the fields."""
        every = [
            *(("", one) for one in (*self.fields, *self.budget)),
            *((f"{month.label}: ", one) for month in self.months for one in month.fields),
            ("", self.count),
            *((f"{debt.label} {debt.number}: ", one) for debt in self.debts for one in debt.fields),
            ("", self.told_at),
        ]
        object.__setattr__(self, "faults", tuple((one.name, f"{of}{one.fault}") for of, one in every if one.fault))


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes fields of what was sent, in one language."""

    refilled: Refilled
    words: Words
    filled_in: Mapping[str, str]

    def __call__(
        self,
        name: str,
        kind: Kind,
        texts: str,
        *,
        optional: bool = False,
        choices: tuple[tuple[str, str], ...] = (),
        standard: str = "",
    ) -> Field:
        """Return a field; `texts` is where its label, hint and faults stand in the words."""
        return Field(
            name=name,
            label=self.words(texts, **self.filled_in),
            kind=kind,
            hint=self.words.texts.get(f"{texts}_hint", ""),
            value=self.refilled.fields.get(name, standard),
            required=not optional,
            choices=choices,
            fault=self._fault(name, texts),
        )

    def _fault(self, name: str, texts: str) -> str:
        """Return the first of its faults: one is corrected after the other."""
        kinds = sorted(one.partition(":")[2] for one in self.refilled.faults if one.partition(":")[0] == name)
        return self.words(f"{texts}_{kinds[0] or 'fault'}", **self.filled_in) if kinds else ""


def application_page(
    products: Sequence[Mapping[str, Any]],
    refilled: Refilled,
    words: Words,
    form: Format,
    *,
    now: str,
    known_until: date,
    stale: bool,
    ahead: Collection[date],
) -> ApplicationPage:
    """Return the form, with what was sent and every fault of it where it was not accepted.

    Parameters
    ----------
    products : sequence of dict
        On offer.
    refilled : Refilled
    words : Words
    form : Format
    now : str
        The present, the institution's local time, to the minute.
    known_until : date
        The portfolio's last day.
    stale : bool
        What is told now comes too late to be used with it.
    ahead : collection of date
        The months that may be told, by their first day.
    """
    last = form.day(known_until.isoformat())
    make = _Maker(refilled, words, {"sign": form.sign, "day": last, "most": str(MOST_DEBTS)})
    offered = {one for product in products for one in product["frequencies"]}
    frequencies = tuple(one for one in FREQUENCIES if one in offered or not products)
    asked: tuple[tuple[str, Kind, tuple[str, ...]], ...] = (
        ("subject", "text", ()),
        ("amount", "number", ()),
        ("term_days", "whole", ()),
        ("frequency", "choice", frequencies),
        ("purpose", "choice", PURPOSES),
    )
    return ApplicationPage(
        fields=tuple(
            make(name, kind, f"apply.{name}", choices=_choices(words, name, choices)) for name, kind, choices in asked
        ),
        offers=tuple(_offer(product, words, form) for product in products),
        budget=tuple(make(f"budget_{name}", "number", f"household.{name}", optional=True) for name in BUDGET),
        months=tuple(_month(month, make, form) for month in sorted({*ahead, *months_in(refilled.fields)})),
        count=make("other_active_loans", "whole", "apply.other_active_loans"),
        debts=tuple(_debt(number, make) for number in range(1, len(debts_in(refilled.fields)) + 1)),
        blank=_debt(_BLANK, make),
        told_at=make("told_at", "moment", "household.told_at", optional=True, standard=now),
        known_until=words("household.known_until", day=last) if stale else "",
    )


def _debt(number: int, make: _Maker) -> Debt:
    choices = {
        "lender_kind": _choices(make.words, "lender_kind", _LENDERS),
        "frequency": _choices(make.words, "frequency", FREQUENCIES),
    }
    return Debt(
        make.words("household.debt"),
        number,
        tuple(
            make(
                f"debt_{number}_{column}",
                _OF_A_DEBT[column],
                f"household.{column}",
                optional=True,
                choices=choices.get(column, ()),
            )
            for column in DEBT
        ),
    )


def _month(month: date, make: _Maker, form: Format) -> Month:
    fields = (make(field_of(month, column), "number", f"household.month_{column}", optional=True) for column in MONTH)
    return Month(f"{form.month_name(month).capitalize()} {month.year}", tuple(fields))


def _choices(words: Words, section: str, choices: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((one, words(f"{section}.{one}")) for one in choices)


def _offer(product: Mapping[str, Any], words: Words, form: Format) -> str:
    return words(
        "apply.offer",
        name=product["name"],
        low=form.money(product["amount_min"]),
        high=form.money(product["amount_max"]),
        shortest=product["term_days_min"],
        longest=product["term_days_max"],
    )
