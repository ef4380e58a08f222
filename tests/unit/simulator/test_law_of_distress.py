"""The law: published figures, the two ways to compute a probability, and draws against both."""

import numpy as np
import pytest

from riskscore.simulator.law import Law

ALONE = np.array([0.05])


def without_factors(infection):
    return Law(systemic=0.0, bank=0.0, group=0.0, infection=infection, withdrawal=0.0)


# Davis and Lo's expected number of falls, divided by the women of the group.
@pytest.mark.parametrize(
    ("women", "infection", "expected"), [(5, 0.1, 0.344290), (5, 0.3, 0.528651), (6, 0.2, 0.579357)]
)
def test_infection_alone_gives_davis_and_lo(women, infection, expected):
    probability = without_factors(infection).probability(np.full(women, 0.05), np.zeros(women, dtype=np.int64))
    assert probability.sum() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("p", "asset", "default"), [(0.05, 0.15, 0.0408), (0.05, 0.30, 0.0976), (0.10, 0.15, 0.0578), (0.10, 0.30, 0.1291)]
)
def test_factors_alone_give_vasicek_default_correlation(p, asset, default):
    law = Law(systemic=asset, bank=0.0, group=0.0, infection=0.0)
    both = law.expected_pairs(np.array([p, p]), np.array([0, 0]))
    assert (both - p * p) / (p * (1 - p)) == pytest.approx(default, abs=5e-5)


def test_factors_do_not_move_a_woman_who_is_alone():
    assert Law().probability(ALONE, np.array([0])) == pytest.approx([0.05], abs=1e-6)


def test_an_unequal_group_agrees_with_a_million_draws():
    law = Law()
    direct = np.array([0.02, 0.05, 0.10, 0.30])
    draws = 250_000
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(draws), 4)
    one_factor_each = [np.repeat(rng.standard_normal(draws), 4) for _ in range(3)]
    borrows = rng.random(4 * draws) >= law.withdrawal
    falls, pulled = law.realise(
        rng,
        np.tile(direct, draws),
        group,
        systemic=one_factor_each[0],
        bank_factor=one_factor_each[1],
        group_factor=one_factor_each[2],
        borrows=borrows,
    )
    bad = (falls | pulled).reshape(draws, 4)
    lent = borrows.reshape(draws, 4)
    seen = bad.sum(axis=0) / lent.sum(axis=0)
    assert law.probability(direct, np.zeros(4, dtype=np.int64)) == pytest.approx(seen, abs=0.002)

    whole = lent.all(axis=1)
    count = bad[whole].sum(axis=1)
    pairs = (count * (count - 1) / 2).mean()
    assert law.expected_pairs(direct, np.zeros(4, dtype=np.int64)) == pytest.approx(pairs, rel=0.03)


def test_women_who_are_not_lent_to_neither_fall_nor_infect():
    law = without_factors(1.0)
    none = np.zeros(4)
    falls, pulled = law.realise(
        np.random.default_rng(0),
        np.array([1.0 - 1e-12, 1e-12, 1.0 - 1e-12, 1e-12]),
        np.array([0, 0, 1, 1]),
        systemic=none,
        bank_factor=none,
        group_factor=none,
        borrows=np.array([True, True, False, True]),
    )
    assert falls.tolist() == [True, False, False, False]
    assert pulled.tolist() == [False, True, False, False]
