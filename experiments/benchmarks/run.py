"""Time the parts against their floors: prints a table and writes results.json. See README.md.

Run with `make bench`, or `python experiments/benchmarks/run.py [--members N] [--only features,large ...] [--full]`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

# Before LightGBM, MLflow and BentoML are imported.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")

import beside_featuretools
import champion
import institution
import large
import on_spark
import over_http
import scores
from measure import Row
from rich.console import Console
from tables import markdown, table

import features

HERE = Path(__file__).resolve().parent
PARTS = ("features", "large", "cold", "featuretools", "spark", "bulk", "http")

#: Members of the institution that the model is trained on, and whose scores are asked for over HTTP.
MEMBERS_FOR_SCORES = 3_000


def rows(
    scratch: Path, members: int, wanted: tuple[str, ...], tell: Callable[[str], None], *, full: bool
) -> Iterator[Row]:
    """Time what is wanted, one part after the other: two at once would time one another."""
    if {"features", "large", "cold", "featuretools", "bulk"} & set(wanted):
        tell(f"simulate {members:,} members")
        whole = institution.institution(scratch / "large", members)
    if "features" in wanted:
        tell("features")
        yield from features.rows(scratch, whole, max(members // 3, 100))
    if "large" in wanted:
        tell("a large institution")
        yield from large.rows(scratch, whole, tell, full=full)
    if "cold" in wanted:
        tell("one member's row")
        yield from scores.cold_row(whole)
    if "featuretools" in wanted:
        tell("featuretools")
        yield from beside_featuretools.rows(scratch, whole, tell)
    if "spark" in wanted:
        tell("Spark")
        yield from on_spark.rows(institution.institution(scratch / "for-spark", MEMBERS_FOR_SCORES), tell)
    if {"bulk", "http"} & set(wanted):
        tell("train the model that scores")
        home = scratch / "scores"
        home.mkdir()
        small = institution.institution(home / "portfolio", MEMBERS_FOR_SCORES)
        trained = champion.trained(home, small)
    if "bulk" in wanted:
        tell("scores in bulk")
        yield from scores.in_bulk(whole, trained)
    if "http" in wanted:
        tell("scores over HTTP")
        yield from over_http.rows(home, small, trained, tell)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=10_000, help="of the large institution")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--full", action="store_true", help="the large institution at 44 million instalments too")
    parser.add_argument("--markdown", action="store_true", help="print the table for README.md")
    parser.add_argument("--json", type=Path, default=HERE / "results.json")
    options = parser.parse_args()
    wanted = tuple(options.only.split(","))
    if set(wanted) - set(PARTS):
        parser.error(f"--only takes some of {','.join(PARTS)}")
    console = Console(width=200 if not sys.stdout.isatty() else None)
    started, load = time.monotonic(), os.getloadavg()[0]

    def tell(step: str) -> None:
        console.print(f"{time.monotonic() - started:5.0f} s  {step}", highlight=False)

    found: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="riskscore-bench-") as scratch:
        os.chmod(scratch, 0o755)  # noqa: S103 - PostgreSQL runs as a user of its own
        for row in rows(Path(scratch), options.members, wanted, tell, full=options.full):
            found.append(row)
            tell(f"  {row.name}: {row.value:,.4g} {row.unit}, {row.ratio:.3g} times the floor")
    console.print(table(found))
    if options.markdown:
        today = datetime.now().astimezone()
        when = (
            f"{today.day} {today:%B %Y}, {options.members:,} members, {os.cpu_count()} cores, "
            f"{(time.monotonic() - started) / 60:.0f} minutes; load average {load:.1f} before, "
            f"{os.getloadavg()[0]:.1f} after (the bench alone makes some 2)."
        )
        print(markdown(found, when))
    options.json.write_text(json.dumps([row.to_json() for row in found], indent=2) + "\n", encoding="utf-8")
    tell(f"written to {options.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
