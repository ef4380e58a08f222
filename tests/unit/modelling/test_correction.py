"""Worlds brought to a PD: literal worlds, figures by hand."""

import numpy as np
import pytest

from riskscore.liability import Borne
from riskscore.modelling.communal_bank.correction import corrected
from riskscore.modelling.communal_bank.structure import Course

#: 1,000 worlds by (how many, falls, loss, what reaches the lender); the rest of the loss is paid by the group.
WORLDS = [(600, 0, 0.0, 0.0), (270, 1, 50.0, 0.0), (30, 1, 100.0, 40.0), (80, 2, 150.0, 0.0), (20, 2, 200.0, 90.0)]


def worlds(rows=WORLDS):
    times = [row[0] for row in rows]
    falls, loss, lender = (np.repeat([row[place] for row in rows], times) for place in (1, 2, 3))
    nothing = np.zeros(len(loss))
    borne = Borne(falls, loss, nothing, loss - lender, nothing, lender, np.zeros(len(loss), dtype=bool))
    return Course(float((lender > 0).mean()), borne)


def test_at_their_own_pd_the_worlds_stay():
    found = corrected(worlds(), 0.05)
    # 30 worlds of 40 and 20 of 90: 3.0 in the mean of 1,000.
    assert (found.expected_loss, found.by_untold) == pytest.approx((3.0, 0.0))
    # One fall reaches the lender in 30 of 300 worlds: more than 5 in 100.
    assert found.covers_falls == 0


def test_a_lower_pd_takes_from_the_lender_what_no_table_tells_and_covers_more_falls():
    found = corrected(worlds(), 0.02)
    assert (found.expected_loss, found.by_untold) == pytest.approx((1.2, 1.8))
    # One fall: 12 of 300, 4 in 100. Two: 8 of 100.
    assert found.covers_falls == 1
    assert corrected(worlds(), 0.01).covers_falls == 2


def test_a_higher_pd_says_that_told_cover_fails():
    found = corrected(worlds(), 0.20)
    # The loss where something is lost stays 3.0 / 0.05 = 60.
    assert (found.expected_loss, found.by_untold) == pytest.approx((12.0, -9.0))
    assert found.covers_falls == 0


def test_a_pd_that_no_such_worlds_can_have_gives_no_outlook():
    # Somebody falls in 400 of 1,000: more than that cannot reach the lender.
    assert corrected(worlds(), 0.40) is not None
    assert corrected(worlds(), 0.41) is None
    # Of 2.0 that is missing in the mean no more than 2.0 reaches the lender, though every tenth world has a fall.
    few = [(900, 0, 0.0, 0.0), (99, 1, 10.0, 0.0), (1, 1, 1_010.0, 1_000.0)]
    assert corrected(worlds(few), 0.0019) is not None
    assert corrected(worlds(few), 0.0021) is None


def test_where_no_world_reaches_the_lender_only_a_pd_that_such_worlds_would_not_show_is_theirs():
    safe = Course(0.5 / 1_001, worlds([(900, 0, 0.0, 0.0), (100, 1, 50.0, 0.0)]).borne)
    found = corrected(safe, 0.019)
    assert (found.expected_loss, found.covers_falls) == (0.0, 1)
    # At 20 in 1,000 some 20 of these 1,000 worlds would.
    assert corrected(safe, 0.02) is None
