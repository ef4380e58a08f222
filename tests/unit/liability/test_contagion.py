from itertools import product

import pytest

from riskscore.errors import InvalidInput
from riskscore.liability import binomial, direct_part, expected_falls, infectious


@pytest.mark.parametrize(
    ("q", "distribution", "mean"),
    [
        (0.1, (0.773781, 0.133599, 0.070769, 0.018512, 0.003079, 0.000261), 0.344290),
        (0.3, (0.773781, 0.048891, 0.086334, 0.061886, 0.024105, 0.005002), 0.528651),
    ],
)
def test_five_members(q, distribution, mean):
    found = infectious(5, 0.05, q)
    assert found == pytest.approx(distribution, abs=6e-7)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    assert expected_falls(5, 0.05, q) == pytest.approx(mean, abs=6e-7)
    assert found @ range(6) == pytest.approx(mean, abs=6e-7)


def test_six_members():
    assert expected_falls(6, 0.05, 0.2) == pytest.approx(0.579357, abs=6e-7)


def test_without_infection_it_is_the_binomial():
    assert infectious(5, 0.05, 0.0) == pytest.approx(binomial(5, 0.05), abs=1e-12)


def test_every_world_of_three_members_counted_out():
    p, q, n = 0.2, 0.4, 3
    expected = [0.0] * (n + 1)
    pairs = [(i, j) for i in range(n) for j in range(n) if i != j]
    for direct in product([0, 1], repeat=n):
        for infects in product([0, 1], repeat=len(pairs)):
            chance = 1.0
            for fell in direct:
                chance *= p if fell else 1 - p
            for hit in infects:
                chance *= q if hit else 1 - q
            caught = {j for (i, j), hit in zip(pairs, infects, strict=True) if hit and direct[i]}
            expected[sum(1 for j in range(n) if direct[j] or j in caught)] += chance
    assert infectious(n, p, q) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize(("n", "q", "direct"), [(5, 0.1, 0.036141), (5, 0.3, 0.023147), (6, 0.2, 0.025449)])
def test_the_direct_part_of_five_per_cent(n, q, direct):
    found = direct_part(n, 0.05, q)
    assert found == pytest.approx(direct, abs=6e-7)
    assert expected_falls(n, found, q) / n == pytest.approx(0.05, abs=1e-12)


def test_alone_there_is_nobody_to_catch_it_from():
    assert direct_part(1, 0.05, 0.3) == 0.05
    assert direct_part(5, 0.05, 0.0) == 0.05


def test_faults_come_together():
    with pytest.raises(InvalidInput) as error:
        infectious(0, 0.0, 1.0)
    assert [fault.where for fault in error.value.faults] == ["n", "p", "q"]
