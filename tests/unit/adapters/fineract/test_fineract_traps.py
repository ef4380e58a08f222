"""The ten traps of Fineract, each a test."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from riskscore.portfolio import Portfolio
from riskscore.portfolio.adapters.fineract.report import Report
from riskscore.portfolio.arrears import arrears
from tests.unit.adapters.fineract import world
from tests.unit.adapters.fineract.conftest import Core, name
from tests.unit.adapters.fineract.declarations import value

ANA, BEA, FLOR, GINA, HILDA, IRMA = 101, 102, 106, 108, 109, 110


@pytest.mark.parametrize(
    ("client", "moment", "feature", "expected"),
    [
        # Six women in the two groups of the centre; Bea left on 15 August at 11:30 local time.
        (ANA, "2024-06-01", "bank_size", 6),
        (ANA, "2024-08-15T11:00", "bank_size", 6),
        (ANA, "2024-08-15T11:30:01", "bank_size", 5),
        (ANA, "2024-06-01", "group_size", 3),
        # A departure that the checker refused did not happen.
        (ANA, "2024-09-02", "group_size", 2),
        # Flor moved from one group to the other on 10 January at 09:00.
        (FLOR, "2025-01-10T08:00", "group_size", 3),
        (ANA, "2025-01-10T08:00", "group_size", 2),
        (ANA, "2025-01-10T10:00", "group_size", 3),
        # Hilda came on 1 February 03:00 in UTC, which was still January in La Paz.
        (ANA, "2025-01-31T22:59", "bank_size", 5),
        (ANA, "2025-01-31T23:01", "bank_size", 6),
        # Of Gina's group no log speaks: her loan of February says she was there, and nothing does from June on.
        (GINA, "2024-02-02", "bank_size", 1),
        (GINA, "2024-06-01", "bank_size", 1),
        (GINA, "2024-06-02T00:01", "bank_size", None),
        # Today's list names her and Irma, and was not known before today's end.
        (GINA, "2025-06-30T23:00", "bank_size", None),
        (GINA, "2025-07-01", "bank_size", 2),
        (IRMA, "2025-06-30T23:00", "bank_size", None),
    ],
)
def test_1_membership_has_no_dates(
    report: Report, client: int, moment: str, feature: str, expected: float | None
) -> None:
    assert value(report.portfolio, client, moment, feature) == expected


def test_1_a_membership_says_how_it_is_known(report: Report) -> None:
    rows = report.portfolio.table("memberships").sort("known_at").unique("id", keep="last")
    found = dict(rows.group_by("provenance").agg(pl.len()).iter_rows())
    # Ana, Bea, Carla, Dora, Eva, Flor twice, Hilda; Gina and Irma.
    assert found == {"command_log": 8, "inferred": 2}
    bea = rows.filter(pl.col("member_id") == name("member", BEA)).row(0, named=True)
    assert (bea["valid_from"], bea["valid_to"]) == (date(2024, 1, 2), date(2024, 8, 15))


def test_1_meetings_are_signs_and_silence_ends_a_stay(core: Core, tmp_path: Path) -> None:
    # No log; Irma, 110, borrows nothing. She came on 1 March and 20 May, then not for a hundred days, then once more.
    core.execute("DELETE FROM m_portfolio_command_source", "DELETE FROM m_group_client WHERE client_id = 110")
    for number, on in enumerate(("2024-03-01", "2024-05-20", "2024-08-28"), 50):
        core.insert("m_meeting", {"id": number, "calendar_instance_id": 1, "meeting_date": world.day(on)})
        core.insert("m_client_attendance", {"id": number, "client_id": 110, "meeting_id": number,
                                            "attendance_type_enum": 1})  # fmt: skip
    # An absence is no sign.
    core.insert("m_client_attendance", {"id": 60, "client_id": 109, "meeting_id": 50, "attendance_type_enum": 2})
    rows = core.ingest(tmp_path / "bank").portfolio.table("memberships")
    found = rows.filter(pl.col("member_id") == name("member", 110)).sort("known_at")
    assert found.select("valid_from", "valid_to", "known_at").rows() == [
        (date(2024, 3, 1), None, datetime(2024, 3, 1, 23, 59, 59, 999999)),
        (date(2024, 3, 1), date(2024, 8, 18), datetime(2024, 8, 18)),
        (date(2024, 8, 28), None, datetime(2024, 8, 28, 23, 59, 59, 999999)),
        (date(2024, 8, 28), date(2024, 11, 26), datetime(2024, 11, 26)),
    ]
    hilda = rows.filter(pl.col("member_id") == name("member", 109))
    assert hilda["valid_from"].min() == date(2025, 3, 3)  # her request


def test_2_the_derived_columns_of_today_are_read_for_the_reconciliation_alone(core: Core, tmp_path: Path) -> None:
    before = core.ingest(tmp_path / "before")
    core.execute(
        "UPDATE m_loan SET principal_outstanding_derived = 12345, interest_outstanding_derived = 6, is_npa = true",
        "UPDATE m_loan_arrears_aging SET principal_overdue_derived = 1, overdue_since_date_derived = '2020-01-01'",
        "UPDATE m_savings_account SET account_balance_derived = 777",
    )
    after = core.ingest(tmp_path / "after")
    assert after.portfolio.manifest.content_hash == before.portfolio.manifest.content_hash
    assert set(after.reconciliation.loans["reason"]) == {"unexplained", "written off"}


def test_3_two_clocks(report: Report) -> None:
    rows = report.portfolio.table("payments").filter(pl.col("id") == name("transaction", 5))
    assert rows.select("event_at", "known_at").row(0) == (datetime(2024, 1, 31), datetime(2024, 2, 10, 11))
    # Recorded on the tenth, so unknown on the sixth: the second instalment then was twelve days late, not seven.
    assert value(report.portfolio, ANA, "2024-02-06", "worst") == 12
    # A row without any time of recording is known at the end of its day, and marked.
    old = report.portfolio.table("payments").filter(pl.col("id") == name("transaction", 92)).row(0, named=True)
    assert old["known_at"] == datetime(2024, 2, 12, 23, 59, 59, 999999)
    assert old["known_inferred"] is True


@pytest.mark.parametrize(
    ("client", "moment", "feature", "expected"),
    [
        # Reversed on 5 February: it stood until that day was over.
        (ANA, "2024-02-05", "paid_1_cycle", 210),
        (ANA, "2024-02-06", "paid_1_cycle", 210),
        (ANA, "2024-02-05", "worst", 5),
        # Replayed on 25 June at 10:00: one payment, before and after, and at noon of that day.
        (FLOR, "2024-06-21", "payments_1_cycle", 1),
        (FLOR, "2024-06-21", "worst", 7),
        (FLOR, "2024-06-25T12:00", "payments_1_cycle", 2),
        (FLOR, "2024-06-25T12:00", "paid_1_cycle", 210),
        (FLOR, "2024-06-26", "worst", 0),
        # Reversed on a day that nobody recorded: it stands until the data date.
        (FLOR, "2024-07-05", "worst", 0),
        (FLOR, "2024-07-11", "paid_1_cycle", 525),
        (FLOR, "2025-06-30T23:00", "paid_1_cycle", 525),
        (FLOR, "2025-07-01", "paid_1_cycle", 420),
        (FLOR, "2025-07-01", "worst", 7),
    ],
)
def test_4_reversals_existed_until_they_were_reversed(
    report: Report, client: int, moment: str, feature: str, expected: float
) -> None:
    assert value(report.portfolio, client, moment, feature) == expected


@pytest.mark.parametrize(
    ("moment", "feature", "expected"),
    [
        # First form: 4 April, 4 May, 4 June. On 20 May the second and third were moved to 20 June and 20 July.
        ("2024-05-10", "worst_1_cycle", 6),
        ("2024-05-20T12:00", "distress", 0),
        ("2024-05-21", "distress", 1),
        # Rescheduling does not make arrears vanish: what was due on 4 May stays due on 4 May.
        ("2024-05-25", "worst_1_cycle", 21),
        # What had not fallen due was moved: on 10 June two are due, not three.
        ("2024-06-10", "due_1_cycle", 2),
        ("2024-06-10", "worst_1_cycle", 37),
        ("2024-07-21", "worst_1_cycle", 47),
        # Interest of the first form until it was rewritten, of the second form since.
        ("2024-05-10", "owed_1_cycle", 420),
        ("2024-05-25", "owed_1_cycle", 425),
    ],
)
def test_5_a_rewritten_schedule_keeps_its_first_form(
    report: Report, moment: str, feature: str, expected: float
) -> None:
    assert value(report.portfolio, ANA, moment, feature) == expected


def test_5_relief_is_what_the_institution_calls_relief(core: Core, tmp_path: Path) -> None:
    core.execute("UPDATE m_loan_reschedule_request SET reschedule_reason_cv_id = 62 WHERE id = 1")
    portfolio = core.ingest(tmp_path / "bank").portfolio
    assert value(portfolio, ANA, "2024-05-25", "distress") == 0
    # Under a declared emergency a due date that has passed moves too: nothing is late.
    assert value(portfolio, ANA, "2024-05-25", "worst_1_cycle") == 0


def test_6_par_is_by_days_and_counts_loans_to_a_group_alone(report: Report) -> None:
    found = report.reconciliation
    # Outstanding 100 (Dora), 200 (Eva, 25 days late), 1,000 (the group, 61 days late), 2,000 (the producers).
    assert found.ours.balance == 3300
    assert found.ours.at_risk == pytest.approx(1000 / 3300)
    assert found.ours.with_restructured == pytest.approx(1200 / 3300)
    assert found.core_par30 == pytest.approx(1000 / 3300)
    # The core's own report knows no loan without a client, and sees nothing.
    assert found.core_report == 0


def test_7_balances_are_computed_and_no_report_is_believed(report: Report) -> None:
    rows = {row["loan_id"]: row for row in report.reconciliation.loans.iter_rows(named=True)}
    group = rows[name("loan", 9)]
    # Two instalments of 500 and 50 of interest; the one of 30 April is open.
    assert (group["outstanding"], group["overdue"], group["days_late"]) == (1000, 550, 62)
    assert group["reason"] == "agree"
    eva = rows[name("loan", 6)]
    assert (eva["overdue"], eva["core_overdue"], eva["reason"]) == (105, 0, "rescheduled")


def test_8_jlg_without_a_group_several_groups_and_glim_parents(core: Core, tmp_path: Path) -> None:
    out = tmp_path
    # Flor is in a second group for a while; Eva asks for a loan of her own and no log ever spoke of Zoila.
    core.insert(
        "m_portfolio_command_source",
        world.command(8, "GROUP", "ASSOCIATECLIENTS", "2024-05-01 15:00", {"clientMembers": [106]}, group_id=11),
    )
    core.insert("m_client", {**world.ROWS["m_client"][0], "id": 111})
    core.insert("m_loan", world.loan(13, 111, None, "2025-06-02", None, 100, loan_type_enum=1, loan_status_id=100))
    report = core.ingest(out / "bank")
    placed = dict(report.portfolio.table("applications").select("id", "group_id").iter_rows())
    assert placed["a" + name("loan", 8)[1:]] == name("group", 11)  # the one she joined last
    assert placed["a" + name("loan", 13)[1:]] == "i" + name("member", 111)[1:]
    assert "a" + name("loan", 7)[1:] not in placed
    glim = report.portfolio.table("loans").filter(pl.col("group_id") == name("group", 12))
    assert sorted(glim["member_id"]) == sorted([name("member", 104), name("member", 105)])
    left_out = [one for one in report.findings if one.sort == "left out" and one.subject == "m_loan"]
    assert [(one.rows, one.what[:22]) for one in left_out] == [(1, "The parent of a GLIM i")]


def test_9_the_business_date_is_the_data_date_and_a_lagging_close_is_a_reason(core: Core, tmp_path: Path) -> None:
    out = tmp_path
    # The close of business has not run since 10 May: the core knows nothing of Dora's arrears of June.
    core.execute(
        "UPDATE m_loan SET last_closed_business_date = '2025-05-10' WHERE id = 5",
        "DELETE FROM m_loan_transaction WHERE id = 42",
        "UPDATE m_loan SET principal_outstanding_derived = 200, interest_outstanding_derived = 10 WHERE id = 5",
    )
    report = core.ingest(out / "bank")
    assert report.portfolio.manifest.data_date == date(2025, 6, 30)
    rows = {row["loan_id"]: row for row in report.reconciliation.loans.iter_rows(named=True)}
    dora = rows[name("loan", 5)]
    assert (dora["overdue"], dora["core_overdue"]) == (105, 0)
    assert dora["reason"] == "close of business behind"


def test_10_who_was_refused_stays_among_those_who_asked(report: Report) -> None:
    asked = report.portfolio.table("applications").filter(pl.col("member_id") == name("member", HILDA))
    assert asked.select("amount", "ledger", "event_at").row(0) == (300, "internal", datetime(2025, 3, 3, 9))
    assert report.portfolio.table("loans").filter(pl.col("member_id") == name("member", HILDA)).is_empty()


def test_ledgers_and_producer_associations(report: Report) -> None:
    portfolio: Portfolio = report.portfolio
    ledgers = dict(portfolio.table("loans").select("id", "ledger").iter_rows())
    assert {ident for ident, ledger in ledgers.items() if ledger == "external"} == {name("loan", 9), name("loan", 10)}
    producers = portfolio.table("groups").filter(pl.col("kind") == "producer_association")
    assert producers["id"].to_list() == ["p" + name("member", 107)[1:]]
    late = arrears(portfolio, "2025-05-10", ledger="external").filter(pl.col("loan_id") == name("loan", 9))
    assert late.select("days_late", "overdue", "outstanding").row(0) == (10, 550, 1000)
