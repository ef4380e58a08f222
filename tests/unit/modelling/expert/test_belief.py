"""The belief after the cases, held against the beta posterior and against a grid."""

import numpy as np
import pytest
from scipy.special import expit

from riskscore.liability import beta_posterior
from riskscore.modelling.expert.belief import Cases, mode_after, update
from riskscore.modelling.expert.interval import base_rate_interval, told
from riskscore.modelling.expert.prior import UNKNOWN, Prior

#: One rate and nothing else; the season hardly matters.
PLAIN = Prior(0.10, 20.0, (), (), (), {"season": 1e-3})
#: A rate, one dimension, one pool.
SMALL = Prior(0.10, 20.0, ("governance",), (1.0,), (0.5,), {"season": 0.5})


def seen(n, bads):
    return Cases(np.zeros((n, 0)), {"season": ["2024"] * n}, np.r_[np.ones(bads), np.zeros(n - bads)])


@pytest.mark.parametrize("bads", [0, 1, 2, 7, 20])
def test_without_points_it_is_the_beta_posterior(bads):
    belief, exact = update(PLAIN, seen(20, bads)), beta_posterior(20, bads, prior_rate=0.10, prior_cases=20)
    assert belief.base_rate == pytest.approx(exact.mean, abs=1e-5)
    # Of 1,024 draws the ends are known to a few thousandths.
    assert base_rate_interval(belief) == pytest.approx((exact.low, exact.high), abs=2e-3)
    answer = told(belief, np.zeros((1, 0)), {"season": ["2024"]})
    assert answer.prior_share[0] == pytest.approx(exact.prior_share, abs=1e-4)
    assert answer.effective_n[0] == pytest.approx(20.0, abs=0.01)


def test_without_cases_it_is_the_prior():
    belief = update(SMALL, Cases(np.zeros((0, 1)), {"season": []}, np.zeros(0)))
    assert belief.base_rate == pytest.approx(0.10, abs=1e-9)
    assert belief.coefficients.tolist() == [1.0]
    answer = told(belief, np.array([[0.7]]), {"season": ["2025"]})
    assert (answer.prior_share[0], answer.effective_n[0]) == (pytest.approx(1.0), pytest.approx(0.0, abs=1e-9))
    assert belief.draws[:, 1].std() == pytest.approx(0.5, rel=0.05)


def grid_of(prior, z, bad):
    """Weigh a grid of mu, coefficient and season: the posterior by brute force."""
    mu, b, s = np.meshgrid(
        np.linspace(-8, 2, 241), np.linspace(-1.5, 3.5, 81), np.linspace(-2.5, 2.5, 61), indexing="ij"
    )
    log = prior.cases * (prior.base_rate * mu - np.logaddexp(0, mu))
    log -= 0.5 * ((b - 1.0) / prior.sds[0]) ** 2 + 0.5 * (s / prior.pools["season"]) ** 2
    for own, fell in zip(z, bad, strict=True):
        eta = mu + b * own + s
        log += fell * eta - np.logaddexp(0, eta)
    weight = np.exp(log - log.max())
    return mu, b, s, weight / weight.sum()


def quantiles(values, weight, ends=(0.05, 0.95)):
    order = np.argsort(values, axis=None)
    at = np.cumsum(weight.ravel()[order])
    return [float(values.ravel()[order][np.searchsorted(at, end)]) for end in ends]


@pytest.mark.parametrize("bads", [0, 2, 8])
def test_draws_are_those_of_a_grid(bads):
    z = np.linspace(-1.0, 1.0, 12)
    bad = np.r_[np.zeros(12 - bads), np.ones(bads)]
    belief = update(SMALL, Cases(z[:, None], {"season": ["2024"] * 12}, bad))
    mu, b, s, weight = grid_of(SMALL, z, bad)
    for column, values in enumerate((mu, b, s)):
        mean = float((values * weight).sum())
        assert belief.draws[:, column].mean() == pytest.approx(mean, abs=0.05)
        assert belief.draws[:, column].std() == pytest.approx(
            float(((values - mean) ** 2 * weight).sum()) ** 0.5, rel=0.06
        )
    answer = told(belief, np.array([[0.5]]), {"season": ["2024"]})
    low, high = expit(quantiles(mu + 0.5 * b + s, weight))
    assert (answer.low[0], answer.high[0]) == pytest.approx((low, high), rel=0.06, abs=0.003)
    peak = np.unravel_index(weight.argmax(), weight.shape)
    assert belief.mode == pytest.approx([mu[peak], b[peak], s[peak]], abs=0.06)


def test_the_season_ahead_widens_the_interval_and_a_season_behind_moves_it():
    belief = update(SMALL, Cases(np.zeros((20, 1)), {"season": ["2024"] * 20}, np.r_[np.ones(8), np.zeros(12)]))
    behind, ahead = (told(belief, np.zeros((1, 1)), {"season": [name]}) for name in ("2024", "2025"))
    assert belief.effect("season", "2024") > 0.2
    assert behind.pd[0] > ahead.pd[0]
    width = {name: np.log(one.high[0] / one.low[0]) for name, one in (("behind", behind), ("ahead", ahead))}
    assert width["ahead"] > width["behind"]


def test_twenty_cases_of_one_season_are_worth_less_than_twenty_of_ten():
    bad = np.r_[np.ones(2), np.zeros(18)]
    one, ten = (
        update(SMALL, Cases(np.zeros((20, 1)), {"season": names}, bad))
        for names in (["2024"] * 20, [str(2000 + n // 2) for n in range(20)])
    )
    shared, apart = (told(of, np.zeros((1, 1)), {"season": ["2030"]}) for of in (one, ten))
    assert shared.effective_n[0] < 0.75 * apart.effective_n[0]
    assert shared.prior_share[0] > apart.prior_share[0]


def test_order_of_cases_and_names_of_levels_change_nothing():
    rng = np.random.default_rng(3)
    z, bad = rng.normal(size=(15, 1)), (rng.random(15) < 0.3).astype(float)
    names = rng.choice(["a", "b"], 15)
    turned = rng.permutation(15)
    first = mode_after(SMALL, Cases(z, {"season": names.tolist()}, bad))
    second = mode_after(SMALL, Cases(z[turned], {"season": names[turned].tolist()}, bad[turned]))
    assert first.at == pytest.approx(second.at, abs=1e-9)


def test_a_level_that_nobody_wrote_down_is_shared_with_none():
    belief = update(
        SMALL, Cases(np.zeros((4, 1)), {"season": [UNKNOWN, UNKNOWN, "2024", "2024"]}, np.array([1.0, 1, 0, 0]))
    )
    assert belief.levels == {"season": ("2024",)}
