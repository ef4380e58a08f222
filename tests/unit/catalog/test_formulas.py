"""A formula's value hangs on its own row alone."""

from __future__ import annotations

from types import SimpleNamespace

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscore.catalog import with_request

LOCK = SimpleNamespace(
    formulas=(("months", "age / 30.4375"), ("share", "age / (2 * 365.25)"), ("of_amount", "months / nullif(age, 0)")),
    formula_needs=("age",),
)


@settings(deadline=None)
@given(ages=st.lists(st.integers(0, 5000), min_size=1, max_size=40))
def test_alone_and_among_many_it_is_the_same_to_the_last_bit(ages):
    """Dividing many rows by a constant as multiplying with its inverse made 55 / 30.4375 an ulp higher."""
    frame = pl.DataFrame({"age": [float(age) for age in [55, *ages]]})
    together = with_request(LOCK, frame)
    assert together.columns == ["age", "months", "share", "of_amount"]
    assert together["months"].to_list() == [age / 30.4375 for age in frame["age"]]
    assert together["share"].to_list() == [age / 730.5 for age in frame["age"]]
    for row in range(frame.height):
        assert with_request(LOCK, frame[[row]]).rows() == [together.row(row)]
