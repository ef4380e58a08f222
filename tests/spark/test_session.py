"""Which session computes, what it lacks, and what becomes of it; none of it needs Spark to start but the last."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from riskscore.catalog import Catalog, member_values
from riskscore.catalog.engines.session import SETTINGS, missing_parts, spark_session
from riskscore.errors import InvalidInput, Refused
from riskscore.simulator.simulate import simulate

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NOBODY = pl.DataFrame(schema={"member_id": pl.String, "as_of": pl.Datetime("us")})


def java_that_says(folder: Path, words: str) -> None:
    (folder / "bin").mkdir()
    file = folder / "bin" / "java"
    file.write_text(f"#!/bin/sh\necho '{words}' >&2\n", encoding="utf-8")
    file.chmod(0o755)


def test_without_pyspark_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name == "pyspark" or name.startswith("pyspark.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    assert missing_parts() == "PySpark is not installed."


@pytest.mark.parametrize(
    ("words", "lacking"),
    [
        ('openjdk version "17.0.15" 2025-04-15', ""),
        ('openjdk version "21" 2023-09-19', ""),
        ('openjdk version "11.0.2" 2019-01-15', "Java is version 11, and Spark needs 17 or later."),
        ('java version "1.8.0_292"', "Java is version 8, and Spark needs 17 or later."),
        ("The operation could not be completed.", "Java is version 0, and Spark needs 17 or later."),
    ],
)
def test_java_must_be_17_or_later(words: str, lacking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark", reason="PySpark is not installed: pip install riskscore[spark].")
    java_that_says(tmp_path, words)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert missing_parts() == lacking


def test_without_java_the_fault_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark", reason="PySpark is not installed: pip install riskscore[spark].")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setattr("riskscore.catalog.engines.session._active", lambda: None)
    with pytest.raises(Refused) as raised, spark_session(threads=1, memory="1GB"):
        pass
    assert str(raised.value) == (
        "engine spark: There is no Java. pip install 'riskscore[spark]', and install Java 17; or use --engine duckdb."
    )


def test_a_session_of_spark_connect_is_refused() -> None:
    with (
        pytest.raises(Refused, match="Spark Connect"),
        spark_session(object(), threads=1, memory="1GB"),  # type: ignore[arg-type]
    ):
        pass


def test_an_engine_of_another_name_is_refused(tmp_path: Path) -> None:
    portfolio = simulate(tmp_path / "portfolio", members=100, seed=1)
    lock = Catalog.from_folder(Path(__file__).parents[2] / "features").lock()
    with pytest.raises(InvalidInput, match="Use one of duckdb, spark"):
        member_values(portfolio, lock, NOBODY, engine="flink")  # type: ignore[arg-type]


@pytest.mark.spark
def test_a_session_handed_in_keeps_its_own_settings(institutions_spark: SparkSession) -> None:
    before = {name: institutions_spark.conf.get(name) for name in SETTINGS}
    with spark_session(institutions_spark, threads=1, memory="1GB") as own:
        assert own.sparkContext is institutions_spark.sparkContext
        assert {name: own.conf.get(name) for name in SETTINGS} == SETTINGS
        own.range(1).createOrReplaceTempView("of_the_engine")
        assert {name: institutions_spark.conf.get(name) for name in SETTINGS} == before
    assert institutions_spark.catalog.listTables() == []
    assert institutions_spark.range(2).count() == 2
