"""The service as its own processes, as those meet it who run it: stopped in order, swapped under load, watched."""

from __future__ import annotations

import http.client
import json
import signal
import socket
from dataclasses import dataclass

import psutil
import pytest

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
