"""A formula's value hangs on its own row alone."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscore.catalog import formula_values, formulas_reading, with_request
from riskscore.errors import InvalidInput

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


def test_a_lock_from_before_a_check_is_refused_with_every_formula_that_cannot_be():
    old = SimpleNamespace(
        formulas=(("in_may", "month(age) = 5"), ("fine", "age + 1"), ("five", "age = '5'")), formula_needs=("age",)
    )
    with pytest.raises(InvalidInput) as refused:
        with_request(old, pl.DataFrame({"age": [1.0]}))
    assert [fault.where for fault in refused.value.faults] == ["lock.in_may", "lock.five"]


def test_what_reads_a_column_reads_it_through_other_formulas_too():
    written = (("share", "amount / income"), ("late", "days - 3"), ("weighed", "share * late"), ("both", "weighed + 1"))
    assert formulas_reading(written, frozenset({"amount"})) == {"share", "weighed", "both"}
    assert formulas_reading(written, frozenset({"days"})) == {"late", "weighed", "both"}
    assert formulas_reading(written, frozenset({"frequency"})) == frozenset()


def test_what_is_known_is_not_evaluated_again():
    known = {"months": np.array([7.0, np.nan])}
    found = formula_values(LOCK, {"age": np.array([14.0, 28.0])}, 2, known)
    assert found["months"] is known["months"]
    assert found["of_amount"].tolist()[0] == 0.5
    assert np.isnan(found["of_amount"][1])
    assert found["share"].tolist() == [14.0 / 730.5, 28.0 / 730.5]
