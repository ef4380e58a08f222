"""What a committee reads of its bank rests on the group's own books: no fact from outside of them moves it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.scale import ScoreScale
from riskscore.modelling.scorecard import Bins, Scorecard
from riskscore.scoring.bank_cases import pd_in_books


def bins_of(name: str) -> Bins:
    """Below 5 safer: log-odds -/+ 0.9, and a third of it where it is missing."""
    return Bins(name, (5.0,), (1.0, -1.0), 0.3, 0.0, -0.9, (80, 15, 5), (4, 6, 0))


MEMBER = CalibratedModel(
    Scorecard(("delay", "share_of_income"), -3.0, (bins_of("delay"), bins_of("share_of_income"))),
    {"delay": "repayment", "share_of_income": "capacity"},
    1.0,
    0.0,
    {},
    ScoreScale(600, 50, 20),
)


@given(st.floats(-1e6, 1e6), st.one_of(st.floats(-1e6, 1e6), st.just(np.nan)))
def test_her_budget_does_not_move_it(one, other):
    X = np.array([[1.0, one], [1.0, other]])
    first, second = pd_in_books(MEMBER, X)
    assert first == second


def test_her_record_in_the_group_does():
    on_time, late = pd_in_books(MEMBER, np.array([[1.0, 9.0], [9.0, 9.0]]))
    assert on_time < late
    whole_on_time, whole_late = MEMBER.pd(np.array([[1.0, 9.0], [9.0, 9.0]]))
    assert np.log(late / (1 - late)) - np.log(on_time / (1 - on_time)) == pytest.approx(
        np.log(whole_late / (1 - whole_late)) - np.log(whole_on_time / (1 - whole_on_time))
    )
