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
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

# Before LightGBM, MLflow and BentoML are imported.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")

import champion
import institution
import numpy as np
import over_http
import sqlalchemy as sa
from load_clients import Client, Told
from load_faults import Faults, tell
from load_stores import PostgresqlStore, SqliteStore, Store, small_disk

from riskscore.modelling import Registry
from riskscore.service.access import Access
from riskscore.service.database import CONTENTS, ENTRIES, Database
from riskscore.service.openapi import document
from riskscore.service.run import running
from riskscore.service.verification import verify

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
            return _found(store, told, done, keyed=keyed)
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


def _found(store: Store, told: Told, done: list[dict[str, Any]], *, keyed: bool) -> dict[str, Any]:
    """Hold what clients were told against what is on record."""
    if isinstance(store, PostgresqlStore):
        store.start()
    database = Database(store.url)
    head = verify(database)
    with database.read() as connection:
        rows = connection.execute(
            sa.select(ENTRIES.c.kind, CONTENTS.c.record_id, CONTENTS.c.content)
            .join(CONTENTS, CONTENTS.c.sequence == ENTRIES.c.sequence)
            .where(ENTRIES.c.kind.in_(("score", "decision")))
        ).all()
    scores = {row.record_id: json.loads(row.content)["score"]["score"] for row in rows if row.kind == "score"}
    keys = Counter(json.loads(row.content)["key"] for row in rows if row.kind == "decision")
    decisions = {row.record_id for row in rows if row.kind == "decision"}
    lost = [name for name, score in told.scores.items() if scores.get(name, "nothing") != score]
    lost += [name for name in told.decisions.values() if name not in decisions]
    doubled = sum(count - 1 for count in keys.values()) + max(len(scores) - told.sent_scores, 0)
    doubled += len(set(keys) - told.sent_decisions) + sum("doubled" in what for what in told.wrong)
    milliseconds = np.quantile(told.milliseconds, [0.5, 0.95, 0.99]).round(1).tolist()
    return {
        "database": store.name,
        "answered": sum(told.statuses.values()),
        "statuses": dict(sorted(told.statuses.items())),
        "scores_acknowledged": len(told.scores),
        "decisions_acknowledged": len(told.decisions),
        "scores_on_record": len(scores),
        "decisions_on_record": len(decisions),
        "scores_sent_under_a_key": keyed,
        "p50_ms": milliseconds[0],
        "p95_ms": milliseconds[1],
        "p99_ms": milliseconds[2],
        "connections_broken": told.broken,
        "sent_again": told.resent,
        "given_up": told.given_up,
        "faults": done,
        "chain_entries": head.entries,
        "lost": len(lost),
        "doubled": doubled,
        "malformed": sum(what.startswith("malformed") for what in told.wrong),
        "wrong": dict(Counter(what for what in told.wrong if not what.startswith(("malformed", "doubled")))),
        "malformed_examples": [what for what in told.wrong if what.startswith("malformed")][:5],
    }


def good(found: dict[str, Any]) -> bool:
    """Tell whether nothing was lost, doubled, malformed or otherwise wrong, and every fault was got over."""
    over = all(did.get("recovered_seconds", 0) is not None for did in found["faults"])
    return over and not (found["lost"] or found["doubled"] or found["malformed"] or found["wrong"] or found["given_up"])


def line(found: dict[str, Any], seconds: float) -> str:
    """Return the result as one line."""
    struck = Counter(did["fault"] for did in found["faults"] if "skipped" not in did)
    return (
        f"load {'good' if good(found) else 'BAD'}: {found['database']}, {seconds:.0f} s, {found['answered']} answered "
        f"({found['scores_acknowledged']} scores, {found['decisions_acknowledged']} decisions), p50 {found['p50_ms']} "
        f"p95 {found['p95_ms']} p99 {found['p99_ms']} ms, {sum(struck.values())} faults, {found['sent_again']} sent "
        f"again, chain of {found['chain_entries']} verifies, lost {found['lost']}, doubled {found['doubled']}, "
        f"malformed {found['malformed']}, wrong {sum(found['wrong'].values())}"
    )


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
