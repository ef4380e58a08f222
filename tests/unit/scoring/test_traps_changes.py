"""What is offered to her: never the past, never a trait, never past net indebtedness, never beyond her own limits."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskscore.errors import InvalidInput
from riskscore.frequency import FREQUENCIES
from riskscore.modelling.reference import FeatureReference
from riskscore.modelling.scorecard import Bins, Scorecard
from riskscore.scoring import Limits, Scorer, as_changed
from riskscore.scoring.change_words import sentence
from riskscore.scoring.levers import DEBT_VIEWS, LEVERS, MOST_SAVINGS

#: All that a change may say otherwise than she asked; the rest of the request and of her values stays.
OF_THE_REQUEST = {"amount", "term_days", "frequency", "other_active_loans"}
OF_HER_VALUES = {"group_savings", *DEBT_VIEWS}


@pytest.fixture(scope="module")
def below(scores):
    """Whoever is to talk first and may be offered something: her score."""
    return {who: one for who, one in scores.items() if one.recommendation.state == "talk_first"}


@pytest.fixture(scope="module")
def offered(below, request_of, asked):
    requests = {row["member_id"]: request_of(row) for row in asked.iter_rows(named=True)}
    return [(requests[who], score, change) for who, score in below.items() for change in score.what_would_change]


def test_trap_23_a_change_never_touches_the_past_a_trait_or_membership(snapshot, offered, lock):
    assert len(offered) > 20
    protected = {feature.name for feature in lock.features if feature.protected}
    assert not protected & OF_HER_VALUES
    for request, _, change in offered:
        after, again = as_changed(snapshot, request, change)
        before = request.to_dict()
        assert {name for name, value in again.to_dict().items() if value != before[name]} <= OF_THE_REQUEST
        moved = ~((snapshot.values == after.values) | (np.isnan(snapshot.values) & np.isnan(after.values)))
        rows, columns = np.nonzero(moved)
        assert set(rows.tolist()) <= {snapshot.place(request.subject)}
        assert {snapshot.names[column] for column in columns} <= OF_HER_VALUES
        assert (after.group, after.bank) == (snapshot.group, snapshot.bank)


def test_trap_23_net_indebtedness_is_not_passed_over(scorer, policy, snapshot, offered):
    over = 0
    for request, score, change in offered:
        again = scorer.score(*as_changed(snapshot, request, change))
        assert again.indebtedness.nii_post <= policy.numbers.cap + 1e-9
        assert again.recommendation.why == ()
        over += score.indebtedness.above_cap is True
    assert over > 5


def test_no_loan_is_made_larger_so_that_none_pays_another(offered):
    for request, _, change in offered:
        assert change.amount <= request.amount
        assert change.term_days >= request.term_days
        assert set(change.kind.split("_and_")) <= set(LEVERS)
    told = [change.es + change.en for _, _, change in offered if change.finishes_debt]
    assert told
    assert all("sin otro préstamo" in text and "without another loan" in text for text in told)


def test_single_changes_come_first_and_the_nearest_of_them_first(offered, below):
    for score in below.values():
        singles = ["_and_" not in one.kind for one in score.what_would_change]
        assert singles == sorted(singles, reverse=True)
        alone = [one.steps for one in score.what_would_change if "_and_" not in one.kind]
        assert alone == sorted(alone)
        for one in score.what_would_change:
            if "_and_" in one.kind and alone:
                assert one.steps < min(alone)
    assert {change.kind for _, _, change in offered} >= {"amount", "term", "debt"}


def test_the_same_request_is_offered_the_same(scorer, snapshot, offered):
    for request, score, _ in offered[:10]:
        assert scorer.score(snapshot, request).what_would_change == score.what_would_change


def test_two_debts_or_more_are_left_alone(snapshot, offered):
    for request, _, change in offered:
        row = snapshot.row(request.subject)
        counts = [row["declared_count"] or 0, row["bureau_count"] or 0, request.other_active_loans]
        if change.finishes_debt:
            assert max(counts) == 1
            assert as_changed(snapshot, request, change)[1].other_active_loans == 0


def test_savings_are_asked_of_what_she_has_and_only_where_it_is_known(snapshot, scorer, offered, asked, request_of):
    for request, _, change in offered:
        if change.savings:
            row = snapshot.row(request.subject)
            assert change.savings <= min(row["accessible_savings"], MOST_SAVINGS * request.amount) + 1e-9
            assert row["group_savings"] is not None
    values = snapshot.values.copy()
    values[:, snapshot.names.index("accessible_savings")] = np.nan
    unknown = replace(snapshot, values=values)
    for row in asked.iter_rows(named=True):
        assert not any(one.savings for one in scorer.score(unknown, request_of(row)).what_would_change)


@pytest.fixture(scope="module")
def saving_counts(champion, policy):
    """A scorer whose model also reads savings, and the frequency, which has no direction."""
    model = champion.model
    counts = (100, 100, 100)
    extra = (
        Bins("savings_to_loan", (0.1, 0.2), (-1.2, 0.3, 1.0), 0.0, 0.0, -0.9, counts, counts),
        Bins("instalments_per_month", (3.0,), (-0.3, 2.0), 0.0, 0.0, -1.0, counts[:2], counts[:2]),
    )
    names = (*model.features, *(one.feature for one in extra))
    families = {**model.families, "savings_to_loan": "repayment", "instalments_per_month": "capacity"}
    margin = Scorecard(names, -2.6, (*model.margin.bins, *extra))
    features = {
        **champion.reference.features,
        "savings_to_loan": FeatureReference(0.2, 0.2, 0.0, 9.0, 0.2),
        "instalments_per_month": FeatureReference(2.0, 2.0, 0.0, 4.5, 0.0),
    }
    return Scorer(
        replace(
            champion,
            model=replace(model, margin=margin, families=families),
            reference=replace(champion.reference, features=features),
        ),
        policy,
    )


@pytest.fixture(scope="module")
def offered_otherwise(saving_counts, snapshot, asked, request_of):
    requests = [request_of(row) for row in asked.iter_rows(named=True)]
    scores = [saving_counts.score(snapshot, request) for request in requests]
    return [
        (one, score, change) for one, score in zip(requests, scores, strict=True) for change in score.what_would_change
    ]


def test_savings_are_offered_where_they_count(offered_otherwise, saving_counts, snapshot):
    saved = [(request, change) for request, _, change in offered_otherwise if change.savings]
    assert saved
    for request, change in saved:
        again = saving_counts.score(*as_changed(snapshot, request, change))
        assert (again.recommendation.state, again.points.shown_score) == ("ready", change.score)


def test_no_offer_rests_on_a_feature_without_direction(offered_otherwise, saving_counts, snapshot):
    # By the model, weekly instalments alone are worth 2.3 in log-odds; that is no reason to offer them.
    fortnightly = [request for request, _, _ in offered_otherwise if request.frequency == "fortnightly"]
    assert any(
        saving_counts.score(snapshot, replace(request, frequency="weekly")).recommendation.state == "ready"
        for request in fortnightly
    )
    for request, _, change in offered_otherwise:
        if change.frequency != request.frequency:
            as_asked = replace(change, frequency=request.frequency)
            held = saving_counts.score(*as_changed(snapshot, request, as_asked))
            assert "pd_band" not in [why.code for why in held.recommendation.why]


def test_each_of_many_is_offered_what_she_is_alone(saving_counts, policy, snapshot, asked, request_of):
    """Weekly and fortnightly turn about: what has no direction is held as she herself asked for it."""
    champion = saving_counts.champion
    model = replace(champion.model, margin=replace(champion.model.margin, alpha=-1.2))  # many are too risky
    riskier = Scorer(replace(champion, model=model), policy)
    often = ("weekly", "fortnightly")
    requests = [request_of(row, frequency=one) for row in asked.iter_rows(named=True) for one in often]
    alone = [riskier.score(snapshot, request).what_would_change for request in requests]
    assert len([one for one in alone if one]) > 5
    assert [score.what_would_change for score in riskier.score_all(snapshot, requests)] == alone


def test_a_first_loan_is_offered_something_too(scorer, snapshot, offered):
    values = snapshot.values.copy()
    values[:, snapshot.names.index("previous_amount")] = np.nan
    first = replace(snapshot, values=values)
    found = [(request, scorer.score(first, request)) for request, _, _ in offered]
    assert any(score.what_would_change for _, score in found)
    for request, score in found:
        for change in score.what_would_change:
            assert scorer.score(*as_changed(first, request, change)).recommendation.state == "ready"


def test_nothing_off_the_support_is_offered(scorer, snapshot, asked, request_of, offered):
    values = snapshot.values.copy()
    values[:, snapshot.names.index("worst_delay_180d")] = 900.0
    beyond = replace(snapshot, values=values)
    for request, _, _ in offered[:20]:
        score = scorer.score(beyond, request)
        assert score.data_quality.off_support == ("worst_delay_180d",)
        assert score.what_would_change == ()


her_limits = st.builds(
    Limits,
    least_amount=st.none() | st.floats(0, 1_000),
    longest_term_days=st.none() | st.integers(91, 260),
    frequencies=st.none() | st.sets(st.sampled_from(FREQUENCIES), min_size=1).map(lambda some: tuple(sorted(some))),
    most_savings=st.none() | st.floats(0, 150),
    can_finish_debt=st.booleans(),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limits=her_limits, pick=st.integers(0, 10_000))
def test_her_limits_are_kept_to_the_last(saving_counts, snapshot, offered_otherwise, limits, pick):
    request, _, _ = offered_otherwise[pick % len(offered_otherwise)]
    for change in saving_counts.score(snapshot, request, limits).what_would_change:
        assert limits.least_amount is None or change.amount >= limits.least_amount
        assert limits.longest_term_days is None or change.term_days <= limits.longest_term_days
        assert limits.frequencies is None or change.frequency in limits.frequencies
        assert limits.most_savings is None or change.savings <= limits.most_savings
        assert limits.can_finish_debt or not change.finishes_debt
        again = saving_counts.score(*as_changed(snapshot, request, change))
        assert (again.recommendation.state, again.points.shown_score) == ("ready", change.score)


def test_limits_leave_other_offers_standing(scorer, snapshot, offered):
    kept = 0
    for request, score, first in offered:
        if first is score.what_would_change[0] and first.kind == "amount":
            narrowed = scorer.score(snapshot, request, Limits(least_amount=first.amount)).what_would_change
            assert first in narrowed
            above = scorer.score(snapshot, request, Limits(least_amount=first.amount + 0.01)).what_would_change
            assert first not in above
            kept += 1
    assert kept > 5


def test_limits_that_are_none_are_told_at_once():
    with pytest.raises(InvalidInput) as caught:
        Limits(least_amount=-1, longest_term_days=0, frequencies=("bimonthly",), most_savings=float("nan"))
    assert [fault.where for fault in caught.value.faults] == [
        "limits.least_amount",
        "limits.longest_term_days",
        "limits.most_savings",
        "limits.frequencies",
    ]


@pytest.mark.parametrize("frequency", FREQUENCIES)
@pytest.mark.parametrize("kind", [*LEVERS, "amount_and_term", "savings_and_debt"])
def test_the_words_tell_of_her_score_and_never_of_her_risk(kind, frequency):
    told = {"amount": 400.0, "term_days": 140, "savings": 20.0, "currency": "PEN", "score": 588}
    es, en = (sentence(language, kind, frequency=frequency, **told) for language in ("es", "en"))
    assert "quedaría lista para decidir. Su puntaje sería 588." in es
    assert "would be ready to decide. Her score would be 588." in en
    for text in (es, en):
        assert not re.search(r"riesgo|risk|probab|garant|guarant", text.lower())
        assert all(len(part.split()) <= 20 for part in text.split(". "))
