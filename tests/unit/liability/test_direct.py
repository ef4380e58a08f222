from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscore.errors import InvalidInput
from riskscore.liability import direct_part, direct_parts, infectious, whole_parts

CHANCE = st.floats(0.005, 0.4)


@pytest.mark.parametrize(("n", "q", "direct"), [(5, 0.1, 0.036141), (5, 0.3, 0.023147), (6, 0.2, 0.025449)])
def test_equal_members_with_nothing_shared_are_davis_and_lo(n, q, direct):
    found = direct_parts(np.full(n, 0.05), np.zeros(n, dtype=np.int64), shared=0.0, q=q)
    assert found == pytest.approx(np.full(n, direct), abs=6e-7)
    assert found[0] == pytest.approx(direct_part(n, 0.05, q), abs=1e-8)


@settings(deadline=None, max_examples=30)
@given(p=st.lists(CHANCE, min_size=2, max_size=4), q=st.floats(0.0, 0.6))
def test_unequal_members_counted_out_world_by_world(p, q):
    n = len(p)
    expected = np.zeros(n)
    for falls in product([0, 1], repeat=n):
        chance = np.prod([one if fell else 1 - one for one, fell in zip(p, falls, strict=True)])
        spared = (1 - q) ** sum(falls)
        expected += chance * np.array([1.0 if fell else 1 - spared for fell in falls])
    assert whole_parts(np.array(p), np.zeros(n, dtype=np.int64), shared=0.0, q=q) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(
    p=st.lists(CHANCE, min_size=3, max_size=8),
    q=st.floats(0.0, 0.3),
    shared=st.floats(0.0, 0.4),
    places=st.lists(st.integers(0, 2), min_size=8, max_size=8),
)
def test_what_is_taken_out_comes_back(p, q, shared, places):
    group = np.array(places[: len(p)])
    whole = whole_parts(np.array(p), group, shared=shared, q=q)
    again = direct_parts(whole, group, shared=shared, q=q)
    assert again == pytest.approx(np.array(p), abs=1e-7)


def test_infection_stays_inside_a_solidarity_group():
    alone = whole_parts(np.array([0.1, 0.3]), np.array([0, 1]), shared=0.2, q=0.5)
    assert alone == pytest.approx([0.1, 0.3], abs=1e-6)


def test_the_expected_number_is_that_of_the_distribution():
    p, n, q = 0.1, 4, 0.25
    whole = whole_parts(np.full(n, p), np.zeros(n, dtype=np.int64), shared=0.0, q=q)
    assert whole.sum() == pytest.approx(float(infectious(n, p, q) @ np.arange(n + 1)), abs=1e-12)


def test_faults_come_together():
    with pytest.raises(InvalidInput) as error:
        direct_parts(np.array([0.0, 0.2]), np.array([0]), shared=1.0, q=-0.1)
    assert [fault.where for fault in error.value.faults] == ["pd", "group", "shared", "q"]
