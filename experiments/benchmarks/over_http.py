"""Scores over HTTP beside the sum of what no such score can do without.

On SQLite and on PostgreSQL. The floor is measured in the same run, a part between every two scores: an empty call to a
BentoML service, one committed row in the same kind of database, on the disk, and LightGBM's contributions of one row.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from champion import Trained
from measure import Row
from stores import PostgresqlStore, SqliteStore, Store

from riskscore import Portfolio
from riskscore.scoring import latest_applications
from riskscore.service.access import Access
from riskscore.service.database import Database
from riskscore.service.records import Records
from riskscore.service.run import running

EMPTY = Path(__file__).parent / "empty_service"

#: Scores one after the other, and scores by several clients at once.
ALONE, TOGETHER, CLIENTS = 150, 400, 4

#: Members who are asked for in one request, and how often they are.
WOMEN, MEETINGS = 30, 15

#: Calls of either service that do not count.
WARM = 20


def rows(scratch: Path, portfolio: Portfolio, trained: Trained, tell: Callable[[str], None]) -> Iterator[Row]:
    bodies = bodies_of(portfolio, trained)
    for store_of in (SqliteStore, PostgresqlStore):
        folder = scratch / store_of.name
        folder.mkdir()
        try:
            store = store_of(folder)
        except ImportError as missing:
            tell(f"  left out, {missing.name} is not installed")
            continue
        try:
            yield from _on(store, scratch, portfolio, trained, bodies)
        finally:
            store.close()


def _on(store: Store, scratch: Path, portfolio: Portfolio, trained: Trained, bodies: list[bytes]) -> Iterator[Row]:
    token, _ = Access(Database(store.url)).grant("officer", "all")
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    environment = {
        "RISKSCORE_PORTFOLIO": str(portfolio.path),
        "RISKSCORE_RECORDS": store.url,
        "MLFLOW_TRACKING_URI": trained.tracking_uri,
    }
    with (
        running(environment=environment, log=scratch / "service.log", wait_seconds=300) as url,
        _empty_service(scratch) as empty_url,
        store.committing() as commit,
    ):
        score, nothing = Caller(url, "/v1/scores", headers), Caller(empty_url, "/nothing", headers)
        bodies = [body for body in bodies if score(body) == 201]
        if len(bodies) < 50:
            raise SystemExit("http: too few applications could be scored; see the service's own tests.")
        booster, x = trained.booster(), _one_row(trained)
        parts: dict[str, list[float]] = {"score": [], "empty": [], "commit": [], "contributions": []}
        for number in range(WARM + ALONE):
            body = bodies[number % len(bodies)]
            taken = {
                "score": _milliseconds(score, body),
                "empty": _milliseconds(nothing, body),
                "commit": _milliseconds(commit, body.decode()),
                "contributions": _milliseconds(booster.predict, x, pred_contrib=True, num_threads=1),
            }
            if number >= WARM:
                for name, took in taken.items():
                    parts[name].append(took)
        median = {name: statistics.median(taken) for name, taken in parts.items()}
        floor = median["empty"] + median["commit"] + median["contributions"]
        yield Row(
            f"one score over HTTP, stored in {store.name} (p95 {np.quantile(parts['score'], 0.95):.1f} ms)",
            median["score"],
            "ms",
            floor,
            f"empty call {median['empty']:.1f} + commit {median['commit']:.1f} "
            f"+ pred_contrib {median['contributions']:.1f}",
            2.5,
        )
        meeting, women = Caller(url, "/v1/scores/batch", headers), [json.loads(body) for body in bodies[:WOMEN]]
        asked = json.dumps({"requests": women}).encode()
        if meeting(asked) != 201:
            raise SystemExit("http: a meeting's scores were refused; see the service's own tests.")
        yield Row(
            f"a meeting of {WOMEN} in one request, stored in {store.name}",
            statistics.median(_milliseconds(meeting, asked) for _ in range(MEETINGS)),
            "ms",
            median["score"],
            "one score of those above",
            10,
        )
        together = _together(lambda: Caller(url, "/v1/scores", headers), bodies, 201)
        empty_together = _together(lambda: Caller(empty_url, "/nothing", headers), bodies, 200)
        yield Row(
            f"scores by {CLIENTS} clients at once, {store.name} ({1000 / together:.0f} a second)",
            together,
            "ms per score",
            empty_together,
            f"empty calls by {CLIENTS} clients ({1000 / empty_together:.0f} a second)",
        )
    _must_be_stored(store, WARM + ALONE + WOMEN * MEETINGS + TOGETHER)


def _must_be_stored(store: Store, at_least: int) -> None:
    stored = sum(1 for _ in Records(Database(store.url)).scores("member_default"))
    if stored < at_least:
        raise SystemExit(f"http: {stored} scores are stored, {at_least} were answered.")


def bodies_of(portfolio: Portfolio, trained: Trained) -> list[bytes]:
    latest = latest_applications(portfolio, portfolio.moment(None)).drop_nulls(["purpose", "other_active_loans"])
    return [
        json.dumps(
            {
                "recipe": trained.champion.recipe.name,
                "subject": row["member_id"],
                "amount": row["amount"],
                "currency": portfolio.manifest.currency,
                "term_days": row["term_days"],
                "frequency": row["frequency"],
                "purpose": row["purpose"],
                "other_active_loans": row["other_active_loans"],
            }
        ).encode()
        for row in latest.sample(200, seed=1).filter(pl.col("amount") > 0).iter_rows(named=True)
    ]


def _one_row(trained: Trained) -> np.ndarray:
    support = trained.champion.support
    medians = [support[name].median for name in trained.champion.model.features]
    return np.array([[np.nan if median is None else median for median in medians]])


class Caller:
    """One kept connection to a service on loopback."""

    def __init__(self, url: str, path: str, headers: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
        self._path, self._headers = path, headers

    def __call__(self, body: bytes) -> int:
        self._connection.request("POST", self._path, body, self._headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status


def _milliseconds(work: Callable[..., Any], *arguments: Any, **named: Any) -> float:
    started = time.perf_counter()
    work(*arguments, **named)
    return 1000 * (time.perf_counter() - started)


def _together(caller: Callable[[], Caller], bodies: list[bytes], expected: int) -> float:
    """Return milliseconds per call with `CLIENTS` at once; every call must be answered as `expected`."""

    def client(number: int) -> list[int]:
        call = caller()
        return [call(bodies[(number + step) % len(bodies)]) for step in range(TOGETHER // CLIENTS)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        started = time.perf_counter()
        statuses = [status for found in pool.map(client, range(CLIENTS)) for status in found]
        took = time.perf_counter() - started
    if set(statuses) != {expected}:
        raise SystemExit(f"http: answers {sorted(set(statuses))} where {expected} was expected.")
    return 1000 * took / len(statuses)


@contextmanager
def _empty_service(scratch: Path) -> Iterator[str]:
    """Run the empty service beside, and end it with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "riskscore.service.launch", "service:Empty", "--working-dir", str(EMPTY)]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    home = tempfile.mkdtemp(dir=scratch)
    with open(scratch / "empty.log", "wb") as log:
        child = subprocess.Popen(
            command,
            env={**os.environ, "BENTOML_HOME": home, "BENTOML_DO_NOT_TRACK": "True"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait(port, child)
            yield f"http://127.0.0.1:{port}"
        finally:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def _wait(port: int, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until and child.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("http: the empty service did not start.")
