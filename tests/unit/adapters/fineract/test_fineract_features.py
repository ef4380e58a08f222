"""Features of the made-up core, worked out by hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from riskscore.dataset import spine
from riskscore.portfolio import check_portfolio
from riskscore.portfolio.adapters.fineract.report import Report
from tests.unit.adapters.fineract.conftest import Core, name
from tests.unit.adapters.fineract.declarations import value

ANA, BEA, CARLA, FLOR, GINA = 101, 102, 103, 106, 108


def test_the_portfolio_keeps_its_contract(report: Report) -> None:
    assert check_portfolio(report.portfolio.path) == []


@pytest.mark.parametrize(
    ("client", "moment", "feature", "expected"),
    [
        # Due 17, 24, 31 January, 7 February. The third is open since yesterday.
        (ANA, "2024-02-01", "worst", 1),
        # The payment of the 24th turned out void on the 5th: the second was paid that day, the third is open.
        (ANA, "2024-02-06", "worst", 12),
        # A payment of the 31st was recorded on the 10th: the second is seven days late, the third five.
        (ANA, "2024-02-11", "worst", 7),
        (ANA, "2024-03-01T09:00", "worst", 7),
        (ANA, "2024-03-01T09:00", "loans", 1),
        # Asked for 500, was given 400; the new request is recorded at that moment and not before it.
        (ANA, "2024-03-01T08:59", "asked", 500),
        (ANA, "2024-02-12T10:00", "paid_1_cycle", 315),
        (ANA, "2024-02-12T11:30", "paid_1_cycle", 420),
        (ANA, "2024-02-25", "saved", 40),
        (ANA, "2024-02-08", "came", 1.0),
        (BEA, "2024-02-08", "came", 1 / 3),
        # Paid the first of four on the day and nothing since: the second has been open for 36 days.
        (BEA, "2024-02-29", "worst", 36),
        (BEA, "2024-03-08", "bad", None),
        (BEA, "2024-03-09T00:01", "bad", 1),
        (BEA, "2024-12-01T10:59", "written_off", 0),
        (BEA, "2024-12-01T11:00", "written_off", 1),
        # 50 paid back after the write-off.
        (BEA, "2025-02-04", "paid_1_cycle", 155),
        # 5 of her 110 were a penalty, and 5 of interest were waived.
        (CARLA, "2024-10-03", "paid_1_cycle", 415),
        (CARLA, "2024-10-05", "owed_1_cycle", 415),
        (CARLA, "2024-10-05", "worst", 2),
        (GINA, "2024-04-01", "worst", 0),
    ],
)
def test_a_feature_at_a_moment(report: Report, client: int, moment: str, feature: str, expected: float | None) -> None:
    found = value(report.portfolio, client, moment, feature)
    assert found == (expected if expected is None else pytest.approx(expected))


def test_a_request_sees_neither_itself_nor_its_loan(core: Core, tmp_path: Path) -> None:
    # Old rows: asked for, paid out and recorded on one day, without any time.
    core.execute(
        "UPDATE m_loan SET created_on_utc = NULL, disbursedon_date = submittedon_date WHERE id = 2",
        "UPDATE m_loan_transaction SET created_on_utc = NULL, submitted_on_date = NULL, "
        "transaction_date = '2024-03-01' WHERE id = 11",
    )
    portfolio = core.ingest(tmp_path / "bank").portfolio
    asked = spine(portfolio).filter(pl.col("application_id") == "a" + name("loan", 2)[1:])
    moment = asked["as_of"].item()
    assert moment == datetime(2024, 3, 1, 23, 59, 59, 999999)
    found = value(portfolio, ANA, moment.isoformat(), "asked"), value(portfolio, ANA, moment.isoformat(), "loans")
    assert found == (500, 1)
    assert value(portfolio, ANA, "2024-03-02T00:00:01", "loans") == 2


def test_neighbours_see_what_a_woman_who_left_owed_while_she_was_there(report: Report) -> None:
    # Bea's second instalment, due 24 January, is open: 129 days on 1 June.
    assert value(report.portfolio, ANA, "2024-06-01", "others_worst") == 129
    # She left on 15 August. Of those who stay nobody is known to have been late.
    assert value(report.portfolio, ANA, "2024-08-16", "others_worst") == 0
