"""Which of a subject's rows a feature looks at, counted back from the moment asked.

Every window is half open: a row on the moment itself is outside. It counts on the source's *clock*, a column that
the source names (``due_on`` for instalments); whether a row is known at all is settled before, by the as-of rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WindowKind = Literal["days", "cycles", "latest", "ever", "standing"]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the past. Build it with `days`, `cycles`, `latest`, `ever` or `standing`.

    Parameters
    ----------
    kind : {"days", "cycles", "latest", "ever", "standing"}
    count : int or None
        Days, or cycles; None for the other kinds.
    max_age, ago : Window or None
        Of ``latest``: how old its row may be, and how long before the moment it ends. Kept as they were given: a window
        is checked with the whole catalogue, not here, so that every fault of a folder is reported at once.
    """

    kind: WindowKind
    count: int | None = None
    max_age: Window | None = None
    ago: Window | None = None

    @property
    def begins(self) -> int | None:
        """Days before the moment at which it begins; None where it goes back to the first row, or by cycles."""
        if self.max_age is not None:
            return self.max_age.count
        return self.count if self.kind == "days" else None

    @property
    def ends(self) -> int | None:
        """Days before the moment at which it ends; None where it ends at the moment."""
        return None if self.ago is None else self.ago.count

    def __str__(self) -> str:
        given = [("", self.count), ("", self.max_age), ("ago=", self.ago)]
        told = [f"{name}{_told(one)}" for name, one in given if one is not None]
        return f"{self.kind}({', '.join(told)})"


def _told(given: Window | int) -> str:
    if isinstance(given, Window):
        return repr(given.count) if given.kind == "days" else str(given)
    return repr(given)


def days(n: int) -> Window:
    """Rows whose clock lies in [moment - `n` days, moment)."""
    return Window("days", n)


def cycles(n: int) -> Window:
    """Rows of the member's last `n` loans.

    The loans are those known at the moment, ranked by the day of disbursement; loans of one day rank together. A
    source that names its loan's day in `Source.cycle` is cut by it; any other by its clock, from the day of the
    `n`-th last disbursement on.
    """
    return Window("cycles", n)


def latest(max_age: Window | None = None, *, ago: Window | None = None) -> Window:
    """The newest row alone, by (event_at, known_at, id), unless its clock is older than `max_age` (``days(n)``).

    With `ago` (``days(n)``) the newest row of so long ago: its clock lies before moment - n days. It is read as it is
    known at the moment, a correction since then included.
    """
    return Window("latest", max_age=max_age, ago=ago)


def ever() -> Window:
    """Rows whose clock lies before the moment."""
    return Window("ever")


def standing() -> Window:
    """Every row known at the moment, wherever its clock lies: schedules, memberships, debts."""
    return Window("standing")
