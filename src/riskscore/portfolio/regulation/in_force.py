"""Which supervisor's table was in force on a day: its name, without its figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from riskscore.portfolio.regulation.regulation import COUNTRIES
from riskscore.portfolio.regulation.version import Version, read_versions


@dataclass(frozen=True, slots=True)
class InForce:
    """A version of a regulation by name.

    Parameters
    ----------
    country : str
        ISO 3166 code.
    authority, norm : str
    effective_from : date
        Names the version.
    verified : bool
        Whether somebody has compared its figures with the norm itself.
    """

    country: str
    authority: str
    norm: str
    effective_from: date
    verified: bool


def in_force(country: str, on: date) -> InForce | None:
    """Return which table of `country` was in force on the day `on`; None where there is none, or none yet.

    It gives none of the figures, so that nobody has to be warned of those that are not verified.

    Examples
    --------
    >>> in_force("BO", date(2026, 1, 31)).verified
    False
    """
    if country not in COUNTRIES:
        return None
    header, versions = _read(country)
    begun = [version for version in versions if version.effective_from <= on]
    if not begun:
        return None
    return InForce(country, header["authority"], header["norm"], begun[-1].effective_from, begun[-1].verified)


@cache
def _read(country: str) -> tuple[dict[str, str], tuple[Version, ...]]:
    return read_versions(Path(__file__).with_name(COUNTRIES[country]))
