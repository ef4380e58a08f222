"""Parts that may be shown: small ones joined until no figure is about somebody."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from riskscore.modelling.validation.parts import POOL, UNRECORDED, parts_in_order, parts_of
from riskscore.portfolio.cells import few


def people(n: int, banks: int = 6) -> pl.DataFrame:
    return pl.DataFrame(
        {"member_id": [f"M{row}" for row in range(n)], "bank_id": [f"B{row % banks}" for row in range(n)]}
    )


def test_large_parts_stand_alone_largest_first_and_what_is_not_recorded_last() -> None:
    found = parts_of(["a"] * 10 + ["b"] * 20 + [None] * 8, people(38))
    assert [(part.name, int(part.rows.sum())) for part in found] == [("b", 20), ("a", 10), (UNRECORDED, 8)]


def test_one_small_part_takes_the_next_smallest_with_it() -> None:
    # With the small one left out alone, it would follow from the total and the rest.
    found = parts_of(["a"] * 30 + ["b"] * 9 + ["c"] * 2, people(41))
    assert [(part.name, int(part.rows.sum())) for part in found] == [("a", 30), (POOL, 11)]


def test_all_too_few_is_no_part() -> None:
    assert parts_of(["a", "b", "a"], people(3)) == ()
    assert parts_in_order(["a", "b", "a"], ["a", "b"], people(3)) == ()


def test_ends_of_an_order_grow_inwards() -> None:
    values = ["A"] * 12 + ["B"] * 12 + ["C"] * 12 + ["D"] * 3 + ["E"] * 2
    found = parts_in_order(values, ["A", "B", "C", "D", "E"], people(41))
    assert [part.names for part in found] == [("A",), ("B",), ("C",), ("D", "E")]
    assert [int(part.rows.sum()) for part in found] == [12, 12, 12, 5]


def test_organisations_count_by_themselves() -> None:
    alone = pl.DataFrame(
        {"member_id": [None] * 5, "bank_id": [f"P{n}" for n in range(5)]},
        schema={"member_id": pl.String, "bank_id": pl.String},
    )
    assert [part.name for part in parts_of(["a"] * 3 + ["b"] * 2, alone)] == [POOL]


@given(st.lists(st.sampled_from(["a", "b", "c", "d", None]), min_size=1, max_size=60))
def test_no_part_shown_is_too_small_and_none_overlap(values: list[str | None]) -> None:
    crowd = people(len(values))
    for found in (parts_of(values, crowd), parts_in_order([value or "e" for value in values], list("abcde"), crowd)):
        covered = np.zeros(len(values), dtype=int)
        for part in found:
            assert not few(crowd.filter(pl.Series(part.rows)))
            covered += part.rows
        assert covered.max(initial=0) <= 1
        # What is not shown is nothing, or too much for one cell to follow from the rest.
        assert found == () or covered.all()
