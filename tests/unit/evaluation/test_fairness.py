"""Ratios with their tests, measures by group, proxies and alternatives."""

import math

import numpy as np
import pytest
from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate
from hypothesis import given
from hypothesis import strategies as st

from riskscore.errors import InvalidInput
from riskscore.evaluation.fairness import (
    Attribute,
    Judged,
    Standard,
    alternatives,
    audit,
    impact_ratio,
    intersections,
    search_proxies,
    suspects,
)


def chosen(hits, n, base, m):
    """Return who was selected, and who is of the group."""
    return np.r_[np.arange(n) < hits, np.arange(m) < base], np.arange(n + m) < n


@pytest.mark.parametrize(
    ("hits", "n", "base", "m", "ratio", "verdict"),
    [
        (56, 100, 72, 100, 0.778, "fails"),
        (60, 100, 72, 100, 0.833, "too few to say"),  # over the line, and .68 is not ruled out
        (3000, 5000, 3600, 5000, 0.833, "passes"),  # the same rates, and now nothing under the line is left
        (17, 30, 340, 500, 0.833, "too few to say"),
        (30, 30, 30, 30, 1.0, "passes"),  # nobody of either was held back
        (30, 30, 10, 30, 3.0, "passes"),
        (95, 100, 100, 100, 0.95, "passes"),
        (28, 50, 36, 50, 0.778, "too few to say"),
        (80, 120, 102, 120, 0.784, "fails"),
        (36, 120, 47, 120, 0.766, "too few to say"),
        (10, 20, 15, 20, math.nan, "too few"),
    ],
)
def test_the_line_of_four_fifths(hits, n, base, m, ratio, verdict):
    selected, theirs = chosen(hits, n, base, m)
    found = impact_ratio(selected, theirs, ~theirs)
    assert found.verdict == verdict
    assert found.value.value == pytest.approx(ratio, abs=5e-4, nan_ok=True)


def test_the_word_and_the_interval_agree():
    selected, theirs = chosen(17, 30, 340, 500)
    found = impact_ratio(selected, theirs, ~theirs)
    assert (found.value.low, found.value.high) == pytest.approx((0.606, 1.146), abs=5e-4)
    assert found.to_dict()["verdict"] == "too few to say"
    assert found.p == pytest.approx(0.2295, abs=5e-4)  # the test stands beside the word


def test_everybody_ready_in_one_bank_proves_little():
    selected, theirs = chosen(40, 40, 40, 40)
    apart = impact_ratio(selected, theirs, ~theirs).value
    banks = impact_ratio(selected, theirs, ~theirs, clusters=np.repeat([1, 2, 3, 4], 20))
    assert apart.low > 0.94
    assert banks.value.low < 0.6
    assert banks.verdict == "too few to say"


def test_fishers_p_of_a_known_table():
    selected, theirs = chosen(56, 100, 72, 100)
    assert impact_ratio(selected, theirs, ~theirs).fisher == pytest.approx(0.0272, abs=5e-4)


def test_members_who_decide_together_say_less():
    draw = np.random.default_rng(1)
    bank = np.repeat(np.arange(40), 25)
    theirs = bank < 20
    alone = draw.random(1000) < np.where(theirs, 0.40, 0.65)
    together = np.isin(bank, [*range(8), *range(20, 33)])  # 8 whole banks of 20, and 13 of 20
    apart, clustered = (impact_ratio(one, theirs, ~theirs, clusters=bank) for one in (alone, together))
    assert apart.verdict == "fails"
    assert apart.clustered < 0.05
    assert clustered.fisher < 1e-4  # row by row it looks certain
    assert clustered.clustered > 0.05
    assert clustered.verdict == "too few to say"
    widths = [one.value.high / one.value.low for one in (apart, clustered)]
    assert widths[1] > 2 * widths[0]


def test_nobody_selected_is_a_ratio_of_nothing_with_an_upper_end():
    selected, theirs = chosen(0, 60, 40, 60)
    found = impact_ratio(selected, theirs, ~theirs)
    assert (found.value.value, found.value.low) == (0.0, 0.0)
    assert 0 < found.value.high < 0.8
    assert found.verdict == "fails"


@given(st.integers(0, 80), st.integers(1, 80))
def test_the_interval_holds_the_ratio(hits, base):
    selected, theirs = chosen(hits, 80, base, 80)
    found = impact_ratio(selected, theirs, ~theirs).value
    assert found.low <= found.value <= found.high or math.isnan(found.low)


def judged(n=3000, *, seed=5):
    draw = np.random.default_rng(seed)
    pd = draw.beta(2, 12, n)
    reasons = draw.random((n, 2)) < (0.3, 0.5)
    return Judged(
        y=(draw.random(n) < pd).astype(float),
        ready=pd < 0.15,
        pd=pd,
        score=487 + 28.85 * np.log((1 - pd) / pd),
        clusters=draw.integers(0, 100, n),
        reasons=reasons,
        codes=("R01", "R02"),
        rules={"pd_band": pd >= 0.15},
    )


def test_rates_agree_with_fairlearn():
    rows = judged()
    codes = np.random.default_rng(2).integers(0, 3, 3000)
    found = audit(Attribute("age", codes, ("young", "middle", "old"), 1), rows)
    theirs = MetricFrame(
        metrics={"ready": selection_rate, "good": true_positive_rate, "bad": false_positive_rate},
        y_true=(rows.y < 0.5).astype(int),
        y_pred=rows.ready.astype(int),
        sensitive_features=codes,
    ).by_group
    for code, one in enumerate(found.groups):
        assert one.ready.rate == pytest.approx(theirs.loc[code, "ready"])
        assert one.ready_when_good.rate == pytest.approx(theirs.loc[code, "good"])
        assert one.ready_when_bad.rate == pytest.approx(theirs.loc[code, "bad"])
    old = found.group("old")
    assert old.ratio.value.value == pytest.approx(theirs.loc[2, "ready"] / theirs.loc[1, "ready"])
    assert old.opportunity_gap.value == pytest.approx(theirs.loc[2, "good"] - theirs.loc[1, "good"])
    assert old.false_ready_gap.value == pytest.approx(theirs.loc[2, "bad"] - theirs.loc[1, "bad"])
    assert found.group("middle").ratio.verdict == "reference"
    assert old.observed_expected.low < 1 < old.observed_expected.high  # drawn from the PDs themselves
    assert abs(old.score_gap.value) < 0.15
    assert old.reasons == pytest.approx({"R01": 0.3, "R02": 0.5}, abs=0.05)
    assert old.rules["pd_band"] == pytest.approx(1 - old.ready.rate)


def test_a_small_group_has_neither_rates_nor_reasons():
    codes = np.where(np.arange(3000) < 12, 0, 1)
    found = audit(Attribute("district", codes, ("D001", "other"), 1), judged())
    small = found.group("D001")
    assert (small.n, small.told, small.bads, small.ratio.verdict) == (12, False, 0, "too few")
    for figure in (small.opportunity_gap, small.observed_expected, small.score_gap, small.auc):
        assert math.isnan(figure.value)
    assert all(math.isnan(share) for share in (*small.reasons.values(), *small.rules.values()))


def test_who_is_not_recorded_is_in_no_group():
    codes = np.where(np.arange(3000) < 500, -1, np.arange(3000) % 2)
    found = audit(Attribute("language", codes, ("other", "spanish"), 1), judged())
    assert found.unrecorded == 500
    assert sum(one.n for one in found.groups) == 2500


def test_a_crossing_under_thirty_keeps_its_count_alone():
    rural = np.arange(3000) % 2
    tongue = np.where((np.arange(3000) < 40) & (rural == 1), 1, 0)
    both = (
        Attribute("rural", rural, ("urban", "rural"), 0),
        Attribute("tongue", tongue, ("spanish", "other"), 0),
    )
    cells = {cell.groups: cell for cell in intersections(both, judged())}
    assert set(cells) == {("urban", "spanish"), ("rural", "spanish"), ("rural", "other")}
    assert (cells["rural", "other"].n, cells["rural", "other"].told) == (20, False)
    assert cells["urban", "spanish"].ratio.verdict == "reference"
    assert cells["rural", "spanish"].ratio.verdict == "passes"


@pytest.mark.parametrize(("codes", "reference"), [([0, 1, 2], 0), ([0, 1], 5)])
def test_a_group_that_is_not_there_is_refused(codes, reference):
    with pytest.raises(InvalidInput):
        Attribute("age", np.array(codes), ("young", "old"), reference)


def test_a_proxy_is_found_and_one_that_holds_in_a_single_bank_is_not():
    draw = np.random.default_rng(7)
    n = 2000
    bank = np.repeat(np.arange(50), 40)
    member = draw.random(n) < 0.4
    hump = np.where(member, draw.normal(0, 0.5, n), draw.normal(0, 3, n))  # it bends: no order tells it
    columns = {
        "hump": ("in the model", hump),
        "noise": ("in the model", draw.normal(size=n)),
        "one_bank": ("not in this model", np.where(bank == 3, member * 1.0, draw.normal(size=n))),
        "gaps": ("for audits alone", np.where(member, np.nan, draw.normal(size=n))),
    }
    found = search_proxies("language", "other", member, columns, bank, bar=0.65)
    by_name = {one.feature: one for one in found.proxies}
    assert [one.feature for one in found.proxies][:2] == ["gaps", "hump"]
    assert by_name["hump"].suspect
    assert by_name["hump"].auc.low > 0.65
    assert not by_name["noise"].suspect
    assert not by_name["one_bank"].suspect
    assert found.together.value > 0.7
    assert suspects([found], most=3) == ("hump",)


def test_too_few_of_a_group_are_not_searched():
    found = search_proxies("sex", "women", np.ones(300, dtype=bool), {}, np.arange(300), bar=0.65)
    assert not found.searched
    assert math.isnan(found.together.value)


def test_what_a_model_without_a_proxy_costs():
    rows = judged()
    theirs = Attribute("language", np.random.default_rng(3).integers(0, 2, 3000), ("other", "spanish"), 1)
    noise = np.random.default_rng(4).random(3000)

    def refit(without):
        pd = noise if "strong" in without else rows.pd
        return pd, pd < 0.15

    champion, same, worse = alternatives(rows, (theirs,), [("weak",), ("strong",)], refit, standard=Standard())
    assert champion.without == ()
    assert (same.loss.value, same.loss.low, same.loss.high) == (0.0, 0.0, 0.0)
    assert worse.loss.low > 0.05
    assert worse.ready == pytest.approx(0.15, abs=0.03)
    assert set(champion.ratios) == {("language", "other")}
