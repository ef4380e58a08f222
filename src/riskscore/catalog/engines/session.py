"""A Spark session that computes as DuckDB does: found, started where there is none, and set up.

A session of the caller's own is never changed: the engine works in a new session of the same application, with its own
settings and its own temporary views.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from riskscore.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

#: Spark 4 runs on Java 17 and later.
JAVA = 17

#: What makes Spark's arithmetic and its clock DuckDB's.
SETTINGS = {
    # An overflow or a cast that cannot be is an error, never a silent null.
    "spark.sql.ansi.enabled": "true",
    # A decimal that does not fit is an error, never one with fewer digits.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    # Times are the institution's local wall clock, without an offset.
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # A join of as many tables as there are statements: what may be inferred of their keys grows much faster.
    "spark.sql.constraintPropagation.enabled": "false",
    # What was kept by moment stays divided by moment.
    "spark.sql.optimizer.canChangeCachedPlanOutputPartitioning": "false",
}

#: For log4j, of a local session: its errors may quote values, and ours name the statement. Spark puts its own in the
#: place of one that has no appender.
_SILENCE = """
appender.none.type = Null
appender.none.name = none
rootLogger.level = off
rootLogger.appenderRef.none.ref = none
logger.shell.name = org.apache.spark.api.python.PythonGatewayServer
logger.shell.level = off
"""


@contextmanager
def spark_session(given: SparkSession | None = None, *, threads: int, memory: str) -> Iterator[SparkSession]:
    """Give a session set up for a lock's statements.

    Parameters
    ----------
    given : SparkSession, optional
        An institution's own, on its cluster; else the one active in this process; else a local one is started, and
        stopped afterwards.
    threads : int
        Of a local session.
    memory : str
        Of a local session: the Java heap, such as ``"4GB"``; beyond it Spark spills to disk.

    Raises
    ------
    Refused
        If PySpark or Java is missing, or Spark does not start; it says what to install.
    """
    found = given or _active()
    if found is not None:
        yield _set_up(found)
        return
    with tempfile.TemporaryDirectory(prefix="riskscore-spark-", ignore_cleanup_errors=True) as scratch:
        started = _start(Path(scratch), threads, memory)
        try:
            yield _set_up(started)
        finally:
            started.stop()


def missing_parts() -> str:
    """Return what a local session lacks on this machine, empty where it lacks nothing."""
    try:
        import pyspark  # noqa: F401
    except ImportError:
        return "PySpark is not installed."
    java = _java()
    if java is None:
        return "There is no Java."
    version = _java_version(java)
    if version < JAVA:
        return f"Java is version {version}, and Spark needs {JAVA} or later."
    return ""


def _active() -> SparkSession | None:
    if "pyspark" not in sys.modules:
        return None
    from pyspark.sql import SparkSession

    found: SparkSession | None = SparkSession.getActiveSession()
    return found


def _set_up(session: SparkSession) -> SparkSession:
    if not hasattr(session, "newSession") or not hasattr(session, "_jsparkSession"):
        raise Refused.of(
            "engine spark", "The session is one of Spark Connect.", "Hand in a session of the cluster's own driver."
        )
    own = session.newSession()
    for name, value in SETTINGS.items():
        own.conf.set(name, value)
    return own


def _start(scratch: Path, threads: int, memory: str) -> SparkSession:
    lacking = missing_parts()
    if lacking:
        raise Refused.of(
            "engine spark", lacking, f"pip install 'riskscore[spark]', and install Java {JAVA}; or use --engine duckdb."
        )
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    logging = scratch / "log4j2.properties"
    logging.write_text(_SILENCE, encoding="utf-8")
    builder = SparkSession.builder.master(f"local[{threads}]").appName("riskscore")
    for name, value in {
        **SETTINGS,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": memory.lower().replace("gb", "g").replace("mb", "m"),
        "spark.driver.maxResultSize": "0",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={logging.as_uri()}",
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        # As many as there are threads: more only cost tasks on one machine.
        "spark.sql.shuffle.partitions": str(threads),
        "spark.default.parallelism": str(threads),
        "spark.sql.adaptive.enabled": "false",
        # A page for each sort and each aggregate that runs at once: the default suits fewer of them.
        "spark.buffer.pageSize": "4m",
    }.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise Refused.of(
            "engine spark",
            f"Spark does not start ({type(error).__name__}).",
            f"See that `java -version` says {JAVA} or later and that JAVA_HOME, where it is set, is that Java.",
        ) from error


def _java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")


def _java_version(java: str) -> int:
    """Return the main version, such as 17, 0 where it does not say; ``1.8`` is 8."""
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    quoted = (told.stderr + told.stdout).partition('"')[2].partition('"')[0]
    parts = [part for part in quoted.replace("_", ".").split(".") if part.isdigit()]
    if not parts:
        return 0
    return int(parts[1]) if parts[0] == "1" and len(parts) > 1 else int(parts[0])
