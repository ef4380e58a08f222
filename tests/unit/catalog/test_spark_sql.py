"""The lock's statements in Spark's words: what each rule writes. That the values are equal is held in tests/spark."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot

from riskscore.catalog import Catalog
from riskscore.catalog.engines.kinds import Kinds, kind_of_type
from riskscore.catalog.engines.spark_sql import to_spark

FACTS = {
    "facts": {
        "whole": "bigint",
        "money": "decimal(18,2)",
        "number": "double",
        "stamp": "timestamp_ntz",
        "day": "date",
        "truth": "boolean",
        "id": "string",
        "days": "array<date>",
    }
}

WRITTEN = {
    "division": ("money / 7", "CAST(money AS DOUBLE) / CAST(7 AS DOUBLE)"),
    "days between moments": (
        "date_diff('day', stamp, day)",
        "DATEDIFF(CAST(day AS DATE), CAST(stamp AS DATE))",
    ),
    "days between dates": ("day - day", "DATEDIFF(CAST(day AS DATE), CAST(day AS DATE))"),
    "days off a date": ("day - 90", "day - 90"),
    "double to whole": ("CAST(number AS BIGINT)", "CAST(RINT(number) AS BIGINT)"),
    "decimal to whole": ("CAST(money AS INT)", "CAST(ROUND(money, 0) AS INT)"),
    "whole to whole": ("CAST(whole AS INT)", "CAST(whole AS INT)"),
    "decimal to decimal": ("CAST(money AS DECIMAL(18,1))", "CAST(money AS DECIMAL(18, 1))"),
    "floor of a double": ("floor(number)", "CAST(FLOOR(number) AS DOUBLE)"),
    "floor of a decimal": ("floor(money)", "FLOOR(money)"),
    "sum of truths": ("sum(truth)", "SUM(CAST(truth AS BIGINT))"),
    "sum of money": ("sum(money)", "SUM(money)"),
    "an element of a list": ("days[least(2, len(days))]", "GET(days, LEAST(2, SIZE(days)) + -1)"),
    "the newest": (
        "arg_max(struct_pack(x := money), row(stamp, id))",
        "MAX_BY(STRUCT(money AS x), STRUCT(stamp, id))",
    ),
    "a double in the newest": (
        "arg_max(struct_pack(x := number), row(stamp, id))",
        "MAX_BY(STRUCT((number) + CAST(0 AS DOUBLE) AS x), STRUCT(stamp, id))",
    ),
    "a moment": ("TIMESTAMP '2024-01-01'", "CAST('2024-01-01' AS TIMESTAMP_NTZ)"),
}


@pytest.mark.parametrize(("duckdb", "spark"), WRITTEN.values(), ids=WRITTEN)
def test_what_each_rule_writes(duckdb: str, spark: str) -> None:
    assert to_spark(f"SELECT {duckdb} AS v FROM facts", FACTS) == f"SELECT {spark} AS v FROM facts"


def test_a_double_to_decimal_is_nudged_and_rounded_as_duckdb_does() -> None:
    assert to_spark("SELECT CAST(number AS DECIMAL(12,3)) AS v FROM facts", FACTS) == (
        "SELECT CAST(CAST(CAST(RINT((number) * CAST(1e3 AS DOUBLE) + SIGN((number) * CAST(1e3 AS DOUBLE)) "
        "* CAST(1e-9 AS DOUBLE)) AS BIGINT) AS DECIMAL(20, 0)) * 0.001 AS DECIMAL(12, 3)) AS v FROM facts"
    )


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("whole + 1", "int"),
        ("whole + money", "decimal"),
        ("money * number", "double"),
        ("money / 2", "double"),
        ("CASE WHEN truth THEN money ELSE number END", "double"),
        ("coalesce(money, 30.4 / 7)", "double"),
        ("greatest(0, money)", "decimal"),
        ("1e3 * whole", "double"),
        ("day - 90", "date"),
        ("stamp - INTERVAL 3 DAY", "timestamp"),
        ("least(stamp, day)", "timestamp"),
        ("truth AND whole > 3", "bool"),
        ("sum(truth)", "int"),
        ("max(number) FILTER (WHERE truth)", "double"),
        ("NULL", None),
    ],
)
def test_the_kind_of_an_expression(expression: str, kind: str | None) -> None:
    query = sqlglot.parse_one(f"SELECT {expression} FROM facts", dialect="duckdb")
    assert Kinds(FACTS).of(query.selects[0]) == kind


def test_a_kind_is_followed_through_queries_stars_unions_and_names() -> None:
    sql = """
        WITH named AS (SELECT number AS n FROM facts UNION ALL SELECT money FROM facts)
        SELECT CAST(outer_one.n AS BIGINT) AS v FROM (SELECT * FROM (SELECT k.n FROM named AS k)) AS outer_one
    """
    assert "RINT(outer_one.n)" in to_spark(sql, FACTS)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("DECIMAL(18,2)", "decimal"), ("timestamp_ntz", "timestamp"), ("struct<a:int>", None), ("bigint", "int")],
)
def test_the_kind_of_a_type(name: str, kind: str | None) -> None:
    assert kind_of_type(name) == kind


def test_every_statement_of_the_starter_can_be_written() -> None:
    definition = Catalog.from_folder(Path(__file__).parents[3] / "features").lock().definition
    statements = [one["sql"] for part in ("select", "peers") for one in definition[part]]
    for sql in [definition["placements"], definition["moments"], *definition["neighbours"].values(), *statements]:
        written = to_spark(sql, {})
        assert "DATE_DIFF" not in written
        assert "struct_pack" not in written
