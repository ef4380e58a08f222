"""The records: whole, durable, never changed, the same for every process."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
import sqlalchemy as sa

from riskscore.errors import InvalidInput
from riskscore.service import database
from riskscore.service.access import Access, Grant, Place
from riskscore.service.chain import canonical
from riskscore.service.context import Context
from riskscore.service.database import Database
from riskscore.service.records import Record, Records
from riskscore.service.sessions import Sessions
from tests.unit.service.desks import BODY, SCORE, VALUES

ASKER = Grant("t_1", "officer", "all", None)


def record(score_id: str = "s_1") -> Record:
    return Record(
        score_id=score_id,
        place=Place("M1", "S1", "B1", "N"),
        score={"score_id": score_id, **SCORE},
        request=BODY,
        values=VALUES | {"tenth": 0.1 + 0.2, "missing": None},
        context=Context(country="PE", currency="PEN", time_zone="America/Lima", features={}),
        recorded_at="2026-02-02T12:00:00.000000+00:00",
        asked_by="t_1",
    )


@pytest.fixture
def address(tmp_path):
    return f"sqlite:///{tmp_path / 'records.db'}"


def test_a_record_comes_back_bit_for_bit(address):
    Records(Database(address)).append(record(), ASKER)
    found = Records(Database(address)).get("s_1")
    assert found == record()
    assert found.values["tenth"] == 0.30000000000000004


def test_a_commit_is_on_the_disk_before_it_returns(address):
    with Database(address).read() as connection:
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(sa.text("PRAGMA synchronous")).scalar() == 2  # FULL


@pytest.mark.parametrize("table", ["entries", "contents", "contexts"])
@pytest.mark.parametrize("change", ["UPDATE {} SET rowid = rowid", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_a_row(address, table, change, tmp_path):
    Records(Database(address)).append(record(), ASKER)
    with sqlite3.connect(tmp_path / "records.db") as raw, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(change.format(table))


def test_one_id_is_written_once(address):
    records = Records(Database(address))
    records.append(record(), ASKER)
    with pytest.raises(sa.exc.IntegrityError) as caught:
        records.append(record(), ASKER)
    assert "913.0" not in str(caught.value)  # no parameter of a statement gets into an error
    assert len(records.sightings("s_1")) == 1  # what failed left nothing behind


def test_equal_scores_have_different_digests(address, tmp_path):
    records = Records(Database(address))
    records.append(record("s_1"), ASKER)
    records.append(record("s_2"), ASKER)
    with sqlite3.connect(tmp_path / "records.db") as raw:
        digests = [row[0] for row in raw.execute("SELECT digest FROM entries WHERE kind = 'score'")]
    assert len(set(digests)) == 2


def test_what_scores_share_is_kept_once(address, tmp_path):
    records = Records(Database(address))
    records.append(record("s_1"), ASKER)
    records.append(record("s_2"), ASKER)
    with sqlite3.connect(tmp_path / "records.db") as raw:
        assert raw.execute("SELECT count(*) FROM contexts").fetchone() == (1,)
    assert records.get("s_2").context == record().context


def test_what_scores_share_is_kept_by_every_process_and_after_a_write_that_failed(address):
    first, second = Records(Database(address)), Records(Database(address))
    first.append(record("s_1"), ASKER)
    second.append(record("s_2"), ASKER)
    other = Context(country="BO", currency="BOB", time_zone="America/La_Paz", features={})
    with pytest.raises(sa.exc.IntegrityError):
        second.append(replace(record("s_1"), context=other), ASKER)
    second.append(replace(record("s_3"), context=other), ASKER)
    assert [second.get(name).context["country"] for name in ("s_1", "s_2", "s_3")] == ["PE", "PE", "BO"]


def test_what_scores_share_is_looked_for_again_after_another_connection_was_made(address, tmp_path):
    records = Records(Database(address))
    records.append(record("s_1"), ASKER)
    with sqlite3.connect(tmp_path / "records.db") as raw:  # a database that was put in the place of this one
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("DELETE FROM contexts")
    records.database.engine.dispose()
    records.append(record("s_2"), ASKER)
    assert records.get("s_2").context == record().context


def test_many_writers_wait_for_one_another(address):
    """Each with a pool of its own, as two worker processes have."""
    houses = [Records(Database(address)) for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: houses[n % 4].append(record(f"s_{n}"), ASKER), range(80)))
    found = Records(Database(address))
    assert all(found.get(f"s_{n}") is not None for n in range(80))


def test_databases_opened_at_the_same_moment_share_one_secret(address):
    with ThreadPoolExecutor(6) as threads:
        secrets = list(threads.map(lambda n: Database(address).secret("pseudonyms", f"secret {n}"), range(6)))
    assert len(set(secrets)) == 1


def test_a_new_file_that_another_one_is_about_to_write_to_is_waited_for(address, tmp_path):
    with closing(sqlite3.connect(tmp_path / "records.db", isolation_level=None, check_same_thread=False)) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as threads:
            opened = threads.submit(Database, address)
            with pytest.raises(TimeoutError):
                opened.result(timeout=0.5)
            other.execute("COMMIT")
            assert opened.result(timeout=60).secret("pseudonyms", "first") == "first"


def test_a_file_that_is_no_database_is_not_waited_for(address, tmp_path, monkeypatch):
    (tmp_path / "records.db").write_bytes(b"no database" * 1_000)
    monkeypatch.setattr(database.time, "sleep", lambda _: pytest.fail("it waited"))
    with pytest.raises(InvalidInput, match="cannot be opened"):
        Database(address)


def test_a_write_ahead_log_that_cannot_be_had_is_told_at_once(monkeypatch):
    class Broken:
        def execute(self, _: str) -> None:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error

    monkeypatch.setattr(database.time, "sleep", lambda _: pytest.fail("it waited"))
    with pytest.raises(sqlite3.OperationalError, match="disk"):
        database._write_ahead(Broken())


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "sqlite:////no/such/folder/records.db",
        "nodialect://host/x",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///records.db?timeout=abc",
        "postgresql+psycopg://u:secret@host:port/x",
    ],
)
def test_an_address_that_opens_nothing_is_said_so(url):
    with pytest.raises(InvalidInput, match="RISKSCORE_RECORDS") as refused:
        Database(url)
    assert "secret" not in str(refused.value)


def test_a_link_is_used_once_even_by_two_at_once(address):
    access = Access(Database(address))
    token, _ = access.grant("officer", "all")
    key = access.link(token)
    others = [Sessions(Database(address)) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        cookies = list(threads.map(lambda one: one.enter(key), others))
    assert sum(cookie is not None for cookie in cookies) == 1


def test_canonical_text_is_the_same_for_equal_content():
    assert canonical({"b": 1.5, "a": "ñ"}) == '{"a":"ñ","b":1.5}'
    with pytest.raises(ValueError, match="JSON"):
        canonical({"a": float("nan")})
