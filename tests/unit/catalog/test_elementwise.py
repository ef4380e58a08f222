"""Every construct of a formula means over arrays what it means in DuckDB, for one row and for many."""

from __future__ import annotations

from itertools import product

import duckdb
import numpy as np
import pytest

from riskscore.catalog.elementwise import evaluator, strange
from riskscore.catalog.expressions import parse

NUMBERS = (None, 0.0, 1.0, 2.5, -1.5, -2.5, 3.7, 1e6)
TEXTS = (None, "", "w", "x", "y")
ROWS = [(row, *values) for row, values in enumerate(product(NUMBERS, NUMBERS, TEXTS))]
COLUMNS = {
    "a": np.array([np.nan if a is None else a for _, a, _, _ in ROWS]),
    "b": np.array([np.nan if b is None else b for _, _, b, _ in ROWS]),
    "s": np.array([s for _, _, _, s in ROWS], dtype=object),
}
EXPRESSIONS = (
    "a + b - 3",
    "-a * b",
    "1.10 * a",
    "a / nullif(b, 0)",
    "a * 2.5 / 30.4375",
    "a % nullif(b, 0)",
    "a = b",
    "a <> b",
    "a < b",
    "a <= b",
    "a > b",
    "a >= b",
    "(a > b) = (b > 0)",
    "a > 0 AND b > 0",
    "a > 0 OR b > 0",
    "NOT (a > b)",
    "a IS NULL",
    "a IS NOT NULL AND b IS NULL",
    "(a > 0) IS TRUE",
    "(a > 0) IS NOT TRUE",
    "a IN (1, 2.5, b)",
    "a NOT IN (1, b)",
    "a BETWEEN 1 AND b",
    "coalesce(a, b, 1)",
    "coalesce(a, NULL)",
    "nullif(a, 1)",
    "greatest(a, b)",
    "least(a, b, 1)",
    "abs(a)",
    "floor(a)",
    "ceil(a)",
    "a::BIGINT",
    "a::INT",
    "a::BOOLEAN",
    "(a > 1)::DOUBLE",
    "CASE WHEN a > 0 THEN 1 WHEN b > 0 THEN 2 END",
    "CASE WHEN a IS NULL THEN TRUE ELSE b > 1 END",
    "CASE WHEN NULL THEN 1 ELSE 2 END",
    "CASE a WHEN b THEN 1 WHEN 1 THEN b ELSE 3 END",
    "CASE WHEN a THEN 1 ELSE 0 END",
    "NOT a",
    "a AND b > 1",
    "a OR NULL",
    "a IS TRUE",
    "a IS NOT FALSE",
    "if(a > 0, b, 1)",
    "NULL",
    "NULL = a",
    "TRUE",
    "s IS NULL",
    "s = 'x'",
    "s <> 'x'",
    "s < 'x'",
    "NULL < s",
    "if(s = 'x', 'y', s) = 'y'",
    "s BETWEEN 'w' AND 'x'",
    "s IN ('x', 'y')",
    "s NOT IN ('x', 'y')",
    "s || 'q' = 'xq'",
    "contains(s, 'x') AND a > 0",
    "coalesce(s, 'z') = 'z'",
    "nullif(s, 'x') IS NULL",
    "CASE s WHEN 'x' THEN 1 WHEN 'y' THEN a ELSE b END",
    "CASE WHEN a > 0 THEN 'p' ELSE s END = 'p'",
    "CASE WHEN s = 'x' THEN NULL ELSE s END = 'y'",
)


@pytest.fixture(scope="module")
def rows() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("CREATE TABLE given (i INTEGER, a DOUBLE, b DOUBLE, s VARCHAR)")
    con.executemany("INSERT INTO given VALUES (?, ?, ?, ?)", ROWS)
    return con


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_it_is_what_duckdb_says(rows: duckdb.DuckDBPyConnection, text: str) -> None:
    found = rows.execute(f"SELECT CAST(({text}) AS DOUBLE) FROM given ORDER BY i").fetchall()
    expected = np.array([np.nan if value is None else value for (value,) in found])
    values = evaluator(parse(text))
    with np.errstate(all="ignore"):
        many = np.broadcast_to(values(COLUMNS).astype(np.float64), len(ROWS))
        each = [values({name: column[[row]] for name, column in COLUMNS.items()})[0] for row in range(0, len(ROWS), 7)]
        none = values({name: column[:0] for name, column in COLUMNS.items()})
    np.testing.assert_array_equal(many, expected)
    np.testing.assert_array_equal(np.array(each, dtype=np.float64), expected[::7])
    assert len(np.broadcast_to(none, (0,))) == 0


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("month(a)", "MONTH(a)"),
        ("CASE WHEN a > 1 THEN DATE '2026-01-01' END IS NULL", "CAST('2026-01-01' AS DATE)"),
        ("a::VARCHAR = '1'", "CAST(a AS TEXT)"),
        ("try_cast(a AS DOUBLE)", "TRY_CAST(a AS DOUBLE)"),
        ("floor(a, 1)", "ROUND(FLOOR(a * POWER(10, 1)) / POWER(10, 1), 1)"),
        ("a = '5'", "a = '5'"),
        ("a IN (1, '5')", "a IN (1, '5')"),
        ("CASE a WHEN '5' THEN 1 END", "CASE a WHEN '5' THEN 1 END"),
        ("nullif(a, '5')", "NULLIF(a, '5')"),
        ("coalesce(s, a) = s", "COALESCE(s, a)"),
        ("a + '1'", "a + '1'"),
        ("s::DOUBLE", "CAST(s AS DOUBLE)"),
        ("greatest(s, 'b') = 'b'", "GREATEST(s, 'b')"),
        ("NOT s", "NOT s"),
        ("if(a > 1, s, b) = 1", "CASE WHEN a > 1 THEN s ELSE b END"),
    ],
)
def test_what_arrays_have_no_meaning_for_is_named(text: str, what: str) -> None:
    assert what in strange(parse(text), {"s"})


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_nothing_else_is(text: str) -> None:
    assert strange(parse(text), {"s"}) == []
