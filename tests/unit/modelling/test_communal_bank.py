import json
from dataclasses import asdict, fields, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from riskscore.errors import InvalidInput
from riskscore.evaluation import evaluate
from riskscore.liability import AssetShares, DefaultCorrelations, Estimate, FallSteps
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.communal_bank.behind import Standing, members_behind, standings
from riskscore.modelling.communal_bank.choice import Judged, choose_bank
from riskscore.modelling.communal_bank.correction import corrected
from riskscore.modelling.communal_bank.gates import judge_structural, order_judged, unjudged_order
from riskscore.modelling.communal_bank.outlook import Cover, Outlook, Waterfall
from riskscore.modelling.communal_bank.structural import COLUMN, FAMILY, Level, Structural
from riskscore.modelling.communal_bank.structure import Structure, course
from riskscore.modelling.gates import Gate
from riskscore.modelling.model_json import model_faults
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.rows import Rows
from riskscore.modelling.scale import ScoreScale
from riskscore.modelling.scorecard import Bins, Scorecard
from riskscore.scoring.communal_bank import SCHEMA, outlook_frame

RECIPE = (Path(__file__).parents[3] / "training" / "group_default.toml").read_text(encoding="utf-8")
ONE = Estimate(0.1, 0.05, 0.15, 0.90, 50)
STRUCTURE = Structure(
    shares=AssetShares(0.02, 0.04, 0.06),
    correlations=DefaultCorrelations(ONE, ONE, ONE),
    infection=Estimate(0.08, float("nan"), float("nan"), 0.90, 0),
    severity=ONE,
    by_savings=ONE,
    by_group=Estimate(0.5, 0.4, 0.6, 0.90, 50),
    steps=FallSteps(missing=(0.1, 0.2, 1.0), by_savings=(0.0, 0.0, 0.1), by_group=(0.1, 0.1, 0.2)),
)
LEVEL = Level(300, 6, 250.0, 0.03, 0.02, 0.012, 0.03, 0.44, -0.4, -0.9, 0.0)


@pytest.fixture(scope="module")
def settings():
    found = Recipe.parse(RECIPE).liability
    assert found is not None
    return replace(found, draws=2_000)


def structural():
    card = Scorecard(("late",), -3.0, (Bins("late", (5.0,), (0.5, -0.5), 0.0, 0.1, -0.9, (80, 15, 5), (4, 6, 0)),))
    member = CalibratedModel(card, {"late": "repayment"}, 1.1, 0.2, {}, ScoreScale(600, 50, 20))
    return Structural(member, STRUCTURE, LEVEL, -4.0)


def written():
    margin = structural()
    return {
        "features": [COLUMN],
        "families": {COLUMN: FAMILY},
        "a": 1.0,
        "b": margin.level.shift,
        "caps": {},
        "offsets": {},
        "scale": {"base": 600, "odds": 50, "pdo": 20},
        "margin": json.loads(json.dumps(margin.to_json(), allow_nan=False)),
    }


def bank(pd=0.08, n=15, **money):
    given = {"loan": 300.0, "savings": 40.0, "spare": 15.0, **money}
    return Standing(np.full(n, pd), np.repeat(np.arange(n // 5), 5), *(np.full(n, one) for one in given.values()), 0, 0)


def test_the_starters_recipe_says_what_is_assumed(settings):
    assert settings.value("cap") == 0.70
    assert not any(one.verified for one in settings.assumptions.values())
    assert Recipe.parse(RECIPE).min_bads == 50


def test_faults_of_the_section_come_together():
    text = RECIPE.replace("draws = 4000 ", "draws = 3 ").replace("value = 0.70", "value = 7.0")
    with pytest.raises(InvalidInput) as error:
        Recipe.parse(text.replace("infection_window = 3", "infection_windows = 3"))
    told = " ".join(str(fault) for fault in error.value.faults)
    for word in ("draws", "cap", "infection_window"):
        assert word in told


def test_a_structural_candidate_needs_its_section():
    with pytest.raises(InvalidInput, match="liability"):
        Recipe.parse(RECIPE[: RECIPE.index("[liability]")] + RECIPE[RECIPE.index("[gates]") :])


def test_who_stands_behind_a_request():
    day = datetime(2025, 3, 10)
    banks = pl.DataFrame({"application_id": ["X1", "X2"], "bank_id": ["B", "B"], "as_of": [day, datetime(2025, 8, 1)]})
    asked = [datetime(2025, 3, 8), day, datetime(2025, 3, 11), datetime(2025, 1, 1), datetime(2025, 7, 20), day]
    members = pl.DataFrame(
        {
            "application_id": ["A1", "A2", "A3", "A4", "A5", "A6"],
            "member_id": ["M1", "M1", "M2", "M3", "M2", "M4"],
            "bank_id": ["B"] * 5 + ["C"],
            "as_of": asked,
        }
    )
    found = members_behind(banks, members, window_days=30)
    # M1 asked twice and her last request counts; A3 came after its bank's, A4 too early, A6 is of another bank.
    assert found.select("request_id", "application_id").rows() == [("X1", "A2"), ("X2", "A5")]


def test_cover_that_no_record_tells_is_not_counted_on(settings):
    frame = pl.DataFrame(
        {
            "request_id": ["X"] * 3,
            "group_id": ["G2", "G1", "G1"],
            "amount": [300.0, 300.0, 100.0],
            "term_days": [121.75, 121.75, 121.75],
            "group_savings": [30.0, None, 20.0],
            "surplus": [200.0, 200.0, None],
            "service_after": [100.0, 139.0, 50.0],
        }
    )
    ((_, found),) = standings(frame, np.full(3, 0.1), settings)
    assert found.group.tolist() == [1, 0, 0]
    assert found.savings.tolist() == [30.0, 0.0, 20.0]
    # 0.7 x 200 - 100 = 40 a month for 4 months, at most .06 of her loan; 0.7 x 200 - 139 = 1 a month; unknown.
    assert found.spare == pytest.approx([18.0, 4.0, 0.0])
    assert (found.savings_untold, found.spare_untold) == (1, 1)
    ((_, found),) = standings(frame.drop("surplus"), np.full(3, 0.1), settings)
    assert found.spare_untold == 3


def test_each_request_has_its_own_members(settings):
    facts = {"group_id": ["G9", "G3", "G3"], "amount": [1.0, 2.0, 3.0], "term_days": [100.0] * 3}
    frame = pl.DataFrame({"request_id": ["X", "Y", "Y"], **facts})
    found = dict(standings(frame, np.array([0.1, 0.2, 0.3]), settings))
    assert {name: (one.pd.tolist(), one.group.tolist()) for name, one in found.items()} == {
        "X": ([0.1], [0]),
        "Y": ([0.2, 0.3], [0, 0]),
    }
    assert list(standings(frame.clear(), np.array([]), settings)) == []


UNTOLD = replace(STRUCTURE, by_group=Estimate(0.0, float("nan"), float("nan"), 0.90, 0))


def assumed(share):
    """Return a structure without a record of who paid, its a `share` of a loan by each layer assumed."""
    every = (share,) * 3
    return replace(UNTOLD, steps=replace(STRUCTURE.steps, by_savings=every, by_group=every))


def test_more_cover_means_a_lower_pd_and_the_mean_of_falls_is_the_pds(settings):
    poor, rich = course(assumed(1.0), settings, bank()), course(assumed(1.0), settings, bank(spare=80.0))
    assert poor.borne.falls.mean() == pytest.approx(15 * 0.08, rel=0.12)
    assert rich.pd < poor.pd
    assert corrected(rich, rich.pd).covers_falls >= corrected(poor, poor.pd).covers_falls
    assert course(assumed(1.0), settings, bank()).pd == poor.pd


def test_cover_counts_as_far_as_the_record_shows_it_was_paid(settings):
    # Savings and budgets are as large as can be: who paid of earlier falls says what reaches the bank.
    wealthy = bank(savings=300.0, spare=300.0)
    shown, nothing = course(STRUCTURE, settings, wealthy), course(assumed(0.0), settings, wealthy)
    assert nothing.borne.by_savings.max() == nothing.borne.by_group.max() == 0.0
    assert nothing.pd > shown.pd > course(assumed(1.0), settings, wealthy).pd
    # A savings account that holds less than the record's falls took gives what it holds.
    assert course(STRUCTURE, settings, bank(savings=0.0)).borne.by_savings.max() == 0.0
    # Where payments show what groups paid, no budget says otherwise.
    assert course(STRUCTURE, settings, bank(spare=0.0)).pd == course(STRUCTURE, settings, bank(spare=90.0)).pd


def test_every_layer_of_the_waterfall_stays_and_they_add_up(settings):
    borne = course(STRUCTURE, settings, bank()).borne
    layers = [borne.by_savings, borne.by_group, borne.by_fund, borne.by_lender]
    assert all(one.mean() > 0.0 for one in layers)
    assert sum(layers) == pytest.approx(borne.loss)


def test_a_bank_that_never_fails_in_any_world_has_no_pd_of_zero(settings):
    assert course(assumed(1.0), settings, bank(savings=300.0)).pd == pytest.approx(0.5 / 2_001)


def test_too_few_bads_is_an_answer_and_the_level_is_judged():
    rng = np.random.default_rng(1)
    pd = np.full(300, 0.02)
    y = np.zeros(300)
    y[:5] = 1.0
    gates = Recipe.parse(RECIPE).gates
    later = evaluate(y, pd, clusters=rng.integers(0, 80, 300), segments={}, seed=0, level=0.90)
    told = judge_structural(gates, later, None, {}, highest_auc=0.5)
    assert [(one.name, one.passed) for one in told] == [("bads", True), ("level", True)]
    assert "too few bads to say" in told[0].words
    wrong = evaluate(y, np.full(300, 0.30), clusters=rng.integers(0, 80, 300), segments={}, seed=0, level=0.90)
    assert [one.passed for one in judge_structural(gates, wrong, None, {}, highest_auc=0.5)] == [True, False]


def test_an_order_worse_than_the_bar_beyond_chance_is_refused_and_one_never_judged_says_so():
    y = np.zeros(600)
    y[:25] = 1.0
    # The best banks are called the worst; twenty-five bads are too few for a bar of fifty and enough to see that.
    pd = np.where(y == 1.0, 0.01, 0.05)
    gates = replace(Recipe.parse(RECIPE).gates, min_bads=50)
    later = evaluate(y, pd, clusters=np.arange(600), segments={}, seed=0, level=0.90)
    told = {one.name: one for one in judge_structural(gates, later, None, {}, highest_auc=0.5)}
    assert not told["order"].passed
    assert "Do not order banks by it" in told["order"].remedy
    assert not order_judged([one.to_dict() for one in told.values()])
    assert "never judged: 25 bads" in unjudged_order(gates, later)
    right = evaluate(y, np.where(y == 1.0, 0.05, 0.01), clusters=np.arange(600), segments={}, seed=0, level=0.90)
    assert {one.name: one.passed for one in judge_structural(gates, right, None, {}, highest_auc=0.5)}["order"]
    enough = judge_structural(Recipe.parse(RECIPE).gates, later, None, {"all": 0.01}, highest_auc=0.5)
    assert order_judged([one.to_dict() for one in enough])
    assert not {one.name: one.passed for one in enough}["auc"]


def contender(log_odds, later, *gates):
    found = evaluate(later.y, expit(log_odds), clusters=later.clusters, segments={}, seed=0, level=0.90)
    return Judged(None, {"later": found}, later, later, gates)


def test_a_learnt_candidate_must_beat_the_structure_beyond_noise_and_pass_its_gates():
    rng = np.random.default_rng(3)
    y = (rng.random(600) < 0.15).astype(float)
    of_nothing = np.array([""] * 600)
    later = Rows(np.zeros((600, 1)), y, of_nothing, np.arange(600), of_nothing, of_nothing)
    structural, same, better = (rng.standard_normal(600) + y * effect - 2.0 for effect in (0.8, 0.8, 2.5))
    passed, failed = Gate("slope", True, 1.0, ""), Gate("slope", False, 3.0, "")
    for learnt, gate, winner, words in (
        (better, passed, "woe_scorecard", "beats the structural"),
        (better, failed, "structural", "it fails its gates"),
        (same, passed, "structural", "does not beat the structural"),
    ):
        log_odds = {"structural": structural, "woe_scorecard": learnt}
        judged = {kind: contender(odds, later, gate) for kind, odds in log_odds.items()}
        choice = choose_bank(log_odds, judged, later, seed=0, dropped={})
        assert choice.kind == winner
        assert words in choice.words
        assert choice.words.endswith(f"{winner} is chosen.")


def test_written_and_read_again():
    content = written()
    assert model_faults(content, has_booster=False) == []
    again = Structural.from_json(content["margin"])
    assert again.to_json() == structural().to_json()
    X = np.array([[3.0], [9.0], [np.nan]])
    assert again.member.pd(X) == pytest.approx(structural().member.pd(X))


@pytest.mark.parametrize(
    ("where", "value", "told"),
    [
        (("structure", "shares", "in_bank"), 1.5, "shares"),
        (("structure", "steps", "missing"), [2.0, 0.2, 1.0], "steps"),
        (("structure", "steps", "by_group"), [0.1, 0.3, 0.2], "steps"),
        (("structure", "steps", "by_savings"), [0.0], "steps"),
        (("structure", "infection"), {"value": "x"}, "infection"),
        (("level", "shift_low"), 5.0, "level"),
        (("mean",), None, "margin.mean"),
        (("member", "margin", "kind"), "lightgbm", "margin.member"),
        (("member", "a"), -1.0, "margin.member.a"),
    ],
)
def test_what_was_tampered_with_is_not_built(where, value, told):
    content = written()
    place = content["margin"]
    for name in where[:-1]:
        place = place[name]
    place[where[-1]] = value
    assert told in " ".join(fault.where for fault in model_faults(content, has_booster=False))


def outlook():
    return Outlook(
        bank_id="CB1",
        request_id="A1",
        basis="open_request",
        as_of=datetime(2025, 1, 1),
        members=3,
        solidarity_groups=1,
        pd=0.02,
        pd_from="structural",
        pd_low=0.01,
        pd_high=0.03,
        structural_pd=0.03,
        prior_share=0.4,
        grade="B",
        expected_loss=12.0,
        expected_in_arrears=0.4,
        in_arrears=(0.7, 0.2, 0.08, 0.02),
        stops=0.01,
        covers_falls=1,
        waterfall=Waterfall(40.0, 10.0, 10.0, 5.0, 3.0, 12.0),
        cover=Cover(900.0, 120.0, 20.0, 60.0, 45.0, 0, 1),
        state="ready",
        order_judged=False,
        model_version="1",
    )


def test_nothing_of_a_single_member_is_in_an_outlook_its_row_or_the_artefact():
    found = outlook()
    numbers = [asdict(found), outlook_frame([found]).row(0, named=True)]
    for one in numbers:
        held = [value for value in one.values() if isinstance(value, list | tuple | dict)]
        # The distribution has one entry more than there are members; the two tables are of the whole bank.
        assert all(len(value) != found.members for value in held)
    names = {field.name for kind in (Outlook, Waterfall, Cover) for field in fields(kind)} | set(SCHEMA)
    for word in ("member_id", "who", "others", "peer", "excluding", "without"):
        assert not any(word in name for name in names)
    # Members' standing never leaves the computation: the artefact holds coefficients, shares and the level.
    assert set(structural().to_json()) == {"kind", "mean", "member", "structure", "level"}
    assert set(structural().to_json()["member"]["margin"]) == {"kind", "alpha", "bins"}


def test_the_row_tells_the_tail():
    row = outlook_frame([outlook()]).row(0, named=True)
    assert (row["p_1_plus"], row["p_2_plus"], row["p_3_plus"]) == pytest.approx((0.3, 0.1, 0.02))
    assert row["loss"] == sum(row[f"by_{one}"] for one in ("savings", "group", "fund", "untold", "lender"))
