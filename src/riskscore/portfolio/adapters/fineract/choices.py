"""What an institution says about its own core: zone, currency, and what its free code words mean."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from riskscore.errors import Fault, InvalidInput

#: Words for sex that need no telling, in lower case.
SEXES = {
    "female": "female",
    "femenino": "female",
    "mujer": "female",
    "f": "female",
    "male": "male",
    "masculino": "male",
    "hombre": "male",
    "varon": "male",
    "varón": "male",
    "m": "male",
}

#: Where a currency is at home, for countries of one time zone.
HOMES = {
    "BOB": ("BO", "America/La_Paz"),
    "COP": ("CO", "America/Bogota"),
    "CRC": ("CR", "America/Costa_Rica"),
    "DOP": ("DO", "America/Santo_Domingo"),
    "GTQ": ("GT", "America/Guatemala"),
    "HNL": ("HN", "America/Tegucigalpa"),
    "NIO": ("NI", "America/Managua"),
    "PEN": ("PE", "America/Lima"),
    "PYG": ("PY", "America/Asuncion"),
}
#: Nobody said where: the code that ISO 3166 leaves to its users, and no conversion.
NOWHERE = ("ZZ", "UTC")

_PURPOSES = ("working_capital", "equipment", "materials", "other")


@dataclass(frozen=True, slots=True)
class Words:
    """What the institution's code values mean, in lower case. Words that are not told stay missing and are counted.

    Parameters
    ----------
    purposes : mapping of str to {"working_capital", "equipment", "materials", "other"}
        Of the codes under LoanPurpose.
    relief_reasons : tuple of str
        Codes under LoanRescheduleReason that stand for relief under a declared emergency; every other reason is
        distress.
    sexes : mapping of str to {"female", "male", "other"}
        Of the codes under Gender; kept for audits only.
    rural_offices : tuple of int
        Ids of the offices in rural places; left empty, nothing is said of any office.
    """

    purposes: Mapping[str, str] = field(default_factory=dict)
    relief_reasons: tuple[str, ...] = ()
    sexes: Mapping[str, str] = field(default_factory=lambda: dict(SEXES))
    rural_offices: tuple[int, ...] = ()

    @classmethod
    def read(cls, path: Path | None) -> Words:
        """Read the words from a TOML file; None is what needs no telling.

        Raises
        ------
        InvalidInput
            For every field or value that is not understood, all at once.
        """
        if path is None:
            return cls()
        try:
            found = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InvalidInput.of(str(path), f"cannot be read ({error}).", "Write it as TOML.") from error
        known = [f.name for f in fields(cls)]
        faults = [
            Fault(f"{path.name}: {name}", "is not known.", f"Use {', '.join(known)}.")
            for name in found
            if name not in known
        ]
        for name, allowed in (("purposes", _PURPOSES), ("sexes", ("female", "male", "other"))):
            table = found.get(name, {})
            if not isinstance(table, dict) or not set(table.values()) <= set(allowed):
                faults.append(
                    Fault(
                        f"{path.name}: {name}",
                        "expected your words with what they mean.",
                        f'Write \'"Compra de equipo" = "{allowed[0]}"\'; the meanings are {", ".join(allowed)}.',
                    )
                )
        for name, kind, example in (("relief_reasons", str, '["Emergencia"]'), ("rural_offices", int, "[3, 4]")):
            listed = found.get(name, [])
            if not isinstance(listed, list) or not all(isinstance(word, kind) for word in listed):
                faults.append(Fault(f"{path.name}: {name}", "expected a list.", f"Write {name} = {example}."))
        if faults:
            raise InvalidInput(faults)
        return cls(
            purposes=_lower(found.get("purposes", {})),
            relief_reasons=tuple(word.strip().lower() for word in found.get("relief_reasons", [])),
            sexes={**SEXES, **_lower(found.get("sexes", {}))},
            rural_offices=tuple(found.get("rural_offices", [])),
        )


@dataclass(frozen=True, slots=True)
class Choices:
    """How one core is to be read.

    Parameters
    ----------
    country : str or None
        ISO 3166 alpha-2 code; None is the one where the currency is at home.
    time_zone : str or None
        IANA name, into which UTC stamps are converted; None is the currency's home.
    currency : str or None
        The one currency to read; None where the core has only one.
    data_date : date or None
        The last day to read, inclusive; None is the core's own business date, else yesterday in `time_zone`.
    words : Words
    batch : int
        Rows read at once.
    """

    country: str | None = None
    time_zone: str | None = None
    currency: str | None = None
    data_date: date | None = None
    words: Words = field(default_factory=Words)
    batch: int = 50_000

    def settings(self) -> dict[str, Any]:
        """Return all that decides what is read, as JSON values."""
        return {
            "country": self.country,
            "time_zone": self.time_zone,
            "currency": self.currency,
            "data_date": self.data_date.isoformat() if self.data_date else None,
            "batch": self.batch,
            "words": {f.name: getattr(self.words, f.name) for f in fields(self.words)},
        }


def _lower(words: Mapping[str, str]) -> dict[str, str]:
    return {word.strip().lower(): meaning for word, meaning in words.items()}
