import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscore.errors import InvalidInput
from riskscore.liability import (
    AssetShares,
    bear,
    binomial,
    draw_worlds,
    external_shortfall,
    infectious,
    vasicek,
)

NOTHING = AssetShares(0.0, 0.0, 0.0)
MONEY = st.floats(0, 200)


def test_worlds_are_davis_and_los():
    fell = draw_worlds(np.full(5, 0.05), np.zeros(5, dtype=np.int64), shares=NOTHING, q=0.3, draws=200_000, seed=2)
    shares = np.bincount(fell.sum(axis=1), minlength=6) / 200_000
    assert shares == pytest.approx(infectious(5, 0.05, 0.3), abs=3e-3)


def test_worlds_are_vasiceks_and_the_binomials():
    for shares, expected in ((AssetShares(0.1, 0.1, 0.1), vasicek(5, 0.05, 0.30)), (NOTHING, binomial(5, 0.05))):
        fell = draw_worlds(np.full(5, 0.05), np.zeros(5, dtype=np.int64), shares=shares, q=0.0, draws=200_000, seed=2)
        found = np.bincount(fell.sum(axis=1), minlength=6) / 200_000
        assert found == pytest.approx(expected, abs=3e-3)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_the_waterfall_adds_up_and_agrees_with_the_plain_one(data):
    n = data.draw(st.integers(1, 6))
    loan = np.array(data.draw(st.lists(st.floats(1, 200), min_size=n, max_size=n)))
    savings, spare = (np.array(data.draw(st.lists(MONEY, min_size=n, max_size=n))) for _ in range(2))
    group = np.array(data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))
    severity, fund = data.draw(st.floats(0.05, 1.0)), data.draw(MONEY)
    fell = np.array(data.draw(st.lists(st.lists(st.booleans(), min_size=n, max_size=n), min_size=1, max_size=5)))
    found = bear(fell, group, loan=loan, severity=severity, savings=savings, spare=spare, fund=fund, stops_above=1e15)
    parts = found.by_savings + found.by_group + found.by_fund + found.by_lender
    assert parts == pytest.approx(found.loss, abs=1e-9)
    plain = external_shortfall(fell, group, loss=severity * loan, savings=savings, spare=spare, fund=fund)
    assert found.by_lender == pytest.approx(plain, abs=1e-9)
    assert found.falls.tolist() == fell.sum(axis=1).tolist()
    assert not found.stopped.any()


def test_cover_above_the_worth_of_the_next_loan_stops_the_solvent_too():
    fell = np.array([[True, True, False], [True, False, False]])
    ones = np.ones(3)

    def lent(stops_above):
        return bear(
            fell,
            np.zeros(3, dtype=np.int64),
            loan=100 * ones,
            severity=1.0,
            savings=0 * ones,
            spare=150 * ones,
            fund=0.0,
            stops_above=stops_above,
        )

    # Two falls ask 200 of the one who stands: twice her loan. One fall asks half of theirs of two.
    assert lent(1.0).stopped.tolist() == [True, False]
    assert lent(1.0).by_lender.tolist() == [300.0, 0.0]
    assert lent(1.0).falls.tolist() == [2, 1]
    assert lent(3.0).by_lender.tolist() == [50.0, 0.0]


def test_one_severity_a_fall():
    fell = np.array([[True], [True]])
    found = bear(
        fell,
        np.zeros(1, dtype=np.int64),
        loan=np.array([100.0]),
        severity=np.array([[0.1], [1.0]]),
        savings=np.array([20.0]),
        spare=np.array([0.0]),
        fund=5.0,
        stops_above=1.0,
    )
    assert found.by_savings.tolist() == [10.0, 20.0]
    assert found.by_lender.tolist() == [0.0, 75.0]


def test_faults_come_together():
    with pytest.raises(InvalidInput) as error:
        bear(
            np.zeros((1, 2), dtype=bool),
            np.zeros(1, dtype=np.int64),
            loan=np.array([1.0, -1.0]),
            severity=1.5,
            savings=np.zeros(2),
            spare=np.zeros(2),
            fund=0.0,
            stops_above=0.0,
        )
    assert [fault.where for fault in error.value.faults] == ["loan", "group", "severity", "fund, stops_above"]
    with pytest.raises(InvalidInput):
        draw_worlds(np.full(2, 0.1), np.zeros(2, dtype=np.int64), shares=NOTHING, q=1.0, draws=5, seed=1)
