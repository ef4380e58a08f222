"""The months that the form asks for."""

from __future__ import annotations

from datetime import datetime

import pytest

from riskscore.service.declared_months import months_ahead


@pytest.mark.parametrize(
    ("moment", "last"),
    [
        (datetime(2027, 3, 1), "2028-02-01"),
        (datetime(2027, 3, 2), "2028-02-01"),  # a year of 365 days ends before the first of March
        (datetime(2027, 3, 3), "2028-03-01"),
        (datetime(2028, 2, 2), "2029-01-01"),
        (datetime(2028, 3, 2), "2029-03-01"),
        (datetime(2026, 12, 31), "2027-12-01"),
    ],
)
def test_no_month_is_asked_for_that_the_features_do_not_read(moment, last):
    assert str(months_ahead(moment)[-1]) == last
