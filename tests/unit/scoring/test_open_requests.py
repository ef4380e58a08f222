"""Open requests off literal tables: hers as it stands, as old as its first version."""

from __future__ import annotations

from datetime import datetime

from riskscore.scoring.open_requests import OpenRequest, open_requests
from riskscore.scoring.snapshot import members_at
from tests.unit.features.literal_portfolio import written
from tests.unit.scoring.test_group_reading import JAN_10, tables


def found(portfolio, moment: datetime) -> tuple[OpenRequest, ...]:
    return open_requests(portfolio, members_at(portfolio, moment), moment)


def test_what_stands_open_is_told_with_its_terms(tmp_path):
    portfolio = written(tmp_path / "p", tables())
    berta = OpenRequest("BERTA", "CB1", datetime(2026, 1, 5), 450.0, "USD", 112, "weekly", None, 1)
    celia = OpenRequest("CELIA", "CB1", datetime(2026, 1, 6), 150.0, "USD", 112, "weekly", None, None)
    assert found(portfolio, JAN_10) == (berta, celia)
    (first,) = found(portfolio, datetime(2026, 1, 6))  # hers was asked for at this very moment, and is not seen
    assert (first.member_id, first.amount) == ("BERTA", 500.0)
