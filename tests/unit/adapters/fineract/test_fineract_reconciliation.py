"""Why our figures and the core's differ: each reason once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from riskscore.portfolio import check_portfolio
from tests.unit.adapters.fineract import world
from tests.unit.adapters.fineract.conftest import CHOICES, Core, name
from tests.unit.adapters.fineract.declarations import value


def reasons(core: Core, out: Path, data_date: date | None = None) -> dict[str, str]:
    found = core.ingest(out, replace(CHOICES, data_date=data_date)).reconciliation
    return dict(found.loans.select("loan_id", "reason").iter_rows())


def test_grace_refunds_and_credits_on_no_instalment(core: Core, tmp_path: Path) -> None:
    core.execute(
        "DELETE FROM m_loan_transaction WHERE id = 42",
        "UPDATE m_loan SET grace_on_arrears_ageing = 60, principal_outstanding_derived = 200, "
        "interest_outstanding_derived = 10 WHERE id = 5",
        "UPDATE m_loan SET principal_outstanding_derived = 1100 WHERE id = 9",
        "UPDATE m_loan SET principal_outstanding_derived = 1900 WHERE id = 10",
    )
    core.insert("m_loan_transaction", world.moved(500, 9, 16, "2025-06-10", 100))
    core.insert("m_loan_transaction", world.moved(501, 10, 23, "2025-06-10", 100))
    assert reasons(core, tmp_path / "bank") == {
        name("loan", 5): "grace on arrears",
        name("loan", 6): "rescheduled",
        name("loan", 9): "refund or chargeback",
        name("loan", 10): "credit on no instalment",
    }


def test_order_the_data_date_itself_and_what_was_recorded_later(core: Core, tmp_path: Path) -> None:
    core.execute(
        # The core took 5 of the payment for interest that here is principal.
        "UPDATE m_loan SET principal_outstanding_derived = 105, interest_outstanding_derived = 0 WHERE id = 5",
        # Due today: overdue from tomorrow on here, after tonight's close there.
        "UPDATE m_loan_repayment_schedule SET duedate = '2025-06-30' WHERE id = 81",
        "UPDATE m_loan SET principal_outstanding_derived = 450 WHERE id = 9",
    )
    core.insert("m_loan_transaction", {**world.moved(500, 9, 2, "2025-06-29", 550), "created_on_utc": world.utc(
        "2025-07-02 15:00")})  # fmt: skip
    found = reasons(core, tmp_path / "bank", date(2025, 6, 30))
    assert found[name("loan", 5)] == "order of interest and principal"
    assert found[name("loan", 10)] == "due on the data date"
    assert found[name("loan", 9)] == "recorded after the data date"


def test_a_credit_that_names_its_instalment_lowers_it_from_when_it_was_given(core: Core, tmp_path: Path) -> None:
    core.insert("m_loan_transaction", world.moved(500, 5, 23, "2025-06-10", 40))
    core.insert(
        "m_loan_transaction_repayment_schedule_mapping",
        {"id": 1, "loan_transaction_id": 500, "loan_repayment_schedule_id": 42, "principal_portion_derived": 38,
         "interest_portion_derived": 2},
    )  # fmt: skip
    core.execute("UPDATE m_loan SET principal_outstanding_derived = 62, interest_outstanding_derived = 3 WHERE id = 5")
    report = core.ingest(tmp_path / "bank")
    assert check_portfolio(tmp_path / "bank") == []
    versions = report.portfolio.table("instalments").filter(pl.col("loan_id") == name("loan", 5), pl.col("number") == 2)
    assert versions.sort("known_at").select("amount", "principal").rows() == [(105, 100), (65, 62)]
    assert value(report.portfolio, 104, "2025-06-10T10:00", "paid_1_cycle") == 105
    agreed = report.reconciliation.loans.filter(pl.col("loan_id") == name("loan", 5))["reason"].to_list()
    assert agreed == ["agree"]
