"""How often the leak search finds what was planted, and how often it suspects what is honest.

    python experiments/leaks/run.py --seeds 5 --members 1500

First every table and every feature of institutions in which only the simulator's own leak is planted,
`collection_calls.calls`: a finding on anything else is a false alarm. Then one planted column at a time, in the table
that holds it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from plant import PLANTINGS, known, write

from riskscore import Project
from riskscore.modelling.leaks import find_leaks
from riskscore.portfolio import TABLES, Portfolio
from riskscore.simulator import COLLECTION_CALLS, simulate

SCENARIOS = ("normal", "recession", "el_nino")
WHOLE = "only the simulator's own"
SIMULATORS_OWN = "collection_calls"


@dataclass(frozen=True)
class Seen:
    """One search of one portfolio."""

    what: str
    leak: bool
    found: bool
    tests: tuple[str, ...]
    auc: float
    elsewhere: tuple[str, ...]
    calls_found: bool
    seconds: float


def search(portfolio, tables, lock, what: str, where: str, leak: bool, names) -> Seen:
    begun = time.monotonic()
    report = find_leaks(portfolio, tables, lock, features=names)
    own = where.split(".")[0]
    hits = [one for one in report.findings if one.where == where]
    elsewhere = [
        one.where
        for one in report.findings
        # Rows and stamps of the planted table itself belong to the finding; columns of a contract table do not.
        if one.where != where and not one.where.startswith(SIMULATORS_OWN) and (own in TABLES or own not in one.where)
    ]
    judged = [one.auc.value for one in report.examined if one.where == where]
    return Seen(
        what,
        leak,
        bool(hits),
        hits[0].tests if hits else (),
        max(judged, default=float("nan")),
        tuple(elsewhere),
        any(one.where == "collection_calls.calls" for one in report.findings),
        time.monotonic() - begun,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--planted", type=int, help="seeds into which columns are planted; as many where missing")
    parser.add_argument("--members", type=int, default=1500)
    parser.add_argument("--json", type=Path, help="write every search to this file")
    options = parser.parse_args()
    lock = Project.open().catalog().lock()
    contract = {**TABLES, COLLECTION_CALLS.name: COLLECTION_CALLS}
    seen: list[Seen] = []
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(1, options.seeds + 1):
            for scenario in SCENARIOS:
                place = Path(scratch) / f"{scenario}-{seed}"
                made = simulate(place, members=options.members, seed=seed, scenario=scenario)
                seen.append(search(made, contract, lock, f"{WHOLE} ({scenario})", "", False, None))
                calls = "calls found" if seen[-1].calls_found else "calls missed"
                print(f"seed {seed} {scenario}: {calls}, {seen[-1].elsewhere or 'no false alarm'}", flush=True)
        for seed in range(1, (options.planted or options.seeds) + 1):
            made = Portfolio.open(Path(scratch) / f"normal-{seed}")
            truth = known(made)
            for number, (what, plant, strength, leak) in enumerate(PLANTINGS):
                planted = plant(truth, np.random.default_rng([seed, number]), strength)
                written, tables = write(planted, made, Path(scratch) / "planted", contract)
                only = {planted.table.name: tables[planted.table.name]}
                seen.append(search(written, only, lock, what, planted.where, leak, ()))
                one = seen[-1]
                print(f"seed {seed} {what}: {', '.join(one.tests) or 'not found'}, AUC {one.auc:.2f}", flush=True)
    print(table(seen))
    if options.json:
        options.json.write_text(json.dumps([vars(one) for one in seen], indent=1) + "\n", encoding="utf-8")
    whole = [one for one in seen if one.what.startswith(WHOLE)]
    print(f"\ncollection_calls.calls found in {sum(one.calls_found for one in whole)} of {len(whole)} institutions")
    print(f"a false alarm in {sum(bool(one.elsewhere) for one in whole)} of {len(whole)} institutions")
    beside = sum(bool(one.elsewhere) for one in seen if one.leak)
    print(f"an honest column of the planted table suspected in {beside} of {sum(one.leak for one in seen)} searches")
    return 0


def table(seen: list[Seen]) -> str:
    groups: dict[tuple[str, bool], list[Seen]] = defaultdict(list)
    for one in seen:
        groups[one.what, one.leak].append(one)
    lines = [
        "| planted | leak | AUC alone | found | tests (of the searches that found it) | seconds |",
        "|---|---|---|---|---|---|",
    ]
    for (what, leak), ones in groups.items():
        tests: dict[str, int] = defaultdict(int)
        for one in ones:
            for test in one.tests:
                tests[test] += 1
        said = ", ".join(f"{test} {count}" for test, count in tests.items())
        aucs = [one.auc for one in ones]
        auc = "" if np.isnan(aucs).all() else f"{min(aucs):.2f}–{max(aucs):.2f}"
        found = sum(one.found for one in ones)
        lines.append(
            f"| {what} | {'yes' if leak else 'no'} | {auc} | {found} of {len(ones)} | {said} | "
            f"{np.median([one.seconds for one in ones]):.1f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
