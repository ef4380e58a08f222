"""What a portfolio says about itself: currency, country, clock, data date and the hash of its files."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from riskscore.errors import Fault, InvalidInput

FILE = "portfolio.json"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much of an instalment may stay unpaid and it still counts as settled.

    The tolerance is ``max(amount, share x instalment)``, and never more than half of the instalment, so that none is
    settled by tolerance alone. The default is exact: a cent short is short. A usual rule is
    ``Tolerance(Decimal(1), Decimal("0.01"))``; whether one unit of its currency is small is for the institution to say.

    Parameters
    ----------
    amount : Decimal
        In the portfolio's currency, at least 0.
    share : Decimal
        Of the instalment, in [0, 1].
    """

    amount: Decimal = Decimal(0)
    share: Decimal = Decimal(0)


EXACT = Tolerance()


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of ``portfolio.json``.

    Parameters
    ----------
    currency : str
        ISO 4217 code.
    country : str
        ISO 3166 alpha-2 code.
    time_zone : str
        IANA name; every timestamp of the portfolio is local to it.
    data_date : date
        The last day the tables cover, inclusive.
    complete_from : date or None
        Applications made before it are history, never samples.
    content_hash : str
        sha256 over what stands above and the bytes of every table's file.
    rows : dict of str to int
        Rows (versions) of each table that has a file.
    tolerance : Tolerance
        For settling instalments.
    """

    currency: str
    country: str
    time_zone: str
    data_date: date
    complete_from: date | None = None
    content_hash: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    tolerance: Tolerance = EXACT

    @property
    def zone(self) -> ZoneInfo:
        """The institution's time zone."""
        return ZoneInfo(self.time_zone)

    def moment(self, value: str | date | datetime | None = None) -> datetime:
        """Return a local moment without offset.

        Parameters
        ----------
        value : str, date, datetime or None
            None is the first instant after the data date, a date its first instant; a moment with an offset is
            converted into the institution's zone, one without is local already. Text is ISO 8601.

        Raises
        ------
        InvalidInput
            Where text is no date and no moment.

        Examples
        --------
        >>> peru = Manifest("PEN", "PE", "America/Lima", date(2026, 1, 31))
        >>> peru.moment()
        datetime.datetime(2026, 2, 1, 0, 0)
        >>> peru.moment("2026-01-10T01:30:00Z")
        datetime.datetime(2026, 1, 9, 20, 30)
        """
        if value is None:
            value = self.data_date + timedelta(days=1)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError as error:
                raise InvalidInput.of(
                    "as_of", f"{value!r} is no date and no moment.", "Write it as 2026-01-31 or 2026-01-31T09:30:00."
                ) from error
        if not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day)
        if value.tzinfo is not None:
            value = value.astimezone(self.zone).replace(tzinfo=None)
        return value

    def to_json(self) -> str:
        """Return the text of ``portfolio.json``."""
        return json.dumps({**self._own(), "content_hash": self.content_hash, "rows": self.rows}, indent=2) + "\n"

    def hash_of(self, files: Mapping[str, Path]) -> str:
        """Return the sha256 (hex) over this manifest's own statements and the bytes of `files` by table name."""
        digest = hashlib.sha256(json.dumps(self._own(), sort_keys=True).encode())
        for name in sorted(files):
            with files[name].open("rb") as file:
                digest.update(f"\n{name} {hashlib.file_digest(file, 'sha256').hexdigest()}".encode())
        return digest.hexdigest()

    def _own(self) -> dict[str, Any]:
        return {
            "currency": self.currency,
            "country": self.country,
            "time_zone": self.time_zone,
            "data_date": self.data_date.isoformat(),
            "complete_from": self.complete_from.isoformat() if self.complete_from else None,
            "tolerance": {"amount": str(self.tolerance.amount), "share": str(self.tolerance.share)},
        }

    @classmethod
    def of(
        cls,
        *,
        currency: object,
        country: object,
        time_zone: object,
        data_date: object,
        complete_from: object = None,
        tolerance: object = None,
        content_hash: object = "",
        rows: object = None,
        where: str = FILE,
    ) -> Manifest:
        """Build a manifest from values not yet trusted; `InvalidInput` names every fault at once."""
        faults: list[Fault] = []

        def matches(name: str, value: object, pattern: str, remedy: str) -> str:
            if isinstance(value, str) and re.fullmatch(pattern, value):
                return value
            faults.append(Fault(f"{where}: {name}", f"{value!r} is not valid.", remedy))
            return ""

        def day(name: str, value: object) -> date:
            if isinstance(value, datetime):
                return value.date()
            if isinstance(value, date):
                return value
            try:
                return date.fromisoformat(str(value))
            except ValueError:
                faults.append(Fault(f"{where}: {name}", f"{value!r} is no date.", "Write it as 2026-01-31."))
                return date.min

        if not isinstance(time_zone, str) or time_zone not in available_timezones():
            faults.append(
                Fault(f"{where}: time_zone", f"{time_zone!r} is no IANA zone.", "Write it as America/La_Paz.")
            )
        counts = rows if isinstance(rows, dict) else {}
        if rows is not None and not (
            isinstance(rows, dict) and all(isinstance(n, int) and not isinstance(n, bool) for n in rows.values())
        ):
            faults.append(Fault(f"{where}: rows", "expected table names with row counts.", "Remove it: it is counted."))
        manifest = cls(
            currency=matches("currency", currency, "[A-Z]{3}", "Write the ISO 4217 code, such as PEN, BOB or USD."),
            country=matches("country", country, "[A-Z]{2}", "Write the two-letter ISO 3166 code, such as PE or BO."),
            time_zone=str(time_zone),
            data_date=day("data_date", data_date),
            complete_from=None if complete_from is None else day("complete_from", complete_from),
            content_hash=content_hash if isinstance(content_hash, str) else "",
            rows=dict(counts),
            tolerance=_tolerance(tolerance, where, faults),
        )
        if faults:
            raise InvalidInput(faults)
        return manifest

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read ``portfolio.json`` of `folder`; `InvalidInput` where it is missing or wrong."""
        path = folder / FILE
        try:
            found = json.loads(path.read_text("utf-8"))
        except FileNotFoundError as error:
            raise InvalidInput.of(
                str(folder), f"there is no {FILE} here.", "Name the folder that holds it, or make one with 'ingest'."
            ) from error
        except (OSError, ValueError) as error:
            raise InvalidInput.of(FILE, f"cannot be read ({error}).", "Write the portfolio again.") from error
        needed = ("currency", "country", "time_zone", "data_date")
        known = (*needed, "complete_from", "tolerance", "content_hash", "rows")
        if not isinstance(found, dict):
            raise InvalidInput.of(FILE, "is not a JSON object.", f"Give it {', '.join(needed)}.")
        unknown = [
            Fault(f"{FILE}: {name}", "is not a field of a portfolio.", f"Remove it; the fields are {', '.join(known)}.")
            for name in found
            if name not in known
        ]
        if unknown:
            raise InvalidInput(unknown)
        given: dict[str, Any] = {name: found.get(name) for name in known}
        return cls.of(**given)


def _tolerance(value: object, where: str, faults: list[Fault]) -> Tolerance:
    if value is None:
        return EXACT
    if isinstance(value, Tolerance):
        read = value
    else:
        try:
            if not isinstance(value, dict) or not set(value) <= {"amount", "share"}:
                raise ValueError
            read = Tolerance(Decimal(str(value.get("amount", 0))), Decimal(str(value.get("share", 0))))
        except (ValueError, InvalidOperation):
            read = Tolerance(Decimal(-1))
    if not (read.amount >= 0 and 0 <= read.share <= 1):
        faults.append(
            Fault(
                f"{where}: tolerance", "is not valid.", 'Write it as {"amount": "1.00", "share": "0.01"}; share <= 1.'
            )
        )
    return read
