"""Past requests answered by a policy: by the code that serves, as of their own moment."""

from dataclasses import replace

import numpy as np
import pytest

from riskscore.errors import InvalidInput
from riskscore.scoring import Policy, Scorer, ScoreRequest, Snapshot
from riskscore.scoring.past_requests import PastRequests, own_pd
from riskscore.scoring.policy_review import policy_review, segments
from tests.unit.scoring.conftest import ROOT
from tests.unit.scoring.judged import judged_on

POLICY = (ROOT / "serving" / "policy.toml").read_text("utf-8")


@pytest.fixture(scope="module")
def judging(champion, portfolio):
    return judged_on(champion, portfolio)


@pytest.fixture(scope="module")
def past(judging, portfolio, policy):
    return PastRequests.answer(judging, portfolio, policy)


def test_values_and_probabilities_are_those_of_the_rows(past, judging):
    assert len(past) > 100
    assert past.without_product == 0
    np.testing.assert_array_equal(past.computed.X, past.rows.X)
    np.testing.assert_allclose(past.pd, judging.pd, atol=1e-12)
    np.testing.assert_allclose(own_pd(judging.champion.model, past.rows.X), past.own_pd, atol=1e-12)


@pytest.mark.slow
def test_each_is_answered_as_she_would_have_been_that_day(past, portfolio, champion, policy):
    scorer = Scorer(champion, policy)
    seen = set()
    for row in range(0, len(past), max(len(past) // 12, 1)):
        asked = past.frame.row(row, named=True)
        if asked["other_active_loans"] is None:
            continue
        snapshot = Snapshot.build(portfolio, champion.lock, asked["as_of"], members=[asked["member_id"]])
        body = {name: asked[name] for name in ("amount", "frequency", "purpose")} | {
            "recipe": "member_default",
            "subject": asked["member_id"],
            "currency": "USD",
            "term_days": int(asked["term_days"]),
            "other_active_loans": int(asked["other_active_loans"]),
        }
        score = scorer.score(snapshot, ScoreRequest.read(body, snapshot, recipe="member_default"))
        assert score.pd == pytest.approx(past.pd[row], abs=1e-12)
        assert tuple(why.code for why in score.recommendation.why) == past.whys[row]
        nii = past.nii_post[row]
        assert score.indebtedness.nii_post == (None if np.isnan(nii) else pytest.approx(nii))
        ceiling = past.ceilings[row]
        assert score.recommendation.ceiling == (None if np.isnan(ceiling) else pytest.approx(ceiling))
        seen.add(score.recommendation.state)
    assert seen == {"ready", "talk_first"}


@pytest.mark.parametrize("change", [{"subject": "group"}, {"outcome": "over_indebted_next_cycle"}])
def test_a_model_of_something_else_is_no_answer(judging, portfolio, policy, change):
    champion = replace(judging.champion, recipe=replace(judging.champion.recipe, **change))
    with pytest.raises(InvalidInput, match="whether a member repays"):
        PastRequests.answer(replace(judging, champion=champion), portfolio, policy)


def test_other_probabilities_move_only_the_rules_that_rest_on_them(past):
    np.testing.assert_array_equal(past.ready_by(past.own_pd), past.ready)
    np.testing.assert_array_equal(past.ready_by(np.zeros(len(past))), past.other_rules_ready)
    assert not past.ready_by(np.ones(len(past))).any()


def test_the_neighbours_record_turns_no_state(judging, portfolio, policy):
    found = policy_review(judging, portfolio, policy).group_record
    assert found.changed == 0
    assert found.out_uncapped >= found.out_capped > 0  # it would, if it were let


def test_low_risk_and_over_indebted_is_never_ready(judging, portfolio, policy):
    found = policy_review(judging, portfolio, policy)
    cells = [one for one in found.matrix if one.level == "OVER_INDEBTED"]
    assert sum(one.n for one in cells) > 0
    assert [one.ready for one in cells] == [0] * len(cells)
    in_force = next(cut for cut in found.cuts if cut.below == 0.12)
    assert in_force.alone.over_indebted.rate > 0  # the probability alone would have called some of them ready
    assert in_force.with_rules.over_indebted.rate == 0
    assert in_force.with_rules.n == found.now.n


def test_a_stricter_policy_only_takes_out_and_a_looser_one_only_lets_in(judging, portfolio, policy):
    strict = Policy.parse(POLICY.replace("value = 0.70", "value = 0.50"))
    found = policy_review(judging, portfolio, policy, strict).swap
    assert found.only_second.n == 0
    assert found.only_first.n > 0
    back = policy_review(judging, portfolio, strict, policy).swap
    assert (back.only_second.n, back.only_first.n) == (found.only_first.n, 0)
    assert back.both.n == found.both.n


def test_segments_part_the_requests_and_a_small_one_is_not_told(judging, portfolio, policy, past):
    rows = segments(past, portfolio)
    assert (rows["first_cycle"] ^ rows["repeat"]).all()
    assert not (rows["rural"] & rows["urban"]).any()
    assert not (rows["new_centre"] & rows["old_centre"]).any()
    assert (rows["new_centre"] | rows["old_centre"]).all()
    parts = {one.name: one for one in policy_review(judging, portfolio, policy).parts}
    assert parts["everyone"].n == len(past)
    assert all(one.told == (one.n >= 30 and one.banks >= 3) for one in parts.values())


def test_ceilings_part_the_requests(judging, portfolio, policy):
    found = policy_review(judging, portfolio, policy)
    one = found.ceilings
    assert one.covers + one.smaller + one.nothing + one.unknown == len(found.past)
    assert 0 < one.ready_if_smaller <= one.smaller
