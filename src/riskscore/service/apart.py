"""Counting what became of loans since a champion's training, in a process of its own that ends with the service.

It takes seconds of processor time or more, which scores answered by the same process would wait for; and a thread that
is within DuckDB when the interpreter ends would end it with a crash. Run as ``python -m riskscore.service.apart PARENT
FOLDER VERSION PORTFOLIO CONTENT``, it writes `SinceTraining.to_dict` as JSON, or what went wrong as ``fault``.
"""

from __future__ import annotations

import json
import logging
import os
import signal
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
        command = [sys.executable, "-m", __name__, str(os.getpid()), str(folder), champion.version]
        command += [str(portfolio.path), portfolio.manifest.content_hash]
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
        told: dict[str, Any] = {"fault": f"it ended with {child.returncode}"}
        if child.returncode == 0:
            told = json.loads(written)
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


def _main(parent: str, folder: str, version: str, path: str, content: str) -> None:
    leave_with_parent(int(parent))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which ends this process
    os.nice(_NICENESS)
    try:
        portfolio = Portfolio.open(path)
        if portfolio.manifest.content_hash == content:
            told = since_training(artefact.load(Path(folder), version=version), portfolio).to_dict()
        else:
            told = {"fault": "the portfolio was replaced meanwhile"}
    except BaseException as error:  # noqa: BLE001 - whatever happens (a panic of Polars is no Exception), it is told
        told = {"fault": trace(error)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    _main(*sys.argv[1:])
