"""The chain: whole over all kinds, never forked, and no byte of it changes unnoticed; on SQLite and on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from contextlib import nullcontext

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import SQLAlchemyError

from riskscore.errors import InvalidInput, Refused
from riskscore.service.chain import GENESIS, Statement, append, canonical, digest_of, hash_of
from riskscore.service.database import Database
from riskscore.service.erasure import erase
from riskscore.service.records import Records
from riskscore.service.verification import read_head, verify
from tests.unit.service.stores import OFFICER, fill


def tamper(database: Database, *statements: str) -> None:
    """Change rows as somebody would who owns the database: first away with the triggers."""
    with database.write() as connection:
        if database.sqlite:
            for name in (
                connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            ):
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_every_kind_is_an_entry_of_one_chain(database):
    fill(database)
    with database.read() as connection:
        rows = connection.execute(sa.text("SELECT * FROM entries ORDER BY sequence")).all()
    assert [(row.sequence, row.kind) for row in rows] == [
        (1, "score"),
        (2, "access"),
        (3, "access"),
        (4, "what_if"),
        (5, "decision"),
        (6, "refusal"),
        (7, "score"),
        (8, "access"),
    ]
    assert [row.previous for row in rows] == [GENESIS, *(row.hash for row in rows[:-1])]
    head = verify(database)
    assert (head.entries, head.hash, head.erased) == (8, rows[-1].hash, 0)


def test_an_empty_chain_fits(database):
    assert verify(database).entries == 0


def test_digest_and_hash_are_what_they_were():
    """Literal, so that no release can change the formula under records that exist."""
    digest = digest_of("00", "s_1", "s_1", "M1", canonical({"ñ": 0.1}))
    assert digest == "44550c7c74f106af6cd4a38b59ce6336a9cc8ca36689034eefef36dac7fe8d25"
    assert (
        hash_of(1, "score", "2026-02-02T12:00:00.000000+00:00", digest, GENESIS)
        == "f2c62388afc013dae5694aed29b8eb02c69a20c6dae1c6049500186f7aeb25f1"
    )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET at = at WHERE sequence = 3",
        "DELETE FROM entries WHERE sequence = 8",
        "DELETE FROM contents WHERE sequence = 8",
        "UPDATE contents SET content = '{}' WHERE sequence = 3",
        "UPDATE contents SET content = NULL, salt = NULL, subject = NULL WHERE sequence = 3",
        "UPDATE contexts SET content = content",
        "DELETE FROM contexts",
        "INSERT INTO entries VALUES (10, 'access', 'x', 'x', 'x', 'x')",
        "INSERT INTO entries VALUES (9, 'access', 'x', 'x', 'x', 'x')",
        "INSERT INTO entries SELECT 9, kind, at, digest, previous, hash FROM entries WHERE sequence = 8",
    ],
)
def test_the_database_refuses_what_does_not_only_add(database, change):
    fill(database)
    with pytest.raises(SQLAlchemyError, match="append-only"), database.write() as connection:
        connection.exec_driver_sql(change)
    assert verify(database).entries == 8


@pytest.mark.parametrize(
    ("change", "entry", "what"),
    [
        ("UPDATE entries SET kind = 'score' WHERE sequence = 3", 3, "its hash does not fit"),
        ("UPDATE entries SET hash = '0' WHERE sequence = 8", 8, "its hash does not fit"),
        ("UPDATE contents SET subject = 'M2' WHERE sequence = 2", 2, "its digest does not fit"),
        ("UPDATE contents SET content = '{}' WHERE sequence = 5", 5, "its digest does not fit"),
        ("UPDATE contents SET salt = NULL, content = NULL, subject = NULL WHERE sequence = 5", 5, "no erasure took it"),
        ("DELETE FROM contents WHERE sequence = 4", 4, "What it says is missing"),
        ("DELETE FROM contexts", 1, "words and the policy"),
        ("DELETE FROM entries WHERE sequence = 1", 1, "It is missing"),
        ("DELETE FROM entries WHERE sequence = 8", 8, "It is missing"),
    ],
)
def test_verify_names_the_first_entry_that_does_not_fit(database, change, entry, what):
    fill(database)
    tamper(database, change)
    with pytest.raises(Refused, match=f"records: entry {entry}: .*{what}"):
        verify(database)


#: What SQLite keeps in a column of text if it is told to, and the entry that it is found in.
NO_TEXT = [
    ("UPDATE entries SET kind = CAST(kind AS BLOB) WHERE sequence = 3", 3),
    ("UPDATE entries SET at = CAST(at AS BLOB) WHERE sequence = 6", 6),
    ("UPDATE entries SET digest = x'00' WHERE sequence = 1", 1),
    ("UPDATE contents SET content = CAST(content AS BLOB) WHERE sequence = 5", 5),
    ("UPDATE contents SET content = CAST(x'FF' AS TEXT) WHERE sequence = 7", 7),
    ("UPDATE contents SET salt = x'00' WHERE sequence = 4", 4),
    ("UPDATE contexts SET content = CAST(content AS BLOB)", 1),
]


@pytest.mark.parametrize(("change", "entry"), NO_TEXT)
def test_verify_names_the_entry_of_which_something_is_no_text(tmp_path, change, entry):
    opened = Database(f"sqlite:///{tmp_path / 'records.db'}")
    fill(opened)
    tamper(opened, change)
    with pytest.raises(Refused, match=f"records: entry {entry}: "):
        verify(opened)
    opened.close()


def test_verify_names_an_erasure_of_which_something_is_no_text(tmp_path):
    opened = Database(f"sqlite:///{tmp_path / 'records.db'}")
    fill(opened)
    erase(opened, "M1", reason="asked for by herself")
    tamper(opened, "UPDATE contents SET content = CAST(content AS BLOB) WHERE sequence = 9")
    with pytest.raises(Refused, match=r"records: entry 1: .*no erasure took it"):
        verify(opened)
    opened.close()


@pytest.mark.parametrize("kind", ["score", "erasure"])
def test_an_entry_that_no_service_wrote_is_named_or_takes_nothing(database, kind):
    fill(database)
    with database.chain() as connection:
        append(connection, Statement(kind, {}))
    if kind == "erasure":
        assert verify(database).entries == 9
    else:
        with pytest.raises(Refused, match="records: entry 9: "):
            verify(database)


@pytest.mark.parametrize(
    ("moment", "earlier"),
    [("2026-02-01T11:59:30.000000+00:00", None), ("2026-02-01T11:58:59.000000+00:00", 9), ("no moment", 10)],
)
def test_verify_says_which_entry_claims_to_be_older_than_one_before(database, monkeypatch, moment, earlier):
    monkeypatch.setattr("riskscore.service.chain.now", lambda: "2026-02-01T12:00:00.000000+00:00")
    fill(database)
    assert verify(database).earlier is None
    for at in (moment, "2026-02-01T12:00:01.000000+00:00", "2026-01-01T00:00:00.000000+00:00"):
        monkeypatch.setattr("riskscore.service.chain.now", lambda at=at: at)
        Records(database).seen("s_1", OFFICER, "page")
    assert verify(database).earlier == (earlier or 11)


def test_a_chain_that_was_cut_short_or_written_anew_does_not_reach_a_head_of_before(database):
    fill(database)
    head = verify(database)
    Records(database).seen("s_1", OFFICER, "page")
    assert verify(database, since=(head.entries, head.hash)).entries == 9
    tamper(database, "DELETE FROM contents WHERE sequence > 7", "DELETE FROM entries WHERE sequence > 7")
    assert verify(database).entries == 7  # by itself it fits
    with pytest.raises(Refused, match="entry 8: It is missing"):
        verify(database, since=(head.entries, head.hash))
    with pytest.raises(Refused, match="entry 7: It is not the entry that was the head then"):
        verify(database, since=(7, "f" * 64))


def test_a_head_is_read_as_it_was_printed():
    assert read_head(f"12:{'a' * 64}") == (12, "a" * 64)
    with pytest.raises(InvalidInput, match="head: This is not a head"):
        read_head("12")


WRITER = """
import sys
from riskscore.service.database import Database
from riskscore.service.records import Records
from tests.unit.service.stores import OFFICER, of
records = Records(Database(sys.argv[1]))
print("open", flush=True)
sys.stdin.readline()
for n in range(10):
    records.append(of("M1", f"s_{sys.argv[2]}_{n}"), OFFICER)
    print(f"s_{sys.argv[2]}_{n}", flush=True)
"""


@pytest.mark.slow
def test_two_processes_at_once_make_one_chain_and_lose_nothing(address, database):
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, address, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in ("a", "b")
    ]
    for one in started:
        assert one.stdout.readline() == "open\n"
    for one in started:
        one.stdin.write("\n")
        one.stdin.flush()
    acknowledged = [line for one in started for line in one.communicate(timeout=120)[0].split()]
    assert [one.returncode for one in started] == [0, 0]
    assert len(acknowledged) == 20
    records = Records(database)
    assert all(records.get(score_id) is not None for score_id in acknowledged)
    assert verify(database).entries == 40


#: Every text and number that is stored of the chain, by table and column.
STORED = {
    "entries": ("sequence", "kind", "at", "digest", "previous", "hash"),
    "contents": ("sequence", "record_id", "score_id", "subject", "salt", "content", "erased_by"),
    "contexts": ("digest", "content"),
}


@pytest.fixture(scope="module")
def cells(tmp_path_factory) -> tuple[Database, list[tuple[str, str, int, object]]]:
    """A chain with an erasure in it, and where each of its values stands."""
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('cells') / 'records.db'}")
    fill(opened)
    erase(opened, "M1", reason="asked for by herself")
    tamper(opened)
    with opened.read() as connection:
        found = [
            (table, column, row[0], row[1])
            for table, columns in STORED.items()
            for column in columns
            for row in connection.exec_driver_sql(f"SELECT rowid, {column} FROM {table}")
            if row[1] is not None
        ]
    return opened, found


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_single_byte_that_is_changed_is_found(cells, data):
    opened, found = cells
    table, column, row, value = data.draw(st.sampled_from(found))
    if isinstance(value, int):
        changed: object = data.draw(st.integers(-(2**31), 2**31).filter(lambda other: other != value))
    else:
        raw = bytearray(value.encode())
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] = data.draw(st.integers(0, 255).filter(lambda other: other != raw[place]))
        changed = bytes(raw)
    with pytest.raises(Refused, match=r"records: entry \d+: "):
        verify_with(opened, table, column, row, changed)


def verify_with(opened: Database, table: str, column: str, row: int, changed: object) -> None:
    cast = "?" if isinstance(changed, int) else "CAST(? AS TEXT)"
    with opened.write() as connection:
        try:
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = {cast} WHERE rowid = ?", (changed, row))
        except SQLAlchemyError as error:  # two with one number: the database itself says no
            raise Refused.of("records: entry 0", "refused") from error
        verify(_Same(opened, connection))
        raise AssertionError("nothing was found")


class _Same(Database):
    """Reads in the very transaction that changed something, which is then taken back."""

    def __init__(self, opened: Database, connection: sa.Connection) -> None:
        self.sqlite = opened.sqlite
        self._connection = connection

    def read(self):
        return nullcontext(self._connection)
