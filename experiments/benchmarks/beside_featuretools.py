"""The same ten aggregates, as of 5,000 moments, by the engine and by featuretools in an environment of its own."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl
from measure import Row, must_be_equal, seconds

from riskscore import Catalog, Portfolio
from riskscore.catalog import member_values

HERE = Path(__file__).resolve().parent
DEFINITIONS = HERE / "definitions" / "payments"
PACKAGES = HERE / "featuretools_only.txt"

MOMENTS = 5_000

#: Off the clock of every record, so that no row stands on the edge of a window.
OFF_THE_CLOCK = 17


def rows(scratch: Path, portfolio: Portfolio, tell: Callable[[str], None]) -> Iterator[Row]:
    """Time both, one thread each; nothing where featuretools cannot be installed, and it is said why."""
    python = _environment(scratch / "featuretools", tell)
    if python is None:
        return
    lock = Catalog.from_folder(DEFINITIONS).lock()
    names = [feature.name for feature in lock.features]
    with portfolio.connect(threads=1) as con:
        asked = _moments(con)
        _payments(con, asked, scratch / "payments.csv")
        asked.write_csv(scratch / "moments.csv", datetime_format="%Y-%m-%d %H:%M:%S")
        taken = [seconds(lambda: member_values(con, lock, asked)) for _ in range(5)]
    files = [str(scratch / name) for name in ("payments.csv", "moments.csv", "matrix.csv")]
    done = subprocess.run([str(python), str(HERE / "featuretools_matrix.py"), *files], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"featuretools: {done.stderr[-2000:]}")
    theirs = pl.read_csv(files[-1], schema_overrides=dict.fromkeys(names, pl.Float64)).with_columns(
        as_of=pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us")
    )
    # Where a window holds no row featuretools counts and sums 0; the engine says that nothing was seen.
    empty = {
        name: pl.when(pl.col(name) != 0).then(pl.col(name)) for name in names if name[:5] in ("count", "sum_1", "sum_e")
    }
    theirs = asked.join(theirs.with_columns(**empty), on=["member_id", "as_of"], how="left", maintain_order="left")
    ours = taken[-1][1]
    must_be_equal("featuretools", *(frame.select(names).to_dict(as_series=False) for frame in (ours, theirs)))
    mine = statistics.median(took for took, _ in taken[1:])
    yield Row(
        f"{len(names)} aggregates as of {MOMENTS:,} moments, one thread",
        1e6 * mine / MOMENTS,
        "µs per moment",
        1e6 * float(done.stdout) / MOMENTS,
        f"featuretools, equal values, at {float(done.stdout) / mine:,.0f} times the cost",
        0.01,
    )


def _environment(folder: Path, tell: Callable[[str], None]) -> Path | None:
    """Make an environment with featuretools; None where that cannot be done."""
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    steps = (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "-r", str(PACKAGES)],
        [str(python), "-c", "import featuretools"],
    )
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True)
        if done.returncode:
            reason = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
            tell(f"  left out: the environment of featuretools cannot be made ({reason})")
            return None
    return python


def _moments(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return every application's moment of as many members as make 5,000."""
    return con.sql(
        f"""
        SELECT DISTINCT member_id, known_at + INTERVAL {OFF_THE_CLOCK} SECOND AS as_of FROM applications
        WHERE ledger = 'internal' ORDER BY hash(member_id), as_of LIMIT {MOMENTS}
        """
    ).pl()


def _payments(con: duckdb.DuckDBPyConnection, asked: pl.DataFrame, file: Path) -> None:
    """Write the payments of the members asked about; featuretools is spared those of all others."""
    con.register("asked_members", asked.select("member_id").unique().to_arrow())
    con.execute(
        f"""
        COPY (SELECT id, member_id, CAST(amount * 100 AS BIGINT) AS cents,
                     greatest(known_at, event_at + INTERVAL 1 MICROSECOND) AS seen
              FROM loan_payments WHERE known_until IS NULL AND member_id IN (SELECT member_id FROM asked_members)
              ORDER BY seen, id) TO '{file}' (FORMAT csv, HEADER)
        """
    )
    con.unregister("asked_members")
