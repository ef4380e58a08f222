"""What Spark computes over generated versions of tables is what plain Python computes."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from riskscore.catalog import Catalog, Lock, member_values
from riskscore.catalog.engines.spark import Spark
from riskscore.catalog.oracle import oracle_values
from riskscore.catalog.relations import relations
from tests.properties.versioned_tables import Tables, connected, known, moments_of, random_tables

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.slow]

CATALOG = Catalog.from_folder(Path(__file__).parents[2] / "features")
LOCK = CATALOG.lock()
NEEDED = {need["table"] for need in LOCK.definition["requires"]}

#: An example costs Spark seconds, so there are few, each of many versions and moments, and none is made smaller.
few = settings(
    max_examples=2,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def attached(session: SparkSession, tables: Tables, folder: Path) -> Spark:
    """Return Spark with the relations of `tables`, typed by DuckDB."""
    spark = Spark(session)
    with connected(tables) as con:
        for name in sorted(NEEDED & set(relations())):
            con.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet)")
            spark.attach(name, folder / f"{name}.parquet")
    return spark


@few
@given(rng=st.randoms(use_true_random=True), rows=st.integers(10, 40))
def test_oracle_equals_spark(
    rng: Random, rows: int, session: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tables = known(random_tables(rng, rows))
    moments = moments_of(rng, 12)
    spark = attached(session, tables, tmp_path_factory.mktemp("tables"))
    found = member_values(spark, LOCK, moments)
    spark.release()
    assert found.columns[:2] == ["member_id", "as_of"]
    for row in found.to_dicts():
        expected = oracle_values(CATALOG.declared, tables, row["member_id"], row["as_of"])
        assert {name: row[name] for name in expected} == expected


def test_nobody_asked_gives_no_rows(session: SparkSession, tmp_path: Path) -> None:
    tables = known(random_tables(Random(1), 3))  # noqa: S311
    spark = attached(session, tables, tmp_path)
    nobody = pl.DataFrame(schema={"member_id": pl.String, "as_of": pl.Datetime("us")})
    few_statements = {**LOCK.definition, "select": LOCK.definition["select"][:2], "peers": [], "neighbours": {}}
    found = member_values(spark, Lock(few_statements, LOCK.words), nobody)
    spark.release()
    assert found.height == 0
    assert found.dtypes[2:] == [pl.Float64] * (found.width - 2)
