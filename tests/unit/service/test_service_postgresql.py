"""Records on PostgreSQL: what begins a transaction goes along with its first statement; a lost server is noticed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from riskscore.errors import InvalidInput
from riskscore.service import postgresql
from riskscore.service.chain import Statement, append
from riskscore.service.database import CONTENTS, SECRETS, Database
from riskscore.service.outage import outage
from riskscore.service.records import Records
from riskscore.service.verification import verify
from tests.unit.service.stores import OFFICER, fresh, of

LOCKS = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
ISOLATION = sa.text("SHOW transaction_isolation")
HELD = sa.select(sa.func.count()).select_from(CONTENTS)
BACKEND = sa.text("SELECT pg_backend_pid()")


@pytest.fixture
def database(server):
    opened = Database(fresh(server))
    yield opened
    opened.close()


def end_connections_of(database: Database) -> None:
    """End every connection of its pool from outside, as a server that is stopped does."""
    with database.read() as connection:
        pid = connection.execute(BACKEND).scalar()
    other = sa.create_engine(database.engine.url)
    with other.connect() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    other.dispose()


@pytest.mark.service
def test_a_writer_to_the_chain_holds_its_lock_with_the_first_statement_and_others_do_not(database):
    with database.chain() as connection:
        assert connection.execute(LOCKS).scalar() == 1
    with database.write() as connection:
        assert connection.execute(LOCKS).scalar() == 0
        assert connection.execute(ISOLATION).scalar() == "read committed"


@pytest.mark.service
def test_one_that_froze_with_the_chain_loses_it_and_leaves_nothing(database, monkeypatch):
    writing = database.chain()
    connection = writing.__enter__()
    with monkeypatch.context() as soon:
        soon.setattr(postgresql, "CHAIN_TIMEOUT", 2_000)
        append(connection, Statement("access", {"action": "list"}, None, None, None))
    Records(database).looked(OFFICER, "list")  # it waits until the server has ended the other
    with pytest.raises(DBAPIError) as lost:
        writing.__exit__(None, None, None)
    assert outage(lost.value).status == 503
    assert verify(database).entries == 1


@pytest.mark.service
def test_an_upgrade_takes_as_long_as_it_takes(server, monkeypatch):
    monkeypatch.setattr(postgresql, "CHAIN_TIMEOUT", 1)
    asked = sa.text("SELECT current_setting('transaction_timeout')")
    found = []

    def upgrading(connection: sa.Connection) -> None:
        found.extend([connection.scalar(asked), connection.scalar(LOCKS)])

    monkeypatch.setattr("riskscore.service.database.upgrade", upgrading)
    Database(fresh(server)).close()
    assert found == ["0", 1]


@pytest.mark.service
def test_what_is_read_is_of_one_moment(database):
    with database.read() as connection:
        assert connection.execute(HELD).scalar() == 0
        Records(database).append(of("M1", "s_1"), OFFICER)
        assert connection.execute(HELD).scalar() == 0
    with database.read() as connection:
        assert connection.execute(HELD).scalar() == 2


@pytest.mark.service
@pytest.mark.parametrize("stream", [False, True], ids=["rows", "stream"])
def test_a_cursor_of_the_server_is_inside_the_transaction_too(database, stream):
    with database.read() as connection:
        three = sa.text("SELECT generate_series(1, 3)").execution_options(stream_results=stream)
        assert connection.execute(three).scalars().all() == [1, 2, 3]
        assert connection.execute(ISOLATION).scalar() == "repeatable read"


@pytest.mark.service
@pytest.mark.parametrize("rows", [1, 3])
def test_a_block_that_fails_leaves_nothing_whatever_its_first_statement_was(database, rows):
    def fail() -> None:
        with database.write() as connection:
            connection.execute(SECRETS.insert(), [{"name": f"n{number}", "value": "v"} for number in range(rows)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert database.row(sa.select(SECRETS)) is None


@pytest.mark.service
@pytest.mark.parametrize("odd", [0, 1, 2])
def test_what_cannot_be_written_down_is_found_while_the_rest_is_sent_and_nothing_stays(database, odd):
    statements = [Statement("access", {"n": 1.0 if n != odd else float("nan")}) for n in range(3)]
    with pytest.raises(ValueError, match="JSON compliant"), database.chain() as connection:
        append(connection, *statements)
    assert verify(database).entries == 0
    with database.chain() as connection:
        assert append(connection, Statement("access", {})) == 1


@pytest.mark.service
def test_rows_that_are_refused_in_one_trip_are_refused_as_sqlalchemy_tells_it_and_nothing_stays(database):
    twice = Statement("what_if", {}, "M1", "s_1", record_id="w_1")
    with database.chain() as connection:
        append(connection, twice)
    for added in ([twice, Statement("access", {})], [Statement("access", {}), twice]):
        with pytest.raises(IntegrityError, match="record_id"), database.chain() as connection:
            append(connection, *added)
    assert verify(database).entries == 1
    with database.chain() as connection:
        assert append(connection, Statement("access", {})) == 2


@pytest.mark.service
@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_server_with_another_default_makes_one_chain_too(server, level):
    home = sa.make_url(fresh(server))
    default = f"-cdefault_transaction_isolation={level.replace(' ', chr(92) + ' ')}"
    address = home.update_query_dict({"options": f"{home.query['options']} {default}"})
    houses = [Database(address.render_as_string(hide_password=False)) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: Records(houses[n % 4]).looked(OFFICER, "list"), range(80)))
    assert verify(houses[0]).entries == 80
    for house in houses:
        house.close()


@pytest.mark.service
def test_two_who_look_for_a_secret_at_once_share_one(server):
    address = fresh(server)
    houses = [Database(address) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        for name in range(20):
            found = set(threads.map(lambda n, name=name: houses[n].secret(f"s{name}", f"fresh {n}"), range(4)))
            assert len(found) == 1
    for house in houses:
        house.close()


@pytest.mark.service
def test_an_id_that_no_text_of_postgresql_holds_names_nothing(database):
    assert Records(database).get("s_\0") is None
    assert Records(database).erased("s_\0") is None


@pytest.mark.service
def test_a_connection_that_lay_unused_is_tried_before_it_is_used(database, monkeypatch):
    monkeypatch.setattr(postgresql, "_IDLE_SECONDS", 0.0)
    for use in (
        lambda: database.row(BACKEND),
        lambda: Records(database).length(),
        lambda: Records(database).looked(OFFICER, "list"),
    ):
        end_connections_of(database)
        use()
    assert verify(database).entries == 1


@pytest.mark.service
def test_one_that_was_lost_just_now_fails_once_as_the_service_expects_it(database):
    end_connections_of(database)
    with pytest.raises(OperationalError) as lost:
        Records(database).looked(OFFICER, "list")
    assert lost.value.connection_invalidated
    Records(database).looked(OFFICER, "list")
    assert verify(database).entries == 1


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("mysql+pymysql://host/records", "mysql by way of pymysql"),
        ("postgresql+psycopg2://host/records", "postgresql by way of psycopg2"),
        ("sqlite+aiosqlite:///records.db", "sqlite by way of aiosqlite"),
    ],
)
def test_other_databases_and_drivers_are_refused_by_name(url, named):
    with pytest.raises(InvalidInput, match=named):
        Database(url)
