import json
import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import polars as pl
import pytest

from riskscore.errors import ArtefactError, InvalidInput, NotFound
from riskscore.frequency import months
from riskscore.indebtedness import Budget, Cover, Debts, PolicyNumbers, assess, peers_cover
from riskscore.modelling.calibrated import Offset
from riskscore.scoring import Scorer, Snapshot, as_changed
from riskscore.scoring.asked import cases_of
from riskscore.scoring.cases import Engine


def changed(snapshot, **columns):
    """The snapshot with some columns set for everybody."""
    values = snapshot.values.copy()
    for name, value in columns.items():
        values[:, snapshot.names.index(name)] = value
    return replace(snapshot, values=values)


def first(asked, scores, passes):
    return next(row for row in asked.iter_rows(named=True) if passes(scores[row["member_id"]]))


def test_there_is_something_of_everything(scores):
    assert {score.recommendation.state for score in scores.values()} == {"ready", "talk_first"}
    assert {"SOLVENT", "OVER_INDEBTED", "UNKNOWN"} <= {score.indebtedness.level for score in scores.values()}
    assert any(score.what_would_change for score in scores.values())


def test_base_and_points_are_the_score(scores):
    for score in scores.values():
        assert score.points.score == pytest.approx(score.score, abs=1e-9)
        assert score.points.base + sum(score.points.families.values()) == pytest.approx(score.score, abs=1e-9)
        assert score.points.shown_base + sum(score.points.shown.values()) == round(score.score)


def test_alone_equals_in_a_batch(scorer, snapshot, asked, scores):
    frame = scorer.batch(snapshot, asked, explain=True)
    assert frame["member_id"].to_list() == asked["member_id"].to_list()
    for row in frame.iter_rows(named=True):
        score = scores[row["member_id"]]
        assert (row["pd"], row["score"], row["grade"]) == (score.pd, score.score, score.grade)
        assert (row["state"], row["ceiling"]) == (score.recommendation.state, score.recommendation.ceiling)
        for name in ("level", "headroom", "largest_amount", "nii_now"):
            assert row[name] == getattr(score.indebtedness, name)
        assert {name: row[f"points.{name}"] for name in score.points.features} == pytest.approx(
            dict(score.points.features), abs=1e-12
        )
        codes = [row[f"reason_{number}"] for number in range(1, 5)]
        assert [code for code in codes if code is not None] == [reason.code for reason in score.reasons]


def test_unexplained_equals_explained(scorer, snapshot, asked):
    plain, explained = (scorer.batch(snapshot, asked, explain=explain) for explain in (False, True))
    assert plain["pd"].to_numpy() == pytest.approx(explained["pd"].to_numpy(), abs=1e-12)
    assert plain["state"].to_list() == explained["state"].to_list()


def test_a_segments_offset_counts_unexplained_too(champion, policy, snapshot, asked):
    model = replace(champion.model, offsets={"lean_season": Offset(1.5, 0.25)})
    scorer = Scorer(replace(champion, model=model), policy)
    plain, explained = (scorer.batch(snapshot, asked, explain=explain) for explain in (False, True))
    assert plain["pd"].to_numpy() == pytest.approx(explained["pd"].to_numpy(), abs=1e-12)
    assert plain["state"].to_list() == explained["state"].to_list()
    without = Scorer(champion, policy).batch(snapshot, asked)
    moved = (without["score"] - plain["score"]) / model.scale.factor
    assert set(moved.round(9)) == {-0.375, 1.125}


def test_a_snapshot_of_one_member_gives_her_score(portfolio, lock, scorer, asked, scores, request_of):
    row = asked.row(3, named=True)
    alone = Snapshot.build(portfolio, lock, members=[row["member_id"]])
    assert len(alone.places) < 10
    assert scorer.score(alone, request_of(row)).to_dict() == scores[row["member_id"]].to_dict()


def test_at_most_four_reasons_one_a_concept_and_none_protected(scores, lock):
    protected = {feature.name for feature in lock.features if feature.protected}
    for score in scores.values():
        codes = [reason.code for reason in score.reasons]
        assert len(codes) == len(set(codes)) <= 4
        assert all(reason.points <= -0.5 for reason in score.reasons)
        assert not protected & {reason.feature for reason in score.reasons}


def test_protected_traits_move_no_score(scorer, snapshot, asked, lock):
    protected = [feature.name for feature in lock.features if feature.protected]
    assert len(protected) >= 5
    order = np.random.default_rng(1).permutation(len(snapshot.values))
    values = snapshot.values.copy()
    for name in protected:
        column = snapshot.names.index(name)
        values[:, column] = values[order, column]
    assert not np.array_equal(values, snapshot.values, equal_nan=True)
    mixed = scorer.batch(replace(snapshot, values=values), asked, explain=True)
    assert mixed.equals(scorer.batch(snapshot, asked, explain=True))


def test_a_file_has_the_interval_of_each_pd_and_flags_who_lies_off_the_support(scorer, snapshot, asked, scores):
    values = snapshot.values.copy()
    strange = asked["member_id"][0]
    values[snapshot.place(strange), snapshot.names.index("worst_delay_180d")] = 900.0
    table = scorer.batch(replace(snapshot, values=values), asked)
    for row in table.iter_rows(named=True):
        band = scores[row["member_id"]].band
        if row["member_id"] == strange or band is None:
            assert (row["pd_low"], row["pd_high"], row["off_support"]) == (None, None, True)
        else:
            assert (row["pd_low"], row["pd_high"], row["off_support"]) == (band.low, band.high, False)


def test_another_model_moves_no_indebtedness(snapshot, asked, policy, other_champion, scorer):
    other = Scorer(other_champion, policy)
    names = ["level", "nii_now", "nii_post", "nii_stress", "headroom", "largest_amount", "ceiling"]
    mine, theirs = (one.batch(snapshot, asked) for one in (scorer, other))
    assert mine.select(names).equals(theirs.select(names))
    assert not mine["pd"].equals(theirs["pd"])


def test_the_policy_moves_no_probability(scorer, champion, policy, snapshot, asked):
    strict = dict(policy.thresholds)
    strict["indebtedness.cap"] = replace(strict["indebtedness.cap"], value=0.30)
    strict["indebtedness.shock"] = replace(strict["indebtedness.shock"], value=0.60)
    other = Scorer(champion, replace(policy, thresholds=strict)).batch(snapshot, asked)
    mine = scorer.batch(snapshot, asked)
    assert other.select("pd", "score", "grade").equals(mine.select("pd", "score", "grade"))
    assert not other["headroom"].equals(mine["headroom"])


def test_the_feature_is_what_indebtedness_computes(scores, snapshot):
    compared = 0
    for member, score in scores.items():
        feature, index = score.values["instalment_to_surplus"], score.indebtedness.nii_post
        if index is None:  # declared loans that no source shows
            continue
        assert feature == pytest.approx(min(index, 10.0), rel=1e-9), member
        compared += 1
    assert compared > 50


def test_the_chain_is_the_arithmetic_of_one_household(scores, snapshot):
    product = snapshot.products[0]
    for member, score in scores.items():
        row, asked = snapshot.row(member), score.request
        mates = [one for one, group in snapshot.group.items() if group == snapshot.group[member] and one != member]
        rows = [snapshot.row(one) for one in mates]
        cover = peers_cover(
            0.05,
            [one["outstanding"] or one["previous_amount"] or 0.0 for one in rows],
            [max(one["group_savings"] or 0.0, 0.0) for one in rows],
            term_months=months(asked.term_days),
        )
        fund = row["fund_service"] or 0.0
        shown = max(row["declared_count"] or 0, row["bureau_count"] or 0)
        services = [one for one in (row["declared_service"], row["bureau_service"]) if one is not None]
        outside = None if asked.other_active_loans > shown else max(services, default=0.0)
        found = assess(
            Budget(*(row[field.name] for field in fields(Budget))),
            Debts(*((row[f"own_service_{when}"] or 0.0) + fund for when in ("now", "after")), outside),
            product.terms(asked.amount, asked.term_days, asked.frequency),
            PolicyNumbers(),
            cover,
        )
        for name in ("nii_post", "nii_stress_with_cover", "nii_stress_one_stops", "headroom", "largest_amount"):
            expected = getattr(found, name)
            assert getattr(score.indebtedness, name) == (None if expected is None else pytest.approx(expected)), name
        assert (score.indebtedness.level, score.indebtedness.above_cap) == (found.level, found.above_cap)


def test_neighbours_never_turn_her_state(scorer, snapshot, asked):
    worst, best = (scorer.batch(changed(snapshot, peer_late_share=share), asked) for share in (1.0, 0.0))
    assert (worst["pd"] > best["pd"]).all()
    assert worst["state"].to_list() == best["state"].to_list()


def test_low_risk_and_over_indebted_is_never_ready(scorer, snapshot, asked):
    poor = changed(snapshot, business_revenue=100.0, business_costs=60.0, other_income=0.0, household_costs=30.0)
    frame = scorer.batch(poor, asked).filter(pl.col("level") == "OVER_INDEBTED", pl.col("pd") < 0.05)
    assert frame.height > 0
    assert set(frame["state"]) == {"talk_first"}


def test_missing_income_is_unknown_and_says_what_is_missing(scorer, snapshot, asked, request_of):
    row = asked.row(0, named=True)
    score = scorer.score(changed(snapshot, business_revenue=np.nan), request_of(row))
    assert score.indebtedness.level == "UNKNOWN"
    assert score.recommendation.state == "talk_first"
    assert score.recommendation.ceiling is None
    assert "indebtedness_unknown" in [why.code for why in score.recommendation.why]
    assert "business_revenue" in score.data_quality.missing
    assert score.indebtedness.missing == ("business_revenue",)
    assert score.what_would_change == ()


def test_more_loans_than_any_source_shows_is_unknown(scorer, snapshot, asked, request_of, scores):
    row = first(asked, scores, lambda score: score.indebtedness.level != "UNKNOWN")
    score = scorer.score(snapshot, request_of(row, other_active_loans=9))
    assert score.indebtedness.level == "UNKNOWN"
    assert score.indebtedness.missing == ("outside_service",)


def test_the_ceiling_is_the_least_of_three_on_the_products_step(scores, snapshot):
    product = snapshot.products[0]
    bound = set()
    for member, score in scores.items():
        largest, previous = score.indebtedness.largest_amount, snapshot.row(member)["previous_amount"]
        if largest is None:
            assert score.recommendation.ceiling is None
            continue
        limits = {"capacity": largest, "product": product.amount_max}
        if previous is not None:
            limits["progression"] = 2 * previous
        least = min(limits.values()) // product.amount_step * product.amount_step
        assert score.recommendation.ceiling == (least if least >= product.amount_min else 0.0)
        bound.add(min(limits, key=limits.get))
    assert bound == {"capacity", "progression", "product"}


def test_an_offered_change_is_ready_when_asked_for(scorer, snapshot, asked, scores, request_of):
    offered = 0
    for row in asked.iter_rows(named=True):
        score = scores[row["member_id"]]
        assert len(score.what_would_change) <= 3
        if score.recommendation.state == "ready":
            assert score.what_would_change == ()
        for change in score.what_would_change:
            again = scorer.score(*as_changed(snapshot, request_of(row), change))
            assert again.recommendation.state == change.state == "ready"
            assert again.points.shown_score == change.score
            assert again.indebtedness.above_cap is False
            assert again.data_quality.off_support == ()
            offered += 1
            if change.kind == "amount":
                more = scorer.score(snapshot, request_of(row, amount=min(change.amount + 10, row["amount"])))
                assert more.recommendation.state == "talk_first"
    assert offered > 5


def test_off_the_support_there_is_no_range(scorer, snapshot, asked, request_of):
    row = asked.row(0, named=True)
    far = scorer.score(changed(snapshot, worst_delay_180d=900.0), request_of(row))
    assert far.data_quality.off_support == ("worst_delay_180d",)
    assert far.to_dict()["pd_interval"] is None
    assert "no se parece" in far.to_dict()["frequency"]["es"]


def test_it_is_json_to_the_last_value(scores):
    for score in scores.values():
        content = score.to_dict()
        assert json.loads(json.dumps(content, allow_nan=False)) == content
        assert "comité" in content["people_decide"]["es"]
        assert "decision" not in content
        assert "score_id" not in content


def test_no_surplus_is_written_as_ten(scorer, snapshot, asked, request_of):
    broke = changed(snapshot, business_revenue=0.0, business_costs=100.0, other_income=0.0, household_costs=100.0)
    score = scorer.score(broke, request_of(asked.row(0, named=True), other_active_loans=0))
    assert score.indebtedness.nii_post == float("inf")
    assert score.to_dict()["indebtedness"]["nii_post"] == 10.0
    assert score.recommendation.ceiling == 0.0


def test_many_together_are_each_alone_to_the_last_bit(scorer, snapshot, asked, request_of):
    requests = [request_of(row) for row in asked.head(40).iter_rows(named=True)]
    together = scorer.score_all(snapshot, requests)
    assert sum(bool(score.what_would_change) for score in together) > 5
    for request, score in zip(requests, together, strict=True):
        alone = scorer.score(snapshot, request)
        assert json.dumps(score.to_dict()) == json.dumps(alone.to_dict())
        assert score.values == alone.values
    assert scorer.score_all(snapshot, []) == []


def test_what_no_product_allows_is_named_by_its_place_among_many(scorer, snapshot, asked, request_of):
    fine = request_of(asked.row(0, named=True))
    with pytest.raises(InvalidInput) as error:
        scorer.score_all(snapshot, [fine, replace(fine, amount=1e9), replace(fine, term_days=9000)])
    assert [fault.where for fault in error.value.faults] == ["requests[1].amount", "requests[2].term_days"]


def test_what_if_is_the_score_of_each_request(scorer, snapshot, asked, request_of):
    row = asked.row(5, named=True)
    grid = scorer.what_if(snapshot, request_of(row), amounts=[200.0, 400.0], terms=[112, 168])
    assert grid.select("amount", "term_days").rows() == [(200.0, 112), (400.0, 112), (200.0, 168), (400.0, 168)]
    score = scorer.score(snapshot, request_of(row, amount=400.0, term_days=168))
    assert grid["pd"][3] == pytest.approx(score.pd, abs=1e-12)
    assert (grid["state"][3], grid["level"][3]) == (score.recommendation.state, score.indebtedness.level)


def test_who_is_no_member_has_no_score(scorer, snapshot, asked, request_of):
    with pytest.raises(NotFound):
        scorer.score(snapshot, replace(request_of(asked.row(0, named=True)), subject="M999"))
    stranger = asked.head(2).with_columns(member_id=pl.Series(["M999", asked["member_id"][1]]))
    assert scorer.batch(snapshot, stranger)["score"].is_null().to_list() == [True, False]


def test_other_definitions_are_refused(scorer, snapshot, asked, request_of):
    with pytest.raises(ArtefactError, match="other definitions"):
        scorer.score(replace(snapshot, lock_sha256="0" * 64), request_of(asked.row(0, named=True)))


def test_nobody_next_door_asks_nothing(snapshot):
    assert Cover() == peers_cover(0.05, [], [], term_months=1)
    assert (snapshot.others_uncovered[snapshot.others == 0] == 0).all()


def test_it_needs_neither_tracking_nor_service_nor_binning():
    code = (
        "import sys, riskscore.scoring\n"
        "print([name for name in ('mlflow', 'bentoml', 'optbinning', 'shap', 'pandas') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_formulas_that_ask_nothing_of_a_request_are_evaluated_once_for_every_member(
    snapshot, lock, scorer, asked, scores
):
    known = snapshot.formulas(lock)
    assert {"surplus", "first_loan", "facts_missing"} & known.keys() == {"surplus", "first_loan"}
    assert snapshot.formulas(lock) is known
    for member, score in scores.items():
        for name, column in known.items():
            value, told = column[snapshot.place(member)], score.values[name]
            assert told == value or (told is None and np.isnan(value))
    richer = changed(snapshot, other_income=9999.0)
    assert (richer.formulas(lock)["surplus"] != known["surplus"])[~np.isnan(known["surplus"])].all()


def test_what_a_lever_moves_moves_every_formula_that_reads_it(snapshot, champion, policy, asked):
    """Directly, as savings, or through another formula, as what is owed elsewhere and so the whole service."""
    engine = Engine(champion, policy)
    plain = cases_of(snapshot, asked)[1]
    levers = {"group_savings": 77.0, "declared_service": 12.0}
    cases = replace(plain, instead={name: np.full(len(plain.places), value) for name, value in levers.items()})
    found, expected = engine.columns(snapshot, cases), engine.columns(changed(snapshot, **levers), plain)
    assert np.array_equal(found[0], expected[0], equal_nan=True)
    for name, column in expected[1].items():
        assert np.array_equal(found[1][name], column, equal_nan=True), name
    before = engine.columns(snapshot, plain)[1]
    for name in ("savings_to_loan", "outside_service", "service_after"):
        assert not np.array_equal(before[name], expected[1][name], equal_nan=True)
