"""One row of the bench, and how a pair of timings is taken so that a busy machine spoils both alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """What one piece of work cost beside its floor.

    Parameters
    ----------
    name : str
    value : float
        In `unit`; less is better, always.
    unit : str
    floor : float
        What the least that could do the same cost in this run, in `unit`.
    against : str
        What the floor is, in a few words.
    target : float or None
        The ratio it should not pass.
    """

    name: str
    value: float
    unit: str
    floor: float
    against: str
    target: float | None = None

    @property
    def ratio(self) -> float:
        """Cost relative to the floor: above 1 is dearer."""
        return self.value / self.floor

    def to_json(self) -> dict[str, str | float]:
        return {
            "name": self.name,
            "value": round(self.value, 6),
            "unit": self.unit,
            "floor": round(self.floor, 6),
            "ratio": round(self.ratio, 4),
        }


@dataclass(frozen=True, slots=True)
class Pair:
    """Medians of a piece of work and of its floor, in seconds, and what each returned at its last run."""

    value: float
    floor: float
    results: tuple[Any, Any]


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long `work` took on the wall clock, and what it returned."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def side_by_side(work: Callable[[], Any], floor: Callable[[], Any], *, times: int, warm: int = 1) -> Pair:
    """Run both in turn, `times` times after `warm` rounds that do not count.

    In turn, because other work on the machine comes and goes: what it costs, it costs both. The order changes every
    round, so that neither always finds the caches the other left.
    """
    for _ in range(warm):
        work(), floor()
    taken: list[float] = []
    least: list[float] = []
    result = bare = None
    gc.collect()
    for number in range(times):
        if number % 2:
            took, bare = seconds(floor)
            least.append(took)
            took, result = seconds(work)
            taken.append(took)
        else:
            took, result = seconds(work)
            taken.append(took)
            took, bare = seconds(floor)
            least.append(took)
    return Pair(statistics.median(taken), statistics.median(least), (result, bare))


def must_be_equal(name: str, left: Any, right: Any) -> None:
    """Refuse to time two things that do not do the same."""
    if left != right:
        raise SystemExit(f"{name}: the two ways do not give the same values, so their times mean nothing.")
