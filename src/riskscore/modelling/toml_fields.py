"""Reading one TOML table field by field, gathering every fault instead of stopping at the first."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from riskscore.errors import Fault

#: TOML knows infinity, no number at all, and whole numbers that no computer's float holds: none of them is a setting.
LARGEST = 1e15

#: Digits are bounded, as a power of ten with many of them would take a computer for good.
_EXACT = re.compile(r"(?P<number>\d{1,15}(\.\d{1,15})?)(?P<percent> ?%)?|(?P<part>\d{1,15}) ?/ ?(?P<whole>\d{1,15})")


def exact(value: object) -> Fraction | None:
    """Return the number from 0 that is written, without rounding; None where it is none.

    A decimal is what its digits say, not the nearest that a computer's float holds.

    Examples
    --------
    >>> exact("13/27"), exact("48.1 %"), exact(0.2), exact("1/0")
    (Fraction(13, 27), Fraction(481, 1000), Fraction(1, 5), None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    found = _EXACT.fullmatch(str(value))
    if found is None or (found["whole"] is not None and int(found["whole"]) == 0):
        return None
    if found["whole"] is not None:
        return Fraction(int(found["part"]), int(found["whole"]))
    return Fraction(found["number"]) / (100 if found["percent"] else 1)


@dataclass
class Fields:
    """One table of a recipe.

    Parameters
    ----------
    content : mapping
        The table as read.
    where : str
        Its place, for the faults.
    faults : list of Fault
        Where faults are gathered; tables of one file share it.
    """

    content: Mapping[str, Any]
    where: str
    faults: list[Fault]
    _asked: set[str] = field(default_factory=set)

    def fault(self, name: str, what: str, remedy: str) -> None:
        """Note that the field `name` is wrong."""
        self.faults.append(Fault(f"{self.where}.{name}".lstrip("."), what, remedy))

    def _value(self, name: str, default: Any) -> Any:
        self._asked.add(name)
        if name not in self.content and default is None:
            self.fault(name, "It is missing.", "Add it; the starter's file shows every field.")
        return self.content.get(name, default)

    def text(self, name: str, default: str | None = None, among: Sequence[str] | None = None) -> str:
        """Return a text, one of `among` where given."""
        value = self._value(name, default)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fault(name, f"{value!r} is no text.", "Write it between quotes.")
            return ""
        if not value.strip():
            self.fault(name, "It is empty.", "Write it out.")
            return ""
        if among is not None and value not in among:
            self.fault(name, f"{value!r} is not known.", f"Use one of: {', '.join(among)}.")
        return value

    def flag(self, name: str, default: bool | None = None) -> bool:
        """Return true or false."""
        value = self._value(name, default)
        if value is not None and not isinstance(value, bool):
            self.fault(name, f"{value!r} is neither true nor false.", "Write true or false, without quotes.")
        return value is True

    def number(
        self, name: str, low: float, high: float, default: float | None = None, *, above_low: bool = False
    ) -> float:
        """Return a number of [low, high], or of (low, high] with `above_low`."""
        value = self._value(name, default)
        if value is None:
            return low
        bounds = f"{'above' if above_low else 'from'} {low:g} to {high:g}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(name, f"{_shown(value)} is no number.", f"Give one {bounds}, without quotes or signs.")
            return low
        if not low <= value <= high or (above_low and value == low):
            self.fault(name, f"{value!r} is out of bounds.", f"Give a number {bounds}.")
            return low
        return float(value)

    def exact(self, name: str) -> Fraction | None:
        """Return a number from 0 without rounding, None where it is not given: 3, 0.2, "20 %" or "13/27"."""
        value = self._value(name, "")
        found = exact(value)
        if found is None and value != "":
            self.fault(name, f"{value!r} is no exact number from 0.", 'Write it like 3, 0.2, "20 %" or "13/27".')
        return found

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number of [low, high]."""
        value = self._value(name, default)
        if value is None:
            return low
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(name, f"{_shown(value)} is no whole number.", f"Give one from {low} to {high}, without quotes.")
            return low
        if not low <= value <= high:
            self.fault(name, f"{value!r} is out of bounds.", f"Give a whole number from {low} to {high}.")
            return low
        return value

    def span(
        self, name: str, low: float, high: float, default: tuple[float, float] | None = None
    ) -> tuple[float, float]:
        """Return two ascending numbers within [low, high]."""
        value = self._value(name, default)
        if value is None:
            return (low, high)
        fits = (
            isinstance(value, list | tuple)
            and len(value) == 2
            and all(isinstance(end, int | float) and not isinstance(end, bool) for end in value)
            and low <= value[0] <= value[1] <= high
        )
        if not fits:
            self.fault(name, f"{value!r} is no span.", f"Give two ascending numbers within [{low:g}, {high:g}].")
            return (low, high)
        return (float(value[0]), float(value[1]))

    def texts(self, name: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self._value(name, default)
        if value is None:
            return ()
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            self.fault(name, f"{value!r} is no list of texts.", 'Write it like ["repayment", "group"].')
            return ()
        return tuple(value)

    def numbers(self, name: str) -> tuple[float, ...]:
        """Return a list of ascending numbers."""
        value = self._value(name, None)
        if value is None:
            return ()
        fits = isinstance(value, list) and all(
            isinstance(one, int | float) and not isinstance(one, bool) and abs(one) <= LARGEST for one in value
        )
        if not fits or sorted(set(value)) != value:
            self.fault(name, f"{value!r} is no ascending list of numbers.", "Write it like [540, 560, 580].")
            return ()
        return tuple(float(one) for one in value)

    def amounts(self, name: str) -> tuple[float, ...]:
        """Return a list of numbers from 0, in whatever order."""
        value = self._value(name, None)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(
            isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one <= LARGEST for one in value
        ):
            self.fault(name, f"{value!r} is no list of numbers from 0.", "Write it like [0, 3, 5].")
            return ()
        return tuple(float(one) for one in value)

    def table(self, name: str, *, needed: bool = True) -> Fields:
        """Return the table of that name; empty, with a fault, where it is needed and missing."""
        value = self._value(name, None if needed else {})
        place = f"{self.where}.{name}".lstrip(".")
        if value is not None and not isinstance(value, Mapping):
            # Within a list of tables a header of its own would belong to the last of them.
            remedy = f"Write it as {name} = {{ ... }}." if "[" in place else f"Write it as [{place}]."
            self.fault(name, f"{_shown(value)} is no table.", remedy)
            value = {}
        return Fields(value or {}, place, self.faults)

    def tables(self, name: str) -> list[Fields]:
        """Return the list of tables of that name, of which there must be one."""
        value = self._value(name, None)
        if value is None:
            return []
        place = f"{self.where}.{name}".lstrip(".")
        remedy = f"Write it as {name} = [{{ ... }}, {{ ... }}]." if "[" in place else f"Write each one as [[{place}]]."
        if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
            self.fault(name, "It is no list of tables.", remedy)
            return []
        if not value:
            self.fault(name, "It is an empty list.", remedy)
        return [Fields(one, f"{place}[{i}]", self.faults) for i, one in enumerate(value, start=1)]

    def done(self, *, but: Container[str] = ()) -> None:
        """Note every field that nobody asked for; those of `but` are told of elsewhere."""
        for name in self.content:
            if name not in self._asked and name not in but:
                near = get_close_matches(name, self._asked, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else "Take it out."
                self.fault(name, "No such field is known.", hint)


def _shown(value: object) -> str:
    """Return a value as it is written in TOML, as far as somebody has to recognise it."""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str | int | float) else str(value)
