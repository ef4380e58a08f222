"""Mixed load with faults against the real service: what it acknowledged must be there, once, and the chain must verify.

Run with `make load`, or `python experiments/benchmarks/load.py [--seconds N] [--database sqlite|postgresql]`. Loopback
only. The last line printed is the result; the exit code is 0 where nothing was lost, doubled or wrong. See README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

# Before LightGBM, MLflow and BentoML are imported.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")

import champion
import institution
import over_http
from load_clients import Client, Told
from load_faults import Faults, tell
from load_judge import good, judge, line
from stores import PostgresqlStore, SqliteStore, Store, small_disk

from riskscore.modelling import Registry
from riskscore.service.access import Access
from riskscore.service.database import Database
from riskscore.service.openapi import document
from riskscore.service.run import running

HERE = Path(__file__).resolve().parent

STORES = {"sqlite": SqliteStore, "postgresql": PostgresqlStore}

#: Seconds of quiet load before and between faults.
BETWEEN = 6


def load(scratch: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Run it, and return what was found."""
    portfolio = institution.institution(scratch / "portfolio", options.members)
    trained = champion.trained(scratch, portfolio)
    registry = Registry(trained.tracking_uri)
    artefact = registry.champion("member_default")[1]
    asked = over_http.bodies_of(portfolio, trained)
    with small_disk(scratch / "disk") as no_disk:
        store: Store = STORES[options.database](scratch / "disk")
        try:
            token, _ = Access(Database(store.url)).grant("officer", "all")
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
            environment = {
                "RISKSCORE_PORTFOLIO": str(portfolio.path),
                "RISKSCORE_RECORDS": store.url,
                "MLFLOW_TRACKING_URI": trained.tracking_uri,
                "RISKSCORE_LOG_FORMAT": "json",
            }
            log = options.log or scratch / "service.log"
            with running(environment=environment, log=log, wait_seconds=300) as url:
                keyed = _keyed()
                once = over_http.Caller(url, "/v1/scores", headers)
                bodies = [json.loads(body) for body in asked if once(body) == 201]
                address = url.removeprefix("http://")
                clients = [Client(address, headers, bodies, keyed=keyed, seed=seed) for seed in range(options.clients)]
                for client in clients:
                    client.start()
                faults = Faults(url, store, scratch / "disk", no_disk, portfolio, registry, artefact)
                done = _spoil(faults, options.seconds)
                told = _stopped(clients)
                told.sent_scores += len(bodies)
            return _judged(store, told, done)
        finally:
            store.close()


def _keyed() -> bool:
    asked = document()["paths"]["/v1/scores"]["post"].get("parameters", [])
    return any(parameter.get("name") == "Idempotency-Key" for parameter in asked)


def _spoil(faults: Faults, seconds: float) -> list[dict[str, Any]]:
    """Do one fault after another until the time is over; every one at least once where there is time for it."""
    until = time.monotonic() + seconds
    done: list[dict[str, Any]] = []
    while time.monotonic() < until:
        for name, fault in faults.round():
            time.sleep(BETWEEN)
            if time.monotonic() >= until:
                break
            if isinstance(fault, str):
                did: dict[str, Any] = {"fault": name, "skipped": fault}
            else:
                fault()
                did = {"fault": name, "recovered_seconds": faults.recovered()}
            done.append(did)
            print(f"{until - time.monotonic():5.0f} s left  {tell(name, did)}", flush=True)
    return done


def _judged(store: Store, told: Told, done: list[dict[str, Any]]) -> dict[str, Any]:
    if isinstance(store, PostgresqlStore):
        store.start()
    return {"database": store.name, **judge(Database(store.url), told), "faults": done}


def _stopped(clients: list[Client]) -> Told:
    for client in clients:
        client.done.set()
    told = Told()
    for client in clients:
        client.join(timeout=120)
        told.add(client.told)
        if client.is_alive():
            told.wrong.append("a client hangs")
    return told


def main() -> int:
    """Run it, write the JSON, and print the result last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="of load")
    parser.add_argument("--database", choices=list(STORES), default="sqlite")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--members", type=int, default=1_500, help="of the institution")
    parser.add_argument("--json", type=Path, default=HERE / "load.json")
    parser.add_argument("--log", type=Path, help="keep the service's log here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="riskscore-load-") as scratch:
        os.chmod(scratch, 0o755)  # noqa: S103 - PostgreSQL runs as a user of its own
        found = load(Path(scratch), options)
    found = {"at": datetime.now().astimezone().isoformat(timespec="seconds"), "seconds": options.seconds, **found}
    options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    for what, count in found["wrong"].items():
        print(f"wrong, {count} times: {what}")
    for what in found["malformed_examples"]:
        print(what)
    print(f"written to {options.json}")
    print(line(found, options.seconds))
    return 0 if good(found) else 1


if __name__ == "__main__":
    sys.exit(main())
