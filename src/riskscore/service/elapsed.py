"""How long ago something was, in words: an hour of the clock would need the reader's time zone."""

from __future__ import annotations

from datetime import datetime

from riskscore.words import Words


def ago(at: datetime, now: datetime, words: Words) -> str:
    """Return how long before `now` `at` was, in whole minutes; a clock that went back does not make it the future."""
    hours, minutes = divmod(max(int((now - at).total_seconds()), 0) // 60, 60)
    if not hours:
        return words("elapsed.minutes", minutes=minutes) if minutes else words("elapsed.now")
    return words("elapsed.both" if minutes else "elapsed.hours", hours=hours, minutes=minutes)
