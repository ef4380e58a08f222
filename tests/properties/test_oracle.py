"""The compiled SQL, and Polars for formulas, give what plain Python gives."""

from __future__ import annotations

from pathlib import Path
from random import Random

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskscore.catalog import Catalog, member_values, with_request
from riskscore.catalog.oracle import oracle_formulas, oracle_values
from tests.properties.versioned_tables import Tables, connected, known, moments_of, random_tables

STARTER = Path(__file__).parents[2] / "features"

randoms = st.randoms(use_true_random=True)
few = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


CATALOG = Catalog.from_folder(STARTER)
LOCK = CATALOG.lock()


@few
@given(rng=randoms, rows=st.integers(1, 30))
def test_oracle_equals_duckdb(rng: Random, rows: int) -> None:
    tables: Tables = known(random_tables(rng, rows))
    moments = moments_of(rng, 4)
    with connected(tables) as con:
        found = member_values(con, LOCK, moments)
    for row in found.to_dicts():
        expected = oracle_values(CATALOG.declared, tables, row["member_id"], row["as_of"])
        assert {name: row[name] for name in expected} == expected


def _fields(value: st.SearchStrategy[float]) -> st.SearchStrategy[dict[str, object]]:
    missing_too = st.none() | value
    return st.fixed_dictionaries(
        {
            "amount": st.floats(1, 1000),
            "term_days": st.integers(7, 400),
            "frequency": st.sampled_from(("weekly", "fortnightly", "twice_a_month", "monthly", "at_maturity")),
            "purpose": st.none() | st.sampled_from(("equipment", "other")),
            "other_active_loans": st.none() | st.integers(0, 5),
            "instalment_m": missing_too,
        }
    )


@few
@given(data=st.data())
def test_formulas_equal_the_oracle_and_duckdb(data: st.DataObject) -> None:
    number = st.one_of(st.sampled_from((0.0, 1.0, 100.0)), st.floats(-500, 500, allow_nan=False, width=32))
    row = data.draw(_fields(number))
    made = {name for name, _ in LOCK.formulas}
    for name in LOCK.formula_needs:
        if name not in row and name not in made:
            row[name] = data.draw(st.none() | number)
    text, whole = ("frequency", "purpose"), ("term_days", "other_active_loans")
    schema = {n: pl.String if n in text else pl.Int64 if n in whole else pl.Float64 for n in row}
    frame = pl.DataFrame([row], schema=schema)
    found = with_request(LOCK, frame).row(0, named=True)
    expected = oracle_formulas(CATALOG.declared, row)
    assert set(expected) == made
    for name, value in expected.items():
        assert found[name] == (value if value is None else pytest.approx(value, rel=1e-12, abs=1e-12)), name
    with duckdb.connect() as con:
        con.register("asked", frame.to_arrow())
        con.execute("CREATE TABLE given_row AS FROM asked")
        for name, text_of in LOCK.formulas:
            if not any(other in text_of for other in made - {name}):
                value = con.execute(f"SELECT CAST({text_of} AS DOUBLE) FROM given_row").fetchone()[0]
                assert found[name] == (value if value is None else pytest.approx(value, rel=1e-12, abs=1e-12)), name
