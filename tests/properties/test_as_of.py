"""A feature uses what had happened before its moment and was known by then, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from riskscore.catalog import Catalog, member_values
from riskscore.catalog.relations import relations
from riskscore.portfolio import write_portfolio
from riskscore.simulator import simulate
from riskscore.simulator.planted import SIMULATED_TABLES
from tests.properties.versioned_tables import Tables, connected, known, moment, moments_of, random_row, random_tables

LOCK = Catalog.from_folder(Path(__file__).parents[2] / "features").lock()

randoms = st.randoms(use_true_random=True)
few = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def values(tables: Tables, moments: pl.DataFrame) -> pl.DataFrame:
    with connected(known(tables)) as con:
        return member_values(con, LOCK, moments)


@few
@given(rng=randoms, rows=st.integers(5, 30))
def test_what_is_known_or_happens_later_moves_nothing(rng: Random, rows: int) -> None:
    tables = random_tables(rng, rows)
    as_of = moment(rng) + timedelta(days=150)
    moments = pl.DataFrame({"member_id": ["M1", "M2"], "as_of": [as_of, as_of]}).cast({"as_of": pl.Datetime("us")})
    before = values(tables, moments)
    for name, columns in relations().items():
        if name == "placements":
            continue
        for _ in range(3):
            identity = rng.choice([row["id"] for row in tables[name]] or ["new"])
            row = random_row(rng, name, columns, identity)
            if rng.random() < 0.5:
                row["known_at"] = as_of + timedelta(microseconds=rng.choice((1, 10**6, 10**11)))
            else:
                row["event_at"] = as_of + timedelta(microseconds=rng.choice((0, 1, 10**11)))
                row["known_at"] = row["event_at"]
            tables[name].append(row)
    assert_frame_equal(values(tables, moments), before)


@few
@given(rng=randoms, rows=st.integers(5, 30))
def test_something_known_in_time_does_move_a_feature(rng: Random, rows: int) -> None:
    tables = random_tables(rng, rows)
    as_of = moment(rng) + timedelta(days=150)
    moments = pl.DataFrame({"member_id": ["M1"], "as_of": [as_of]}).cast({"as_of": pl.Datetime("us")})
    late = random_row(rng, "loan_histories", relations()["loan_histories"], "another")
    late |= {"member_id": "M1", "ledger": "internal", "event_at": as_of - timedelta(microseconds=1), "known_at": as_of}
    before = values(tables, moments)["cycles_completed"][0]
    tables["loan_histories"].append(late)
    assert values(tables, moments)["cycles_completed"][0] == (before or 0) + 1


@pytest.mark.slow
@few
@given(rng=randoms, rows=st.integers(5, 30))
def test_alone_equals_in_a_batch_and_in_chunks(rng: Random, rows: int) -> None:
    tables = known(random_tables(rng, rows))
    moments = moments_of(rng, 4)
    with connected(tables) as con:
        batch = member_values(con, LOCK, moments)
        alone = pl.concat([member_values(con, LOCK, moments.slice(n, 1)) for n in range(moments.height)])
        chunks = member_values(con, LOCK, moments, chunk=3)
    assert_frame_equal(alone, batch, check_exact=True)
    assert_frame_equal(chunks, batch, check_exact=True)


@few
@given(rng=randoms, rows=st.integers(5, 30))
def test_the_order_of_rows_does_not_matter(rng: Random, rows: int) -> None:
    tables = known(random_tables(rng, rows))
    moments = moments_of(rng, 3)
    shuffled = {name: rng.sample(found, len(found)) for name, found in tables.items()}
    with connected(tables) as one, connected(shuffled) as other:
        assert_frame_equal(member_values(other, LOCK, moments), member_values(one, LOCK, moments), check_exact=True)


def test_a_portfolio_that_ends_at_the_moment_gives_the_same_values(tmp_path: Path) -> None:
    whole = simulate(tmp_path / "whole", members=100, seed=8)
    asked = whole.table("applications").filter(pl.col("ledger") == "internal")
    as_of = asked["known_at"].sort()[int(asked.height * 0.7)]
    cut = {
        name: whole.table(name).filter((pl.col("event_at") < as_of) & (pl.col("known_at") <= as_of))
        for name in whole.tables
    }
    manifest = whole.manifest
    ended = write_portfolio(
        tmp_path / "ended",
        cut,
        currency=manifest.currency,
        country=manifest.country,
        time_zone=manifest.time_zone,
        data_date=as_of.date(),
        tables=SIMULATED_TABLES,
    )
    moments = (
        whole.table("members").select(member_id="id").unique(maintain_order=True).with_columns(as_of=pl.lit(as_of))
    )
    found = member_values(whole, LOCK, moments)
    assert found["late_share_3_cycles"].drop_nulls().max() > 0
    assert found["bad_outcomes_known"].drop_nulls().max() > 0
    assert_frame_equal(member_values(ended, LOCK, moments), found, check_exact=True)
