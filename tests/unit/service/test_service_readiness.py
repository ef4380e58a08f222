"""Readiness follows the database, the model and the age of the data, and asking for it costs next to nothing."""

from __future__ import annotations

import shutil
from collections import namedtuple

import pytest
import sqlalchemy as sa

from riskscore.service.readiness import HOLD_SECONDS, DataLimits, Pulse, data_age
from riskscore.service.records import Records
from tests.unit.service.desks import BODY, PlainDesk

Usage = namedtuple("Usage", "total used free")


class Timer:
    """Seconds that a test moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def timer() -> Timer:
    return Timer()


def statements(database) -> list[str]:
    """Return the list to which every statement sent from now on is added."""
    sent: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *told: sent.append(told[2]))
    return sent


def test_the_pulse_beats_on_either_database_and_the_chain_stays_as_it_was(database, timer):
    pulse = Pulse(database, timer)
    for _ in range(5):
        assert pulse.fault() is None
        timer.now += HOLD_SECONDS
    assert Records(database).length() == 0


def test_however_often_it_is_asked_the_database_hears_one_statement(database, timer):
    pulse = Pulse(database, timer)
    sent = statements(database)
    for _ in range(50):
        pulse.fault()
        timer.now += HOLD_SECONDS / 100
    assert len([text for text in sent if text.startswith("UPDATE")]) == 1
    timer.now += HOLD_SECONDS
    pulse.fault()
    assert len([text for text in sent if text.startswith("UPDATE")]) == 2


def test_a_database_that_takes_no_writes_is_told_by_its_own_name_for_it(database, timer):
    pulse = Pulse(database, timer)
    read_only = "PRAGMA query_only = ON" if database.sqlite else "SET default_transaction_read_only = on"

    def forbid(connection, _record, _proxy) -> None:
        connection.cursor().execute(read_only)
        connection.commit()

    sa.event.listen(database.engine, "checkout", forbid)
    name = "SQLITE_READONLY" if database.sqlite else "ReadOnlySqlTransaction"
    assert pulse.fault() == f"The database of the records takes no writes ({name})."


def test_tables_of_another_release_are_said_so(database, timer):
    with database.write() as connection:
        connection.execute(sa.text("UPDATE riskscore_version SET version_num = 'r9999'"))
    assert Pulse(database, timer).fault() == "The tables of the records are another release's: restart the service."


def test_a_full_disk_is_said_before_a_score_finds_no_room(house, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 100, 1000))
    answer = house.client.get("/readyz")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.json()["detail"] == "The disk of the records is full, or nearly: free some space."


@pytest.mark.parametrize(
    ("now", "age"),
    [
        ("2026-02-01T04:59:59+00:00", 0),  # still 31 January in Lima
        ("2026-02-01T05:00:00+00:00", 1),
        ("2026-02-11T12:00:00+00:00", 11),
    ],
)
def test_the_age_of_data_is_counted_by_the_institutions_clock(now, age):
    assert data_age(PlainDesk(), now) == age


@pytest.mark.parametrize(
    ("clock", "status", "told"),
    [
        ("2026-02-07T12:00:00+00:00", 200, "ready"),  # 7 days: at the warning, not over it
        ("2026-02-08T12:00:00+00:00", 200, "degraded"),
        ("2026-02-14T12:00:00+00:00", 200, "degraded"),
        ("2026-02-15T12:00:00+00:00", 503, "The portfolio's last day is 15 days ago; the limit is 14."),
    ],
)
def test_old_data_is_degraded_and_then_not_ready(make_house, clock, status, told):
    house = make_house(clock=lambda: clock, data_limits=DataLimits(7, 14))
    answer = house.client.get("/readyz")
    assert answer.status_code == status
    assert told in (answer.json()["status"] if status == 200 else answer.json()["detail"])


def test_every_reason_is_told_at_once(make_house, monkeypatch):
    house = make_house(clock=lambda: "2026-03-01T12:00:00+00:00", data_limits=DataLimits(7, 14))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 100, 1000))
    detail = house.client.get("/readyz").json()["detail"]
    assert "29 days ago" in detail
    assert "disk of the records" in detail


def test_while_the_records_take_no_writes_a_request_is_refused_and_says_to_come_again(house, caplog):
    headers = house.headers("officer", "all")
    engine = house.records.database.engine

    def forbid(connection, _record, _proxy) -> None:
        connection.cursor().execute("PRAGMA query_only = ON")

    sa.event.listen(engine, "checkout", forbid)
    answer = house.client.post("/v1/scores", json=BODY, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.json()["title"] == "The records cannot be written now"
    assert answer.headers["retry-after"] == "5"
    assert "M1" not in caplog.text
    assert house.client.get("/readyz").status_code == 503
    sa.event.remove(engine, "checkout", forbid)
    engine.dispose()
    assert house.client.post("/v1/scores", json=BODY, headers=headers).status_code == 201
