"""The file of the records is moved away, or another is put in its place, under a service that runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from riskscore.service.database import Database
from riskscore.service.records import Records
from riskscore.service.verification import verify
from tests.unit.service.desks import BODY
from tests.unit.service.test_service_scores import PROBLEM

SIDES = ("", "-wal", "-shm")


@pytest.fixture
def file(house, tmp_path) -> Path:
    return tmp_path / "one" / "records.db"


def move(file: Path, to: Path) -> None:
    for side in SIDES:
        one = file.with_name(f"{file.name}{side}")
        if one.exists():
            one.rename(to.with_name(f"{to.name}{side}"))


def test_nothing_is_acknowledged_that_would_be_gone_with_the_file(house, file):
    officer = house.headers("officer", "all")
    assert house.client.post("/v1/scores", json=BODY, headers=officer).status_code == 201
    move(file, file.with_name("aside.db"))
    answer = house.client.post("/v1/scores", json=BODY, headers=officer)
    assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
    ready = house.client.get("/readyz")
    assert (ready.status_code, "SQLITE_CANTOPEN" in ready.json()["detail"]) == (503, True)
    assert not file.exists()  # an empty one would be taken for a beginning
    move(file.with_name("aside.db"), file)
    assert house.client.post("/v1/scores", json=BODY, headers=officer).status_code == 201
    assert verify(house.records.database).entries == 4


def test_a_file_that_was_put_in_its_place_is_the_one_that_is_written_to(house, file, tmp_path):
    officer = house.headers("officer", "all")
    assert house.client.post("/v1/scores", json=BODY, headers=officer).status_code == 201
    kept = tmp_path / "backup.db"
    with house.records.database.engine.connect() as connection:
        connection.exec_driver_sql(f"VACUUM INTO '{kept}'")
    assert house.client.post("/v1/scores", json=BODY, headers=officer).status_code == 201
    move(file, file.with_name("aside.db"))
    shutil.copy(kept, file)
    answer = house.client.post("/v1/scores", json=BODY, headers=officer)
    assert (answer.status_code, answer.json()["score_id"]) == (201, "s_3")
    again = Records(Database(f"sqlite:///{file}"))
    assert [one.score_id for one in again.scores("member_default")] == ["s_1", "s_3"]
    assert verify(again.database).entries == 4
    again.database.close()
