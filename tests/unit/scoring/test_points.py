import math

import pytest

from riskscore.errors import InvalidInput
from riskscore.modelling.scale import ScoreScale
from riskscore.scoring import points_of
from riskscore.scoring.points import largest_remainder

SCALE = ScoreScale()
FAMILIES = {"late": "repayment", "cycles": "repayment", "peers": "group", "nothing": "group"}
LN2 = math.log(2)


def test_doubling_the_odds_of_bad_takes_twenty_points():
    found = points_of(-math.log(50), {"late": LN2, "cycles": -LN2 / 2, "peers": 0.0, "nothing": 0.0}, FAMILIES, SCALE)
    assert found.base == pytest.approx(600.0)
    assert found.features == pytest.approx({"late": -20.0, "cycles": 10.0, "peers": 0.0, "nothing": 0.0})
    assert found.families == pytest.approx({"repayment": -10.0, "group": 0.0})
    assert found.score == pytest.approx(590.0, abs=1e-9)


def test_rows_add_up_where_plain_rounding_does_not():
    unit = LN2 / 20
    found = points_of(
        -math.log(50), {"late": 0.4 * unit, "cycles": 0.4 * unit, "peers": 0.4 * unit, "nothing": 0.0}, FAMILIES, SCALE
    )
    assert (found.shown_base, found.shown_score) == (600, 599)
    assert found.shown_families == {"repayment": -1, "group": 0}
    assert found.shown == {"late": 0, "cycles": -1, "peers": 0, "nothing": 0}


@pytest.mark.parametrize(
    ("parts", "total", "whole"),
    [
        ([0.5, 0.5], 1, [1, 0]),
        ([1.4, -2.7, 0.8], -1, [1, -3, 1]),
        ([-1.4, 0.0, 0.4], -1, [-1, 0, 0]),
        ([2.9999999999999, 1.0], 4, [3, 1]),
    ],
)
def test_largest_remainder(parts, total, whole):
    assert largest_remainder(parts, total) == whole


def test_a_missing_contribution_is_refused():
    with pytest.raises(InvalidInput, match="not a number"):
        points_of(0.0, {"late": math.nan}, FAMILIES, SCALE)
