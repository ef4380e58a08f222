import numpy as np
import pytest

from riskscore.errors import InvalidInput
from riskscore.liability import beta_binomial, binomial, external_shortfall, falls_to_break, group_pd, vasicek


@pytest.mark.parametrize(
    ("n", "savings", "spare", "breaking"),
    [(5, 0, 0, 1), (5, 0.5, 0, 1), (5, 0.5, 0.25, 2), (5, 1, 0.25, 2), (5, 1, 0.5, 3), (27, 2.7, 0.15, 6)],
)
def test_how_many_falls_break_a_group(n, savings, spare, breaking):
    assert falls_to_break(n, loan=1, savings=savings, spare=spare) == breaking


def test_a_group_with_savings_for_all_never_breaks():
    assert falls_to_break(5, loan=1, savings=5, spare=0) is None
    assert group_pd(binomial(5, 0.05), loan=1, savings=5, spare=0) == 0.0


@pytest.mark.parametrize(
    ("falls", "chance"),
    [(binomial(5, 0.05), 0.022592), (beta_binomial(5, 0.05, 0.10), 0.046533), (vasicek(5, 0.05, 0.30), 0.044495)],
)
def test_the_chance_that_falls_reach_the_lender(falls, chance):
    assert group_pd(falls, loan=1, savings=0.5, spare=0.25) == pytest.approx(chance, abs=6e-7)


def test_the_waterfall_step_by_step():
    fell = np.array(
        [
            [False, False, False, False],
            [True, False, False, False],
            [True, True, False, False],
            [True, True, True, True],
        ]
    )
    found = external_shortfall(
        fell, [0, 0, 1, 1], loss=[100, 100, 100, 100], savings=[20, 20, 20, 200], spare=[50, 50, 50, 50], fund=40
    )
    # one falls: 80 asked, 50 offered, 30 left for the fund. Two of group 0: 160 asked of nobody, 40 by the fund.
    assert found.tolist() == [0.0, 0.0, 120.0, 200.0]


def test_equal_loans_break_where_the_count_says():
    fell = np.tril(np.ones((6, 5), dtype=bool), k=-1)
    found = external_shortfall(fell, [0] * 5, loss=[1.0] * 5, savings=[0.1] * 5, spare=[0.25] * 5, fund=0.0)
    assert (found > 0).tolist() == [False, False, True, True, True, True]


def test_faults_come_together():
    with pytest.raises(InvalidInput) as error:
        external_shortfall(
            np.zeros((1, 2), dtype=bool), [0], loss=[1.0], savings=[-1.0, 0.0], spare=[0.0, 0.0], fund=-1.0
        )
    assert [fault.where for fault in error.value.faults] == ["loss", "savings", "group", "fund"]
    with pytest.raises(InvalidInput):
        falls_to_break(0, loan=1, savings=0, spare=0)
