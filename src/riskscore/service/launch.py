"""The process that BentoML's supervisor runs in: it does not outlive whoever started it, and ends in order.

Run as ``python -m riskscore.service.launch ARGUMENTS``, with the arguments of ``bentoml serve``.
"""

from __future__ import annotations

import os
import runpy
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress

#: Seconds between two looks at the parent.
_LOOK_SECONDS = 1.0

#: Seconds from the signal to end until no connection is taken any more: by then each worker has stopped listening.
_DEAF_SECONDS = 1.0


def leave_with_parent(parent: int | None = None) -> None:
    """Send this process SIGTERM when its parent is gone, however the parent ended.

    Parameters
    ----------
    parent : int, optional
        Its process id, where it may have ended before this is called; the parent of now where it is left out.
    """
    parent = parent or os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="riskscore-parent-watch", daemon=True).start()


def refuse_once_stopping() -> None:
    """Let the supervisor refuse connections while its workers finish what they have begun.

    Workers stop listening when they are told to end. The supervisor keeps the socket open until the last one has
    ended, so that whoever calls meanwhile would wait for an answer that nobody gives.
    """
    from circus.sighandler import SysHandler  # type: ignore[import-untyped]

    begin = SysHandler.quit

    def stop(handler: SysHandler) -> None:
        begin(handler)
        sockets = handler.controller.arbiter.sockets.values()
        threading.Timer(_DEAF_SECONDS, _stop_listening, [sockets]).start()

    SysHandler.quit = stop


def _stop_listening(sockets: Iterable[socket.socket]) -> None:
    for listening in sockets:
        with suppress(OSError):  # closed by now: everything had ended
            listening.shutdown(socket.SHUT_RDWR)


def main() -> None:
    """Serve until stopped or orphaned."""
    leave_with_parent()
    refuse_once_stopping()
    sys.argv[:1] = ["bentoml", "serve"]
    runpy.run_module("bentoml", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
