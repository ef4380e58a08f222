"""The desks that serve now, and the watch that replaces them whole while requests go on.

Every second the watch compares what the registry and the portfolio folder hold with what was last read. When they
differ, the new desks are built aside, in the watch's own thread, and put in place by one assignment. Where one cannot
be built the old one keeps serving and `/readyz` says why; the process stays up either way.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable
from typing import Protocol

from riskscore.errors import RiskscoreError
from riskscore.service.desk import MemberDesk
from riskscore.service.desks import Desks
from riskscore.service.gate import trace

logger = logging.getLogger("riskscore.service")

#: Seconds after which a desk that could not be built is tried again although nothing seems to have changed.
RETRY_SECONDS = 10.0


#: Longest that a worker waits for its first desk before it answers that it is not ready.
FIRST_LOOK_SECONDS = 60.0


class DeskSource(Protocol):
    """Where desks come from."""

    def signature(self) -> Hashable:
        """Return something that differs when a champion or the portfolio differ; cheap enough to ask every second."""

    def build(self, previous: Desks | None) -> Desks:
        """Read champions and portfolio whole; desks of `previous` that have not changed may be used again."""


class State:
    """The desks in service and why there is none, or not the latest.

    Parameters
    ----------
    source : DeskSource
    poll_seconds : float
        Seconds between two looks at the source.
    on_swap : callable, optional
        Called after desks were put in place.
    """

    def __init__(
        self, source: DeskSource, *, poll_seconds: float = 1.0, on_swap: Callable[[Desks], None] | None = None
    ) -> None:
        self._source = source
        self._poll_seconds = poll_seconds
        self._on_swap = on_swap
        self._desks: Desks | None = None
        self._fault: str | None = "The champion and the portfolio are being read."
        self._built: Hashable = None
        self._failed: Hashable = None
        self._failed_at = 0.0
        self._misses = 0
        self._looked = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def desks(self) -> Desks | None:
        """The desks in service; None until any could be built."""
        return self._desks

    @property
    def desk(self) -> MemberDesk | None:
        """The desk of members' loans; None where there is none."""
        return None if self._desks is None else self._desks.member

    @property
    def fault(self) -> str | None:
        """Why the latest champions and portfolio are not in service; None where they are."""
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
        """Look once, and replace the desks if the source holds others."""
        try:
            signature = self._source.signature()
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the process stays up
            # A portfolio that is being replaced is not there for an instant: one miss is no fault yet.
            self._misses += 1
            if self._desks is None or self._misses > 1:
                self._fail(error)
            return
        self._misses = 0
        if signature == self._built:
            self._fault = None
            return
        if signature == self._failed and time.monotonic() - self._failed_at < RETRY_SECONDS:
            return
        try:
            desks = self._source.build(self._desks)
        except Exception as error:  # noqa: BLE001 - whatever a broken artefact raises, the process stays up
            self._failed, self._failed_at = signature, time.monotonic()
            self._fail(error)
            return
        before, self._desks = self._desks, desks
        fault = " ".join(desks.faults.values()) or None
        if fault is None:
            self._built = signature
        else:
            self._failed, self._failed_at = signature, time.monotonic()
            if fault != self._fault:
                logger.error("Not ready: %s", fault)
        self._fault = fault
        new = [
            desk for name, desk in desks.by_recipe.items() if before is None or before.by_recipe.get(name) is not desk
        ]
        for desk in new:
            logger.info("In service: %s version %s, portfolio to %s.", desk.recipe, desk.model_version, desk.moment)
        if self._on_swap is not None and (new or before is None or len(before.by_recipe) != len(desks.by_recipe)):
            self._on_swap(desks)

    def _fail(self, error: Exception) -> None:
        reason = told(error)
        if reason != self._fault:
            logger.error("Not ready: %s", reason if isinstance(error, RiskscoreError) else trace(error))
        self._fault = reason

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self.look()
            self._looked.set()
            self._stopping.wait(self._poll_seconds)


def told(error: Exception) -> str:
    """Return why something could not be read, for whoever runs the service: of the unforeseen its kind alone."""
    if isinstance(error, RiskscoreError):
        return str(error)
    return f"The champion or the portfolio could not be read ({type(error).__name__})."
