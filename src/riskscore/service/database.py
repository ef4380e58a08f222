"""The service's one database: scores, accesses, tokens, links and sessions.

SQLite by default, in WAL mode with ``synchronous=FULL``: a commit that has returned is on the disk, whatever happens to
the process or the machine afterwards. Two worker processes write to it, so a write begins with ``BEGIN IMMEDIATE``
and waits its turn: SQLite cannot upgrade a reading transaction while another one writes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from riskscore.errors import InvalidInput

#: Milliseconds a writer waits for another one.
BUSY_TIMEOUT = 10_000

METADATA = sa.MetaData()

SCORES = sa.Table(
    "scores",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("score_id", sa.Text, nullable=False, unique=True),
    sa.Column("recorded_at", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("recipe", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, index=True),
    sa.Column("group_id", sa.Text),
    sa.Column("bank_id", sa.Text),
    sa.Column("branch_id", sa.Text),
    sa.Column("as_of", sa.Text, nullable=False),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("lock", sa.Text, nullable=False),
    sa.Column("policy_version", sa.Text, nullable=False),
    sa.Column("score", sa.Text, nullable=False),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("value_row", sa.Text, nullable=False),
    sa.Column("context", sa.Text, nullable=False),  # digest of the row in contexts
    sa.Column("salt", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
)

CONTEXTS = sa.Table(
    "contexts",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("content", sa.Text, nullable=False),
)

ACCESSES = sa.Table(
    "accesses",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("token_id", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("score_id", sa.Text, nullable=False, index=True),
    sa.Column("action", sa.Text, nullable=False),
)

TOKENS = sa.Table(
    "tokens",
    METADATA,
    sa.Column("token_id", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("scope_kind", sa.Text, nullable=False),
    sa.Column("scope_id", sa.Text),
    sa.Column("granted_at", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text),
    sa.Column("revoked_at", sa.Text),
)

LINKS = sa.Table(
    "links",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("token_id", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False),
    sa.Column("used_at", sa.Text),
)

SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("token_id", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False),
)

SECRETS = sa.Table(
    "secrets",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

#: Rows of these are written once and never touched again; the database itself refuses.
APPEND_ONLY = (SCORES, CONTEXTS, ACCESSES)


def sqlite_file(url: str) -> Path | None:
    """Return the absolute path of the file a SQLite address names; None for any other address."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None
    path = parsed.database
    if parsed.get_backend_name() != "sqlite" or not path or path == ":memory:" or path.startswith("file:"):
        return None
    return Path(path).resolve()


def now() -> str:
    """Return the present moment, UTC, to the microsecond, as text that sorts by time."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    """Return an aware `moment` as UTC text that sorts by time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class Database:
    """A connection pool to the records, with their tables made where they are missing.

    Parameters
    ----------
    url : str
        SQLAlchemy address, such as ``sqlite:///records.db``.

    Raises
    ------
    InvalidInput
        If the address cannot be read or nothing can be opened at it.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
            self.engine = sa.create_engine(parsed, hide_parameters=True)
        except (ArgumentError, ModuleNotFoundError) as error:
            raise InvalidInput.of(
                "RISKSCORE_RECORDS",
                "This is not the address of a database.",
                "Write one such as sqlite:////var/lib/riskscore/records.db.",
            ) from error
        self.sqlite = self.engine.dialect.name == "sqlite"
        if self.sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
            file = sqlite_file(url)
            if file is not None:
                _make_private(file)
        self._writing = self.engine.execution_options(riskscore_write=True)
        try:
            with self.write() as connection:
                METADATA.create_all(connection)
                if self.sqlite:
                    for table in APPEND_ONLY:
                        _forbid_changes(connection, table.name)
        except SQLAlchemyError as error:
            raise InvalidInput.of(
                "RISKSCORE_RECORDS",
                f"The database of records cannot be opened: {type(error).__name__}.",
                "Check that its folder exists and may be written to.",
            ) from error

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a reading transaction."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a writing transaction; when the block ends without an error, what it wrote is on the disk."""
        with self._writing.begin() as connection:
            yield connection

    def secret(self, name: str, fresh: str) -> str:
        """Return the secret `name`, which is `fresh` from now on if there was none."""
        with self.write() as connection:
            found = connection.execute(sa.select(SECRETS.c.value).where(SECRETS.c.name == name)).scalar()
            if found is None:
                connection.execute(SECRETS.insert().values(name=name, value=fresh))
                return fresh
            return str(found)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _make_private(file: Path) -> None:
    """Make the file, if there is none, for its owner alone: it holds budgets. SQLite gives its side files the same."""
    with suppress(OSError):  # what is wrong with the folder is said when SQLite opens it
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not the driver's
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get("riskscore_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _forbid_changes(connection: sa.Connection, table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
