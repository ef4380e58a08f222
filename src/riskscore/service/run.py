"""Starting and stopping the service as a child process that leaves nothing behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

import psutil  # type: ignore[import-untyped]
from sqlalchemy.engine import make_url

from riskscore.errors import InvalidInput, Refused
from riskscore.project import Project
from riskscore.service.database import sqlite_file
from riskscore.service.settings import Settings

#: Seconds the supervisor and its workers get to finish what they are doing.
GRACE_SECONDS = 15.0

#: What `/readyz` says while the first desk is being built.
LOADING = "The champion and the portfolio are being read."


def serve(
    host: str = "127.0.0.1",
    port: int = 3000,
    project: str | Path | None = None,
    workers: int = 2,
    *,
    on_ready: Callable[[str], None] | None = None,
) -> int:
    """Serve until Ctrl-C or SIGTERM.

    Parameters
    ----------
    host, port : str, int
        Where to listen; loopback unless told otherwise.
    project : str or Path, optional
        The folder that holds ``serving/``, as `Project.open` finds it.
    workers : int
        Processes that answer.
    on_ready : callable, optional
        Called with the address once ``/readyz`` says ready, and with nothing else to wait for.

    Returns
    -------
    int
        0 after an orderly stop, 1 where the service ended by itself.

    Raises
    ------
    InvalidInput
        If the port is taken or the settings cannot be read.
    """
    with _stopped_by(signal.SIGTERM, signal.SIGHUP), _child(host, port, project, workers, {}, None) as child:
        url = f"http://{_dial(host)}:{port}"
        try:
            announced = False
            while child.poll() is None:
                if not announced and readiness(url) is None:
                    announced = True
                    if on_ready is not None:
                        on_ready(url)
                time.sleep(0.2)
        except KeyboardInterrupt:
            return 0
        return 1


@contextmanager
def running(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    project: str | Path | None = None,
    workers: int = 2,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
    wait_seconds: float = 90.0,
    must_be_ready: bool = True,
) -> Iterator[str]:
    """Run the service beside the caller: yields its address, and stops it when the block ends.

    Parameters
    ----------
    host, port : str, int
        A free port is taken where `port` is 0.
    project, workers
        As in `serve`.
    environment : mapping, optional
        Settings that differ from the process's own environment (``RISKSCORE_PORTFOLIO`` and so on).
    log : Path, optional
        Where the service's log goes; nowhere if missing.
    wait_seconds : float
        How long the service may take until it is ready.
    must_be_ready : bool
        Where false, it is enough that ``/livez`` answers.

    Raises
    ------
    Refused
        If it does not get ready; the message carries the reason ``/readyz`` gave.
    """
    chosen = port or free_port(host)
    url = f"http://{_dial(host)}:{chosen}"
    with (
        open(log or os.devnull, "ab") as written,
        _child(host, chosen, project, workers, environment or {}, written) as child,
    ):
        _wait(child, url, wait_seconds, must_be_ready)
        yield url


def readiness(url: str) -> str | None:
    """Return None where the service at `url` is ready, else why it is not."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:  # noqa: S310 - always http, always ours
            answer.read()
            return None
    except urllib.error.HTTPError as error:
        with closing(error):
            try:
                return str(json.loads(error.read())["detail"])
            except (ValueError, KeyError):
                return f"/readyz answered {error.code}."
    except OSError:
        return "Nothing answers yet."


def _wait(child: subprocess.Popen[bytes], url: str, seconds: float, must_be_ready: bool) -> None:
    until = time.monotonic() + seconds
    reason: str | None = "Nothing answers yet."
    while time.monotonic() < until:
        if child.poll() is not None:
            raise Refused.of("service", f"The service ended at its start with code {child.returncode}.", "See its log.")
        reason = readiness(url)
        if reason is None or (not must_be_ready and reason != "Nothing answers yet."):
            return
        time.sleep(0.1)
    raise Refused.of(
        "service", f"The service did not get ready in {seconds:g} s: {reason}", "Mend that and start again."
    )


@contextmanager
def _child(
    host: str,
    port: int,
    project: str | Path | None,
    workers: int,
    environment: Mapping[str, str],
    log: IO[bytes] | None,
) -> Iterator[subprocess.Popen[bytes]]:
    _check_port(host, port)
    opened = Project.open(project)
    home = tempfile.mkdtemp(prefix="riskscore-serve-")
    command = [sys.executable, "-m", "riskscore.service.launch", "service:Riskscore"]
    command += ["--working-dir", str(opened.serving_dir), "--host", host, "--port", str(port)]
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        env=_environment(opened, workers, home, environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT if log is not None else None,
        # Of its own session: Ctrl-C in a terminal reaches only us, and we stop it in order.
        start_new_session=True,
    )
    try:
        yield child
    finally:
        _stop(child)
        shutil.rmtree(home, ignore_errors=True)


def _environment(project: Project, workers: int, home: str, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the child's environment; its working folder is another one, so every path in it is absolute."""
    merged = {**os.environ, **extra}
    settings = Settings.model_validate(
        {
            "portfolio": merged.get("RISKSCORE_PORTFOLIO") or None,
            "records": merged.get("RISKSCORE_RECORDS") or Settings.model_fields["records"].default,
            "MLFLOW_TRACKING_URI": merged.get("MLFLOW_TRACKING_URI") or Settings.model_fields["tracking_uri"].default,
        }
    )
    merged |= {
        "RISKSCORE_RECORDS": absolute_url(settings.records),
        "MLFLOW_TRACKING_URI": absolute_url(settings.tracking_uri),
        "RISKSCORE_PROJECT": str(project.root.resolve()),
        "RISKSCORE_WORKERS": str(workers),
        # A home of its own: BentoML empties the metrics folder in it at every start, also another service's.
        "BENTOML_HOME": home,
        "RISKSCORE_LIMITS": merged.get("RISKSCORE_LIMITS") or str(Path(home) / "limits"),
        "BENTOML_DO_NOT_TRACK": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        "OMP_WAIT_POLICY": "passive",
    }
    if merged.get("RISKSCORE_OIDC"):
        merged["RISKSCORE_OIDC"] = str(Path(merged["RISKSCORE_OIDC"]).resolve())
    if settings.portfolio is not None:
        merged["RISKSCORE_PORTFOLIO"] = str(settings.portfolio.resolve())
    return merged


def absolute_url(url: str) -> str:
    """Return `url` with a relative SQLite path made absolute; any other address stays as it is."""
    file = sqlite_file(url)
    return url if file is None else make_url(url).set(database=str(file)).render_as_string(hide_password=False)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Ask the supervisor to stop, and end whatever of its family is left after the grace."""
    family = _family(child)
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        family = _family(child)
        child.kill()
        child.wait()
    _, left = psutil.wait_procs(family, timeout=3)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=3)


def _family(child: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        return list(psutil.Process(child.pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


@contextmanager
def _stopped_by(*signals: signal.Signals) -> Iterator[None]:
    """Turn `signals` into KeyboardInterrupt inside the block, where this is the main thread."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {name: signal.signal(name, interrupt) for name in signals}
    try:
        yield
    finally:
        for name, action in before.items():
            signal.signal(name, action)


def _check_port(host: str, port: int) -> None:
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise InvalidInput.of(
            "--port", f"Port {port} of {host} cannot be listened on ({error.strerror}).", "Choose another with --port."
        ) from error


def free_port(host: str) -> int:
    """Return a port of `host` that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _dial(host: str) -> str:
    return "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, never bound
