"""Traps of so few cases, each by its number in the domain's list."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logit

from riskscore.evaluation import evaluate
from riskscore.modelling import Recipe
from riskscore.modelling.expert.belief import Cases, update
from riskscore.modelling.expert.conformal import open_outcomes
from riskscore.modelling.expert.interval import base_rate_interval, told

CANDIDATE = Recipe.load(Path(__file__).parents[3] / "training" / "producer_default.toml").candidates[0]
PURPOSES = ["equipment"] * 10 + ["working_capital"] * 5 + ["materials"] * 5


def fund(bad, purposes=PURPOSES):
    """Return twenty associations of fifty points, one loan each, of one province and two seasons."""
    n = len(purposes)
    levels = {
        "sector": ["cacao"] * n,
        "province": ["Quispicanchi"] * n,
        "purpose": list(purposes),
        "organisation": [f"PA{number}" for number in range(n)],
        "season": ["2023", "2024"] * (n // 2),
    }
    return Cases(np.zeros((n, len(CANDIDATE.dimensions))), levels, np.asarray(bad, dtype=float))


def asked(belief, purpose):
    levels = {"sector": ["cacao"], "province": ["Quispicanchi"], "organisation": ["new"], "season": ["2026"]}
    return told(belief, np.zeros((1, len(CANDIDATE.dimensions))), {**levels, "purpose": [purpose]})


@pytest.mark.parametrize("bads", [0, 20])
def test_trap_17_no_default_is_not_no_risk_and_all_are_not_certainty(bads):
    belief = update(CANDIDATE.prior, fund([bads > 0] * 20))
    answer, (low, high) = asked(belief, "equipment"), base_rate_interval(belief)
    assert 0.005 < answer.pd[0] < 0.995
    assert 0.0 < answer.low[0] < answer.pd[0] < answer.high[0] < 1.0
    # Twenty loans without a default do not rule out one in twenty; nor are twenty defaults a certainty.
    assert low < 0.05 < high if bads == 0 else 0.10 < low < high < 0.90


def test_trap_17_no_auc_on_twenty_associations_and_never_one_without_its_interval():
    rng = np.random.default_rng(1)
    few = evaluate(np.r_[np.ones(3), np.zeros(17)], rng.random(20), clusters=np.arange(20))
    assert few.figures == {}
    assert few.too_few == "Too few bads to say: 3 of at least 20."
    many = evaluate(np.r_[np.ones(25), np.zeros(75)], rng.random(100), clusters=np.arange(100))
    assert many.figures["auc"].low < many.figures["auc"].value < many.figures["auc"].high


def test_trap_17_fewer_than_nine_associations_rule_nothing_out():
    for count in range(9):
        assert open_outcomes(0.001, [0.001] * count) == ("good", "bad")
    assert open_outcomes(0.001, [0.001] * 9) == ("good",)


def test_trap_26_what_trade_credit_shows_is_not_the_record_of_equipment():
    """Ten good working-capital loans move working capital more, and equipment knows that it has no case."""
    trade = ["working_capital"] * 10
    shown = update(CANDIDATE.prior, fund([0] * 10, trade))
    before = logit(CANDIDATE.anchor.pd)
    own, other = asked(shown, "working_capital"), asked(shown, "equipment")
    assert before - own.log_odds[0] > 1.15 * (before - other.log_odds[0])
    assert other.prior_share[0] > own.prior_share[0]
    assert other.effective_n[0] < own.effective_n[0]
    assert np.log(other.high[0] / other.low[0]) > 0.99 * np.log(own.high[0] / own.low[0])
    # The purposes are kept apart by the pool and not by the points: without it one is the other.
    alike = replace(CANDIDATE, pools={**CANDIDATE.pools, "purpose": 1e-6})
    mixed = update(alike.prior, fund([0] * 10, trade))
    assert asked(mixed, "working_capital").pd[0] == pytest.approx(asked(mixed, "equipment").pd[0], abs=1e-6)


def test_trap_26_bad_equipment_loans_are_held_against_equipment_first():
    belief = update(CANDIDATE.prior, fund([1] * 4 + [0] * 16))
    assert asked(belief, "equipment").pd[0] > asked(belief, "working_capital").pd[0] > CANDIDATE.anchor.pd
