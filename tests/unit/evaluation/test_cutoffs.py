"""Cut-offs, swap sets, and how often people agree."""

import math

import numpy as np
import pytest

from riskscore.evaluation.agreement import agreement
from riskscore.evaluation.cutoffs import cutoffs, swap

PD = np.array([0.02, 0.05, 0.05, 0.10, 0.20, 0.40])
RULES = np.array([True, True, False, True, True, True])
BAD = np.array([0.0, 0.0, 1.0, 0.0, 1.0, 1.0])
OVER = np.array([0.0, 0.0, 1.0, math.nan, 0.0, 1.0])
BANK = np.arange(6)


def test_a_cut_off_is_exclusive_and_counts_what_it_lets_through():
    low, high = cutoffs(PD, RULES, BAD, OVER, BANK, [0.10, 1.0])
    assert (low.below, low.alone.n, low.with_rules.n) == (0.10, 3, 2)
    assert low.alone.share.rate == pytest.approx(0.5)
    assert low.alone.bad.rate == pytest.approx(1 / 3)
    assert low.alone.over_indebted.rate == pytest.approx(1 / 3)
    assert low.with_rules.over_indebted.rate == 0.0
    assert (high.alone.n, high.alone.unknown) == (6, 1)
    assert high.alone.over_indebted.rate == pytest.approx(2 / 5)  # of who is known
    assert high.alone.bad.low < 0.5 < high.alone.bad.high


def test_a_cut_off_that_lets_nobody_through_has_no_rates():
    (none,) = cutoffs(PD, RULES, BAD, OVER, BANK, [0.01])
    assert none.alone.n == 0
    assert math.isnan(none.alone.bad.rate)


def test_the_swap_set_parts_all_requests():
    found = swap(PD < 0.10, PD > 0.04, BAD, OVER, BANK)
    counts = [one.n for one in (found.both, found.only_first, found.only_second, found.neither)]
    assert counts == [2, 1, 3, 0]
    assert found.only_second.bad.rate == pytest.approx(2 / 3)


def test_people_who_decide_otherwise_are_counted_by_direction():
    ready = np.array([True, True, True, False, False])
    whole = np.array([True, False, True, True, False])
    found, stricter, looser = agreement(ready, whole)
    assert (found.decisions, found.agreed, found.stricter, found.looser) == (5, 3, 1, 1)
    assert found.rate == pytest.approx(0.6)
    assert stricter.tolist() == [False, True, False, False, False]
    assert looser.tolist() == [False, False, False, True, False]


@pytest.mark.parametrize(("n", "agreed", "stamp"), [(49, 49, False), (50, 50, True), (100, 98, False), (100, 99, True)])
def test_agreement_that_is_too_complete_is_a_rubber_stamp(n, agreed, stamp):
    whole = np.arange(n) < agreed
    assert agreement(np.ones(n, dtype=bool), whole)[0].rubber_stamp is stamp


def test_without_a_decision_there_is_no_rate():
    none = agreement(np.zeros(0, dtype=bool), np.zeros(0, dtype=bool))[0]
    assert math.isnan(none.rate)
    assert not none.rubber_stamp
