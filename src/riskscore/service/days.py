"""The true day of what people did with a score, by the institution's clock."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from riskscore.errors import Fault
from riskscore.service.records import Record


def day_of(moment: str, time_zone: str) -> date:
    """Return the day that `moment` (UTC) is in a time zone."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(time_zone)).date()


def read_day(fields: dict[str, Any], name: str, remedy: str, *, where: str | None = None) -> list[Fault]:
    """Put a day in the place of its text among `fields`; where it is none, take it out and return its fault."""
    if name not in fields:
        return []
    try:
        fields[name] = date.fromisoformat(fields[name])
    except ValueError:
        fields.pop(name)
        return [Fault(where or name, "There is no such day.", remedy)]
    return []


def day_faults(where: str, day: date, record: Record, recorded_at: str) -> list[Fault]:
    """Return the fault of a day before the score, or after `recorded_at` (UTC)."""
    zone = record.context["time_zone"]
    first, last = day_of(record.recorded_at, zone), day_of(recorded_at, zone)
    if first <= day <= last:
        return []
    what = "The day lies before the recommendation, or after today."
    return [Fault(where, what, f"Give a day from {first.isoformat()} to {last.isoformat()}.")]
