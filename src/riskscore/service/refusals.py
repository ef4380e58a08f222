"""Refusals on record: of whom we know one by one, of strangers as a count for each minute.

A stranger may knock a thousand times a second. The chain grows by at most one entry a minute for all of them, and never
holds a path, a body or an address, for each may name somebody.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable

from riskscore.service.access import Grant
from riskscore.service.database import now
from riskscore.service.gate import trace
from riskscore.service.problem import Problem
from riskscore.service.records import Records

logger = logging.getLogger("riskscore.service")

#: Seconds over which refusals of strangers are counted together.
TOGETHER = 60.0

#: Of someone known, each is an entry of its own. 429 is not among them: it would make a flood two.
_SINGLY = frozenset({403, 404, 413, 415, 422})

#: Counted of strangers. What is simply not there is no refusal.
_COUNTED = frozenset({401, 403, 408, 413, 414, 415, 422, 429, 431, 503})

#: Who is counted, and what: token and role where known, status, why.
_What = tuple[str | None, str | None, int, str]


class Refusals:
    """The refusals of one process.

    Parameters
    ----------
    records : Records
    clock : callable
        Gives the present moment, UTC, as text.
    """

    def __init__(self, records: Records, *, clock: Callable[[], str] = now) -> None:
        self._records = records
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: Counter[_What] = Counter()
        self._since = ""
        self._timer: threading.Timer | None = None

    def note(self, grant: Grant | None, method: str, route: str, problem: Problem) -> None:
        """Put a refusal on record: now, or with the others of its minute.

        Parameters
        ----------
        grant : Grant or None
            None where nobody was recognised.
        method, route : str
            The route's template, never the path.
        problem : Problem
        """
        status = int(problem.status)
        if grant is not None and status in _SINGLY:
            self._records.refused(grant, method, route, status)
        elif status in _COUNTED and (status != 503 or problem.reason):
            known = (None, None) if grant is None else (grant.token_id, grant.role)
            self._count((*known, status, problem.reason or "request"))

    def flush(self) -> None:
        """Write down what was counted, as one entry; it is kept where that fails."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            since, counts, self._counts = self._since, self._counts, Counter()
        if not counts:
            return
        refused = [
            ({} if token_id is None else {"token_id": token_id, "role": role})
            | {"status": status, "reason": reason, "times": times}
            for (token_id, role, status, reason), times in sorted(counts.items(), key=str)
        ]
        try:
            self._records.refused_together(since, self._clock(), refused)
        except Exception as error:  # noqa: BLE001 - a timer has nobody to tell, and a full disk may be freed again
            logger.error("Refusals could not be written: %s", trace(error))
            with self._lock:
                self._since = since
                self._counts.update(counts)
                self._start()

    def _count(self, what: _What) -> None:
        with self._lock:
            if not self._counts:
                self._since = self._clock()
            self._counts[what] += 1
            self._start()

    def _start(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(TOGETHER, self.flush)
            self._timer.daemon = True
            self._timer.start()
