"""The service as its own processes, as those meet it who run it: stopped in order, swapped under load, watched."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import socket
from dataclasses import dataclass
from datetime import timedelta

import psutil
import pytest

from riskscore.modelling.tracking import Registry
from riskscore.portfolio import TABLES, Portfolio, write_portfolio
from riskscore.scoring import latest_applications
from riskscore.scoring.snapshot import members_at
from riskscore.service.records import Records
from riskscore.service.run import running
from tests.journey.test_service_processes import (
    Place,
    answered,
    callers,
    make,
    officer,
    stop,
    supervisor,
    until,
    workers,
)
from tests.unit.service.desks import BODY

pytestmark = pytest.mark.service

SLOW_ENTRY = """
import os
import time
from pathlib import Path

from riskscore.service.bento import bento_service
from tests.journey.file_source import FileSource
from tests.unit.service.desks import PlainDesk


class SlowDesk(PlainDesk):
    def score(self, fields, as_of):
        Path(os.environ["BEGUN_FILE"]).touch()
        while not Path(os.environ["GO_ON_FILE"]).exists():
            time.sleep(0.02)
        return super().score(fields, as_of)


class SlowSource(FileSource):
    def build(self, previous):
        return SlowDesk(model_version=self.signature())


Riskscore = bento_service(SlowSource())
"""


@dataclass
class SlowPlace(Place):
    """A place whose scores wait until they are told to go on."""

    @property
    def environment(self) -> dict[str, str]:
        files = {"BEGUN_FILE": str(self.folder / "begun"), "GO_ON_FILE": str(self.folder / "go-on")}
        return super().environment | files | {"RISKSCORE_LOG_FORMAT": "json"}


def test_what_was_begun_is_finished_and_nothing_new_is_taken(tmp_path):
    place = SlowPlace(make(tmp_path).folder)
    (place.project / "serving" / "service.py").write_text(SLOW_ENTRY, "utf-8")
    with running(project=place.project, environment=place.environment, log=place.log) as url:
        family = [supervisor(url), *workers(url)]
        host, _, port = url.removeprefix("http://").partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=30)
        connection.request("POST", "/v1/scores", json.dumps(BODY), officer(place))
        until((tmp_path / "begun").exists)
        family[0].send_signal(signal.SIGTERM)
        until(lambda: refused(host, int(port)))
        (tmp_path / "go-on").touch()
        answer = connection.getresponse()
        assert answer.status == 201
        score_id = json.loads(answer.read())["score_id"]
        _, left = psutil.wait_procs(family, timeout=20)
        assert left == []
    assert Records(place.database).get(score_id) is not None
    lines = [json.loads(line) for line in place.log.read_text("utf-8").splitlines()]  # every line is JSON
    assert [line["message"] for line in lines].count("The watch has ended.") == 2
    assert [line["status"] for line in lines if line.get("route") == "/v1/scores"] == [201]


def refused(host: str, port: int) -> bool:
    """Tell whether nobody listens; a connection that is taken and never answered is no refusal."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def test_a_killed_worker_leaves_no_request_in_progress(tmp_path):
    place = SlowPlace(make(tmp_path).folder)
    (place.project / "serving" / "service.py").write_text(SLOW_ENTRY, "utf-8")
    with running(project=place.project, environment=place.environment, log=place.log) as url:
        headers = officer(place)
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
        connection.request("POST", "/v1/scores", json.dumps(BODY), headers)
        until((tmp_path / "begun").exists)
        assert in_progress(url, headers) == 2  # that one, and the reading of the metrics
        for worker in workers(url):
            worker.send_signal(signal.SIGKILL)
        until(lambda: in_progress(url, headers) == 1, 90)  # both have to come up again


def in_progress(url: str, headers: dict[str, str]) -> float | None:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    try:
        connection.request("GET", "/metrics", headers=headers)
        text = connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException):
        return None
    (line,) = [line for line in text.splitlines() if line.startswith("riskscore_requests_in_progress ")]
    return float(line.split()[1])


def test_champion_and_portfolio_are_swapped_under_requests_without_a_failure(institution, tmp_path):
    """A trained champion and a simulated portfolio, replaced as they are in practice: by an alias, by a rename."""
    shutil.copytree(institution.portfolio.path, tmp_path / "portfolio")
    shutil.copy(institution.tracking_uri.removeprefix("sqlite:///"), tmp_path / "mlflow.db")
    place, registry = Place(tmp_path), Registry(f"sqlite:///{tmp_path / 'mlflow.db'}")
    environment = {
        "RISKSCORE_PORTFOLIO": str(tmp_path / "portfolio"),
        "RISKSCORE_RECORDS": place.environment["RISKSCORE_RECORDS"],
        "RISKSCORE_POLL_SECONDS": "0.1",
        "MLFLOW_TRACKING_URI": registry.uri,
    }
    portfolio = Portfolio.open(tmp_path / "portfolio")
    with running(project=institution.project.root, environment=environment, log=tmp_path / "log") as url:
        started = callers(url, officer(place), 2, a_request(portfolio))
        until(lambda: answered(started) > 5)
        second = registry.register(institution.artefact).version
        registry.promote("member_default", second, force=True, reason="The same model under another name.")
        until(lambda: all(second in caller.answered.values() for caller in started), 60)
        age = ages(url)
        a_day_later(portfolio)
        until(lambda: ages(url) == {days - 1 for days in age}, 90)
        before = answered(started)
        until(lambda: answered(started) > before + 5)
        stop(started)
    assert [fault for caller in started for fault in caller.faults] == []


def a_request(portfolio: Portfolio) -> dict[str, object]:
    """Return the latest application of a member who would be answered."""
    row = (
        latest_applications(portfolio, portfolio.moment(None))
        .drop_nulls(["purpose", "other_active_loans"])
        .join(members_at(portfolio, portfolio.moment(None)), on="member_id", how="semi")
        .row(0, named=True)
    )
    fields = ("amount", "term_days", "frequency", "purpose", "other_active_loans")
    asked = {name: row[name] for name in fields} | {"recipe": "member_default", "subject": row["member_id"]}
    return asked | {"amount": float(row["amount"]), "currency": portfolio.manifest.currency}


def a_day_later(portfolio: Portfolio) -> None:
    """Replace a portfolio by one that covers another day, on which nothing happened."""
    manifest = portfolio.manifest
    write_portfolio(
        portfolio.path,
        {name: portfolio.table(name) for name in portfolio.manifest.rows if name in TABLES},
        currency=manifest.currency,
        country=manifest.country,
        time_zone=manifest.time_zone,
        data_date=manifest.data_date + timedelta(days=1),
        complete_from=manifest.complete_from,
    )


def ages(url: str) -> set[int]:
    """Return the age of the data that each of several looks was told; a new connection may reach the other worker."""
    found = set()
    for _ in range(12):
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
        connection.request("GET", "/readyz")
        found.add(json.loads(connection.getresponse().read())["data_age_days"])
        connection.close()
    return found
