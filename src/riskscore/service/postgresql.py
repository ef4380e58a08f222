"""Records on a PostgreSQL server: it is asked as seldom as can be, and what begins a transaction goes along.

To ask a server and wait costs more than most statements do. So a connection is in psycopg's autocommit mode, what
begins a transaction is a statement of our own, and it is sent in a pipeline with the first one that is executed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import psycopg

from riskscore.service.upgrade import LOCK

#: A server that does not answer is given up after so many seconds, or milliseconds where a connection was open.
CONNECT: Mapping[str, Any] = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "autocommit": True}

#: A connection that lay unused for so many seconds is tried before it is used: its server may have been restarted.
_IDLE_SECONDS = 1.0

#: Milliseconds until a server ends a transaction that holds the chain: whoever froze with it would hold up all others.
CHAIN_TIMEOUT = 60_000

#: The release from which a server does so.
_ENDS_TRANSACTIONS = 170_000

#: What begins a transaction, by what it is for, whatever the server's default is. What is read is of one moment; who
#: waited for the lock, which ends with the transaction, sees what was written meanwhile. An upgrade holds the chain for
#: as long as it takes.
_BEGIN: Mapping[str, str] = {
    "read": "BEGIN ISOLATION LEVEL REPEATABLE READ",
    "write": "BEGIN ISOLATION LEVEL READ COMMITTED",
    "chain": "BEGIN ISOLATION LEVEL READ COMMITTED",
    "upgrade": "BEGIN ISOLATION LEVEL READ COMMITTED",
}
_LOCK = f"SELECT pg_advisory_xact_lock({LOCK})"
_LOCK_FOR_A_TIME = f"SELECT set_config('transaction_timeout', %s, true), pg_advisory_xact_lock({LOCK})"

#: The option of a statement under which those lie that go to the server after it, in the same trip.
_AFTER = "riskscore_after"

#: psycopg.pq.TransactionStatus.IDLE: no transaction is open. The driver is installed only where it is needed.
_IDLE = 0


def listen(engine: sa.Engine, busy_timeout: int) -> None:
    """Let the transactions of `engine` begin as its option ``riskscore_for`` says; without it there is none.

    Parameters
    ----------
    engine : Engine
        Of psycopg, with the arguments of `CONNECT`.
    busy_timeout : int
        Milliseconds a writer waits for another one.
    """

    def prepare(raw: Any, _record: Any) -> None:
        raw.execute(f"SET lock_timeout = {busy_timeout}")

    sa.event.listen(engine, "connect", prepare)
    sa.event.listen(engine, "checkin", _came_back)
    sa.event.listen(engine, "checkout", _must_be_there)
    sa.event.listen(engine, "do_execute", _execute)
    sa.event.listen(engine, "do_executemany", _execute_alone)
    sa.event.listen(
        engine, "do_execute_no_params", lambda cursor, text, context: _execute_alone(cursor, text, (), context)
    )


def insert_together(connection: sa.Connection, rows: Iterable[tuple[sa.Table, Mapping[str, Any]]]) -> None:
    """Insert rows into their tables, one or more, each sent when it comes; the server is waited for once."""
    statements = ((_insert(table, tuple(row)), row) for table, row in rows)
    connection.exec_driver_sql(*next(statements), execution_options={_AFTER: statements})


@cache
def _insert(table: sa.Table, columns: tuple[str, ...]) -> str:
    dialect = psycopg.dialect()  # type: ignore[no-untyped-call]
    return str(table.insert().compile(dialect=dialect, column_keys=columns))


def _came_back(_raw: Any, record: Any) -> None:
    record.info["since"] = time.monotonic()


def _must_be_there(raw: Any, record: Any, _proxy: Any) -> None:
    since = record.info.get("since")  # none where it was made just now
    if since is None or time.monotonic() - since < _IDLE_SECONDS:
        return
    try:
        raw.execute("SELECT 1")
    except raw.Error as gone:
        raise sa.exc.InvalidatePoolError from gone  # the others may be gone too; new ones are made


def _execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Execute a statement, and in the same trip what begins its transaction and what goes along."""
    if hasattr(cursor, "name"):  # a cursor of the server, for more rows than we hold at once, cannot be in a pipeline
        return _execute_alone(cursor, statement, parameters, context)
    before, after = _beginning(cursor, context), context.execution_options.get(_AFTER)
    if not before and after is None:
        return False
    with cursor.connection.pipeline():
        for text, values in before:
            cursor.connection.execute(text, values)
        cursor.execute(statement, parameters)
        for text, values in after or ():
            cursor.connection.execute(text, values)
    return True


def _execute_alone(cursor: Any, _statement: str, _parameters: Any, context: Any) -> bool:
    """Begin the transaction of a statement in a trip of its own; the statement is left to SQLAlchemy."""
    for text, values in _beginning(cursor, context):
        cursor.connection.execute(text, values)
    return False


def _beginning(cursor: Any, context: Any) -> Sequence[tuple[str, Any]]:
    """Return what begins the transaction that a statement is to be in, unless it is open."""
    server = cursor.connection.pgconn
    purpose = context.execution_options.get("riskscore_for")
    if server.transaction_status != _IDLE or purpose not in _BEGIN:
        return ()
    begin = (_BEGIN[purpose], None)
    if purpose not in ("chain", "upgrade"):
        return (begin,)
    if purpose == "upgrade" or server.server_version < _ENDS_TRANSACTIONS:
        return begin, (_LOCK, None)
    return begin, (_LOCK_FOR_A_TIME, (str(CHAIN_TIMEOUT),))
