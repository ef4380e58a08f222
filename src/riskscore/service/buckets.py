"""Token buckets that all worker processes of a machine share: how often somebody may ask.

Each bucket is one number, the moment at which it would be full again (GCRA), in a file of fixed size that every worker
maps into its memory. A full bucket is the same as none: nothing has to be cleaned up, and ever new names make no
longer file.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import stat
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from riskscore.errors import InvalidInput

#: Buckets that have a place at one time, and how many places are looked at for one.
PLACES, _PROBES = 65_536, 8

_PLACE = struct.Struct("<8sd")


@dataclass(frozen=True, slots=True)
class Rate:
    """How often: so many a minute on average, and so many at once.

    Parameters
    ----------
    per_minute : int
    burst : int
        Size of the bucket.
    """

    per_minute: int
    burst: int


class Buckets:
    """The buckets.

    Parameters
    ----------
    file : Path, optional
        Shared by every process that names it; this process's own memory where it is left out.
    clock : callable
        Seconds that only rise, the same in every process.

    Raises
    ------
    InvalidInput
        The file cannot be made, or is not ours alone.
    """

    def __init__(self, file: Path | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._thread = threading.Lock()
        self._file = None if file is None else _open(file)
        self._map = mmap.mmap(-1 if self._file is None else self._file, PLACES * _PLACE.size)

    def take(self, kind: str, name: str, rate: Rate) -> float:
        """Take one from the bucket of `name`.

        Returns
        -------
        float
            0 where there was one; else the seconds until there will be, and nothing was taken.
        """
        key = hashlib.blake2b(f"{kind}\0{name}".encode(), digest_size=8).digest()
        interval = 60 / rate.per_minute
        depth = interval * rate.burst
        with self._thread:
            if self._file is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                now = self._clock()
                offset, full_at = self._find(key, now)
                # What lies further ahead than an empty bucket was written before this machine was started anew.
                begun = full_at if now < full_at <= now + depth else now
                wait = begun + interval - now - depth
                # Halfway between two grains is not yet one: without this, rounding would give or take one.
                if wait > 1e-9:
                    return wait
                _PLACE.pack_into(self._map, offset, key, begun + interval)
                return 0.0
            finally:
                if self._file is not None:
                    fcntl.flock(self._file, fcntl.LOCK_UN)

    def _find(self, key: bytes, now: float) -> tuple[int, float]:
        """Return the place of `key` and when it is full: its own, else the one nearest to full, which is given up."""
        first = int.from_bytes(key, "little")
        best, best_full_at = 0, float("inf")
        for step in range(_PROBES):
            offset = (first + step) % PLACES * _PLACE.size
            held, full_at = _PLACE.unpack_from(self._map, offset)
            if held == key:
                return offset, full_at
            if full_at < best_full_at:
                best, best_full_at = offset, full_at
        return best, now


def _open(file: Path) -> int:
    """Open the file, making it where there is none: nobody else's, and no link to another one."""
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InvalidInput.of(
            "RISKSCORE_LIMITS",
            f"This file cannot be opened ({error.strerror}).",
            "Name one in its own folder.",
        ) from error
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        os.close(descriptor)
        raise InvalidInput.of("RISKSCORE_LIMITS", "This file is somebody else's.", "Name one of the service's own.")
    os.ftruncate(descriptor, PLACES * _PLACE.size)
    return descriptor
