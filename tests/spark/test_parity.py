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


@pytest.mark.parametrize("name", [feature.name for feature in LOCK.features])
def test_a_feature_is_equal_to_the_last_bit(name: str, frames: dict[str, pl.DataFrame]) -> None:
    bits = {engine: [None if x is None else x.hex() for x in frame[name]] for engine, frame in frames.items()}
    assert bits["spark"] == bits["duckdb"]
    assert "nan" not in bits["spark"]


def test_the_files_hold_the_same_columns_in_the_same_order_and_rows(frames: dict[str, pl.DataFrame]) -> None:
    assert frames["spark"].schema == frames["duckdb"].schema
    assert frames["spark"].height > 1_000
    assert frames["spark"].equals(frames["duckdb"])


def test_the_institution_fills_most_features(frames: dict[str, pl.DataFrame]) -> None:
    filled = [feature.name for feature in LOCK.features if frames["duckdb"][feature.name].null_count() < 1_000]
    assert len(filled) > 50


def test_a_session_that_was_active_is_left_running_and_as_it_was(
    files: dict[str, Path], institutions_spark: SparkSession
) -> None:
    assert files["spark"].exists()
    assert institutions_spark.range(3).count() == 3
    assert institutions_spark.catalog.listTables() == []
    assert institutions_spark.conf.get("spark.sql.timestampType") == "TIMESTAMP_LTZ"
