"""A household's budget and her other debts as the form of an application brings them, and the rows they make.

Whether a value keeps to the contract is for the reader of inline facts to say (`riskscore.service.facts`). What a form
of one talk has to tell besides is asked here: all of a budget, every debt that was counted, months that are to come,
and when she told it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from riskscore.errors import Fault
from riskscore.portfolio.overlay_faults import ROOT
from riskscore.service.declared_months import MONTH, field_of, months_in
from riskscore.service.forms import number

#: What is asked for of the request itself.
ASKED = ("subject", "amount", "term_days", "frequency", "purpose", "other_active_loans")

#: Columns of a budget, as the form asks for them; without any of the needed ones nobody can tell what is left over.
NEEDED = ("business_revenue", "business_costs", "other_income", "household_costs")
BUDGET = (*NEEDED, "accessible_savings")

#: Columns of a debt, as the form asks for them.
DEBT = ("lender_kind", "instalment", "frequency", "balance", "ends_on", "days_late")

#: Columns of a debt that are no numbers.
_WORDS = frozenset({"lender_kind", "frequency", "ends_on"})

#: Most debts that the form has room for.
MOST_DEBTS = 8

#: A row counts after the moment at which it was told.
_AFTER = timedelta(minutes=1)

_DEBT_FIELD = re.compile(rf"debt_(\d{{1,2}})_({'|'.join(DEBT)})")
_POINTER = re.compile(rf"{ROOT}/(budgets|obligations|budget_months)/(\d+)/(\w+)")


def debts_in(form: Mapping[str, str]) -> list[dict[str, str]]:
    """Return every debt that the form has room for, as it was written, in its order; some may be empty."""
    found: dict[int, dict[str, str]] = {}
    for name, text in form.items():
        if match := _DEBT_FIELD.fullmatch(name):
            found.setdefault(int(match[1]), {})[match[2]] = text
    return [found[place] for place in sorted(found)]


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
        f"debt_{place}_{column}": debt.get(column, "") for place, debt in enumerate(debts, 1) for column in DEBT
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
    months : mapping of date to mapping of str to str
        By their first day, only those of which something was told.
    at : datetime or None
        When she told it, the institution's local time; None where the form does not say it.
    count : str
        How many other loans she has, as it was written.
    """

    budget: Mapping[str, str]
    debts: Mapping[int, Mapping[str, str]]
    months: Mapping[date, Mapping[str, str]]
    at: datetime | None
    count: str

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Declared | None:
        """Return what a form (`laid_out`) tells; None where it tells nothing of the household."""
        budget = {name: text for name in BUDGET if (text := form.get(f"budget_{name}", ""))}
        typed = ({name: text for name, text in debt.items() if text} for debt in debts_in(form))
        debts = {place: debt for place, debt in enumerate(typed, 1) if debt}
        months = months_in(form)
        if not budget and not debts and not months:
            return None
        return cls(budget, debts, months, _moment(form.get("told_at", "")), form.get("other_active_loans", ""))

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
            facts["budgets"] = [{**own, **_read(self.budget), "id": f"{key}-budget"}]
        if self.debts:
            facts["obligations"] = [
                {**own, **_read(debt), "id": f"{key}-debt-{place}", "source": "declared"}
                for place, debt in self.debts.items()
            ]
        if self.months:
            facts["budget_months"] = [
                {**own, **_read(told_of), "id": f"{key}-month-{month:%Y-%m}", "month": month.isoformat()}
                for month, told_of in self.months.items()
            ]
        if self.at is None or self.at < moment:
            return {ROOT: facts}
        return {ROOT: facts, "as_of": (self.at + _AFTER).isoformat()}

    def faults(self, found: Iterable[Fault], now: datetime, ahead: Collection[date]) -> set[str]:
        """Return the form's fields at fault: those that the reader of the request found, and what a talk leaves open.

        Parameters
        ----------
        found : iterable of Fault
        now : datetime
            The present, the institution's local time.
        ahead : collection of date
            The months that may be told.
        """
        fields = {name for fault in found if (name := self._field(fault.where))}
        fields |= {f"budget_{name}" for name in _unread(self.budget)}
        if self.budget:
            fields |= {f"budget_{name}" for name in NEEDED if name not in self.budget}
        if self.at is None or self.at > now:
            fields.add("told_at")
        if self.debts and _is_count(self.count) and int(self.count) != len(self.debts):
            fields.add("other_active_loans:listed")
        for place, debt in self.debts.items():
            fields |= {f"debt_{place}_{name}" for name in _unread(debt)}
            ends = _day(debt.get("ends_on", ""))
            if ends is None:
                if debt.get("frequency") == "at_maturity":
                    fields.add(f"debt_{place}_ends_on")
            elif self.at is not None and ends < self.at.date():
                fields.add(f"debt_{place}_ends_on")
        for month, told_of in self.months.items():
            fields |= {field_of(month, name) for name in _unread(told_of)}
        for month in self.months.keys() - set(ahead):  # whatever else is wrong with it, it is to be left out
            fields = {name for name in fields if not name.startswith(field_of(month))}
            fields |= {f"{field_of(month, column)}:gone" for column in self.months[month]}
        return fields

    def of_score(self, found: Iterable[Fault], before: Mapping[str, int]) -> set[str]:
        """Return the form's fields at fault by what was found in scoring; none alone where nothing was found.

        Parameters
        ----------
        found : iterable of Fault
        before : mapping of str to int
            How many rows of each table stand before what she told.
        """
        return {self._field(fault.where, before, when="told_at:old") or "told_at:odd" for fault in found}

    def _field(self, where: str, before: Mapping[str, int] = MappingProxyType({}), when: str = "") -> str | None:
        """Return the form's field that a fault of the request stands at; None where the form has no such field.

        Rows stand after as many as `before` says; a fault of when something was told stands at the field `when`.
        """
        if where == "as_of":
            return "told_at:ahead"
        match = _POINTER.fullmatch(where)
        if match is None:
            return where if where in ASKED else None
        table, row, column = match[1], int(match[2]) - before.get(match[1], 0), match[3]
        asked, begins = {
            "budgets": (BUDGET, ["budget_"]),
            "obligations": (DEBT, [f"debt_{place}_" for place in self.debts]),
            "budget_months": (MONTH, [field_of(month) for month in self.months]),
        }[table]
        if not 0 <= row < len(begins):
            return None
        if column == "event_at":
            return when or None
        return f"{begins[row]}{column}" if column in asked else None


def _read(row: Mapping[str, str]) -> dict[str, Any]:
    """Return a row's columns: an amount as text, which keeps its decimals, and a count as a number."""
    amounts = {name: text.replace(",", ".") for name, text in row.items() if name not in _WORDS}
    counts = {name: number(text) for name, text in row.items() if name == "days_late"}
    return {**row, **amounts, **counts}


def _unread(row: Mapping[str, str]) -> list[str]:
    """Return the columns of a row that should be numbers and are none; a contract's reader takes more than a form."""
    return [name for name, text in row.items() if name not in _WORDS and isinstance(number(text), str)]


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
