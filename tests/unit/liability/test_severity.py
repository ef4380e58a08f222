"""What a fall costs and who paid of it."""

import numpy as np
import pytest

from riskscore.errors import InvalidInput, Refused
from riskscore.liability import bear, covered_share, fall_steps, severity


def test_severity_is_a_share_of_money_and_its_steps_have_the_same_mean():
    owed, own = [100.0, 300.0, 50.0, 50.0], [100.0, 150.0, 0.0, 50.0]
    found = severity(owed, own, cluster=["a", "a", "b", "b"])
    assert found.value == pytest.approx(0.40)
    assert found.low <= 0.40 <= found.high
    steps = fall_steps(owed, own, [0.0] * 4, [0.0] * 4)
    assert np.mean(steps.missing) == pytest.approx(0.40)
    assert np.all(np.diff(steps.missing) > -1e-9)
    assert (steps.missing[0], steps.missing[-1]) == pytest.approx((0.0, 1.0))
    assert set(steps.by_savings + steps.by_group) == {0.0}


def test_falls_that_others_paid_come_before_those_that_nobody_paid():
    # Two of four equal loans: her group paid one, her savings half of another; nobody paid the third.
    steps = fall_steps([100.0] * 4, [100.0, 20.0, 20.0, 20.0], [0.0, 0.0, 40.0, 0.0], [0.0, 80.0, 0.0, 0.0])
    quarters = [np.mean(np.reshape(one, (4, 5)), axis=1).tolist() for one in (steps.missing, steps.by_savings)]
    assert quarters[0] == pytest.approx([0.0, 0.8, 0.8, 0.8])
    assert quarters[1] == pytest.approx([0.0, 0.0, 0.4, 0.0])
    assert np.mean(steps.by_group) == pytest.approx(0.20)


def test_severity_faults():
    with pytest.raises(InvalidInput) as error:
        severity([0.0, 10.0], [0.0, 11.0], cluster=["a"])
    assert [fault.where for fault in error.value.faults] == ["owed", "own", "cluster"]
    with pytest.raises(Refused):
        severity([], [], cluster=[])


def test_a_covered_share_is_drawn_to_what_is_believed_and_its_interval_with_it():
    covered, missing = [30.0, 0.0, 10.0, 20.0, 0.0], [50.0, 50.0, 50.0, 50.0, 0.0]
    told = {"cluster": ["a", "a", "b", "c", "c"], "before_cases": 4}
    # The fifth fall lacked nothing and says nothing: four cases against four.
    found = covered_share(covered, missing, before=0.0, **told)
    assert (found.value, found.cases) == (pytest.approx(0.5 * 60 / 200), 4)
    assert found.low <= found.value <= found.high <= 0.5
    assert covered_share(covered, missing, before=0.8, **told).value == pytest.approx(0.5 * 0.3 + 0.5 * 0.8)
    with pytest.raises(Refused):
        covered_share([0.0], [0.0], cluster=["a"], before=0.0, before_cases=4)
    with pytest.raises(InvalidInput) as error:
        covered_share([2.0], [1.0], cluster=[], before=2.0, before_cases=0)
    assert [fault.where for fault in error.value.faults] == ["covered", "cluster", "before"]


def test_savings_and_groups_pay_no_more_than_was_shown_and_no_more_than_they_hold():
    fell = np.array([[True, False, False]])
    given = {"loan": np.full(3, 100.0), "savings": np.array([30.0, 0.0, 0.0]), "spare": np.full(3, 20.0)}

    def borne(**most):
        found = bear(fell, np.zeros(3, dtype=np.int64), severity=1.0, fund=5.0, stops_above=1.0, **given, **most)
        return [float(layer[0]) for layer in (found.by_savings, found.by_group, found.by_fund, found.by_lender)]

    assert borne() == [30.0, 40.0, 5.0, 25.0]
    assert borne(by_savings=0.1, by_group=0.25) == [10.0, 25.0, 5.0, 60.0]
    assert borne(by_savings=0.9, by_group=0.0) == [30.0, 0.0, 5.0, 65.0]
    with pytest.raises(InvalidInput, match="by_group"):
        borne(by_group=1.5)
