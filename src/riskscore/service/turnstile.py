"""So many at a time through, the others wait; how many of either there are can be watched."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Requests that are computed from cold at the same time, in one process: each takes cores and memory of its own.
AT_ONCE = 2


class Turnstile:
    """A semaphore that tells who waits.

    Parameters
    ----------
    places : int
        How many may be inside at the same time.
    on_change : callable, optional
        Called with the change in how many wait and in how many are inside.
    """

    def __init__(self, places: int, on_change: Callable[[int, int], None] = lambda _waiting, _inside: None) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._on_change = on_change

    @contextmanager
    def through(self) -> Iterator[None]:
        """Wait for a place, and leave it with the block."""
        self._on_change(1, 0)
        try:
            self._places.acquire()
        except BaseException:
            self._on_change(-1, 0)
            raise
        self._on_change(-1, 1)
        try:
            yield
        finally:
            self._places.release()
            self._on_change(0, -1)
