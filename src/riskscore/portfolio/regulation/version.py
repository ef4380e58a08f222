"""One version of a regulation, read from its TOML with every fault at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from riskscore.errors import Fault, InvalidInput

_HEADER: dict[str, type] = {"country": str, "authority": str, "norm": str, "versions": list}
_VERSION: dict[str, type] = {
    "effective_from": date,
    "verified": bool,
    "source": str,
    "notes": list,
    "categories": list,
    "codes": list,
    "not_by_days": list,
    "debtors": dict,
    "first_day": dict,
    "generic": dict,
    "specific": dict,
}


@dataclass(frozen=True, slots=True)
class Version:
    """What was in force from a day on.

    Parameters
    ----------
    effective_from : date
    verified : bool
    source : str
    notes : tuple of str
    categories, codes : tuple of str
        From the best to the worst.
    not_by_days : tuple of str
        Kinds of debtor that are never classified by days alone.
    debtors : mapping of str to str
        The table of days of each kind of debtor that is.
    first_day : mapping of str to tuple of int
        By table of days: the first day late of each category.
    generic : mapping of str to Decimal
        By table of days: the provision of the first category, in [0, 1].
    specific : mapping of str to tuple of Decimal
        By table of guarantees or uses: the provision of each category, in [0, 1].
    """

    effective_from: date
    verified: bool
    source: str
    notes: tuple[str, ...]
    categories: tuple[str, ...]
    codes: tuple[str, ...]
    not_by_days: tuple[str, ...]
    debtors: Mapping[str, str]
    first_day: Mapping[str, tuple[int, ...]]
    generic: Mapping[str, Decimal]
    specific: Mapping[str, tuple[Decimal, ...]]


def read_versions(path: Path) -> tuple[dict[str, str], tuple[Version, ...]]:
    """Return the header and the versions, oldest first, of a regulation's file.

    Raises
    ------
    InvalidInput
        Naming every fault of the file.
    """
    try:
        told = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput.of(path.name, f"cannot be read ({error}).", "Write it as one of those shipped.") from error
    faults = [*_shape(path.name, told, _HEADER)]
    versions = told.get("versions")
    for number, version in enumerate(versions if isinstance(versions, list) else (), 1):
        where = f"{path.name}: version {number}"
        wrong = list(_shape(where, version, _VERSION))
        faults += wrong or _contradictions(where, version)
    if not faults:
        days = [version["effective_from"] for version in told["versions"]]
        if not days or len(set(days)) < len(days):
            faults.append(
                Fault(f"{path.name}: versions", "need one or more, each from another day on.", "Give each its own day.")
            )
    if faults:
        raise InvalidInput(faults)
    found = tuple(_version(version) for version in told["versions"])
    header = {name: str(told[name]) for name, kind in _HEADER.items() if kind is str}
    return header, tuple(sorted(found, key=lambda version: version.effective_from))


def _shape(where: str, told: Mapping[str, Any], wanted: Mapping[str, type]) -> Iterator[Fault]:
    for name, kind in wanted.items():
        if name not in told:
            yield Fault(f"{where}.{name}", "is missing.", "Add it.")
        elif not isinstance(told[name], kind):
            yield Fault(f"{where}.{name}", f"is no {kind.__name__}.", "Write it as in one of those shipped.")
    for name in told:
        if name not in wanted:
            yield Fault(f"{where}.{name}", "is not known here.", f"Known are {', '.join(wanted)}.")


def _contradictions(where: str, told: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what a version of the right shape says that cannot be so."""
    count = len(told["categories"])
    if len(told["codes"]) != count or not count:
        yield Fault(f"{where}.codes", "are not as many as the categories.", "Give each category its code.")
    for kind, table in told["debtors"].items():
        if table not in told["first_day"] or table not in told["generic"]:
            yield Fault(
                f"{where}.debtors.{kind}", f"names {table!r}, which has no days or no generic provision.", "Add both."
            )
        if kind in told["not_by_days"]:
            yield Fault(f"{where}.debtors.{kind}", "is also among those not classified by days.", "Choose one.")
    for table, days in told["first_day"].items():
        rising = all(isinstance(day, int) for day in days) and sorted(set(days)) == days
        if len(days) != count or not rising or days[0] != 0:
            yield Fault(
                f"{where}.first_day.{table}",
                f"expected {count} days that begin at 0 and rise.",
                "Each category lasts until the day before the next one begins: no gap, no overlap.",
            )
    for table, rates in told["specific"].items():
        if len(rates) != count or not all(_is_share(rate) for rate in rates):
            yield Fault(
                f"{where}.specific.{table}",
                f"expected {count} shares from 0 to 1.",
                "Write 5 % as 0.05, one a category.",
            )
        elif sorted(rates) != rates:
            yield Fault(
                f"{where}.specific.{table}", "falls from one category to the next.", "A worse one asks for more."
            )
    for table, rate in told["generic"].items():
        if not _is_share(rate):
            yield Fault(f"{where}.generic.{table}", "expected a share from 0 to 1.", "Write 1 % as 0.01.")


def _is_share(value: object) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool) and 0 <= value <= 1


def _version(told: Mapping[str, Any]) -> Version:
    return Version(
        effective_from=told["effective_from"],
        verified=told["verified"],
        source=told["source"],
        notes=tuple(told["notes"]),
        categories=tuple(told["categories"]),
        codes=tuple(told["codes"]),
        not_by_days=tuple(told["not_by_days"]),
        debtors=dict(told["debtors"]),
        first_day={name: tuple(days) for name, days in told["first_day"].items()},
        generic={name: Decimal(rate) for name, rate in told["generic"].items()},
        specific={name: tuple(map(Decimal, rates)) for name, rates in told["specific"].items()},
    )
