"""Who belongs where, as of a moment."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from riskscore.portfolio import Portfolio, write_portfolio
from riskscore.service.directory import branches


def rows(*given: dict) -> pl.DataFrame:
    return pl.DataFrame(given, infer_schema_length=None)


def at(day: int, **fields: object) -> dict:
    moment = datetime(2025, 1, day, 12)
    return {"event_at": moment, "known_at": moment, **fields}


@pytest.fixture
def portfolio(tmp_path) -> Portfolio:
    frames = {
        "branches": rows(
            *(at(1, id=name, name=name, region="x", rural=False, opened_on=date(2020, 1, 1)) for name in "NS")
        ),
        "members": rows(
            at(12, id="moves", branch_id="S", joined_on=date(2025, 1, 2)),
            *(at(2, id=name, branch_id="N", joined_on=date(2025, 1, 2)) for name in ("stays", "moves", "left", "new")),
        ),
    }
    return write_portfolio(
        tmp_path / "p", frames, currency="PEN", country="PE", time_zone="America/Lima", data_date=date(2025, 1, 31)
    )


def test_everyone_has_the_branch_she_had_then(portfolio):
    assert branches(portfolio, datetime(2025, 1, 9)) == dict.fromkeys(("stays", "moves", "left", "new"), "N")
    assert branches(portfolio, datetime(2025, 1, 15))["moves"] == "S"
    assert branches(portfolio, datetime(2025, 1, 2)) == {}
