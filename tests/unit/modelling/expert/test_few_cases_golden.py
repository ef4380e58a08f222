"""The figures of small samples that anybody may work out again."""

import numpy as np
import pytest

from riskscore.evaluation.rates import jeffreys
from riskscore.liability import beta_posterior
from riskscore.modelling.expert.conflict import prior_conflict
from riskscore.modelling.expert.conformal import misses, open_outcomes
from riskscore.modelling.expert.points import Anchor
from riskscore.modelling.expert.prior import Prior

ANCHOR = Anchor(points=50, pd=0.10, halving=15, cases=20, verified=False)


def test_fifty_points_are_one_in_ten_and_fifteen_halve_the_odds():
    found = ANCHOR.pd_of(np.array([20.0, 35.0, 50.0, 65.0, 80.0]))
    assert found == pytest.approx([0.3077, 0.1818, 0.1000, 0.0526, 0.0270], abs=5.1e-5)


@pytest.mark.parametrize(("bads", "low", "high"), [(0, None, 0.0905), (1, 0.0089, 0.1796), (2, 0.0293, 0.2502)])
def test_jeffreys_of_twenty(bads, low, high):
    found = jeffreys(bads, 20, level=0.90)
    assert found[1] == pytest.approx(high, abs=5.1e-5)
    assert found[0] == (pytest.approx(low, abs=5.1e-5) if low else 0.0)


@pytest.mark.parametrize(("n", "credibility"), [(5, 0.20), (20, 0.50), (60, 0.75)])
def test_credibility_is_what_the_prior_does_not_hold(n, credibility):
    assert 1 - beta_posterior(n, 0, prior_rate=0.1, prior_cases=20).prior_share == pytest.approx(credibility)


@pytest.mark.parametrize(
    ("n", "level", "whole"), [(8, 0.90, True), (9, 0.90, False), (18, 0.95, True), (19, 0.95, False)]
)
def test_conformal_needs_nine_cases_for_ninety_and_nineteen_for_ninety_five(n, level, whole):
    assert (open_outcomes(0.01, [0.2] * n, level=level) == ("good", "bad")) is whole


def test_an_association_counts_once_by_its_last_case():
    pd, bad = np.array([0.9, 0.1, 0.2, 0.3]), np.array([0.0, 0.0, 1.0, 0.0])
    assert misses(pd, bad, ["A", "A", "B", "C"]) == (0.1, 0.3, 0.8)


def test_the_prior_predictive_p_value_is_that_of_the_beta_binomial():
    from scipy.stats import betabinom

    prior = Prior(0.10, 20.0, (), (), (), {"season": 1e-6})
    for bads in (0, 2, 5, 9):
        found = prior_conflict(prior, np.zeros((20, 0)), {"season": ["a"] * 20}, bads, below=0.05)
        law = betabinom(20, 2, 18)
        exact = min(1.0, 2 * min(law.cdf(bads), law.sf(bads - 1)))
        assert found.p == pytest.approx(exact, abs=0.012)
    assert [prior_conflict(prior, np.zeros((20, 0)), {"season": ["a"] * 20}, k, below=0.05).found for k in (2, 9)] == [
        False,
        True,
    ]


def test_a_shared_season_makes_many_bads_less_strange():
    alone = Prior(0.10, 20.0, (), (), (), {"season": 1e-6})
    together = Prior(0.10, 20.0, (), (), (), {"season": 1.0})
    p = [prior_conflict(one, np.zeros((20, 0)), {"season": ["a"] * 20}, 8, below=0.05).p for one in (alone, together)]
    assert p[0] < p[1] / 2


def test_conflict_is_said_in_words_in_both_languages():
    prior = Prior(0.10, 20.0, (), (), (), {"season": 1e-6})
    found = prior_conflict(prior, np.zeros((20, 0)), {"season": ["a"] * 20}, 15, below=0.05)
    assert "no concuerdan" in found.words("es")
    assert "disagree" in found.words("en")
    assert found.to_dict()["found"] is True
