"""A statement that Spark does not run is shown whole, with its source and never with a value of a row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest

from riskscore.catalog import Catalog, member_values
from riskscore.catalog.engines.spark import Spark, sources_of
from riskscore.catalog.relations import relations
from riskscore.errors import ArtefactError, InvalidInput

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from riskscore.catalog import Lock

pytestmark = pytest.mark.spark

DECLARATIONS = """
from riskscore.catalog import *
from riskscore.portfolio import Column, Table

Visits = Table("visits", "An institution's own table.", (Column("member_id", "text"), Column("minutes", "text")))
Seen = Source("visits to her", table="visits", keys={"member": "member_id"}, columns={"n": "CAST(minutes AS BIGINT)"})


class Visited(FeatureSet, source=Seen, family="repayment"):
    minutes = Feature("sum(n)", window=ever())
"""

#: Neither is a number, and neither may be repeated.
CANARY = "canary-7123"


@pytest.fixture(scope="module")
def lock(tmp_path_factory: pytest.TempPathFactory) -> Lock:
    folder = tmp_path_factory.mktemp("definitions")
    (folder / "all.py").write_text(DECLARATIONS, encoding="utf-8")
    return Catalog.from_folder(folder).lock()


@pytest.fixture
def spark(session: SparkSession, lock: Lock, tmp_path: Path) -> Spark:
    """Three tables without rows, and one visit whose minutes are no number."""
    engine = Spark(session, sources_of(lock))
    own = {"visits": {"id": "VARCHAR", "member_id": "VARCHAR", "minutes": "VARCHAR"}}
    times = {"event_at": "TIMESTAMP", "known_at": "TIMESTAMP", "known_until": "TIMESTAMP"}
    with duckdb.connect() as con:
        for name in ("memberships", "groups", "visits"):
            columns = {**own.get(name, relations().get(name, {})), **times}
            con.execute(f"CREATE TABLE {name} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
        con.execute(
            "INSERT INTO visits VALUES ('v1', 'ana', ?, '2021-01-01'::TIMESTAMP, '2021-01-01'::TIMESTAMP, NULL)",
            [CANARY],
        )
        for name in ("memberships", "groups", "visits"):
            con.execute(f"COPY {name} TO '{tmp_path / name}.parquet' (FORMAT parquet)")
            engine.attach(name, tmp_path / f"{name}.parquet")
    return engine


def asked() -> pl.DataFrame:
    return pl.DataFrame({"member_id": ["ana"], "as_of": ["2022-01-01"]}).with_columns(
        pl.col("as_of").str.to_datetime(time_unit="us")
    )


def test_a_value_that_stops_it_is_not_repeated(spark: Spark, lock: Lock, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ArtefactError) as raised:
        member_values(spark, lock, asked())
    (fault,) = raised.value.faults
    assert fault.where == "visits to her"
    assert "CAST_INVALID_INPUT" in fault.what
    assert "JOIN visits AS r ON r.member_id = s.member_id" in fault.what
    assert "--engine duckdb" in fault.remedy
    printed = capfd.readouterr()
    assert CANARY not in f"{raised.value}{printed.out}{printed.err}"


def test_a_missing_table_is_named_with_the_source_that_needs_it(
    session: SparkSession, lock: Lock, spark: Spark, tmp_path: Path
) -> None:
    without = Spark(session.newSession(), sources_of(lock))
    for name in ("memberships", "groups"):
        without.attach(name, tmp_path / f"{name}.parquet")
    with pytest.raises(InvalidInput, match="The source visits to her needs this table"):
        member_values(without, lock, asked())
