"""A grade's bads against its PD, against the golden figures and between two ways to compute one thing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscore import liability
from riskscore.errors import InvalidInput
from riskscore.evaluation import critical_bads, grade_tests
from riskscore.evaluation.grade_tests import binomial_tail, jeffreys_tail, traffic_light
from riskscore.evaluation.one_factor import default_correlation, tail_probability


@pytest.mark.parametrize(
    ("bads", "light"), [(0, "green"), (15, "green"), (16, "yellow"), (21, "yellow"), (22, "red"), (40, "red")]
)
def test_golden_traffic_light(bads: int, light: str) -> None:
    assert traffic_light(binomial_tail(bads, 200, 0.05)) == light


def test_golden_tails() -> None:
    assert binomial_tail(17, 200, 0.05) == pytest.approx(0.0238, abs=5e-5)
    assert binomial_tail(20, 200, 0.05) == pytest.approx(0.00266, abs=5e-6)
    assert jeffreys_tail(17, 200, 0.05) == pytest.approx(0.0171, abs=5e-5)
    assert critical_bads(200, 0.05, 0.05) == 16
    assert critical_bads(200, 0.05, 0.001) == 22


def test_a_correlation_raises_the_critical_number() -> None:
    found = [critical_bads(200, 0.05, 0.05, default_correlation=one) for one in (0.0, 0.01, 0.05)]
    assert found == sorted(found)
    assert found[0] < found[1] < found[2]


def test_one_grade_is_told_in_full() -> None:
    pd = np.full(200, 0.05)
    one = grade_tests([1] * 17 + [0] * 183, pd, ["C"] * 200, names=["C"], default_correlation=0.02)[0]
    assert (one.n, one.bads, one.light, one.plain_light) == (200, 17, "yellow", "yellow")
    assert one.clustered == pytest.approx(0.0238, abs=0.01)
    assert one.vasicek is not None
    assert one.vasicek > one.binomial
    assert one.to_dict()["rate"] == 0.085


def test_no_alarm_on_a_few_is_no_green() -> None:
    few = grade_tests([0] * 12, [0.03] * 12, ["A"] * 12, names=["A", "B"])
    assert [one.light for one in few] == ["too_few", "too_few"]
    assert few[1].to_dict()["pd"] is None
    assert few[0].power < 0.5


def test_a_grade_that_is_not_named_is_a_fault() -> None:
    with pytest.raises(InvalidInput, match="unknown grades"):
        grade_tests([0, 1], [0.1, 0.2], ["A", "X"], names=["A"])


@given(st.integers(1, 300), st.floats(0.01, 0.5), st.sampled_from([0.05, 0.001]))
def test_the_critical_number_is_the_first_whose_tail_is_under_it(n: int, pd: float, tail: float) -> None:
    found = critical_bads(n, pd, tail)
    assert found == n + 1 or binomial_tail(found, n, pd) < tail
    assert binomial_tail(found - 1, n, pd) >= tail


@given(st.integers(1, 100), st.floats(0.02, 0.4), st.floats(0.01, 0.3))
def test_tails_fall_with_the_bads_and_all_of_them_are_certain(n: int, pd: float, correlation: float) -> None:
    tails = [tail_probability(bads, n, pd, correlation) for bads in range(n + 1)]
    assert tails[0] == pytest.approx(1.0)
    assert all(one >= other - 1e-12 for one, other in pairwise(tails))
    # The mean over the shared factor is the PD itself.
    assert sum(tails[1:]) / n == pytest.approx(pd, rel=0.02)


def test_a_shared_factor_moves_a_safe_grade_less_than_a_risky_one() -> None:
    # 400 banks of ten safe and ten risky women each; .10 is the correlation of all rows, at their mean PD.
    banks = np.repeat(np.arange(400), 20)
    risky = np.tile(np.arange(20) < 10, 400)
    pd = np.where(risky, 0.20, 0.01)
    outcomes = np.where(np.arange(8000) % 20 == 0, 1.0, 0.0)
    found = grade_tests(outcomes, pd, np.where(risky, "B", "A"), names=("A", "B"), clusters=banks, icc=0.10, draws=999)
    alone = grade_tests(
        outcomes[~risky], pd[~risky], ["A"] * 4000, names=("A",), clusters=banks[~risky], icc=0.10, draws=999
    )
    assert found[0].plain_yellow_from <= found[0].yellow_from < alone[0].yellow_from


@pytest.mark.parametrize("pd", [0.005, 0.05, 0.30])
@pytest.mark.parametrize("asset", [0.02, 0.15, 0.50])
def test_the_two_rooms_that_turn_correlations_into_one_another_agree(pd, asset):
    assert default_correlation(asset, pd) == pytest.approx(liability.default_correlation(pd, asset), rel=1e-6, abs=1e-9)
