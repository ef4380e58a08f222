"""Gates speak in words and allow for chance; the trees win only by more than noise."""

import numpy as np
import pytest

from riskscore.evaluation import evaluate
from riskscore.modelling.gates import Doubt, ici_by_chance, judge, unjudged
from riskscore.modelling.recipe import GateSettings
from riskscore.modelling.selection import Gain, auc_gain, choose, gain_gate

SETTINGS = GateSettings(60, 0.62, 0.90, (0.8, 1.25), (0.8, 1.25), 0.01, 30)
NO_CHANCE = {"all": 0.0, "first": 0.0, "repeat": 0.0}


def world(n=20_000, *, seed=0, spread=1.0, wrong=lambda z: z):
    """Return outcomes, the PDs a model gives them, clusters and cycles."""
    draw = np.random.default_rng(seed)
    z = draw.normal(-2.2, spread, n)
    y = (draw.random(n) < 1 / (1 + np.exp(-z))).astype(float)
    cycle = np.where(draw.random(n) < 0.2, "first", "repeat")
    return y, 1 / (1 + np.exp(-wrong(z))), draw.integers(0, 200, n), cycle


def gates(y, pd, clusters, cycle, chance=NO_CHANCE):
    found = evaluate(y, pd, clusters=clusters, segments={"cycle": cycle}, level=0.90, replicates=60)
    return {gate.name: gate for gate in judge(SETTINGS, found, None, chance, highest_auc=found["auc"])}


def test_a_good_model_passes_every_gate():
    found = gates(*world())
    assert all(gate.passed for gate in found.values()), [g.words for g in found.values() if not g.passed]
    assert {"bads", "auc", "leakage", "calibration slope", "ICI, first cycle"} <= set(found)


@pytest.mark.parametrize(
    ("wrong", "failed"),
    [
        (lambda z: 2 * z + 2.2, "calibration slope"),
        (lambda z: z + 0.6, "observed over expected"),
        (lambda z: z - 0.6, "observed over expected"),
        (lambda z: z + 0.35, "ICI"),
    ],
)
def test_a_model_that_is_off_fails_and_says_what(wrong, failed):
    found = gates(*world(wrong=wrong))
    assert not found[failed].passed
    assert f"{found[failed].value:.4f}"[:4] in found[failed].words


def test_a_small_sample_is_not_blamed_for_chance_but_for_its_size():
    y, pd, clusters, cycle = world(700, seed=3)
    found = gates(y, pd, clusters, cycle, dict.fromkeys(NO_CHANCE, ici_by_chance(pd, clusters, 0.0, seed=0)))
    assert found["calibration slope"].passed
    assert found["ICI"].passed
    few = gates(*world(250, seed=3))
    assert not few["bads"].passed


def test_a_leak_that_another_candidate_found_counts_for_all():
    y, pd, clusters, cycle = world()
    found = evaluate(y, pd, clusters=clusters, segments={"cycle": cycle}, level=0.90, replicates=60)
    failed = [gate for gate in judge(SETTINGS, found, None, NO_CHANCE, highest_auc=0.97) if not gate.passed]
    assert [gate.name for gate in failed] == ["leakage"]


def test_an_auc_too_good_to_be_true_is_an_alarm():
    found = gates(*world(spread=4.0))
    assert found["auc"].passed
    assert not found["leakage"].passed
    assert "something of the future" in found["leakage"].words


def test_a_segment_that_is_off_fails_although_the_whole_is_right():
    y, pd, clusters, cycle = world()
    first = cycle == "first"
    bent = np.where(first, pd * 0.55, pd * (pd.sum() - 0.55 * pd[first].sum()) / pd[~first].sum())
    found = gates(y, bent, clusters, cycle)
    assert found["observed over expected"].passed
    assert not found["observed over expected, first cycle"].passed


@pytest.mark.slow
def test_what_chance_reaches_falls_with_the_rows_and_rises_with_the_groups():
    few, many = world(500)[1:3], world(6_000)[1:3]
    assert ici_by_chance(*few, 0.0, seed=1) > 2 * ici_by_chance(*many, 0.0, seed=1)
    assert ici_by_chance(*many, 0.3, seed=1) > 1.5 * ici_by_chance(*many, 0.0, seed=1)


@pytest.mark.slow
def test_what_training_could_not_know_is_chance_too():
    pd, clusters = world(6_000)[1:3]
    sure, unsure = (ici_by_chance(pd, clusters, 0.0, Doubt(level, 0.0), seed=1) for level in (0.0, 0.2))
    # A level missed by 1.96 standard errors of 0.2 moves a PD of some 15 % by about 5 points.
    assert unsure > sure + 0.02


def test_a_calibrated_world_exceeds_chance_in_about_five_of_a_hundred():
    from riskscore.evaluation import ici

    bar = ici_by_chance(*world(2_000)[1:3], 0.0, seed=0)
    found = []
    for seed in range(80):
        y, pd, _, _ = world(2_000, seed=100 + seed)
        found.append(ici(y, pd))
    assert 1 <= sum(one > bar for one in found) <= 11


def test_the_trees_must_win_by_more_than_noise():
    y, pd, clusters, _ = world()
    draw = np.random.default_rng(9)
    log_odds = np.log(pd / (1 - pd))
    worse = log_odds + draw.normal(0, 1.0, len(y))
    clear = auc_gain(log_odds, worse, y, clusters, seed=0)
    assert clear.low > 0
    assert gain_gate(clear).passed
    tie = auc_gain(2 * log_odds, log_odds, y, clusters, seed=0)
    refused = gain_gate(tie)
    assert not refused.passed
    assert refused.words == (
        "It does not beat the scorecard by more than noise: +0.0000 AUC out of time (+0.0000 to +0.0000)."
    )


WINS, TIES = Gain(0.02, 0.01, 0.03), Gain(0.001, -0.002, 0.004)


@pytest.mark.parametrize(
    ("scorecard", "trees", "gain", "kind", "said"),
    [
        ((), (), WINS, "lightgbm", "lightgbm beats the scorecard by more than noise: +0.0200 AUC out of time"),
        ((), ("gain",), TIES, "woe_scorecard", "does not beat the scorecard by more than noise: +0.0010"),
        ((), ("gain",), TIES, "woe_scorecard", "it is not promoted"),
        (("ICI",), (), WINS, "lightgbm", "The scorecard fails its gates (ICI); only lightgbm passes."),
        ((), ("ICI",), WINS, "woe_scorecard", "The scorecard is the only one that passes its gates."),
        # It passes all else and the scorecard does not: still it is not promoted in its place.
        (("ICI",), ("gain",), TIES, "woe_scorecard", "No candidate passes its gates; the scorecard is kept"),
        (("ICI",), ("ICI",), WINS, "lightgbm", "No candidate passes its gates; lightgbm is kept"),
    ],
)
def test_who_is_chosen_and_why(scorecard, trees, gain, kind, said):
    found = choose({"woe_scorecard": scorecard, "lightgbm": trees}, {"lightgbm": gain})
    assert found.kind == kind
    assert said in found.words


def test_without_a_scorecard_it_says_that_there_was_none():
    alone = choose({"lightgbm": ["ICI"]}, {})
    assert alone.words == "lightgbm is shown, and fails its gates. There is no scorecard to hold it against."
    fine = choose({"woe_scorecard": []}, {})
    assert (fine.kind, fine.words) == ("woe_scorecard", "woe_scorecard is the only candidate.")


def test_the_gain_of_one_over_itself_is_nothing():
    y, pd, clusters, _ = world(2000)
    assert auc_gain(pd, pd, y, clusters, seed=0) == Gain(0.0, 0.0, 0.0)


def regimes(y, pd, clusters, regime):
    found = evaluate(y, pd, clusters=clusters, segments={"regime": regime}, level=0.90, replicates=60)
    chance = dict.fromkeys(["all", *np.unique(regime)], 0.0)
    return {gate.name: gate for gate in judge(SETTINGS, found, None, chance, highest_auc=found["auc"])}, found


def test_a_regime_that_is_off_fails_although_the_slope_is_right():
    draw = np.random.default_rng(4)
    z = draw.normal(-2.2, 1.0, 20_000)
    regime = np.where(np.arange(20_000) < 6_000, "recession", "2025")
    y = (draw.random(20_000) < 1 / (1 + np.exp(-(z + 0.6 * (regime == "recession"))))).astype(float)
    found, _ = regimes(y, 1 / (1 + np.exp(-z)), draw.integers(0, 200, 20_000), regime)
    assert found["calibration slope, regime recession"].passed
    assert not found["observed over expected, regime recession"].passed
    assert "The level has moved" in found["observed over expected, regime recession"].remedy
    assert found["observed over expected, regime 2025"].passed


def test_a_regime_with_few_bads_is_named_and_not_judged():
    y, pd, clusters, _ = world(4_000)
    regime = np.where(np.arange(4_000) < 60, "price", "2025")
    found, evaluation = regimes(y, pd, clusters, regime)
    assert not any("price" in name for name in found)
    (said,) = unjudged(SETTINGS, evaluation)
    assert said.startswith("Regime price: too few bads to say, ")


def test_one_regime_for_all_rows_is_said_and_not_judged_twice():
    y, pd, clusters, _ = world(4_000)
    found, evaluation = regimes(y, pd, clusters, np.full(4_000, "recession"))
    assert not any("regime" in name for name in found)
    assert unjudged(SETTINGS, evaluation) == ("Regime recession: all later rows are of it.",)


def test_a_segment_off_by_luck_is_given_the_chance_of_all_segments_together():
    found, evaluation = regimes(*world(9_000)[:3], np.repeat(["2023", "2024", "2025"], 3_000))
    part = evaluation.segments["regime"]["2025"].figures["slope"]
    shown = found["calibration slope, regime 2025"].words
    # Three segments: 2.128 standard errors instead of 1.645.
    low = part.value - (part.value - part.low) * 2.128 / 1.645
    assert f"({low:.3f}" in shown.replace(f"{low:.4f}", f"{low:.3f}")
    assert f"{evaluation.figures['slope']}" in found["calibration slope"].words  # all rows: as they stand
