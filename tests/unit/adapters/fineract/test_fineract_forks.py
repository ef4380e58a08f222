"""Forks without some columns, and cores with something in them that cannot be so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from riskscore.errors import InvalidInput
from riskscore.portfolio import check_portfolio
from riskscore.portfolio.adapters.fineract import Words
from riskscore.portfolio.adapters.fineract.report import Report
from tests.unit.adapters.fineract import world
from tests.unit.adapters.fineract.conftest import CHOICES, Core, name
from tests.unit.adapters.fineract.declarations import value

OPTIONAL = {
    "m_loan_transaction": ("created_on_utc", "reversed_on_date", "fee_charges_portion_derived"),
    "m_loan": ("created_on_utc", "loan_counter", "principal_amount_proposed", "last_closed_business_date"),
    "m_client": ("created_on_utc", "gender_cv_id", "date_of_birth"),
    "m_group": ("created_on_utc",),
    "m_loan_repayment_schedule": ("created_on_utc", "interest_waived_derived"),
}
TABLES = (
    "m_portfolio_command_source",
    "m_loan_transaction_relation",
    "m_loan_repayment_schedule_history",
    "m_loan_reschedule_request",
    "m_client_attendance",
    "m_savings_account_transaction",
    "m_guarantor",
    "m_business_date",
    "m_staff",
    "m_loan_transaction_repayment_schedule_mapping",
)


def test_a_fork_without_what_is_optional_is_read_and_the_report_says_what_was_lost(core: Core, tmp_path: Path) -> None:
    core.execute(
        *(f"ALTER TABLE {table} DROP COLUMN {column}" for table, columns in OPTIONAL.items() for column in columns),
        *(f"DROP TABLE {table}" for table in TABLES),
    )
    report = core.ingest(tmp_path / "bank", replace(CHOICES, data_date=date(2025, 6, 30)))
    assert check_portfolio(tmp_path / "bank") == []
    told = {fault.where for fault in report.missing}
    assert told >= {f"{table}.{column}" for table, columns in OPTIONAL.items() for column in columns}
    assert told >= set(TABLES)
    assert all(fault.remedy for fault in report.missing)
    # Without the log, Bea is known by her loan; it was written off on 1 December, and 90 days later she counts as gone.
    memberships = report.portfolio.table("memberships")
    assert memberships["provenance"].unique().to_list() == ["inferred"]
    bea = memberships.filter(pl.col("member_id") == name("member", 102)).sort("known_at")
    assert bea["valid_to"].to_list() == [None, date(2025, 3, 1)]
    # Ana and Bea have loans running; Carla's and the others' first signs come later, and Flor's loan names no group.
    assert value(report.portfolio, 102, "2024-06-01", "bank_size") == 2
    # Submitted on the day it was paid: known at the end of that day, the back-dated payment too.
    assert value(report.portfolio, 101, "2024-02-06", "paid_1_cycle") == 315
    assert report.portfolio.table("loans").filter(pl.col("id") == name("loan", 2))["cycle_no"].to_list() == [2]


def test_a_core_without_its_own_figures_is_reconciled_with_nothing(core: Core, tmp_path: Path) -> None:
    core.execute("ALTER TABLE m_loan DROP COLUMN principal_outstanding_derived", "DROP TABLE m_loan_arrears_aging")
    report = core.ingest(tmp_path / "bank")
    assert report.reconciliation.loans.is_empty()
    assert report.reconciliation.core_par30 is None
    assert report.reconciliation.core_report is None
    assert report.reconciliation.ours.at_risk == pytest.approx(1000 / 3300)
    assert "By the core's own balances and arrears: not computable." in report.markdown()


def test_columns_of_a_strange_type_disturb_nobody(core: Core, report: Report, tmp_path: Path) -> None:
    core.execute("CREATE TYPE mood AS (a INT)", "ALTER TABLE m_client ADD COLUMN strange mood")
    assert core.ingest(tmp_path / "bank").portfolio.manifest.content_hash == report.portfolio.manifest.content_hash


def test_tables_without_a_key_are_read_in_one_piece(core: Core, report: Report, tmp_path: Path) -> None:
    keyless = ("m_loan_repayment_schedule_history", "m_loan_transaction_relation", "m_portfolio_command_source")
    core.execute(*(f"ALTER TABLE {table} DROP COLUMN id" for table in keyless))
    found = core.ingest(tmp_path / "bank")
    assert found.portfolio.manifest.content_hash == report.portfolio.manifest.content_hash
    assert {fault.where for fault in found.missing} >= {f"{table}.id" for table in keyless}


def test_a_business_date_that_stood_still_is_no_data_date(core: Core, tmp_path: Path) -> None:
    core.execute("UPDATE m_business_date SET date = '2024-03-01'")
    assert core.ingest(tmp_path / "bank").portfolio.manifest.data_date > date(2025, 6, 30)


def test_a_fork_without_what_is_needed_gets_every_fault_at_once(core: Core, tmp_path: Path) -> None:
    core.execute(
        "ALTER TABLE m_loan_transaction DROP COLUMN transaction_date",
        "ALTER TABLE m_loan DROP COLUMN client_id",
        "ALTER TABLE m_loan_repayment_schedule ALTER COLUMN principal_amount TYPE DOUBLE PRECISION",
        "ALTER TABLE m_loan_transaction ALTER COLUMN amount TYPE VARCHAR(20)",
        "DROP TABLE m_office",
    )
    with pytest.raises(InvalidInput) as caught:
        core.ingest(tmp_path / "bank")
    assert [fault.where for fault in caught.value.faults] == [
        "m_office",
        "m_loan.client_id",
        "m_loan_repayment_schedule.principal_amount",
        "m_loan_transaction.transaction_date",
        "m_loan_transaction.amount",
    ]
    assert all(fault.remedy for fault in caught.value.faults)
    assert not (tmp_path / "bank").exists()


def test_what_cannot_be_so_is_named_by_table_keys_and_remedy_all_at_once(core: Core, tmp_path: Path) -> None:
    core.execute(
        "ALTER TABLE m_client_attendance DROP CONSTRAINT m_client_attendance_pkey",
        "UPDATE m_group SET parent_id = 12 WHERE id = 10",
        "UPDATE m_loan_repayment_schedule SET duedate = '2023-12-01' WHERE id = 2",
        "UPDATE m_loan_repayment_schedule SET installment = 1 WHERE id = 24",
        "UPDATE m_loan_transaction SET amount = -5 WHERE id = 12",
        "INSERT INTO m_client_attendance SELECT * FROM m_client_attendance WHERE id = 1011",
    )
    core.insert("m_loan", world.loan(20, 101, 11, "2025-01-06", "2025-01-08", 300, currency_code="USD"))
    with pytest.raises(InvalidInput) as caught:
        core.ingest(tmp_path / "bank")
    found = {fault.where: fault for fault in caught.value.faults}
    assert set(found) == {
        "m_loan.currency_code",
        "m_client_attendance.id",
        "m_group.parent_id",
        "m_loan_repayment_schedule.duedate",
        "m_loan_repayment_schedule.installment",
        "m_loan_transaction.amount",
    }
    assert "BOB 12, USD 1" in found["m_loan.currency_code"].what
    assert "--currency" in found["m_loan.currency_code"].remedy
    assert name("loan", 1) in found["m_loan_repayment_schedule.duedate"].what
    assert "SELECT" in found["m_group.parent_id"].remedy
    assert not (tmp_path / "bank").exists()


def test_a_hierarchy_of_three_levels_is_refused(core: Core, tmp_path: Path) -> None:
    core.execute("UPDATE m_group SET parent_id = 20 WHERE id = 10")
    with pytest.raises(InvalidInput, match="more than two levels deep") as caught:
        core.ingest(tmp_path / "bank")
    assert name("group", 11) in str(caught.value)
    assert name("group", 12) in str(caught.value)


def test_what_is_put_right_in_the_core_is_read_again(core: Core, report: Report, tmp_path: Path) -> None:
    core.execute("UPDATE m_loan_transaction SET amount = -5 WHERE id = 12")
    with pytest.raises(InvalidInput, match=r"m_loan_transaction\.amount"):
        core.ingest(tmp_path / "bank")
    core.execute("UPDATE m_loan_transaction SET amount = 210 WHERE id = 12")
    assert core.ingest(tmp_path / "bank").portfolio.manifest.content_hash == report.portfolio.manifest.content_hash


@pytest.mark.slow
def test_one_portfolio_for_each_currency(core: Core, tmp_path: Path) -> None:
    core.insert("m_loan", world.loan(20, 101, 11, "2025-01-06", "2025-01-08", 300, currency_code="USD"))
    core.insert("m_loan_repayment_schedule", world.due(900, 20, 1, "2025-02-06", 300, 9))
    core.insert("m_loan_transaction", world.moved(900, 20, 2, "2025-02-06", 309))
    dollars = core.ingest(tmp_path / "usd", replace(CHOICES, currency="USD")).portfolio
    assert dollars.manifest.currency == "USD"
    assert dollars.table("payments")["amount"].to_list() == [309]
    assert dollars.table("savings").is_empty()
    bolivianos = core.ingest(tmp_path / "bob", replace(CHOICES, currency="BOB")).portfolio
    assert bolivianos.manifest.rows["payments"] == 27
    assert check_portfolio(tmp_path / "usd") + check_portfolio(tmp_path / "bob") == []
    with pytest.raises(InvalidInput, match="no loan is in PEN"):
        core.ingest(tmp_path / "pen", replace(CHOICES, currency="PEN"))


def test_an_earlier_data_date_reads_what_was_recorded_by_then(core: Core, tmp_path: Path) -> None:
    report = core.ingest(tmp_path / "bank", replace(CHOICES, data_date=date(2024, 2, 6)))
    payments = report.portfolio.table("payments")
    assert name("transaction", 5) not in payments["id"]  # paid on 31 January, recorded on 10 February
    assert check_portfolio(tmp_path / "bank") == []
    assert any("after the data date" in finding.what for finding in report.findings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("day", "what"),
    [(date(2999, 1, 1), "2999-01-01 is yet to come"), (date(1990, 1, 1), "is before the first loan of 20")],
)
def test_a_data_date_on_which_there_is_nothing_to_read_is_refused(
    core: Core, tmp_path: Path, day: date, what: str
) -> None:
    core.execute("ALTER TABLE m_loan ALTER COLUMN submittedon_date TYPE TIMESTAMP")  # as some forks keep it
    first = core.ingest(tmp_path / "bank").portfolio
    with pytest.raises(InvalidInput, match=what):
        core.ingest(tmp_path / "bank", replace(CHOICES, data_date=day))
    assert core.ingest(tmp_path / "bank").portfolio.manifest.content_hash == first.manifest.content_hash


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("UPDATE m_loan_transaction SET amount = 'NaN' WHERE id = 1", "m_loan_transaction.amount"),
        ("UPDATE m_loan_transaction SET transaction_date = 'infinity' WHERE id = 1", "m_loan_transaction"),
        ("UPDATE m_client SET date_of_birth = '0044-03-15 BC'", "m_client"),
    ],
)
def test_values_that_are_none_are_told_by_table(core: Core, tmp_path: Path, change: str, where: str) -> None:
    core.execute(change)
    with pytest.raises(InvalidInput) as caught:
        core.ingest(tmp_path / "bank")
    assert [fault.where for fault in caught.value.faults] == [where]
    assert "0044-03-15" not in str(caught.value)


@pytest.mark.parametrize("option", ["charset=nope", "bogus=1", "port=abc"])
def test_an_option_that_the_driver_does_not_know_is_a_fault(tmp_path: Path, option: str) -> None:
    with pytest.raises(InvalidInput, match="does not take the address's options"):
        Core.ingest_address(f"mysql://reader:secret@127.0.0.1:1/core?{option}", tmp_path / "bank")


def test_a_currency_is_three_letters_before_a_row_is_read(core: Core, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="ISO 4217"):
        core.ingest(tmp_path / "bank", replace(CHOICES, currency="bo'b"))
    assert list(tmp_path.iterdir()) == []


def test_an_original_schedule_that_was_not_archived_is_lost_and_not_made_up(core: Core, tmp_path: Path) -> None:
    core.execute(
        "DELETE FROM m_loan_repayment_schedule_history WHERE loan_id = 2",
        "UPDATE m_loan_repayment_schedule SET created_on_utc = '2024-05-20 18:00+00' WHERE loan_id = 2",
    )
    report = core.ingest(tmp_path / "bank")
    assert value(report.portfolio, 101, "2024-05-10", "due_1_cycle") is None
    assert value(report.portfolio, 101, "2024-05-25", "due_1_cycle") == 1
    assert [one.rows for one in report.findings if "first form was not archived" in one.what] == [1]


def test_the_institution_s_words(tmp_path: Path) -> None:
    file = tmp_path / "words.toml"
    file.write_text(
        'relief_reasons = ["Emergencia declarada"]\nrural_offices = [3]\n[purposes]\n"Semillas" = "materials"\n'
    )
    words = Words.read(file)
    assert words.relief_reasons == ("emergencia declarada",)
    assert words.purposes == {"semillas": "materials"}
    assert words.sexes["femenino"] == "female"
    file.write_text('rural = 1\nrural_offices = ["x"]\n[purposes]\n"Semillas" = "seeds"\n')
    with pytest.raises(InvalidInput) as caught:
        Words.read(file)
    assert [fault.where for fault in caught.value.faults] == [
        "words.toml: rural",
        "words.toml: purposes",
        "words.toml: rural_offices",
    ]
