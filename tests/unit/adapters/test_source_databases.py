"""A database through SQLAlchemy: tables and queries, what cannot be reached, and one that goes away half-way."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from riskscore.errors import InvalidInput
from riskscore.portfolio.adapters import plain_tables, source_databases
from riskscore.portfolio.adapters.plain_tables import ingest_tables
from tests.unit.adapters.small_bank import MAPPING, PAYMENTS, write

FROM_DATABASE = MAPPING.replace('file = "payments.csv"', 'url_env = "CORE_URL"\ntable = "receipts"')
FROM_QUERY = MAPPING.replace(
    'file = "payments.csv"',
    'url_env = "CORE_URL"\nquery = "SELECT id, loan, paid, amount / 100.0 AS amount, currency FROM cents"',
).replace(
    'amount = "money", currency = "text" }\n\n[views',
    'amount = { type = "money", rounded = true }, currency = "text" }\n\n[views',
)


@pytest.fixture
def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    con = sqlite3.connect(tmp_path / "core.db")
    con.execute("CREATE TABLE receipts (id TEXT, loan TEXT, paid TEXT, amount TEXT, currency TEXT, teller TEXT)")
    con.execute("CREATE TABLE cents (id INTEGER, loan TEXT, paid TEXT, amount INTEGER, currency TEXT)")
    for line in PAYMENTS.splitlines()[1:]:
        con.execute("INSERT INTO receipts VALUES (?, ?, ?, ?, ?, 'Rosa')", line.split(","))
    con.execute("INSERT INTO cents VALUES (1, 'L1', '2024-02-08 10:00:00', 15000, 'PEN')")
    con.commit()
    monkeypatch.setenv("CORE_URL", f"sqlite:///{tmp_path / 'core.db'}")
    yield con
    con.close()


def test_a_table_gives_what_its_file_gives(core: sqlite3.Connection, tmp_path: Path) -> None:
    plain, _ = ingest_tables(write(tmp_path), tmp_path / "plain", tmp_path)
    read, report = ingest_tables(write(tmp_path, FROM_DATABASE), tmp_path / "read", tmp_path, batch=1)
    assert plain is not None
    assert read is not None
    assert read.manifest.content_hash == plain.manifest.content_hash
    assert report.sources["payments"] == 2


def test_a_query_in_the_databases_own_words(core: sqlite3.Connection, tmp_path: Path) -> None:
    portfolio, _ = ingest_tables(write(tmp_path, FROM_QUERY), tmp_path / "out", tmp_path)
    assert portfolio is not None
    payment = portfolio.table("payments").row(0, named=True)
    assert (payment["id"], payment["amount"]) == ("1", Decimal("150.00"))
    assert payment["event_at"] == datetime(2024, 2, 8, 10)


def test_a_float_of_the_database_is_no_money_unless_it_is_to_be_rounded(
    core: sqlite3.Connection, tmp_path: Path
) -> None:
    unsaid = FROM_QUERY.replace('{ type = "money", rounded = true }', '"money"')
    with pytest.raises(InvalidInput) as caught:
        ingest_tables(write(tmp_path, unsaid), tmp_path / "out", tmp_path)
    assert caught.value.faults[0].what == "1 value cannot be read as money (row 1)."


@pytest.mark.parametrize(
    ("url", "old", "new", "where", "what"),
    [
        ("", "", "", "sources.payments.url_env", "CORE_URL is not set"),
        ("sqlite:////nowhere/core.db", "", "", "sources.payments", "cannot be reached (OperationalError)"),
        ("nonsense://user:secret@host/db", "", "", "sources.payments", "cannot be reached (NoSuchModuleError)"),
        ("postgresql://u:secret@h:port/core", "", "", "sources.payments", "cannot be reached (ValueError)"),
        ("mssql+nothere://u:secret@h/core", "", "", "sources.payments", "cannot be reached (NoSuchModuleError)"),
        ("sqlite+pysqlcipher://:secret@/core", "", "", "sources.payments", "(ModuleNotFoundError)"),
        ("sqlite:///core.db", '"receipts"', '"reciepts"', "sources.payments", "reciepts cannot be reached"),
        (
            "sqlite:///core.db",
            'loan = "text", paid',
            'lone = "text", paid',
            "sources.payments.columns.lone",
            "not there",
        ),
    ],
)
def test_what_cannot_be_reached(
    core: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    url: str, old: str, new: str, where: str, what: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CORE_URL", url) if url else monkeypatch.delenv("CORE_URL")
    with pytest.raises(InvalidInput) as caught:
        ingest_tables(write(tmp_path, FROM_DATABASE.replace(old, new)), tmp_path / "out", tmp_path)
    found = {fault.where: fault.what for fault in caught.value.faults}
    assert what in found[where]
    assert "secret" not in str(caught.value)


def test_values_of_several_types_are_read_as_text(core: sqlite3.Connection, tmp_path: Path) -> None:
    core.execute("UPDATE receipts SET amount = 150 WHERE id = 'P1'")
    core.execute("INSERT INTO receipts VALUES ('P3', 'L2', '2024-03-02 08:00:00', 'none', 'PEN', '')")
    core.commit()
    with pytest.raises(InvalidInput) as caught:
        ingest_tables(write(tmp_path, FROM_DATABASE), tmp_path / "out", tmp_path)
    assert caught.value.faults[0].where == "sources.payments.amount"
    assert caught.value.faults[0].what == "1 value cannot be read as money (row 3)."


def test_no_password_is_staged(core: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORE_URL", f"sqlite:///file:{tmp_path}/core.db?uri=true&key=secret")
    monkeypatch.setattr(plain_tables, "_whole", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        ingest_tables(write(tmp_path, FROM_DATABASE), tmp_path / "out", tmp_path)
    state = (tmp_path / ".out.ingesting" / "state.json").read_text()
    assert "core.db" in state
    assert "secret" not in state


def test_a_database_that_goes_away_is_taken_up_where_it_stopped(
    core: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = ingest_tables(write(tmp_path, FROM_DATABASE), tmp_path / "whole", tmp_path, batch=1)
    real = source_databases._frame
    asked: list[str] = []

    def breaks(names: list[str], rows: list[list[object]]) -> object:
        asked.append(str(rows[0][0]))
        if len(asked) == 2:
            raise sa.exc.OperationalError("SELECT", {}, Exception("server closed the connection"))
        return real(names, rows)

    monkeypatch.setattr(source_databases, "_frame", breaks)
    path = write(tmp_path, FROM_DATABASE)
    with pytest.raises(InvalidInput, match=r"went away after 1 rows.*goes on from there"):
        ingest_tables(path, tmp_path / "out", tmp_path, batch=1)
    assert not (tmp_path / "out").exists()
    after, report = ingest_tables(path, tmp_path / "out", tmp_path, batch=1)
    assert asked == ["P1", "P2", "P2"]
    assert after is not None
    assert whole is not None
    assert after.manifest.content_hash == whole.manifest.content_hash
    assert report.sources["payments"] == 2
