import pytest

from riskscore.errors import InvalidInput
from riskscore.liability import beta_posterior, zero_falls_upper


@pytest.mark.parametrize(
    ("falls", "mean", "low", "high"),
    [(0, 0.050, 0.0092, 0.1160), (1, 0.075, 0.0213, 0.1528), (2, 0.100, 0.0358, 0.1870)],
)
def test_an_expert_worth_twenty_cases(falls, mean, low, high):
    found = beta_posterior(20, falls, prior_rate=0.10)
    assert (found.mean, found.low, found.high) == pytest.approx((mean, low, high), abs=5.1e-5)
    assert found.prior_share == 0.5


@pytest.mark.parametrize(
    ("n", "confidence", "upper"),
    [
        (20, 0.50, 0.0341),
        (20, 0.75, 0.0670),
        (20, 0.90, 0.1087),
        (20, 0.95, 0.1391),
        (10, 0.90, 0.2057),
        (30, 0.95, 0.0950),
    ],
)
def test_no_fall_is_not_no_risk(n, confidence, upper):
    assert zero_falls_upper(n, confidence=confidence) == pytest.approx(upper, abs=5.1e-5)


def test_faults_come_together():
    with pytest.raises(InvalidInput) as error:
        beta_posterior(5, 6, prior_rate=0.0, prior_cases=0, level=1.0)
    assert [fault.where for fault in error.value.faults] == ["falls", "prior_rate", "level", "prior_cases"]
    with pytest.raises(InvalidInput):
        zero_falls_upper(0, confidence=0.9)
