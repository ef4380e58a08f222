"""A real MLflow server that is killed while a run is written to it: one error, nothing promoted, nothing lost."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from riskscore.errors import NotFound, Unreachable
from riskscore.modelling import artefact, tracking
from riskscore.modelling.tracking import Registry

pytestmark = [pytest.mark.slow, pytest.mark.service]


class Server:
    """`mlflow server` on this machine over one store, which outlives it."""

    def __init__(self, home: Path, port: int) -> None:
        self.uri = f"http://127.0.0.1:{port}"
        store = [
            "--backend-store-uri",
            f"sqlite:///{home / 'mlflow.db'}",
            "--artifacts-destination",
            str(home / "files"),
        ]
        at = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
        quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        with (home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mlflow", "server", *store, *at],
                env={**os.environ, **quiet},
                stdout=log,
                stderr=log,
            )
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{self.uri}/health", timeout=2):  # noqa: S310 - this machine's own
                    return
            except OSError:
                assert self._process.poll() is None, "the server ended"
                time.sleep(0.2)
        raise AssertionError("the server does not come up")

    def kill(self) -> None:
        """Send SIGKILL to the server and to what it started, by their ids."""
        for process in psutil.Process(self._process.pid).children(recursive=True):
            process.kill()
        self._process.kill()
        self._process.wait()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Server]]:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    begun: list[Server] = []

    def make() -> Server:
        begun.append(Server(tmp_path, port))
        return begun[-1]

    yield make
    for server in begun:
        if server._process.poll() is None:
            server.kill()


def test_a_server_killed_while_a_candidate_is_written(run, start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start()
    registry = Registry(server.uri)
    registry.reach()
    written = []

    def killed_halfway(mlflow, run, candidate):
        mlflow.set_tags({"kind": candidate.kind})
        server.kill()
        written.append(candidate.kind)
        return log_candidate(mlflow, run, candidate)

    log_candidate = tracking.log_candidate
    monkeypatch.setattr(tracking, "log_candidate", killed_halfway)
    with pytest.raises(Unreachable) as told:
        registry.log(run)
    assert written == [run.candidates[0].kind]
    (fault,) = told.value.faults
    assert fault.where == f"registry {server.uri}"
    later = f"The model is whole in {run.folder}. Register it later: riskscore models register {run.folder}"
    assert fault.remedy == later
    assert "Traceback" not in str(told.value)
    monkeypatch.undo()

    again = Registry(start().uri)
    assert again.list("member_default") == ()
    with pytest.raises(NotFound):
        again.champion("member_default")
    assert again.register(run.folder).version == "1"
    again.promote("member_default", "1", force=True, reason="so that its files are fetched")
    version, folder = again.champion("member_default")
    assert artefact.load(folder, version=version).manifest_sha256 == artefact.load(run.folder).manifest_sha256
