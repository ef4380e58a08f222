"""Databases of earlier releases are brought up to date without loss, those of later ones refused."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from riskscore.errors import InvalidInput
from riskscore.service.access import Access, Grant
from riskscore.service.database import METADATA, Database
from riskscore.service.records import Records, Sighting
from riskscore.service.upgrade import HEAD, VERSION_TABLE, revision
from riskscore.service.verification import verify
from tests.unit.service.desks import SCORE
from tests.unit.service.test_service_records import record

#: As the first releases wrote it, read off one of their databases.
FIRST = """
CREATE TABLE scores (
    number INTEGER NOT NULL, score_id TEXT NOT NULL, recorded_at TEXT NOT NULL, asked_by TEXT NOT NULL,
    recipe TEXT NOT NULL, subject TEXT NOT NULL, group_id TEXT, bank_id TEXT, branch_id TEXT, as_of TEXT NOT NULL,
    model_version TEXT NOT NULL, "lock" TEXT NOT NULL, policy_version TEXT NOT NULL, score TEXT NOT NULL,
    request TEXT NOT NULL, value_row TEXT NOT NULL, context TEXT NOT NULL, salt TEXT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (number), UNIQUE (score_id)
);
CREATE INDEX ix_scores_subject ON scores (subject);
CREATE TABLE contexts (digest TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (digest));
CREATE TABLE accesses (
    number INTEGER NOT NULL, at TEXT NOT NULL, token_id TEXT NOT NULL, role TEXT NOT NULL, score_id TEXT NOT NULL,
    "action" TEXT NOT NULL, PRIMARY KEY (number)
);
CREATE INDEX ix_accesses_score_id ON accesses (score_id);
CREATE TABLE tokens (
    token_id TEXT NOT NULL, digest TEXT NOT NULL, role TEXT NOT NULL, scope_kind TEXT NOT NULL, scope_id TEXT,
    granted_at TEXT NOT NULL, expires_at TEXT, revoked_at TEXT, PRIMARY KEY (token_id), UNIQUE (digest)
);
CREATE TABLE links (
    digest TEXT NOT NULL, token_id TEXT NOT NULL, expires_at TEXT NOT NULL, used_at TEXT, PRIMARY KEY (digest)
);
CREATE TABLE sessions (digest TEXT NOT NULL, token_id TEXT NOT NULL, expires_at TEXT NOT NULL, PRIMARY KEY (digest));
CREATE TABLE secrets (name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name));
CREATE TRIGGER scores_no_update BEFORE UPDATE ON scores BEGIN SELECT RAISE(ABORT, 'scores is append-only'); END;
CREATE TRIGGER scores_no_delete BEFORE DELETE ON scores BEGIN SELECT RAISE(ABORT, 'scores is append-only'); END;
CREATE TRIGGER contexts_no_update BEFORE UPDATE ON contexts BEGIN SELECT RAISE(ABORT, 'contexts is append-only'); END;
CREATE TRIGGER contexts_no_delete BEFORE DELETE ON contexts BEGIN SELECT RAISE(ABORT, 'contexts is append-only'); END;
CREATE TRIGGER accesses_no_update BEFORE UPDATE ON accesses BEGIN SELECT RAISE(ABORT, 'accesses is append-only'); END;
CREATE TRIGGER accesses_no_delete BEFORE DELETE ON accesses BEGIN SELECT RAISE(ABORT, 'accesses is append-only'); END;
INSERT INTO secrets VALUES ('pseudonyms', 'kept');
INSERT INTO accesses VALUES (1, '2026-02-02T12:00:00.000001+00:00', 't_1', 'officer', 's_1', 'asked');
INSERT INTO accesses VALUES (2, '2026-02-04T08:00:00.000000+00:00', 't_9', 'auditor', 's_1', 'read');
INSERT INTO accesses VALUES (3, '2026-02-03T12:00:00.000001+00:00', 't_1', 'officer', 's_2', 'asked');
"""


def text(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def first_release(path: Path, *, changed: bool = False) -> None:
    """Two scores of M1, with the digests that the first releases gave them."""
    with sqlite3.connect(path) as raw:
        raw.executescript(FIRST)
        context = text(record().context)
        raw.execute("INSERT INTO contexts VALUES (?, ?)", (hashlib.sha256(context.encode()).hexdigest(), context))
        for number, day in ((1, 2), (2, 3)):
            one = record(f"s_{number}")
            parts = [text(one.score), text(one.request), text(one.values), hashlib.sha256(context.encode()).hexdigest()]
            salt = f"{number:032d}"
            digest = hashlib.sha256("\n".join((salt, one.score_id, *parts)).encode()).hexdigest()
            if changed:
                parts[0] = text({**one.score, "pd": 0.5})
            at = f"2026-02-{day:02d}T12:00:00.000000+00:00"
            row = (number, one.score_id, at, "t_1", "member_default", "M1", "S1", "B1", "N", SCORE["as_of"], "3")
            raw.execute(
                f"INSERT INTO scores VALUES ({','.join('?' * 19)})",
                (*row, SCORE["lock"], SCORE["policy_version"], *parts, salt, digest),
            )
    raw.close()


@pytest.fixture
def old(tmp_path) -> str:
    first_release(tmp_path / "records.db")
    return f"sqlite:///{tmp_path / 'records.db'}"


def test_a_database_of_the_first_release_is_migrated_without_loss(old):
    database = Database(old)
    records = Records(database)
    assert records.get("s_1") == record()
    assert records.get("s_2").recorded_at == "2026-02-03T12:00:00.000000+00:00"
    assert records.sightings("s_1") == (
        Sighting("2026-02-04T08:00:00.000000+00:00", "auditor", "read"),
        Sighting("2026-02-02T12:00:00.000001+00:00", "officer", "asked"),
    )
    assert database.secret("pseudonyms", "fresh") == "kept"
    assert verify(database).entries == 5
    with database.read() as connection:
        kinds = connection.execute(sa.text("SELECT kind FROM entries ORDER BY sequence")).scalars().all()
        tables = sa.inspect(connection).get_table_names()
    assert kinds == ["score", "access", "score", "access", "access"]  # as they happened
    assert not {"scores", "accesses"} & set(tables)
    records.append(record("s_3"), Grant("t_1", "officer", "all", None))
    assert verify(database).entries == 7


def test_opening_it_again_changes_nothing(old):
    head = verify(Database(old))
    assert verify(Database(old)) == head


def test_workers_that_open_it_at_once_migrate_it_once(old):
    with ThreadPoolExecutor(4) as threads:
        assert {verify(one).entries for one in threads.map(lambda _: Database(old), range(4))} == {5}


def test_a_score_changed_before_the_chain_is_not_vouched_for(tmp_path):
    first_release(tmp_path / "records.db", changed=True)
    with pytest.raises(InvalidInput, match="records: s_1: This score is not the one that was written down") as caught:
        Database(f"sqlite:///{tmp_path / 'records.db'}")
    assert "0.5" not in str(caught.value)
    with sqlite3.connect(tmp_path / "records.db") as raw:  # whole or not at all
        assert raw.execute("SELECT count(*) FROM scores").fetchone() == (2,)
    raw.close()


def test_a_database_of_a_later_release_is_refused(tmp_path):
    address = f"sqlite:///{tmp_path / 'records.db'}"
    database = Database(address)
    with database.write() as connection:
        connection.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = 'r9999'"))
    with pytest.raises(InvalidInput, match="A later release of riskscore has written to this database"):
        Database(address)


def test_the_migrations_end_at_the_tables_the_code_reads(tmp_path):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with Database(f"sqlite:///{tmp_path / 'records.db'}").read() as connection:
        assert revision(connection) == HEAD
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []


def test_tokens_outlive_the_migration(old, tmp_path):
    with sqlite3.connect(tmp_path / "records.db") as raw:
        digest = hashlib.sha256(b"rs_old").hexdigest()
        raw.execute(
            "INSERT INTO tokens VALUES ('t_1', ?, 'officer', 'all', NULL, '2026-01-01T00:00:00', NULL, NULL)", (digest,)
        )
    raw.close()
    assert Access(Database(old)).of_token("rs_old").role == "officer"
