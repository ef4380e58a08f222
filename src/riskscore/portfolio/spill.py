"""Where DuckDB puts what its memory limit does not hold: a folder of one connection alone, gone with it.

What is spilled are members' facts, so only the user may enter, and nothing stays behind: DuckDB removes its folder, the
one above it goes when the process ends, and one that was left by a process that was killed goes when the next one
starts. A lock held on the folder tells the two apart.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import duckdb

from riskscore.errors import Refused

_PREFIX = "riskscore-spill-"


def folder(parent: Path | None = None) -> Path:
    """Return a path for one connection, in this process's folder under `parent`; DuckDB makes it when it needs it.

    Two connections must not share one: the later would remove what the earlier has spilled.

    Parameters
    ----------
    parent : Path, optional
        Default: the system's temporary folder.
    """
    return _of_process(Path(tempfile.gettempdir()) if parent is None else parent, os.getpid()) / uuid.uuid4().hex


@contextmanager
def explained(memory: str) -> Iterator[None]:
    """Say in plain words that neither memory nor disk held the work.

    Raises
    ------
    Refused
        In place of DuckDB's own error.
    """
    try:
        yield
    except duckdb.Error as error:
        full = "No space left on device" in str(error)
        if not full and not isinstance(error, duckdb.OutOfMemoryException):
            raise
        raise Refused.of(
            "memory",
            "The disk is full." if full else f"The work does not fit into {memory} of memory and the disk beside it.",
            "Make room in the temporary folder (TMPDIR names another one), or allow more memory.",
        ) from error


@lru_cache(maxsize=8)
def _of_process(parent: Path, process: int) -> Path:
    """Make the folder; `process` is part of the key because a fork must not share its parent's."""
    for left in parent.glob(f"{_PREFIX}{os.getuid()}-*"):
        _remove_unless_held(left)
    while True:
        made = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getuid()}-", dir=parent))
        fcntl.flock(os.open(made, os.O_RDONLY), fcntl.LOCK_EX)  # Held until the process ends.
        if made.exists():  # Another process may have taken it for one that was left.
            atexit.register(_remove_own, made, process)
            return made


def _remove_own(made: Path, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(made, ignore_errors=True)


def _remove_unless_held(left: Path) -> None:
    try:
        handle = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(left, ignore_errors=True)
    except OSError:
        pass  # Its process lives.
    finally:
        os.close(handle)
