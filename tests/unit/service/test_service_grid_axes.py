"""Which amounts and terms the officer's table on the road shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from riskscore.scoring import Product, ScoreRequest
from riskscore.service.grid_axes import axes

OFFER = Product("INT", "Banco comunal", 100.0, 1000.0, 10.0, 91, 243, ("weekly", "fortnightly"), 0.025, "flat", 2.0)
ASKED = ScoreRequest(
    recipe="member_default",
    subject="M1",
    amount=1000.0,
    currency="USD",
    term_days=224,
    frequency="fortnightly",
    purpose="working_capital",
    other_active_loans=1,
    as_of=datetime(2026, 1, 1),
)


@pytest.mark.parametrize(
    ("ceiling", "amounts"),
    [
        (210.0, [210.0, 400.0, 600.0, 800.0, 1000.0]),  # the only amount with which she would be ready
        (600.0, [400.0, 600.0, 800.0, 1000.0]),
        (None, [400.0, 600.0, 800.0, 1000.0]),  # unknown
        (0.0, [400.0, 600.0, 800.0, 1000.0]),  # nothing fits
        (50.0, [400.0, 600.0, 800.0, 1000.0]),  # less than is lent
    ],
)
def test_her_ceiling_is_among_the_amounts(ceiling, amounts):
    assert axes([OFFER], ASKED, ceiling) == (amounts, [164, 194, 224])


def test_where_no_product_allows_the_request_there_is_no_table():
    assert axes([OFFER], replace(ASKED, amount=5000.0), 210.0) == ([], [])
