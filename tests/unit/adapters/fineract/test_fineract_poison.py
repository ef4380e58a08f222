"""Poison the future: whatever is recorded after a date moves no feature at that date."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tests.unit.adapters.fineract import world
from tests.unit.adapters.fineract.conftest import Core
from tests.unit.adapters.fineract.declarations import starter, values

CLIENTS = (101, 102, 103, 106, 108)
MOMENT = "2024-06-10"
AFTER = "2024-06-10 20:00"

LATER = [
    # Payments back-dated into the past, and reversals of those that stood.
    *(
        {**world.moved(1000 + ident, ident, 2, "2024-01-20", 77), "created_on_utc": world.utc(AFTER)}
        for ident in (1, 2, 3, 8, 11)
    ),
]


def poison(core: Core) -> None:
    """Change and add everything that can be, recorded on the evening of the date or later."""
    core.insert("m_loan_transaction", *LATER)
    core.execute(
        # What stood on the date is reversed later.
        "UPDATE m_loan_transaction SET is_reversed = true, reversed_on_date = '2024-06-11' "
        "WHERE transaction_type_enum = 2 AND NOT is_reversed AND created_on_utc < '2024-06-10'",
        # The schedule of every loan is rewritten: what it was is archived.
        "INSERT INTO m_loan_reschedule_request (id, loan_id, status_enum, approved_on_date, reschedule_reason_cv_id) "
        "SELECT 1000 + id, id, 200, '2024-06-12', 61 FROM m_loan WHERE disbursedon_date < '2024-06-10'",
        "INSERT INTO m_loan_repayment_schedule_history (id, loan_id, loan_reschedule_request_id, installment, duedate, "
        "principal_amount, interest_amount, version) SELECT 1000 + id, loan_id, 1000 + loan_id, installment, duedate, "
        "principal_amount, interest_amount, 2 FROM m_loan_repayment_schedule "
        "WHERE loan_id IN (SELECT id FROM m_loan WHERE disbursedon_date < '2024-06-10')",
        "UPDATE m_loan_repayment_schedule SET duedate = duedate + 90, principal_amount = principal_amount * 2, "
        "interest_waived_derived = 1 WHERE loan_id IN (SELECT id FROM m_loan WHERE disbursedon_date < '2024-06-10')",
        # Everyone is a bad payer, by the core's own words of today.
        "UPDATE m_loan SET is_npa = true, principal_outstanding_derived = 9999, loan_counter = loan_counter, "
        "charged_off_on_date = '2024-06-20', last_closed_business_date = '2025-06-29'",
        "UPDATE m_loan SET loan_status_id = 601, writtenoffon_date = '2024-06-13', closedon_date = '2024-06-13' "
        "WHERE closedon_date IS NULL AND client_id IS NOT NULL",
        # Today's list of members is turned about.
        "DELETE FROM m_group_client",
        "INSERT INTO m_group_client SELECT 20, id FROM m_client WHERE id IN (102, 103, 106)",
    )
    core.insert(
        "m_portfolio_command_source",
        *(
            {
                **world.command(1000 + client, "GROUP", action, AFTER, {"clientMembers": [client]}, group_id=group),
                "command_as_json": json.dumps({"clientMembers": [str(client)]}),
            }
            for client, action, group in (
                (101, "DISASSOCIATECLIENTS", 11),
                (104, "DISASSOCIATECLIENTS", 12),
                (108, "ASSOCIATECLIENTS", 11),
                (110, "ASSOCIATECLIENTS", 12),
            )
        ),
    )
    core.insert("m_meeting", {"id": 1000, "calendar_instance_id": 1, "meeting_date": world.day("2024-06-11")})
    core.insert(
        "m_client_attendance",
        *(
            {"id": 5000 + client, "client_id": client, "meeting_id": 1000, "attendance_type_enum": 2}
            for client in CLIENTS
        ),
    )
    core.insert(
        "m_savings_account_transaction",
        {"id": 1000, "savings_account_id": 1, "transaction_type_enum": 1, "transaction_date": world.day("2024-02-01"),
         "submitted_on_date": world.day("2024-06-10"), "amount": 5000, "is_reversed": False},
    )  # fmt: skip
    core.insert("m_loan", world.loan(1001, 101, 11, "2024-06-11", "2024-06-12", 700))


@pytest.mark.slow
def test_what_is_recorded_after_a_date_moves_no_feature_at_it(core: Core, tmp_path: Path) -> None:
    asked = [(client, MOMENT) for client in CLIENTS]
    portfolio = core.ingest(tmp_path / "before").portfolio
    before, before_all = values(portfolio, *asked), values(portfolio, *asked, of=starter())
    poison(core)
    portfolio = core.ingest(tmp_path / "after").portfolio
    after_all = values(portfolio, *asked, of=starter())
    assert [name for name in before_all.columns if not before_all[name].equals(after_all[name], null_equal=True)] == []
    assert sum(before_all[name].null_count() < len(CLIENTS) for name in before_all.columns) > 20
    after = values(portfolio, *asked)
    moved = [name for name in before.columns if not before[name].equals(after[name], null_equal=True)]
    assert moved == [], pl.concat([before.select("member_id", *moved), after.select("member_id", *moved)])
    # And it was poison: a month later everything is different.
    later = [(client, "2024-07-10") for client in CLIENTS]
    changed = values(portfolio, *later)
    assert {name for name in before.columns if not before[name].equals(changed[name], null_equal=True)} >= {
        "worst",
        "paid_1_cycle",
        "distress",
        "bank_size",
        "saved",
        "came",
    }


@pytest.mark.slow
def test_a_second_ingestion_changes_nothing_about_the_past(core: Core, tmp_path: Path) -> None:
    first = core.ingest(tmp_path / "bank").portfolio
    asked = [(client, moment) for client in CLIENTS for moment in ("2024-02-06", "2024-06-10", "2025-03-01")]
    before = values(first, *asked)
    core.insert("m_loan_transaction", world.moved(2000, 9, 2, "2025-07-02", 550))
    core.execute("UPDATE m_business_date SET date = '2025-07-03' WHERE type = 'BUSINESS_DATE'")
    second = core.ingest(tmp_path / "bank").portfolio
    assert second.manifest.content_hash != first.manifest.content_hash
    assert values(second, *asked).equals(before, null_equal=True)


def test_no_name_and_no_number_of_a_person_leaves_the_core(core: Core, tmp_path: Path) -> None:
    report = core.ingest(tmp_path / "bank")
    written = [path for path in tmp_path.rglob("*") if path.is_file() and ".cache" not in path.parts]
    assert len(written) > 10
    for path in written:
        assert world.CANARY.encode() not in path.read_bytes()
    for table in report.portfolio.tables:
        frame = report.portfolio.table(table)
        for column in (c for c in frame.columns if c.endswith("id") and frame[c].dtype == pl.String):
            kinds = ("members", "memberships", "groups", "loans", "payments")
            assert table not in kinds or frame[column].drop_nulls().str.contains(r"^\d").sum() == 0
