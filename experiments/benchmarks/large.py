"""An institution of many members in one process: settled, and every feature of every application written to a file.

Each size runs in a process of its own, so that the most memory it ever held can be told. Run as a program, this file is
that process: ``large.py PORTFOLIO VALUES.parquet MEMORY`` prints what it took as JSON.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
from measure import Row
from replicas import MARK, replicate

from riskscore import Portfolio, Project
from riskscore.catalog.writing import write_values
from riskscore.dataset import spine
from riskscore.portfolio.connection import tables_only
from riskscore.portfolio.settlement import settled_files

#: How many times each size repeats the institution. Of 10,000 members, 10 times are 13 million instalments, and 33
#: times 44 million with three million moments.
SIZES, FULL = (1, 3, 10), 33

#: DuckDB's bound. The process has 16 GB: Python, Arrow and the allocator take theirs beside it.
MEMORY = "8GB"

#: What may be taken: seconds to settle a million instalments (90 for 44 million), and GB in all.
SECONDS_PER_MILLION, GIGABYTES = 90 / 44, 16.0


def rows(scratch: Path, small: Portfolio, tell: Callable[[str], None], *, full: bool) -> Iterator[Row]:
    """Time `small` repeated 1, 3 and 10 times, and 33 times where it is asked for; one size is on disk at a time."""
    tables = Project.open().tables()
    found: dict[int, dict[str, float]] = {}
    for times in (*SIZES, FULL) if full else SIZES:
        folder = scratch / f"times-{times}"
        tell(f"  {times} times the institution")
        portfolio = replicate(small, folder, times, tables)
        written = scratch / f"values-{times}.parquet"
        found[times] = _in_a_process(portfolio, written)
        shutil.rmtree(folder)
        if times > 1:
            _must_repeat(scratch / "values-1.parquet", written, times)
            written.unlink()
    one, largest = found[1], found[max(found)]
    yield from _of_the_largest(largest)
    for times, took in found.items():
        if times > 1:
            yield Row(
                f"settlement, growth to {times} times",
                took["settled"] / took["millions"],
                "s per million instalments",
                one["settled"] / one["millions"],
                f"the same on {one['millions']:.2f} M instalments",
                1.5,
            )
            yield Row(
                f"the whole catalogue, growth to {times} times",
                1e6 * took["values"] / took["moments"],
                "µs per moment",
                1e6 * one["values"] / one["moments"],
                f"the same on {one['moments']:,.0f} moments",
                1.5,
            )


def _of_the_largest(took: dict[str, float]) -> Iterator[Row]:
    millions = took["millions"]
    yield Row(
        f"settlement of {millions:.1f} M instalments in one process",
        took["settled"],
        "s",
        SECONDS_PER_MILLION * millions,
        "90 s for 44 M instalments",
        1.0,
    )
    yield Row(
        f"the whole catalogue in a file, {took['features']:.0f} features, {took['moments']:,.0f} moments",
        took["values"],
        "s",
        took["settled"],
        "settling the same institution",
    )
    yield Row(
        f"most memory of that process, DuckDB bound to {MEMORY}",
        took["gigabytes"],
        "GB",
        GIGABYTES,
        "what it may take",
        1.0,
    )


def _in_a_process(portfolio: Portfolio, written: Path) -> dict[str, float]:
    command = [sys.executable, __file__, str(portfolio.path), str(written), MEMORY]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"large: {done.stderr[-2000:]}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _must_repeat(once: Path, many: Path, times: int) -> None:
    """Refuse the figures if a replica's values are not those of the institution it repeats."""
    names = [column for column, *_ in duckdb.sql(f"DESCRIBE FROM '{once}'").fetchall()]
    keys = ("application_id", "member_id", "group_id", "bank_id")
    same = ", ".join(f"split_part({name}, '{MARK}', 1)" if name in keys else name for name in names)

    def digest(file: Path) -> tuple[int, int]:
        rows: list[tuple[int, int]] = duckdb.sql(
            f"SELECT count(*), sum(hash({same})::HUGEINT) FROM '{file}'"
        ).fetchall()
        return rows[0]

    count, total = digest(once)
    if digest(many) != (times * count, times * total):
        raise SystemExit("large: a replica's values are not those of the institution it repeats.")


def main(path: str, written: str, memory: str) -> None:
    portfolio = Portfolio.open(path)
    lock = Project.open().catalog().lock()
    started = time.perf_counter()
    with tables_only(portfolio, threads=2, memory=memory) as con:
        settled_files(portfolio, con)
    settled = time.perf_counter()
    portfolio.connect(threads=2, memory=memory).close()
    derived = time.perf_counter()
    asked = spine(portfolio)
    begun = time.perf_counter()
    write_values(portfolio, lock, asked, Path(written), threads=2, memory=memory)
    ended = time.perf_counter()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took = {
        "millions": portfolio.manifest.rows["instalments"] / 1e6,
        "moments": asked.height,
        "features": len(lock.features),
        "settled": settled - started,
        "derived": derived - settled,
        "values": ended - begun,
        "gigabytes": most * (1 if sys.platform == "darwin" else 1024) / 1e9,
    }
    print(json.dumps(took))


if __name__ == "__main__":
    main(*sys.argv[1:])
