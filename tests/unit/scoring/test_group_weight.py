from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from riskscore.scoring.group_weight import Turned, group_weight

#: worst_delay_180d, instalment_to_surplus, amount_growth, loans_elsewhere, peer_late_share, lean_season
QUIET = (0.0, 0.4, 1.1, 0.0)
NEAR_THE_LINE = (3.0, 0.8, 1.3, 1.0)
ROWS = np.array(
    [
        [*QUIET, 0.01, 0.0],
        [*QUIET, 0.5, 0.0],
        [*NEAR_THE_LINE, 0.01, 0.0],
        [*NEAR_THE_LINE, 0.1, 0.0],
        [*NEAR_THE_LINE, 0.5, 0.0],
    ]
)


@pytest.fixture
def line_between(policy):
    """Policies whose only line lies at a probability."""

    def at(pd):
        ready, talk = policy.bands[0], policy.bands[-1]
        return replace(policy, bands=(replace(ready, pd_below=pd), replace(talk, pd_from=pd)))

    return at


def test_the_group_turns_no_state_and_the_count_says_so(champion, line_between):
    weight = group_weight(champion, line_between(0.20), ROWS)
    assert (weight.rows, weight.turned) == (5, Turned(0, 0))


def test_what_it_would_turn_were_the_whole_pd_read(champion, line_between):
    # By hand: the group adds .9 * (.1 - woe) to the log-odds, -.72, .18 and 1.35, of which ln 2 is the most.
    own = -2.6 + 0.9 * 0.4 + 0.8 * 0.6 + 0.7 * 0.2 + 0.6 * 0.1 - 0.5 * 0.1 - 0.9 * 0.1
    above_capped = float(expit(own + 0.75))
    weight = group_weight(champion, line_between(above_capped), ROWS)
    assert weight.talk_first == 0
    assert weight.turned_if_read == Turned(0, 0)
    assert weight.turned_if_uncapped == Turned(1, 0)
    assert weight.turned_by_cap == Turned(0, 1)
    weight = group_weight(champion, line_between(float(expit(own - 0.01))), ROWS)
    assert weight.talk_first == 3
    assert weight.turned_if_read == Turned(0, 1)
    assert weight.turned_by_cap == Turned(0, 0)


def test_whom_the_cap_holds_back(champion, policy):
    weight = group_weight(champion, policy, ROWS)
    # Four rows lie beyond ln 2 = .693: two at .72 below, two at 1.35 above.
    assert (weight.cap, weight.held) == (20.0, 4)
    assert weight.points_most == pytest.approx(20.0)
    free = group_weight(replace(champion, model=replace(champion.model, caps={})), policy, ROWS)
    assert (free.cap, free.held) == (None, 0)
    assert free.points_most == pytest.approx(1.35 * 20 / np.log(2))


def test_it_is_json(champion, policy):
    assert group_weight(champion, policy, ROWS).to_dict()["turned"] == {"to_talk_first": 0, "to_ready": 0}
