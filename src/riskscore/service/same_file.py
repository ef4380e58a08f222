"""The file of SQLite's records: the one at its address, or none."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa


def stay_with(engine: sa.Engine, file: Path) -> None:
    """Let nothing be written to a file that is no longer at its address: what was acknowledged would be gone with it.

    No empty one is made in its place either: it would be taken for a beginning. One that was put there is taken up.
    """

    def must_be_there(*_: Any) -> None:
        if not file.exists():
            error = sqlite3.OperationalError("unable to open database file")
            error.sqlite_errorname = "SQLITE_CANTOPEN"  # as SQLite says it, for the probe
            raise error

    def opened(_raw: Any, record: Any) -> None:
        record.info["file"] = _identity(file)

    def must_be_the_same(_raw: Any, record: Any, _proxy: Any) -> None:
        if record.info["file"] != _identity(file):
            raise sa.exc.InvalidatePoolError  # the others have the same one open

    sa.event.listen(engine, "do_connect", must_be_there)
    sa.event.listen(engine, "connect", opened)
    sa.event.listen(engine, "checkout", must_be_the_same)


def _identity(file: Path) -> tuple[int, int] | None:
    """Return what tells a file from another of its name; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
