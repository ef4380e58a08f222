"""How long a member belonged to a group: from the command log where it speaks, else from signs of her being there.

From the log, a stay begins and ends with its commands. Where the log says nothing of a member and a group, her loans
and her attendance are the signs: a stay begins with the first, as it became known, and ends `SILENCE_DAYS` after the
last, known on that day. So every inference could have been made on the day it is dated, without hindsight. Today's list
of members adds what is known today and nothing about the past.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

#: Days without a running loan and without attendance after which she counts as gone: a cycle's pause is shorter.
SILENCE_DAYS = 90

Provenance = Literal["command_log", "inferred"]


@dataclass(frozen=True, slots=True)
class Sign:
    """Something she did in the group.

    Parameters
    ----------
    start : date
        Its first day.
    known_at : datetime
        When it was on record.
    end : date or None
        Its last day; None while it goes on.
    """

    start: date
    known_at: datetime
    end: date | None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one stay.

    Parameters
    ----------
    stay : int
        Counted from 1.
    valid_from, valid_to : date, date or None
        First day inside, first day outside.
    event_at, known_at : datetime
    provenance : {"command_log", "inferred"}
    """

    stay: int
    valid_from: date
    valid_to: date | None
    event_at: datetime
    known_at: datetime
    provenance: Provenance


def from_log(
    log: Sequence[tuple[datetime, bool]], signs: Sequence[Sign], listed: bool | None, data_date: date
) -> list[Version]:
    """Return the stays that the log tells.

    Parameters
    ----------
    log : sequence of (datetime, bool)
        In order: the moment, and whether she came (else left). Coming twice or leaving twice says nothing new.
    signs : sequence of Sign
        For a stay whose beginning is older than the log.
    listed : bool or None
        Whether she is on today's list; None where there is no list.
    data_date : date
    """
    versions: list[Version] = []
    stay, since = 0, None
    for at, came in log:
        if came and since is None:
            stay, since = stay + 1, at.date()
            versions.append(Version(stay, since, None, at, at, "command_log"))
        elif not came:
            if since is None and stay == 0:
                first = min((one for one in signs if one.known_at < at), key=lambda one: one.known_at, default=None)
                if first is None:
                    continue
                stay, since = 1, first.start
                versions.append(Version(1, since, None, _first_instant(since), first.known_at, "inferred"))
            if since is not None:
                versions.append(Version(stay, since, at.date(), at, at, "command_log"))
                since = None
    return versions + _today(versions, stay, since, listed, data_date)


def from_signs(signs: Iterable[Sign], listed: bool | None, data_date: date) -> list[Version]:
    """Return the stays that loans and attendance show; parameters as in `from_log`."""
    versions: list[Version] = []
    stay, since = 0, None
    gone_on: date | None = None
    for sign in sorted(signs, key=lambda one: (one.known_at, one.start)):
        # Before it was on record it kept nobody in the group.
        if since is not None and gone_on is not None and sign.known_at.date() >= gone_on:
            versions.append(_gone(stay, since, gone_on))
            last_gone, since = gone_on, None
        else:
            last_gone = date.min
        if since is None:
            stay, since, gone_on = stay + 1, max(sign.start, last_gone), date.min
            versions.append(Version(stay, since, None, _first_instant(since), sign.known_at, "inferred"))
        if gone_on is not None:
            seen_on = None if sign.end is None else max(sign.end, sign.known_at.date())
            gone_on = None if seen_on is None else max(gone_on, seen_on + timedelta(SILENCE_DAYS))
    if since is not None and gone_on is not None and gone_on <= data_date:
        versions.append(_gone(stay, since, gone_on))
        if not listed:
            return versions
        # The list of today knows better, from today.
        versions.append(Version(stay, since, None, *_now(data_date), "inferred"))
        return versions
    return versions + _today(versions, stay, since, listed, data_date)


def _today(
    versions: Sequence[Version], stay: int, since: date | None, listed: bool | None, data_date: date
) -> list[Version]:
    """Return what today's list adds: that she is gone, or that she is here, known since today."""
    if versions and versions[-1].known_at >= _now(data_date)[1]:
        return []
    if listed is False and since is not None:
        return [Version(stay, since, data_date, *_now(data_date), "inferred")]
    if listed and since is None:
        return [Version(stay + 1, data_date, None, *_now(data_date), "inferred")]
    return []


def _gone(stay: int, since: date, on: date) -> Version:
    return Version(stay, since, on, _first_instant(on), _first_instant(on), "inferred")


def _first_instant(day: date) -> datetime:
    return datetime.combine(day, time.min)


def _now(data_date: date) -> tuple[datetime, datetime]:
    return _first_instant(data_date), datetime.combine(data_date, time.max)
