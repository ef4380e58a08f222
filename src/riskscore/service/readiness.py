"""Whether this process can do its work: champion and portfolio in service, records that take writes, data of late.

Where something is missing a probe hears 503 with the reason; where the data is old, but within its limit, *degraded*.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from riskscore.service.database import Database, sqlite_file
from riskscore.service.days import day_of
from riskscore.service.desk import Desk
from riskscore.service.outage import kind
from riskscore.service.upgrade import HEAD, VERSION_TABLE

#: Seconds for which what the database said is believed, however often it is asked.
HOLD_SECONDS = 2.0

#: Bytes that must be free beside a SQLite file: below, the next score may not find room.
LEAST_FREE = 16 * 1024 * 1024

#: Writes the revision over itself: a real commit, in which nothing grows, and it tells whether the tables are ours.
_BEAT = sa.text(f"UPDATE {VERSION_TABLE} SET version_num = version_num WHERE version_num = :head")


class Pulse:
    """Whether the records can be written to, asked of the database at most every `HOLD_SECONDS`.

    Parameters
    ----------
    database : Database
    timer : callable
        Gives seconds that only go up.
    """

    def __init__(self, database: Database, timer: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._timer = timer
        self._file = sqlite_file(database.engine.url.render_as_string(hide_password=False))
        self._heard: tuple[float, str | None] | None = None

    def fault(self) -> str | None:
        """Return why no record can be written, or None where one can."""
        if self._heard is None or self._timer() - self._heard[0] >= HOLD_SECONDS:
            fault = self._listen()
            self._heard = (self._timer(), fault)
        return self._heard[1]

    def _listen(self) -> str | None:
        try:
            if self._file is not None and shutil.disk_usage(self._file.parent).free < LEAST_FREE:
                return "The disk of the records is full, or nearly: free some space."
            with self._database.write() as connection:
                if connection.execute(_BEAT, {"head": HEAD}).rowcount != 1:
                    return "The tables of the records are another release's: restart the service."
        except SQLAlchemyError as error:
            return f"The database of the records takes no writes ({kind(error)})."
        except OSError as error:
            return f"The folder of the records cannot be read: {error.strerror}."
        return None


@dataclass(frozen=True, slots=True)
class DataLimits:
    """How old the portfolio's last day may be, in days.

    Parameters
    ----------
    warn_days : int
        Above it the service says that it is degraded.
    limit_days : int or None
        Above it the service says that it is not ready; None for never.
    """

    warn_days: int = 7
    limit_days: int | None = None

    def fault(self, age: int) -> str | None:
        """Return why data of `age` days is too old to serve; None where it is not."""
        if self.limit_days is None or age <= self.limit_days:
            return None
        return f"The portfolio's last day is {age} days ago; the limit is {self.limit_days}. Bring in newer data."

    def remark(self, age: int) -> str | None:
        """Return what is to be said of data of `age` days that is served all the same; None where it is fresh."""
        if age <= self.warn_days:
            return None
        return f"The portfolio's last day is {age} days ago; newer data is due after {self.warn_days}."


def data_age(desk: Desk, now: str) -> int:
    """Return how many days before today, by the institution's clock, the portfolio's last day lies.

    Parameters
    ----------
    desk : Desk
    now : str
        The present moment, UTC, ISO 8601.
    """
    return (day_of(now, desk.time_zone) - (desk.moment - timedelta(microseconds=1)).date()).days
