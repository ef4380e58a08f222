"""The desk that serves now, and the watch that replaces it whole while requests go on.

Every second the watch compares what the registry and the portfolio folder hold with what was last read. When they
differ, the new desk is built aside, in the watch's own thread, and put in place by one assignment. Where it cannot be
built the old one keeps serving and `/readyz` says why; the process stays up either way.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable
from typing import Protocol

from riskscore.errors import RiskscoreError
from riskscore.service.desk import Desk
from riskscore.service.gate import trace

logger = logging.getLogger("riskscore.service")

#: Seconds after which a desk that could not be built is tried again although nothing seems to have changed.
RETRY_SECONDS = 10.0


#: Longest that a worker waits for its first desk before it answers that it is not ready.
FIRST_LOOK_SECONDS = 60.0


class DeskSource(Protocol):
    """Where desks come from."""

    def signature(self) -> Hashable:
        """Return something that differs when champion or portfolio differ; cheap enough to ask every second."""

    def build(self, previous: Desk | None) -> Desk:
        """Read champion and portfolio whole; parts of `previous` that have not changed may be used again."""


class State:
    """The desk in service and why there is none, or not the latest.

    Parameters
    ----------
    source : DeskSource
    poll_seconds : float
        Seconds between two looks at the source.
    on_swap : callable, optional
        Called after a desk was put in place.
    """

    def __init__(
        self, source: DeskSource, *, poll_seconds: float = 1.0, on_swap: Callable[[Desk], None] | None = None
    ) -> None:
        self._source = source
        self._poll_seconds = poll_seconds
        self._on_swap = on_swap
        self._desk: Desk | None = None
        self._fault: str | None = "The champion and the portfolio are being read."
        self._built: Hashable = None
        self._failed: Hashable = None
        self._failed_at = 0.0
        self._misses = 0
        self._looked = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def desk(self) -> Desk | None:
        """The desk in service; None until one could be built."""
        return self._desk

    @property
    def fault(self) -> str | None:
        """Why the latest champion and portfolio are not in service; None where they are."""
        return self._fault

    def start(self) -> None:
        """Begin to watch, in a thread of its own; the first desk is built there too.

        Returns after the first look, or after `FIRST_LOOK_SECONDS`: a worker that has just come up takes no request
        that another one could answer.
        """
        self._thread = threading.Thread(target=self._watch, name="riskscore-watch", daemon=True)
        self._thread.start()
        self._looked.wait(FIRST_LOOK_SECONDS)

    def stop(self) -> None:
        """Stop watching; waits for a desk that is being built for at most five seconds."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        logger.info("The watch has ended.")

    def look(self) -> None:
        """Look once, and replace the desk if the source holds another."""
        try:
            signature = self._source.signature()
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the process stays up
            # A portfolio that is being replaced is not there for an instant: one miss is no fault yet.
            self._misses += 1
            if self._desk is None or self._misses > 1:
                self._fail(error)
            return
        self._misses = 0
        if signature == self._built:
            self._fault = None
            return
        if signature == self._failed and time.monotonic() - self._failed_at < RETRY_SECONDS:
            return
        try:
            desk = self._source.build(self._desk)
        except Exception as error:  # noqa: BLE001 - whatever a broken artefact raises, the process stays up
            self._failed, self._failed_at = signature, time.monotonic()
            self._fail(error)
            return
        self._desk, self._built, self._fault = desk, signature, None
        logger.info("In service: %s version %s, portfolio to %s.", desk.recipe, desk.model_version, desk.moment)
        if self._on_swap is not None:
            self._on_swap(desk)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, RiskscoreError):
            reason = str(error)
        else:
            reason = f"The champion or the portfolio could not be read ({type(error).__name__})."
        if reason != self._fault:
            logger.error("Not ready: %s", reason if isinstance(error, RiskscoreError) else trace(error))
        self._fault = reason

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self.look()
            self._looked.set()
            self._stopping.wait(self._poll_seconds)
