"""Counting what became of loans since a champion's training, in a process of its own that ends with the service.

It takes seconds of processor time or more, which scores answered by the same process would wait for; and a thread that
is within DuckDB when the interpreter ends would end it with a crash. Run as ``python -m riskscore.service.apart FOLDER
VERSION PORTFOLIO``, it writes `SinceTraining.to_dict` as JSON, or the kind of what went wrong as ``fault``.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from riskscore.modelling import artefact
from riskscore.modelling.artefact import Champion
from riskscore.modelling.tracking import Registry
from riskscore.modelling.validation.since_training import since_training
from riskscore.portfolio import Portfolio
from riskscore.service.gate import trace
from riskscore.service.launch import leave_with_parent

logger = logging.getLogger("riskscore.service")

#: Whoever asks for a score goes first.
_NICENESS = 10


class Apart:
    """Counts, one champion at a time, until it is stopped.

    Parameters
    ----------
    registry : Registry
        Where the champions' artefacts are.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._child: subprocess.Popen[bytes] | None = None
        self._beginning = threading.Lock()
        self._stopped = False

    def count(self, champion: Champion, portfolio: Portfolio) -> dict[str, Any]:
        """Return `SinceTraining.to_dict`; an ``answer`` of ``"unknown"`` alone where it could not be counted."""
        folder = self._registry.folder(champion.recipe.name, champion.version)
        command = [sys.executable, "-m", __name__, str(folder), champion.version, str(portfolio.path)]
        with self._beginning:
            if self._stopped:
                return {"answer": "unknown"}
            child = self._child = subprocess.Popen(  # noqa: S603 - this interpreter, this module, our own paths
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what is printed there may quote a value
            )
        written, _ = child.communicate()
        told: dict[str, Any] = json.loads(written) if written else {"fault": f"it ended with {child.returncode}"}
        if "fault" not in told:
            return told
        if not self._stopped:
            logger.error("What became of %s since its training: %s", champion.recipe.name, told["fault"])
        return {"answer": "unknown"}

    def stop(self) -> None:
        """End the count under way, and begin no other."""
        with self._beginning:
            self._stopped = True
            if self._child is not None:
                self._child.kill()


def _main(folder: str, version: str, portfolio: str) -> None:
    leave_with_parent()
    os.nice(_NICENESS)
    try:
        told = since_training(artefact.load(Path(folder), version=version), Portfolio.open(portfolio)).to_dict()
    except BaseException as error:  # noqa: BLE001 - whatever happens (a panic of Polars is no Exception), it is told
        told = {"fault": trace(error)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    _main(*sys.argv[1:])
