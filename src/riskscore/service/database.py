"""The service's one database: the chain of records, tokens, links and sessions.

SQLite by default, in WAL mode with ``synchronous=FULL``: a commit that has returned is on the disk, whatever happens to
the process or the machine afterwards. Two worker processes write to it, so a write begins with ``BEGIN IMMEDIATE``
and waits its turn: SQLite cannot upgrade a reading transaction while another one writes. PostgreSQL by its address;
there a writer to the chain holds an advisory lock until it has committed (`riskscore.service.postgresql`).
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from riskscore.errors import InvalidInput
from riskscore.service import postgresql
from riskscore.service.same_file import stay_with
from riskscore.service.upgrade import upgrade

#: Milliseconds a writer waits for another one.
BUSY_TIMEOUT = 10_000

#: Seconds a request waits for one of the connections.
POOL_SECONDS = 10

#: What begins a transaction of SQLite, by what it is for; one statement alone needs none.
_BEGIN = {"read": "BEGIN"} | dict.fromkeys(("write", "chain", "upgrade"), "BEGIN IMMEDIATE")

METADATA = sa.MetaData()

#: Numbers of entries: 64 bits, and SQLite's own row numbers there.
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")

#: The chain: what happened, when, the salted digest of its content, and the hash of the entry before. Never changed.
ENTRIES = sa.Table(
    "entries",
    METADATA,
    sa.Column("sequence", NUMBER, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False, unique=True),  # two entries after the same one would be a fork
    sa.Column("hash", sa.Text, nullable=False),
)

#: What the entries say, apart from them, so that it can be erased: then subject, salt and content are null.
CONTENTS = sa.Table(
    "contents",
    METADATA,
    sa.Column("sequence", NUMBER, sa.ForeignKey("entries.sequence"), primary_key=True, autoincrement=False),
    sa.Column("record_id", sa.Text, unique=True),  # of a score, a what-if, a decision or an objection
    sa.Column("score_id", sa.Text, index=True),  # the score it is, or is about
    sa.Column("subject", sa.Text, index=True),
    sa.Column("salt", sa.Text),
    sa.Column("content", sa.Text),
    sa.Column("erased_by", NUMBER, sa.ForeignKey("entries.sequence")),
)

#: What many scores share, by the digest of it: words, policy, products. Nothing about a person is in it.
CONTEXTS = sa.Table(
    "contexts",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("content", sa.Text, nullable=False),
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
    sa.Column("session_id", sa.Text, nullable=False, unique=True),
    sa.Column("token_id", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("scope_kind", sa.Text, nullable=False),
    sa.Column("scope_id", sa.Text),
    sa.Column("opened_at", sa.Text, nullable=False),
    sa.Column("seen_at", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False),
)

#: People whom an identity provider knows, by pseudonym, who are not let in any more.
BLOCKED = sa.Table(
    "blocked",
    METADATA,
    sa.Column("token_id", sa.Text, primary_key=True),
    sa.Column("revoked_at", sa.Text, nullable=False),
)

#: Digests of an identity provider's tokens that were used up, until they would have expired.
USED = sa.Table(
    "used",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("expires_at", sa.Text, nullable=False),
)

SECRETS = sa.Table(
    "secrets",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)


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
    """A connection pool to the records, whose tables are made, or brought up to date, when it is opened.

    Parameters
    ----------
    url : str
        SQLAlchemy address, such as ``sqlite:///records.db`` or ``postgresql+psycopg://host/records``.

    Raises
    ------
    InvalidInput
        If the address cannot be read or nothing can be opened at it.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
            kept_in, by = parsed.get_backend_name(), parsed.get_driver_name()
            if (kept_in, by) not in (("sqlite", "pysqlite"), ("postgresql", "psycopg")):
                raise InvalidInput.of(
                    "RISKSCORE_RECORDS",
                    f"Records cannot be kept in {kept_in} by way of {by}.",
                    "Write an address such as sqlite:////var/lib/riskscore/records.db, or "
                    "postgresql+psycopg://user@host/records.",
                )
            self.sqlite = kept_in == "sqlite"
            self.engine = sa.create_engine(
                parsed,
                hide_parameters=True,
                pool_timeout=POOL_SECONDS,
                connect_args={} if self.sqlite else dict(postgresql.CONNECT),
            )
        except ModuleNotFoundError as error:
            raise InvalidInput.of(
                "RISKSCORE_RECORDS",
                "The driver of this database is not installed.",
                "Install it: pip install 'riskscore[databases]'.",
            ) from error
        except InvalidInput:
            raise
        except (ArgumentError, TypeError, ValueError) as error:
            raise InvalidInput.of(
                "RISKSCORE_RECORDS",
                "This is not the address of a database that is kept.",
                "Write one such as sqlite:////var/lib/riskscore/records.db.",
            ) from error
        #: How many connections were made until now.
        self.connections = 0
        sa.event.listen(self.engine, "connect", self._count)
        if self.sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
            file = sqlite_file(url)
            if file is not None:
                _make_private(file)
                stay_with(self.engine, file)
        else:
            postgresql.listen(self.engine, BUSY_TIMEOUT)
        #: Each begins its transactions in its own way.
        self._reading, self._writing, self._chain = (
            self.engine.execution_options(riskscore_for=purpose) for purpose in ("read", "write", "chain")
        )
        try:
            with self.engine.execution_options(riskscore_for="upgrade").begin() as connection:
                upgrade(connection)
        except InvalidInput:
            raise
        except (SQLAlchemyError, ValueError) as error:  # an option of the address that the driver cannot read
            raise InvalidInput.of(
                "RISKSCORE_RECORDS",
                f"The database of records cannot be opened: {type(error).__name__}.",
                "Check that its folder exists and may be written to."
                if self.sqlite
                else "Check that its server answers, takes the password, and lets its user make tables.",
            ) from error

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a reading transaction."""
        with self._reading.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a writing transaction; when the block ends without an error, what it wrote is on the disk."""
        with self._writing.begin() as connection:
            yield connection

    @contextmanager
    def chain(self) -> Iterator[sa.Connection]:
        """Open a writing transaction that goes on with the chain of records: nobody else does until it has ended."""
        with self._chain.begin() as connection:
            yield connection

    def row(self, asked: sa.Select[Any], values: Mapping[str, Any] | None = None) -> sa.Row[Any] | None:
        """Return the first row of one statement, which is of one moment by itself and needs no transaction.

        Parameters
        ----------
        asked : Select
        values : mapping of str to object, optional
            Of the statement's parameters by name.
        """
        with self.engine.connect() as connection:
            return connection.execute(asked, values).first()

    def _count(self, *_: Any) -> None:
        self.connections += 1

    def secret(self, name: str, fresh: str) -> str:
        """Return the secret `name`, which is `fresh` from now on if there was none."""
        with self.chain() as connection:  # its lock, so that of two who look for it one makes it
            found = connection.execute(sa.select(SECRETS.c.value).where(SECRETS.c.name == name)).scalar()
            if found is None:
                connection.execute(SECRETS.insert().values(name=name, value=fresh))
                return fresh
            return str(found)

    def overwrite_erased(self) -> bool:
        """Empty SQLite's log of changes, which still holds what was erased; false where a reader was in the way."""
        if not self.sqlite:
            return True
        with closing(self.engine.raw_connection()) as raw:
            busy = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy

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
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA secure_delete=ON")  # what was erased is written over, not merely forgotten
    cursor.close()


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Have the file's log written ahead, as it is already unless the file is new.

    SQLite waits for nobody here who is about to write, as another process is that opens the new file too.
    """
    until = time.monotonic() + BUSY_TIMEOUT / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            # The low byte: the rest tells why it is busy.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: sa.Connection) -> None:
    begin = _BEGIN.get(connection.get_execution_options().get("riskscore_for", ""))
    if begin is not None:
        connection.exec_driver_sql(begin)
