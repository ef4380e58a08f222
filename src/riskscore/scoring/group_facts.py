"""What a communal bank's rules measure, as the group stood at a moment, and each measure's exact value.

A value keeps its two numbers, 13 and 27, and is compared as 13/27. What is not recorded is `Unknown`, with the reason,
and counts nobody: it is never 0, and never named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from riskscore.scoring.measures import STARTING_DAYS

#: "13 of 27" of a share, "900 against 300" of one amount over another.
_JOINTS = {"share": {"es": "de", "en": "of"}, "ratio": {"es": "contra", "en": "against"}}


@dataclass(frozen=True, slots=True)
class Measured:
    """An exact value: a part of a whole, one amount over another, or a number alone.

    Parameters
    ----------
    part : int or Decimal
    whole : int, Decimal or None
        Above 0; None for a number alone.
    """

    part: int | Decimal
    whole: int | Decimal | None = None

    @property
    def value(self) -> Fraction:
        """The number itself, without rounding."""
        return Fraction(self.part) / (1 if self.whole is None else Fraction(self.whole))

    def said(self, language: str, kind: str = "share") -> str:
        """Return it in words.

        Examples
        --------
        >>> Measured(13, 27).said("en"), Measured(Decimal("900.00"), Decimal("300.00")).said("es", "ratio")
        ('13 of 27', '900 contra 300')
        """
        part = _plain(self.part)
        return part if self.whole is None else f"{part} {_JOINTS[kind][language]} {_plain(self.whole)}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why there is no value, in both languages."""

    es: str
    en: str


Found = Measured | Unknown | None


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """One member at the moment; None is not recorded.

    Parameters
    ----------
    member_id : str
    first_cycle : bool or None
        She had no loan of the internal ledger before; None where the ledger is not kept.
    in_arrears : bool or None
        An instalment of hers is past its day.
    marks : tuple of (int, int)
        Meetings she came to, of those she was not excused from.
    business_days : int or None
        Age of her business. From outside the group, as the next.
    loans_elsewhere : int or None
        As she declares them with her open request.
    asked : Decimal or None
        The amount of her open request; None where she asks for nothing.
    term_days : int or None
        Of that request.
    last_loan : Decimal or None
        The amount of her last loan; None for a first one.
    savings : Decimal or None
        With the group.
    """

    member_id: str
    first_cycle: bool | None = None
    in_arrears: bool | None = None
    marks: tuple[int, int] = (0, 0)
    business_days: int | None = None
    loans_elsewhere: int | None = None
    asked: Decimal | None = None
    term_days: int | None = None
    last_loan: Decimal | None = None
    savings: Decimal | None = None


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A communal bank at the moment.

    Parameters
    ----------
    bank_id : str
    currency : str
        The portfolio's, ISO 4217.
    rural : bool or None
        Its branch's.
    first_cycle : bool or None
        It had no loan of the external ledger before; None where the ledger is not kept.
    members : tuple of MemberFacts
    """

    bank_id: str
    currency: str
    rural: bool | None
    first_cycle: bool | None
    members: tuple[MemberFacts, ...]

    @property
    def asking(self) -> tuple[MemberFacts, ...]:
        """The members with an open request."""
        return tuple(one for one in self.members if one.asked is not None)


_NOBODY = Unknown("El banco comunal no tiene socias registradas.", "The communal bank has no members on record.")
_NO_MARKS = Unknown("No hay asistencia anotada.", "No attendance is on record.")
_NO_SAVINGS = Unknown("No hay ahorro anotado.", "No savings are on record.")
_NOT_DECLARED = Unknown("No dijo cuántos préstamos más tiene.", "Other loans were not declared.")


def _share(told: Iterable[bool | None]) -> Measured | Unknown:
    """Return how many of all, or that of some it is not known."""
    listed = list(told)
    if not listed:
        return _NOBODY
    untold, n = listed.count(None), len(listed)
    if untold:
        return Unknown(f"No se sabe de {untold} de {n}.", f"It is not known of {untold} of {n}.")
    return Measured(listed.count(True), n)


def _size(group: GroupFacts) -> Found:
    return Measured(len(group.members)) if group.members else _NOBODY


def _largest_to_smallest(group: GroupFacts) -> Found:
    amounts = [one.asked for one in group.asking if one.asked is not None]
    return Measured(max(amounts), min(amounts)) if amounts else None


def _attended(group: GroupFacts) -> Found:
    came, held = (sum(one.marks[place] for one in group.members) for place in (0, 1))
    return Measured(came, held) if held else _NO_MARKS


def _starting(group: GroupFacts) -> Found:
    days = [one.business_days for one in group.members]
    return _share(None if one is None else one < STARTING_DAYS for one in days)


def _with_loans_elsewhere(group: GroupFacts) -> Found:
    loans = [one.loans_elsewhere for one in group.asking]
    return _share(None if one is None else one > 0 for one in loans) if loans else None


#: How each measure of the layer group is taken; None where nobody asks, so that there is nothing to measure.
OF_GROUP: dict[str, Callable[[GroupFacts], Found]] = {
    "group_size": _size,
    "largest_to_smallest_request": _largest_to_smallest,
    "share_in_arrears": lambda group: _share(one.in_arrears for one in group.members),
    "share_in_first_cycle": lambda group: _share(one.first_cycle for one in group.members),
    "share_attended": _attended,
    "share_starting_business": _starting,
    "share_with_loans_elsewhere": _with_loans_elsewhere,
}


def _loans_elsewhere(one: MemberFacts) -> Found:
    return _NOT_DECLARED if one.loans_elsewhere is None else Measured(one.loans_elsewhere)


def _to_last_loan(one: MemberFacts) -> Found:
    return None if one.asked is None or one.last_loan is None else Measured(one.asked, one.last_loan)


def _savings_to_request(one: MemberFacts) -> Found:
    if one.asked is None:
        return None
    return _NO_SAVINGS if one.savings is None else Measured(max(one.savings, Decimal(0)), one.asked)


#: How each measure of the layers member and loan is taken of a member who asks; None where there is nothing to measure.
OF_MEMBER: dict[str, Callable[[MemberFacts], Found]] = {
    "loans_elsewhere": _loans_elsewhere,
    "request_to_last_loan": _to_last_loan,
    "amount": lambda one: None if one.asked is None else Measured(one.asked),
    "term_days": lambda one: None if one.term_days is None else Measured(one.term_days),
    "savings_to_request": _savings_to_request,
}


def _plain(number: int | Decimal) -> str:
    """Return a number without the zeros that say nothing."""
    return f"{number:f}".rstrip("0").rstrip(".") if isinstance(number, Decimal) and number % 1 else f"{int(number)}"
