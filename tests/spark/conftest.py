"""One small Spark for all tests of the engine, and a simulated institution asked by both engines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from riskscore.catalog.engines.session import missing_parts, spark_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Small data on a busy machine: compiling costs more than computing.
_THRIFTY = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
    "spark.buffer.pageSize": "1m",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


@pytest.fixture(scope="session")
def institutions_spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A session as an institution would hand one in: its own settings, started and stopped by itself."""
    lacking = missing_parts()
    if lacking:
        pytest.skip(f"{lacking} Install riskscore[spark] and Java 17.")
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master("local[2]").appName("tests")
    for name, value in _THRIFTY.items():
        builder = builder.config(name, value)
    folder = tmp_path_factory.mktemp("spark")
    session = (
        builder.config("spark.local.dir", str(folder)).config("spark.sql.warehouse.dir", str(folder)).getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture
def session(institutions_spark: SparkSession) -> Iterator[SparkSession]:
    """A session that computes as DuckDB does."""
    with spark_session(institutions_spark, threads=2, memory="1GB") as found:
        yield found
