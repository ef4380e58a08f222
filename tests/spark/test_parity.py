"""Every feature of the starter catalogue, on every application of a simulated institution, by both engines: equal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from typer.testing import CliRunner

from riskscore.catalog import Catalog
from riskscore.cli import app
from riskscore.simulator.simulate import simulate

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.slow]

LOCK = Catalog.from_folder(Path(__file__).parents[2] / "features").lock()


@pytest.fixture(scope="module")
def files(institutions_spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What `riskscore features` writes with each engine; Spark is the session that is active."""
    folder = tmp_path_factory.mktemp("parity")
    simulate(folder / "portfolio", members=300, seed=7)
    written = {engine: folder / f"{engine}.parquet" for engine in ("duckdb", "spark")}
    for engine, file in written.items():
        command = ["features", str(folder / "portfolio"), "--recipe", "member_default", "--out", str(file)]
        result = CliRunner().invoke(app, [*command, "--engine", engine])
        assert result.exit_code == 0, result.output
    return written


@pytest.fixture(scope="module")
def frames(files: dict[str, Path]) -> dict[str, pl.DataFrame]:
    return {engine: pl.read_parquet(file) for engine, file in files.items()}


def test_every_feature_is_equal_to_the_last_bit(
    frames: dict[str, pl.DataFrame], institutions_spark: SparkSession
) -> None:
    """One test and not one a feature: two processes that share the tests would each run Spark over everything."""
    duck, spark = frames["duckdb"], frames["spark"]
    assert spark.schema == duck.schema
    assert spark.height > 1_000
    names = [feature.name for feature in LOCK.features]
    assert [name for name in names if _bits(spark[name]) != _bits(duck[name])] == []
    assert [name for name in names if spark[name].is_nan().any()] == []
    assert spark.equals(duck)
    # Most features say something of a simulated institution; the others are held to the oracle on generated tables.
    assert len([name for name in names if duck[name].null_count() < duck.height]) > 0.6 * len(names)
    # The session was the institution's own and active: it runs on as it was.
    assert institutions_spark.range(3).count() == 3
    assert institutions_spark.catalog.listTables() == []
    assert institutions_spark.conf.get("spark.sql.timestampType") == "TIMESTAMP_LTZ"


def _bits(values: pl.Series) -> list[str | None]:
    return [None if value is None else value.hex() for value in values]
