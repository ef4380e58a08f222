"""The service as its own processes: killed, swapped, corrupted, stopped."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from riskscore.errors import InvalidInput, Refused
from riskscore.modelling.tracking import Registry
from riskscore.project import FOLDERS, starter_dir
from riskscore.service.access import Access
from riskscore.service.database import Database
from riskscore.service.records import Records
from riskscore.service.run import free_port, readiness, running
from tests.unit.service.desks import BODY

pytestmark = pytest.mark.service

ROOT = Path(__file__).parents[2]

ENTRY = """
from riskscore.service.bento import bento_service
from tests.journey.file_source import FileSource

Riskscore = bento_service(FileSource())
"""


@dataclass
class Place:
    """A project whose champion is a number in a file."""

    folder: Path

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def champion(self) -> Path:
        return self.folder / "champion"

    @property
    def log(self) -> Path:
        return self.folder / "service.log"

    @property
    def database(self) -> Database:
        return Database(self.environment["RISKSCORE_RECORDS"])

    @property
    def environment(self) -> dict[str, str]:
        return {
            "RISKSCORE_RECORDS": f"sqlite:///{self.folder / 'records.db'}",
            "RISKSCORE_POLL_SECONDS": "0.1",
            "CHAMPION_FILE": str(self.champion),
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        }

    def promote(self, text: str) -> None:
        aside = self.champion.with_suffix(".new")
        aside.write_text(text, "utf-8")
        aside.rename(self.champion)


def make(folder: Path) -> Place:
    made = Place(folder)
    for name in FOLDERS:
        (made.project / name).mkdir(parents=True)
    shutil.copytree(starter_dir() / "serving", made.project / "serving", dirs_exist_ok=True)
    (made.project / "serving" / "service.py").write_text(ENTRY, "utf-8")
    made.promote("3")
    return made


@pytest.fixture
def place(tmp_path) -> Place:
    """A place with nothing running."""
    return make(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[tuple[Place, str]]:
    """A place with a service that nobody kills."""
    place = make(tmp_path_factory.mktemp("shared"))
    with running(project=place.project, environment=place.environment, log=place.log) as url:
        yield place, url


def officer(place: Place) -> dict[str, str]:
    token, _ = Access(place.database).grant("officer", "all")
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


class Caller(threading.Thread):
    """Asks for scores over one connection after another until told to stop; keeps what was answered."""

    def __init__(self, url: str, headers: dict[str, str], body: dict[str, object]) -> None:
        super().__init__(daemon=True)
        self.address, self.headers, self.body = url.removeprefix("http://"), headers, json.dumps(body)
        self.answered: dict[str, str] = {}
        self.faults: list[object] = []
        self.done = threading.Event()

    def run(self) -> None:
        connection = http.client.HTTPConnection(self.address, timeout=20)
        while not self.done.is_set():
            try:
                connection.request("POST", "/v1/scores", self.body, self.headers)
                answer = connection.getresponse()
                content = json.loads(answer.read())
                if answer.status == 201:
                    self.answered[content["score_id"]] = content["model_version"]
                else:
                    self.faults.append((answer.status, content))
            except (OSError, http.client.HTTPException) as error:
                self.faults.append(error)
                connection.close()
                time.sleep(0.02)


def callers(url: str, headers: dict[str, str], number: int = 3, body: dict[str, object] = BODY) -> list[Caller]:
    started = [Caller(url, headers, body) for _ in range(number)]
    for caller in started:
        caller.start()
    return started


def stop(started: list[Caller]) -> None:
    for caller in started:
        caller.done.set()
    for caller in started:
        caller.join(timeout=30)


def supervisor(url: str) -> psutil.Process:
    port = url.rsplit(":", 1)[1]
    for process in psutil.Process().children():
        if process.status() != psutil.STATUS_ZOMBIE and port in process.cmdline():
            return process
    raise AssertionError(f"nobody serves at {url}")


def workers(url: str) -> list[psutil.Process]:
    return supervisor(url).children()


def answered(started: list[Caller]) -> int:
    return sum(len(caller.answered) for caller in started)


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)


def wait_for(told: str | None, url: str) -> None:
    """Wait until the service says what is told; None is that it is ready."""

    def said() -> bool:
        reason = readiness(url)
        return reason is None if told is None else reason is not None and told in reason

    until(said)


def test_what_was_answered_is_there_after_a_kill(place):
    with running(project=place.project, environment=place.environment, log=place.log) as url:
        killed_under_load(place, url)


def killed_under_load(place: Place, url: str) -> None:
    started = callers(url, officer(place))
    until(lambda: answered(started) > 20)
    victim = workers(url)[0]
    victim.send_signal(signal.SIGKILL)
    after_one = answered(started)
    until(lambda: answered(started) > after_one + 20)  # the other worker goes on
    for process in (supervisor(url), *workers(url)):
        process.send_signal(signal.SIGKILL)  # everything at once
    time.sleep(0.5)
    stop(started)
    records = Records(place.database)
    told = [score_id for caller in started for score_id in caller.answered]
    assert len(told) > after_one + 20
    assert [score_id for score_id in told if records.get(score_id) is None] == []
    assert not psutil.pid_exists(victim.pid) or psutil.Process(victim.pid).status() == psutil.STATUS_ZOMBIE


def test_champions_are_swapped_under_requests_without_a_failure(shared):
    place, url = shared
    started = callers(url, officer(place))
    for version in ("11", "12", "13"):
        place.promote(version)
        until(lambda version=version: all(version in caller.answered.values() for caller in started))
    stop(started)
    assert [fault for caller in started for fault in caller.faults] == []


def test_a_corrupt_artefact_is_reported_and_the_processes_stay_up(shared):
    place, url = shared
    before = {process.pid for process in workers(url)}
    place.promote("rubbish")
    wait_for("model.json: Its hash differs.", url)
    time.sleep(0.3)  # the other worker looks too
    assert {process.pid for process in workers(url)} == before
    place.promote("4")
    wait_for(None, url)


def test_a_corrupt_artefact_at_the_start_does_too(place):
    place.promote("rubbish")
    options = {"project": place.project, "environment": place.environment, "log": place.log}
    with running(**options, must_be_ready=False) as address:
        wait_for("model.json: Its hash differs.", address)
        headers = officer(place)
        connection = http.client.HTTPConnection(address.removeprefix("http://"))
        connection.request("POST", "/v1/scores", json.dumps(BODY), headers)
        answer = connection.getresponse()
        assert answer.status == 503
        assert "Its hash differs" in json.loads(answer.read())["detail"]
    with pytest.raises(Refused, match="Its hash differs"), running(**options, wait_seconds=40):
        pass


def test_the_log_and_the_metrics_of_all_processes(shared):
    place, url = shared
    headers = officer(place)
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    for _ in range(20):
        connection.close()  # a new connection may reach the other worker
        connection.request("POST", "/v1/scores", json.dumps(BODY | {"amount": "CANARY"}), headers)
        assert connection.getresponse().read()
    connection.request("GET", "/metrics", headers=headers)
    text = connection.getresponse().read().decode()
    assert 'riskscore_requests_total{method="POST",route="/v1/scores",status="422"} 20.0' in text
    log = place.log.read_text("utf-8")
    assert log.count("POST /v1/scores 422") == 20
    for secret in ("CANARY", headers["Authorization"].split()[1], "Traceback"):
        assert secret not in log


def test_a_port_that_is_taken_is_said_so(shared):
    place, url = shared
    port = int(url.rsplit(":", 1)[1])
    with pytest.raises(InvalidInput, match=f"Port {port}"), running(port=port, project=place.project):
        pass


SERVE = """
import sys
from riskscore.service.run import serve
sys.exit(serve(port=int(sys.argv[1]), project=sys.argv[2], on_ready=lambda url: print("ready", flush=True)))
"""


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -9)])
def test_nothing_is_left_behind_however_it_ends(place, how, code):
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(free_port("127.0.0.1")), str(place.project)],
        env=os.environ | place.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = iter(process.stdout.readline, "")
    assert any(line.startswith("ready") for line in lines)
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 3  # the supervisor and two workers
    process.send_signal(how)
    process.stdout.read()
    assert process.wait(timeout=40) == code
    _, left = psutil.wait_procs(family, timeout=30)
    for straggler in left:
        straggler.kill()
    assert left == []


def test_a_real_champion_that_is_tampered_with_in_place(institution, tmp_path):
    """Not a desk made for a test: a trained champion, its registry, a simulated portfolio."""
    _, folder = Registry(institution.tracking_uri).champion("member_default")
    environment = {
        "RISKSCORE_PORTFOLIO": str(institution.portfolio.path),
        "RISKSCORE_RECORDS": f"sqlite:///{tmp_path / 'records.db'}",
        "MLFLOW_TRACKING_URI": institution.tracking_uri,
    }
    content = (folder / "model.json").read_bytes()
    with running(project=institution.project.root, environment=environment, log=tmp_path / "log") as url:
        before = {process.pid for process in workers(url)}
        try:
            (folder / "model.json").write_bytes(content.replace(b"0", b"1", 1))
            wait_for("model.json", url)
        finally:
            (folder / "model.json").write_bytes(content)
        wait_for(None, url)
        assert {process.pid for process in workers(url)} == before
