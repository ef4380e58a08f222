"""A local Spark, in a process of its own: it starts quietly on the loopback address, stops, and starts again."""

from __future__ import annotations

import subprocess
import sys

import pytest

from riskscore.catalog.engines.session import missing_parts

pytestmark = [pytest.mark.spark, pytest.mark.slow]

TWICE = """
from riskscore.catalog.engines.session import spark_session

for _ in range(2):
    with spark_session(threads=1, memory="512MB") as session:
        conf = session.sparkContext.getConf()
        print(session.range(3).count(), conf.get("spark.driver.host"), session.sparkContext.uiWebUrl)
from pyspark.sql import SparkSession
print(SparkSession.getActiveSession())
"""


def test_it_is_started_stopped_and_started_again() -> None:
    lacking = missing_parts()
    if lacking:
        pytest.skip(f"{lacking} Install riskscore[spark] and Java 17.")
    run = subprocess.run([sys.executable, "-c", TWICE], capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["3 127.0.0.1 None", "3 127.0.0.1 None", "None"]
    # The one line that Java itself prints of Spark's vector module.
    assert [
        line for line in run.stderr.splitlines() if line != "WARNING: Using incubator modules: jdk.incubator.vector"
    ] == []
