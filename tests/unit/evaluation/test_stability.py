"""Population stability against the golden figures."""

from __future__ import annotations

import pytest

from riskscore.errors import InvalidInput
from riskscore.evaluation import psi, psi_critical

ACTUAL = [0.06, 0.08, 0.09, 0.10, 0.10, 0.11, 0.11, 0.11, 0.12, 0.12]


def test_golden_index() -> None:
    assert psi([0.1] * 10, ACTUAL) == pytest.approx(0.036102, abs=5e-7)
    assert psi([0.1] * 10, [0.1] * 10) == 0.0


@pytest.mark.parametrize(
    ("expected", "actual", "bins", "value"),
    [
        (1000, 200, 10, 0.1015),
        (1000, 1000, 10, 0.0338),
        (100, 100, 10, 0.3384),
        (60, 60, 10, 0.5640),
        (300, 40, 5, 0.2688),
    ],
)
def test_golden_critical_values(expected: int, actual: int, bins: int, value: float) -> None:
    assert psi_critical(expected, actual, bins) == pytest.approx(value, abs=5e-5)


def test_an_empty_bin_adds_half_an_observation_to_each() -> None:
    assert psi([10, 10], [20, 0]) == pytest.approx(psi([10.5, 10.5], [20.5, 0.5]))


def test_an_empty_share_is_refused() -> None:
    with pytest.raises(InvalidInput, match="share is zero"):
        psi([0.5, 0.5], [1.0, 0.0])


def test_bins_must_match() -> None:
    with pytest.raises(InvalidInput, match="bins"):
        psi([0.5, 0.5], [0.2, 0.3, 0.5])
