"""What an explanation shows gives the value: its rows, aggregated anew in plain Python; no row goes untold."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskscore.catalog import Catalog
from riskscore.catalog.explain import explain
from riskscore.catalog.expressions import parse
from riskscore.catalog.oracle import _over_gatherings, oracle_values
from riskscore.catalog.oracle_expressions import as_number, over_row, over_rows
from riskscore.errors import NotFound
from tests.properties.versioned_tables import MEMBERS, connected, known, moments_of, random_tables

CATALOG = Catalog.from_folder(Path(__file__).parents[2] / "features")
BY_MEMBER = {
    source.name
    for _, source in CATALOG.declared.sources
    if source.keys.get("member") == "member_id" and source.table != "placements" and not source.lookups
}
BY = {name: one.by for _, one in CATALOG.declared.sets for name in one.features}
few = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
REQUEST = {"amount": 300.0, "term_days": 120.0, "frequency": "weekly", "other_active_loans": 1.0, "instalment_m": 90.0}


@pytest.mark.slow
@few
@given(rng=st.randoms(use_true_random=True), rows=st.integers(1, 30))
def test_the_rows_shown_give_the_value(rng: Random, rows: int) -> None:
    tables = known(random_tables(rng, rows))
    member, as_of = moments_of(rng, 1).row(0)
    with connected(tables) as con:
        try:
            found = explain(con, CATALOG, member, as_of, request=REQUEST, of_others=True)
        except NotFound:
            assert not any(row["id"] == member and row["known_at"] <= as_of for row in tables["members"])
            return
    expected = oracle_values(CATALOG.declared, tables, member, as_of)
    for one in found:
        feature, tree = one.feature, parse(one.feature.expression)
        if feature.step == 5:
            again = over_row(tree, one.inputs)
            assert one.value == (None if again is None else pytest.approx(as_number(again))), feature.name
            continue
        rows_of = [{**row, "as_of": as_of} for row in one.rows]
        assert len(rows_of) == one.seen, feature.name
        if not rows_of:
            again = None
        elif feature.window.startswith("latest"):
            again = over_row(tree, rows_of[0])
        elif BY.get(feature.name):
            again = _over_gatherings(tree, BY[feature.name], rows_of, as_of)
        else:
            again = over_rows(tree, rows_of, {"as_of": as_of})
        assert one.value == as_number(again) == expected[feature.name], feature.name


@pytest.mark.slow
@few
@given(rng=st.randoms(use_true_random=True))
def test_every_version_of_hers_is_counted_or_has_its_reason(rng: Random) -> None:
    tables = known(random_tables(rng, 20))
    member, as_of = rng.choice(MEMBERS), moments_of(rng, 1)["as_of"][0]
    with connected(tables) as con:
        try:
            found = explain(con, CATALOG, member, as_of)
        except NotFound:
            assert not any(row["id"] == member and row["known_at"] <= as_of for row in tables["members"])
            return
    # Sources with rows beside each row count pairs; "members" and "placements" have another key.
    for one in found:
        if one.feature.subject == "member" and one.feature.source in BY_MEMBER:
            hers = sum(row["member_id"] == member for row in tables[one.table])
            assert one.seen + sum(entry.rows for entry in one.unseen) == hers, one.feature.name
