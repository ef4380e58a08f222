"""A household's budget and her other debts as the form of an application brings them, and the rows they make.

Whether a value keeps to the contract is for the reader of inline facts to say (`riskscore.service.facts`). What a form
of one talk has to tell besides is asked here: all of a budget, every debt that was counted, and when she told it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from riskscore.errors import Fault
from riskscore.portfolio.overlay_faults import ROOT

#: Columns of a budget, as the form asks for them; without any of the needed ones nobody can tell what is left over.
NEEDED = ("business_revenue", "business_costs", "other_income", "household_costs")
BUDGET = (*NEEDED, "accessible_savings")

#: Columns of a debt, as the form asks for them.
DEBT = ("lender_kind", "instalment", "frequency", "balance", "ends_on")

#: Most debts that the form has room for.
MOST_DEBTS = 8

#: A row counts after the moment at which it was told.
_AFTER = timedelta(minutes=1)

_DEBT_FIELD = re.compile(rf"debt_(\d{{1,2}})_({'|'.join(DEBT)})")
_POINTERS = (
    (re.compile(rf"{ROOT}/budgets/(0)/({'|'.join(BUDGET)})"), "budget_{1}"),
    (re.compile(rf"{ROOT}/obligations/(\d+)/({'|'.join(DEBT)})"), "debt_{0}_{1}"),
)


def debts_in(form: Mapping[str, str]) -> list[dict[str, str]]:
    """Return every debt that the form has room for, as it was written, in its order; some may be empty."""
    found: dict[int, dict[str, str]] = {}
    for name, text in form.items():
        if match := _DEBT_FIELD.fullmatch(name):
            found.setdefault(int(match[1]), {})[match[2]] = text
    return [found[number] for number in sorted(found)]


def laid_out(form: Mapping[str, str]) -> dict[str, str]:
    """Return the form with its debts numbered from one, and one more or less where its button was pressed."""
    debts, pressed = debts_in(form), form.get("rows", "")
    if pressed == "add" and len(debts) < MOST_DEBTS:
        debts.append({})
    drop = pressed.removeprefix("drop_")
    if drop != pressed and _is_count(drop) and 0 < int(drop) <= len(debts):
        del debts[int(drop) - 1]
    rest = {name: text for name, text in form.items() if not _DEBT_FIELD.fullmatch(name) and name != "rows"}
    numbered = {
        f"debt_{number}_{column}": debt.get(column, "") for number, debt in enumerate(debts, 1) for column in DEBT
    }
    return rest | numbered


@dataclass(frozen=True, slots=True)
class Declared:
    """What she told of her household.

    Parameters
    ----------
    budget : mapping of str to str
        By column; empty where no budget was told.
    debts : mapping of int to mapping of str to str
        By their number in the form, only those of which something was told.
    at : datetime or None
        When she told it, the institution's local time; None where the form does not say it.
    count : str
        How many other loans she has, as it was written.
    """

    budget: Mapping[str, str]
    debts: Mapping[int, Mapping[str, str]]
    at: datetime | None
    count: str

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Declared | None:
        """Return what a form (`laid_out`) tells; None where it tells nothing of the household."""
        budget = {name: text for name in BUDGET if (text := form.get(f"budget_{name}", ""))}
        typed = ({name: text for name, text in debt.items() if text} for debt in debts_in(form))
        debts = {number: debt for number, debt in enumerate(typed, 1) if debt}
        if not budget and not debts:
            return None
        return cls(budget, debts, _moment(form.get("told_at", "")), form.get("other_active_loans", ""))

    def body(self, subject: str, currency: str, key: str, moment: datetime) -> dict[str, Any]:
        """Return what a request takes of it: rows of hers, and the moment to ask for where `moment` lies before them.

        Parameters
        ----------
        subject : str
            The member's id.
        currency : str
            The portfolio's.
        key : str
            Names the form: the same form makes the same rows.
        moment : datetime
            The portfolio's last.
        """
        told = None if self.at is None else self.at.isoformat()
        own = {"event_at": told, "known_at": told, "member_id": subject, "currency": currency}
        facts: dict[str, Any] = {}
        if self.budget:
            facts["budgets"] = [{**own, **self.budget, "id": f"{key}-budget"}]
        if self.debts:
            facts["obligations"] = [
                {**own, **debt, "id": f"{key}-debt-{number}", "source": "declared"}
                for number, debt in self.debts.items()
            ]
        if self.at is None or self.at < moment:
            return {ROOT: facts}
        return {ROOT: facts, "as_of": (self.at + _AFTER).isoformat()}

    def faults(self, found: Iterable[Fault], now: datetime) -> set[str]:
        """Return the form's fields at fault: those that the reader of the request found, and what a talk leaves open.

        Parameters
        ----------
        found : iterable of Fault
        now : datetime
            The present, the institution's local time.
        """
        fields = {name for fault in found if (name := self._field(fault.where))}
        if self.budget:
            fields |= {f"budget_{name}" for name in NEEDED if name not in self.budget}
        if self.at is None or self.at > now:
            fields.add("told_at")
        if self.debts and _is_count(self.count) and int(self.count) != len(self.debts):
            fields.add("other_active_loans:listed")
        for number, debt in self.debts.items():
            ends = _day(debt.get("ends_on", ""))
            if ends is None:
                if debt.get("frequency") == "at_maturity":
                    fields.add(f"debt_{number}_ends_on")
            elif self.at is not None and ends < self.at.date():
                fields.add(f"debt_{number}_ends_on")
        return fields

    def _field(self, where: str) -> str | None:
        """Return the form's field that a fault of the request stands at; None where the form has no such field."""
        if where == "as_of":
            return "told_at:ahead"
        for pointer, name in _POINTERS:
            if match := pointer.fullmatch(where):
                number = list(self.debts)[int(match[1])] if name.startswith("debt") else 0
                return name.format(number, match[2])
        return None


def _is_count(text: str) -> bool:
    return text.isdecimal() and len(text) < 5


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    # A year that no calendar of an institution has would overflow where days are added to it.
    return found if found.tzinfo is None and 1900 <= found.year < 2200 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
