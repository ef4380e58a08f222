"""Where the two dialects differ: each expression gives in Spark, once rewritten, what it gives in DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from riskscore.catalog.engines.spark import Spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

ROWS = """
CREATE TABLE facts AS SELECT * FROM (VALUES
    ('a', 7::BIGINT, 100.05::DECIMAL(18,2), 2.5::DOUBLE, TIMESTAMP '2024-02-28 23:30', DATE '2024-03-01', true),
    ('b', -7, -0.05, 0.0000005, TIMESTAMP '2024-03-01 00:00', DATE '2024-02-29', false),
    ('z', 1, 1.00, '-0.0'::DOUBLE, TIMESTAMP '2025-01-01 12:00', DATE '2025-01-01', true),
    ('c', 0, 33.33, -3.5, TIMESTAMP '2024-12-31 12:00', DATE '2023-12-31', NULL),
    ('d', NULL, NULL, NULL, NULL, NULL, NULL),
    ('e', 3, 9007199254.74, 1.0000005, TIMESTAMP '2024-03-10 02:30', DATE '2024-03-31', true)
) AS facts(id, whole, money, number, stamp, day, truth)
"""

CASES = {
    "decimals divide as doubles": "money / 7",
    "whole numbers divide as doubles": "whole / 2",
    "decimals divide by what may be 0": "money / nullif(whole, 0)",
    "a remainder keeps its sign": "whole % 4",
    "days between counts midnights": "date_diff('day', stamp, TIMESTAMP '2024-03-01 00:10')",
    "days between may be negative": "date_diff('day', stamp, day)",
    "dates subtract to days": "day - CAST(stamp AS DATE)",
    "days are taken off a date": "(day - 90) < CAST(stamp AS DATE)",
    "an interval is taken off a moment": "stamp >= TIMESTAMP '2024-03-29 23:30' - INTERVAL 30 DAY",
    "a date meets a moment at its midnight": "day < stamp",
    "a double becomes a decimal": "CAST(number AS DECIMAL(18,6))",
    "a quotient becomes a decimal": "CAST(money * 52 / 12 AS DECIMAL(18,6))",
    "a choice of decimal and double becomes a decimal": (
        "CAST(CASE WHEN truth THEN money * 2.0 ELSE money / 3 END AS DECIMAL(18,6))"
    ),
    "a decimal becomes one of fewer digits": "CAST(money AS DECIMAL(18,1))",
    "a double becomes whole by rounding to even": "CAST(number AS BIGINT)",
    "a decimal becomes whole by rounding away": "CAST(CAST(number AS DECIMAL(9,1)) AS INT)",
    "a floor of a double stays a double": "floor(number) * 0.1",
    "a ceiling of a double stays a double": "ceil(number / 3) * 0.1",
    "a literal with a point is a decimal": "money * 1.10 + 0.05",
    "a literal meets a double": "number * 1.10",
    "the greatest leaves out what is missing": "greatest(0, whole, money)",
    "the least of dates and moments": "month(least(coalesce(stamp, TIMESTAMP '2024-01-01'), day))",
    "a truth becomes a number": "CAST(truth AS DOUBLE)",
    "three values of logic": "truth AND whole > 0",
    "text within text": "contains(',' || id || ',', ',' || 'a' || ',')",
    "a month as text": "contains(',12,2,', ',' || CAST(month(stamp) AS VARCHAR) || ',')",
    "one of a list, or missing": "whole IN (7, 3)",
}

AGGREGATES = {
    "truths are summed": "sum(truth)",
    "truths are all true": "bool_and(truth)",
    "one truth is true": "bool_or(truth) FILTER (WHERE whole < 0)",
    "money is summed exactly": "sum(money) FILTER (WHERE money IS NOT NULL)",
    "a sum of none is missing": "sum(money) FILTER (WHERE id = 'nobody')",
    "what differs is counted": "count(DISTINCT whole) FILTER (WHERE number < 2)",
    "the newest by its keys": "(arg_max(struct_pack(x := money), row(stamp, day, id)) FILTER (WHERE truth)).x",
    "a zero in the newest has no sign": "(arg_max(struct_pack(x := number), row(stamp, id)) FILTER (WHERE truth)).x",
    "the second newest day": "list_reverse_sort(list(DISTINCT day) FILTER (WHERE day IS NOT NULL))[2]",
    "beyond a list is missing": "list_reverse_sort(list(DISTINCT day) FILTER (WHERE day IS NOT NULL))[9]",
}


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    opened.execute(ROWS)
    return opened


@pytest.fixture
def spark(session: SparkSession, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> Spark:
    file = tmp_path / "facts.parquet"
    con.execute(f"COPY facts TO '{file}' (FORMAT parquet)")
    engine = Spark(session)
    engine.attach("facts", file)
    return engine


def test_every_expression_of_one_row(spark: Spark, con: duckdb.DuckDBPyConnection) -> None:
    items = ", ".join(f"CAST({text} AS DOUBLE) AS v{n}" for n, text in enumerate(CASES.values()))
    # A floor drops the sign of a zero in Spark: 'z' is for the aggregates.
    sql = f"SELECT id, {items} FROM facts WHERE id <> 'z'"
    found, expected = spark.read(sql).sort("id"), con.sql(sql).pl().sort("id")
    for number, name in enumerate(CASES):
        assert _bits(found[f"v{number}"]) == _bits(expected[f"v{number}"]), name


def test_every_aggregate(spark: Spark, con: duckdb.DuckDBPyConnection) -> None:
    items = ", ".join(f"{text} AS v{n}" for n, text in enumerate(AGGREGATES.values()))
    sql = f"SELECT {items} FROM facts"
    found, expected = spark.read(sql).row(0), con.sql(sql).pl().row(0)
    for name, ours, theirs in zip(AGGREGATES, found, expected, strict=True):
        assert ours == theirs, name
        assert not isinstance(ours, float) or ours.hex() == theirs.hex(), name


def _bits(values: object) -> list[str | None]:
    return [None if value is None else value.hex() for value in values]  # type: ignore[attr-defined]
