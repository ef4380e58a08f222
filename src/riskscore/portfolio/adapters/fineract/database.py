"""Reading the core's database: one connection, batches by key, and faults that never show a password."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError

from riskscore.errors import InvalidInput, Unreachable

_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_REMEDY = "Run the same command again once it answers: it goes on after the last whole batch."


def address(given: str) -> sa.URL:
    """Return the address of a database.

    Parameters
    ----------
    given : str
        ``postgresql://user@host/name``, ``mariadb://…``, or ``env:NAME`` for an environment variable that holds it.
        The password may stand in it or in RISKSCORE_SOURCE_PASSWORD.

    Raises
    ------
    InvalidInput
        Where it is not understood; what was given is not repeated, as it may hold a password.
    """
    if given.startswith("env:"):
        name = given.removeprefix("env:")
        if name not in os.environ:
            raise InvalidInput.of("URL", f"the environment variable {name} is not set.", "Set it to the address.")
        given = os.environ[name]
    try:
        url = sa.make_url(given)
    except (ArgumentError, ValueError):
        raise InvalidInput.of(
            "URL", "is no database address.", "Write it as postgresql://reader@host:5432/fineract_default."
        ) from None
    if url.drivername.split("+")[0] not in _DRIVERS:
        raise InvalidInput.of(
            "URL", f"{url.drivername!r} is no database that Fineract runs on.", "Use postgresql:// or mariadb://."
        )
    if url.password is None and (password := os.environ.get("RISKSCORE_SOURCE_PASSWORD")):
        url = url.set(password=password)
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def shown(url: sa.URL) -> str:
    """Return an address that may be printed and kept: without its password and without its options."""
    plain = sa.URL.create(
        url.get_backend_name(), username=url.username, host=url.host, port=url.port, database=url.database
    )
    return plain.render_as_string()


class Source:
    """The core's database, read and never written.

    Parameters
    ----------
    url : URL
        See `address`.
    """

    def __init__(self, url: sa.URL) -> None:
        self.shown = shown(url)
        options = [value for name, value in url.query.items() if "pass" in name.lower()]
        self._secrets = [str(word) for word in (url.password, *options) if word]
        try:
            self._engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise InvalidInput.of(
                self.shown, "the driver for it is not installed.", "Run: pip install 'riskscore[databases]'"
            ) from error

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """Open the connection; what the database or the way to it refuses becomes `Unreachable`."""
        try:
            with self._opened() as connection:
                yield connection
        except DBAPIError as error:
            raise Unreachable.of(self.shown, self._said(error), _REMEDY) from None

    def _opened(self) -> sa.Connection:
        try:
            return self._engine.connect()
        except (TypeError, ValueError, AttributeError) as error:  # PyMySQL's word on an option that it does not know
            raise InvalidInput.of(
                self.shown, f"the driver does not take the address's options ({type(error).__name__}).", "Correct them."
            ) from None

    def _said(self, error: DBAPIError) -> str:
        """Return the first line of what the driver said, without the statement and without the password."""
        said = str(error.orig).strip().splitlines()[0] if error.orig and str(error.orig).strip() else "no reason given"
        for word in self._secrets:
            said = said.replace(word, "***")
        return f"the database does not answer, or no longer does ({type(error.orig).__name__}: {said})."


@contextmanager
def readable(table: str) -> Iterator[None]:
    """Turn a value that no driver reads into a fault of its table; the value is not shown."""
    try:
        yield
    except DataError:
        raise InvalidInput.of(
            table, "holds a value that cannot be read, such as a date 'infinity' or before the year 1.", "Correct it."
        ) from None


def batches(
    connection: sa.Connection,
    table: sa.FromClause,
    columns: Sequence[sa.ColumnElement[Any]],
    key: tuple[str, ...],
    after: list[Any] | None,
    size: int,
    *where: sa.ColumnElement[bool],
) -> Iterator[list[Any]]:
    """Yield the rows of a table in the order of its key, `size` at a time, beginning after a key.

    Each batch is a statement of its own, so that no server has to keep a cursor open for hours. The values of the key
    follow those of `columns` in each row. A table without a key (`key` empty) is one batch.
    """
    if not key:
        if rows := list(connection.execute(sa.select(*columns).where(*where))):
            yield rows
        return
    keys = [table.c[name] for name in key]
    last = [column.label(f"key_{place}") for place, column in enumerate(keys)]
    while True:
        chosen = sa.select(*columns, *last).where(*where).order_by(*keys).limit(size)
        if after is not None:
            chosen = chosen.where(_beyond(keys, after))
        rows = list(connection.execute(chosen).all())
        connection.rollback()
        if not rows:
            return
        yield rows
        after = list(rows[-1][-len(key) :])


def _beyond(keys: list[Any], after: list[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a row comes after a key of several columns."""
    first, *rest = keys
    if not rest:
        return first > after[0]  # type: ignore[no-any-return]
    return sa.or_(first > after[0], sa.and_(first == after[0], _beyond(rest, after[1:])))
