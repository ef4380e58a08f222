"""A regulation as it was in force on a day: categories by days late and provisions."""

from __future__ import annotations

import difflib
import warnings
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Self

from riskscore.errors import InvalidInput, NotFound, Refused
from riskscore.portfolio.regulation.version import Version, read_versions

#: The file of each country that has one, by ISO 3166 code.
COUNTRIES = {"BO": "bolivia_asfi.toml", "PE": "peru_sbs.toml"}
CENT = Decimal("0.01")


class UnverifiedRegulation(UserWarning):
    """Figures of a regulation that nobody has compared with the norm."""


@dataclass(frozen=True, slots=True)
class Category:
    """A class of debtors.

    Parameters
    ----------
    code, name : str
    rank : int
        0 is the best.
    first_day : int
    last_day : int or None
        Days late, inclusive; None where it has no end.
    """

    code: str
    name: str
    rank: int
    first_day: int
    last_day: int | None


@dataclass(frozen=True, slots=True)
class Regulation:
    """A country's classification and provisions in force on a day. Load one with `Regulation.load`.

    Parameters
    ----------
    country : str
        ISO 3166 code.
    authority, norm : str
    version : Version

    Examples
    --------
    >>> peru = Regulation.load("PE", on=date(2026, 1, 31))
    >>> peru.category(70).name
    'Dudoso'
    >>> peru.provision(Decimal("10000"), 70)
    Decimal('6000.00')
    """

    country: str
    authority: str
    norm: str
    version: Version

    @classmethod
    def load(cls, country: str, *, on: date) -> Self:
        """Return the regulation of `country` in force on the day `on`; figures nobody has verified warn.

        Raises
        ------
        NotFound
            Where there is none for the country, or none yet on that day.
        """
        if country not in COUNTRIES:
            raise NotFound.of(
                "regulation",
                f"there is none for {country!r}.",
                f"There are {', '.join(COUNTRIES)}; for another country write a file and use Regulation.read.",
            )
        return cls.read(Path(__file__).with_name(COUNTRIES[country]), on=on)

    @classmethod
    def read(cls, path: Path | str, *, on: date) -> Self:
        """Return the version in force on the day `on` from a file like those shipped.

        Raises
        ------
        InvalidInput
            Naming every fault of the file.
        NotFound
            Where no version was in force yet.
        """
        header, versions = read_versions(Path(path))
        begun = [version for version in versions if version.effective_from <= on]
        if not begun:
            raise NotFound.of(
                "regulation",
                f"{header['norm']} was not in force on {on}: the first version is of {versions[0].effective_from}.",
                "Add the version that was, or ask for a later day.",
            )
        found = cls(header["country"], header["authority"], header["norm"], begun[-1])
        if found.caution:
            warnings.warn(found.caution, UnverifiedRegulation, stacklevel=2)
        return found

    @property
    def caution(self) -> str | None:
        """What must stand under every number of an unverified version; None where it is verified."""
        if self.version.verified:
            return None
        return (
            f"Classes and provisions by {self.norm} ({self.country}) have not been compared with the norm: "
            "do not report them to anyone before that."
        )

    def category(self, days_late: int, debtor: str = "micro") -> Category:
        """Return the category of a debtor by the days late of her worst debt.

        Parameters
        ----------
        days_late : int
            Calendar days past due, at least 0.
        debtor : str
            Kind of debtor: one the regulation classifies by days.

        Raises
        ------
        Refused
            For a kind of debtor who must be judged by capacity and cash flow.
        InvalidInput
            For days below 0 or a kind of debtor the regulation does not know.
        """
        days = self.version.first_day[self._table(debtor)]
        if days_late < 0:
            raise InvalidInput.of("days_late", f"is {days_late}; it must not be negative.", "What is not late is 0.")
        rank = bisect_right(days, days_late) - 1
        last = days[rank + 1] - 1 if rank + 1 < len(days) else None
        return Category(self.version.codes[rank], self.version.categories[rank], rank, days[rank], last)

    def provision(
        self, balance: Decimal, days_late: int, guarantee: str | None = None, *, debtor: str = "micro"
    ) -> Decimal:
        """Return what is to be set aside for a balance, in its currency, rounded to cents (half up).

        Parameters
        ----------
        balance : Decimal
            At least 0.
        days_late : int
        guarantee : str, optional
            The table of specific provisions: in Peru ``none``, ``preferred`` or ``preferred_quick``, in Bolivia
            ``productive``, ``not_productive`` or ``foreign_currency``. The first of them where left out.
        debtor : str

        Raises
        ------
        Refused, InvalidInput
            As `category`; also for a table the regulation does not have, or a balance that is no Decimal or negative.
        """
        tables = self.version.specific
        name = next(iter(tables)) if guarantee is None else guarantee
        if name not in tables:
            raise InvalidInput.of("guarantee", f"{self.norm} has no table {name!r}.", _hint(name, tables))
        if not isinstance(balance, Decimal) or balance < 0:
            raise InvalidInput.of("balance", "expected a Decimal of at least 0.", "Money is decimal, never a float.")
        category = self.category(days_late, debtor)
        rate = tables[name][category.rank]
        if category.rank == 0:
            rate += self.version.generic[self._table(debtor)]
        return (balance * rate).quantize(CENT, ROUND_HALF_UP)

    def _table(self, debtor: str) -> str:
        if debtor in self.version.not_by_days:
            raise Refused.of(
                "debtor",
                f"{debtor!r} is not classified by days late alone ({self.norm}).",
                "Judge payment capacity and cash flow; a cooperative with larger debt may be one of these.",
            )
        if debtor not in self.version.debtors:
            known = (*self.version.debtors, *self.version.not_by_days)
            raise InvalidInput.of("debtor", f"{self.norm} knows no {debtor!r}.", _hint(debtor, known))
        return self.version.debtors[debtor]


def _hint(name: str, known: Iterable[str]) -> str:
    listed = list(known)
    near = difflib.get_close_matches(name, listed, 1)
    return f"Did you mean {near[0]!r}?" if near else f"Choose one of {', '.join(listed)}."
