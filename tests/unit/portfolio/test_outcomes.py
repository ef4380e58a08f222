from datetime import date, datetime, timedelta

import polars as pl
import pytest

from riskscore.portfolio.outcomes import group_outcomes, member_outcomes

DUE = [date(2026, 1, day) for day in (5, 12, 19, 26)]


def outcome(portfolio):
    found = member_outcomes(portfolio)
    assert found.height == 1
    return found.row(0, named=True)


def on_time(build, *but):
    """Return payments of 25 on each due date by herself, with some replaced: (number, days later, payer)."""
    changed = {number: (later, payer) for number, later, payer in but}
    given = []
    for number, due in enumerate(DUE, 1):
        later, payer = changed.get(number, (0, "self"))
        if payer != "nobody":
            given.append(build.paid(due + timedelta(days=later), "25.00", payer, ident=f"P{number}"))
    return build.rows("payments", *given)


def test_paid_on_time_is_good_once_thirty_days_after_maturity_are_over(write, build):
    found = outcome(write(payments=on_time(build)))
    assert (found["label"], found["final_at"]) == ("good", datetime(2026, 2, 26))
    assert (found["loan_id"], found["member_id"], found["group_id"]) == ("L1", "M1", "SG")


def test_a_loan_not_final_by_the_data_date_has_no_outcome(write, build):
    assert member_outcomes(write(data_date=date(2026, 2, 24), payments=on_time(build))).height == 0
    assert member_outcomes(write(data_date=date(2026, 2, 25), payments=on_time(build))).height == 1


def test_final_waits_for_the_books_once_the_portfolio_closes_them(write, build):
    first = {"id": "E0", "loan_id": "L0", "kind": "books_closed", "event_at": datetime(2026, 1, 5)}

    def closed(loan: str, at: datetime):
        close = {**first, "id": "E1", "loan_id": loan, "event_at": at}
        return write(payments=on_time(build), loan_events=build.rows("loan_events", first, close))

    assert outcome(closed("L1", datetime(2026, 3, 10)))["final_at"] == datetime(2026, 3, 10)
    assert outcome(closed("L1", datetime(2026, 1, 28)))["final_at"] == datetime(2026, 2, 26)
    assert member_outcomes(closed("L2", datetime(2026, 3, 10))).height == 0


def test_an_outcome_from_before_the_first_close_does_not_wait(write, build):
    first = {"id": "E0", "loan_id": "L0", "kind": "books_closed", "event_at": datetime(2026, 2, 26, 1)}
    found = outcome(write(payments=on_time(build), loan_events=build.rows("loan_events", first)))
    assert found["final_at"] == datetime(2026, 2, 26)


@pytest.mark.parametrize(("days", "label"), [(14, "good"), (15, "bad")])
def test_fifteen_days_late_is_bad_with_weekly_meetings(write, build, days, label):
    assert outcome(write(payments=on_time(build, (4, days, "self"))))["label"] == label


@pytest.mark.parametrize(
    ("spacing", "days", "label"),
    [
        (14, 14, "good"),
        (14, 15, "bad"),
        (15, 15, "good"),
        (15, 16, "bad"),
        (30, 29, "good"),
        (30, 30, "good"),
        (30, 31, "bad"),
    ],
)
def test_one_missed_meeting_of_a_slower_schedule_is_the_calendar_and_not_distress(write, build, spacing, days, label):
    due = [date(2026, 1, 5) + timedelta(days=spacing * n) for n in range(4)]
    dues = build.rows("instalments", *({**row, "due_on": due[n]} for n, row in enumerate(build.four_weeks())))
    late = [due[0], due[1] + timedelta(days=days), *(max(day, due[1] + timedelta(days=days)) for day in due[2:])]
    payments = build.rows("payments", *(build.paid(day, "25.00", ident=f"P{n}") for n, day in enumerate(late)))
    assert outcome(write(instalments=dues, payments=payments))["label"] == label


def test_an_open_instalment_is_bad(write, build):
    assert outcome(write(payments=on_time(build, (4, 0, "nobody"))))["late"] is True


def test_trap_3_group_cover_keeps_the_ledger_clean_and_not_the_label(write, build):
    one = outcome(write(payments=on_time(build, (2, 0, "group"))))
    two = outcome(write(payments=on_time(build, (2, 0, "group"), (3, 0, "group"))))
    assert (one["label"], one["covered"], one["worst"]) == ("indeterminate", 1, 0)
    assert (two["label"], two["covered"], two["worst"]) == ("bad", 2, 0)


def test_one_payment_by_the_group_may_cover_two_instalments(write, build):
    payments = build.rows(
        "payments",
        build.paid(DUE[0], "25.00"),
        build.paid(DUE[2], "50.00", "group"),
        build.paid(DUE[3], "25.00"),
    )
    assert outcome(write(payments=payments))["covered"] == 2


def test_seized_savings_are_cover_and_a_last_instalment_netted_by_rule_is_not(write, build):
    seized = outcome(write(payments=on_time(build, (2, 0, "savings"), (3, 0, "savings"))))
    netted = outcome(write(payments=on_time(build, (3, 0, "savings"), (4, 0, "savings"))))
    by_group = outcome(write(payments=on_time(build, (3, 0, "savings"), (4, 0, "group"))))
    assert [found["covered"] for found in (seized, netted, by_group)] == [2, 1, 2]
    assert [found["label"] for found in (seized, netted, by_group)] == ["bad", "indeterminate", "bad"]


def test_what_she_repays_within_seven_days_is_no_cover(write, build):
    ends = [build.paid(DUE[0], "25.00"), build.paid(DUE[3], "25.00")]
    covers = [build.paid(due, "25.00", "group", ident=f"G{due}") for due in DUE[1:3]]

    def repaid(*days):
        own = [build.paid(day, "25.00", ident=f"R{n}") for n, day in enumerate(days)]
        return outcome(write(payments=build.rows("payments", *ends, *covers, *own)))

    assert repaid(date(2026, 1, 15), date(2026, 1, 22))["label"] == "good"
    # Seven days after any instalment was settled the others bore one at most: her 25 of the 26th came in between.
    assert repaid(date(2026, 2, 2), date(2026, 2, 2))["covered"] == 1
    one = repaid(date(2026, 1, 15), date(2026, 2, 3))
    assert (one["covered"], one["label"]) == (1, "indeterminate")
    none = repaid(date(2026, 2, 3), date(2026, 2, 3))
    assert (none["covered"], none["label"]) == (2, "bad")


def test_a_reversed_cover_is_no_cover(write, build):
    cover = build.paid(DUE[1], "25.00", "group", ident="P2")
    undone = {**cover, "reversed": True, "known_at": datetime(2026, 1, 14)}
    own = build.paid(date(2026, 1, 14), "25.00", ident="R2")
    others = on_time(build, (2, 0, "nobody"))
    found = outcome(write(payments=pl.concat([others, build.rows("payments", cover, undone, own)])))
    assert (found["covered"], found["label"]) == (0, "good")


def leaves(build, day, *more):
    first = {"id": "MS1", "member_id": "M1", "group_id": "SG", "valid_from": date(2025, 1, 1)}
    gone = {**first, "valid_to": day, "event_at": datetime(day.year, day.month, day.day)}
    return build.rows("memberships", first, gone, *more)


def test_leaving_with_debt_is_bad_and_leaving_on_the_day_it_is_paid_is_not(write, build):
    after = outcome(write(payments=on_time(build), memberships=leaves(build, date(2026, 1, 26))))
    before = outcome(write(payments=on_time(build), memberships=leaves(build, date(2026, 1, 25))))
    assert (after["left_with_debt"], after["label"]) == (False, "good")
    assert (before["left_with_debt"], before["label"]) == (True, "bad")


def test_moving_to_a_sister_group_of_the_same_bank_is_not_leaving(write, build):
    moved = {"id": "MS2", "member_id": "M1", "group_id": "SH", "valid_from": date(2026, 1, 15)}
    found = outcome(write(payments=on_time(build), memberships=leaves(build, date(2026, 1, 15), moved)))
    assert found["left_with_debt"] is False


def test_trap_2_restructured_in_distress_is_bad_and_relief_is_not(write, build):
    event = {"id": "E1", "loan_id": "L1", "kind": "restructured", "event_at": datetime(2026, 1, 13)}
    found = {
        reason: outcome(
            write(payments=on_time(build), loan_events=build.rows("loan_events", {**event, "reason": reason}))
        )
        for reason in ("distress", "relief", "other")
    }
    assert {reason: row["label"] for reason, row in found.items()} == {
        "distress": "bad",
        "relief": "good",
        "other": "good",
    }
    assert found["relief"]["relief"] is True


def test_under_relief_the_moved_schedule_counts_and_so_does_its_maturity(write, build):
    relief = {
        "id": "E1",
        "loan_id": "L1",
        "kind": "restructured",
        "reason": "relief",
        "event_at": datetime(2026, 1, 20),
    }
    moved = [
        {**row, "due_on": row["due_on"] + timedelta(days=42), "event_at": datetime(2026, 1, 20)}
        for row in build.four_weeks()[1:]
    ]
    payments = build.rows(
        "payments",
        build.paid(DUE[0], "25.00"),
        *(build.paid(due + timedelta(days=42), "25.00", ident=f"P{due}") for due in DUE[1:]),
    )
    found = outcome(
        write(
            instalments=build.rows("instalments", *build.four_weeks(), *moved),
            payments=payments,
            loan_events=build.rows("loan_events", relief),
        )
    )
    assert (found["label"], found["worst"], found["final_at"]) == ("good", 0, datetime(2026, 4, 9))


def test_a_correction_after_the_outcome_was_final_does_not_change_it(write, build):
    payments = on_time(build)
    undone = payments.tail(1).with_columns(reversed=pl.lit(value=True), known_at=pl.lit(datetime(2026, 2, 26, 1)))
    in_time = undone.with_columns(known_at=pl.lit(datetime(2026, 2, 25, 23)))
    assert outcome(write(payments=pl.concat([payments, undone])))["label"] == "good"
    assert outcome(write(payments=pl.concat([payments, in_time])))["label"] == "bad"


def test_a_label_that_a_source_brings_stands_in_the_place_of_a_computed_one(write, build):
    applications = build.rows(
        "applications",
        *(
            {"id": name, "member_id": "M1", "group_id": "SG", "product_id": "PR", "ledger": "internal",
             "amount": "100.00", "currency": "USD", "term_days": 28, "frequency": "weekly"}
            for name in ("A1", "A2")
        ),
    )  # fmt: skip
    loans = build.standing()["loans"].with_columns(application_id=pl.lit("A1"))
    given = [
        {"id": f"O{name}", "application_id": name, "label": "bad", "event_at": datetime(2026, 5, 1)}
        for name in ("A1", "A2")
    ]
    corrected = {**given[1], "label": "good", "known_at": datetime(2026, 5, 9)}
    portfolio = write(
        applications=applications,
        loans=loans,
        payments=on_time(build),
        outcomes_given=build.rows("outcomes_given", *given, corrected),
    )
    assert member_outcomes(portfolio).select("application_id", "loan_id", "label", "final_at").rows() == [
        ("A1", "L1", "bad", datetime(2026, 5, 1)),
        ("A2", None, "good", datetime(2026, 5, 9)),
    ]
    known = portfolio.connect().execute(
        "SELECT id, label, known_at, known_until FROM loan_outcomes ORDER BY id, known_at"
    )
    assert known.fetchall() == [
        ("A1", "good", datetime(2026, 2, 26), datetime(2026, 5, 1)),  # as computed, until the label was known
        ("A1", "bad", datetime(2026, 5, 1), None),
        ("A2", "bad", datetime(2026, 5, 1), datetime(2026, 5, 9)),
        ("A2", "good", datetime(2026, 5, 9), None),
    ]


@pytest.mark.parametrize(("days", "label"), [(8, "good"), (9, "indeterminate"), (30, "indeterminate"), (31, "bad")])
def test_the_banks_own_loan_is_bad_from_31_days(write, build, days, label):
    loans = build.standing()["loans"].with_columns(
        ledger=pl.lit("external"), member_id=pl.lit(None, pl.String), group_id=pl.lit("CB")
    )
    payments = build.rows("payments", build.paid(DUE[0], "25.00"), build.paid(DUE[1] + timedelta(days=days), "75.00"))
    portfolio = write(loans=loans, payments=payments)
    assert group_outcomes(portfolio).select("group_id", "label", "worst").rows() == [("CB", label, days)]
    assert member_outcomes(portfolio).height == 0


def test_a_called_guarantee_is_bad_for_the_bank(write, build):
    loans = build.standing()["loans"].with_columns(ledger=pl.lit("external"), member_id=pl.lit(None, pl.String))
    called = {"id": "E1", "loan_id": "L1", "kind": "guarantee_called", "event_at": datetime(2026, 2, 1)}
    portfolio = write(loans=loans, payments=on_time(build), loan_events=build.rows("loan_events", called))
    assert group_outcomes(portfolio)["label"].to_list() == ["bad"]
