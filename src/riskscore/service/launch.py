"""The process that BentoML's supervisor runs in: it does not outlive whoever started it.

Run as ``python -m riskscore.service.launch ARGUMENTS``, with the arguments of ``bentoml serve``.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

#: Seconds between two looks at the parent.
_LOOK_SECONDS = 1.0


def leave_with_parent() -> None:
    """Send this process SIGTERM when its parent is gone, however the parent ended."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="riskscore-parent-watch", daemon=True).start()


def main() -> None:
    """Serve until stopped or orphaned."""
    leave_with_parent()
    sys.argv[:1] = ["bentoml", "serve"]
    runpy.run_module("bentoml", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
