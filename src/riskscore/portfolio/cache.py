"""What is derived from a portfolio once: kept beside it under its content hash, never part of the hash."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

#: Raised whenever a derived file would come out differently for the same portfolio.
LAYOUT = 1


def folder(portfolio: Path, content_hash: str) -> Path:
    """Return the folder for what is derived from the portfolio at `portfolio`.

    It is ``.cache`` inside the portfolio, or, where that cannot be written, a private temporary folder.
    """
    name = f"{content_hash[:32]}-{LAYOUT}"
    inside = portfolio / ".cache" / name
    try:
        inside.mkdir(parents=True, exist_ok=True)
        probe = inside / f".{uuid.uuid4().hex}"
        probe.touch()
        probe.unlink()
    except OSError:
        outside = _temporary() / name
        outside.mkdir(exist_ok=True)
        return outside
    return inside


def once(target: Path, build: Callable[[Path], None]) -> Path:
    """Return `target`, built by `build` where it does not exist yet: aside, then renamed.

    Two processes may build at once; the first to finish wins and both results are the same.
    """
    if target.exists():
        return target
    aside = target.with_name(f".{uuid.uuid4().hex}")
    try:
        build(aside)
        if aside.is_dir():
            try:
                aside.rename(target)
            except OSError:
                if not target.exists():
                    raise
        else:
            os.replace(aside, target)
    finally:
        if aside.is_dir():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.unlink(missing_ok=True)
    return target


@lru_cache(maxsize=1)
def _temporary() -> Path:
    """Return a folder that only this user can enter; a new one where the usual name belongs to someone else."""
    usual = Path(tempfile.gettempdir()) / f"riskscore-{os.getuid()}"
    try:
        usual.mkdir(mode=0o700, exist_ok=True)
        found = usual.lstat()
        if usual.is_dir() and not usual.is_symlink() and found.st_uid == os.getuid() and not found.st_mode & 0o077:
            return usual
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="riskscore-"))
