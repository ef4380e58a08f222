"""The service as its own processes, as those meet it who run it: stopped in order, swapped under load, watched."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
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
    make,
    officer,
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
from riskscore.service.desks import Desks
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
        return Desks.of(SlowDesk(model_version=self.signature()))


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
        # One worker that is ready answers for both; the other may still be on its way up.
        until(lambda: place.log.read_text("utf-8").count("In service: ") == 2)
        family = [supervisor(url), *workers(url)]
        host, _, port = url.removeprefix("http://").partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
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


#: How often champion or portfolio are replaced, how many ask meanwhile, and how often each of them asks at each swap.
SWAPS, ASKERS, EACH = 6, 4, 6


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
    versions = [institution.version, registry.register(institution.artefact).version]
    body = a_request(Portfolio.open(tmp_path / "portfolio"))
    answers: list[tuple[int, dict]] = []
    with (
        running(project=institution.project.root, environment=environment, log=tmp_path / "log") as url,
        ThreadPoolExecutor(ASKERS) as pool,
    ):
        headers = officer(place)
        for swap in range(SWAPS):
            swapped = threading.Event()
            asking = [pool.submit(ask_through, url, headers, body, swapped) for _ in range(ASKERS)]
            try:
                if swap % 2 == 0:
                    version = versions[1 - swap // 2 % 2]
                    registry.promote("member_default", version, force=True, reason="The same model, another name.")
                    until(lambda version=version: {told.get("model_version") for told in looks(url)} == {version}, 120)
                else:
                    age = looks(url)[0]["data_age_days"]
                    a_week_later(Portfolio.open(tmp_path / "portfolio"))
                    until(lambda age=age: all(told.get("data_age_days", age) < age for told in looks(url)), 120)
            finally:
                swapped.set()
            for one in asking:
                answers += one.result()
    assert [answer for answer in answers if answer[0] != 201] == []
    assert len(answers) == SWAPS * ASKERS * EACH
    assert {content["model_version"] for _, content in answers} == set(versions)
    assert len({content["as_of"] for _, content in answers}) == 1 + SWAPS // 2
    records = Records(place.database)
    names = [content["score_id"] for _, content in answers]
    assert len(set(names)) == len(names)
    for name, (_, content) in zip(names, answers, strict=True):
        record = records.get(name)
        assert record is not None
        assert (record.score["model_version"], record.score["as_of"]) == (content["model_version"], content["as_of"])


def ask_through(
    url: str, headers: dict[str, str], body: dict[str, object], swapped: threading.Event
) -> list[tuple[int, dict]]:
    """Ask again and again while something is being swapped; the last two requests come after it."""
    answers = []
    for number in range(EACH):
        swapped.wait(180 if number >= EACH - 2 else 0.2)
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=120)
        connection.request("POST", "/v1/scores", json.dumps(body), headers)
        answer = connection.getresponse()
        answers.append((answer.status, json.loads(answer.read())))
        connection.close()
    return answers


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


def a_week_later(portfolio: Portfolio) -> None:
    """Replace a portfolio by one that covers another week, in which nothing happened."""
    manifest = portfolio.manifest
    write_portfolio(
        portfolio.path,
        {name: portfolio.table(name) for name in portfolio.manifest.rows if name in TABLES},
        currency=manifest.currency,
        country=manifest.country,
        time_zone=manifest.time_zone,
        data_date=manifest.data_date + timedelta(days=7),
        complete_from=manifest.complete_from,
    )


def looks(url: str) -> list[dict]:
    """Return what several looks at the readiness are told; a new connection may reach the other worker."""
    found = []
    for _ in range(12):
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
        connection.request("GET", "/readyz")
        found.append(json.loads(connection.getresponse().read()))
        connection.close()
    return found
