from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

from riskscore.portfolio.vintages import first_arrears, vintage_calendar, vintage_curves, vintages

Q1, Q2 = date(2026, 1, 1), date(2026, 4, 1)

# loan, quarter, disbursed, maturity, 15 days late on, 31 days late on, restructured, written off
COHORTS = (
    ("L1", Q1, date(2026, 1, 1), date(2026, 3, 26), None, None, True, False),
    ("L2", Q1, date(2026, 1, 1), date(2026, 3, 26), date(2026, 1, 25), date(2026, 2, 10), False, True),
    ("L3", Q1, date(2026, 1, 15), date(2026, 4, 9), date(2026, 2, 17), date(2026, 3, 5), False, False),
    ("L4", Q1, date(2026, 2, 1), date(2026, 4, 26), date(2026, 3, 1), None, False, False),
    ("L5", Q1, date(2026, 2, 1), date(2026, 4, 26), None, None, False, False),
    ("L6", Q2, date(2026, 4, 1), date(2026, 6, 24), None, None, False, False),
)
LOANS = pl.DataFrame(
    {
        "loan_id": [row[0] for row in COHORTS],
        "member_id": [f"M{row[0]}" for row in COHORTS],
        "bank_id": ["CB1", "CB2", "CB3", "CB1", "CB2", "CB1"],
        "quarter": [row[1] for row in COHORTS],
        "disbursed_on": [row[2] for row in COHORTS],
        "amount": pl.Series([Decimal(100)] * 6, dtype=pl.Decimal(18, 2)),
        "maturity": [row[3] for row in COHORTS],
        "late15_on": pl.Series([row[4] for row in COHORTS], dtype=pl.Date),
        "late31_on": pl.Series([row[5] for row in COHORTS], dtype=pl.Date),
        "restructured": [row[6] for row in COHORTS],
        "written_off": [row[7] for row in COHORTS],
    }
)


def test_first_arrears_and_the_day_a_window_is_over(write, build):
    # Dues on 5, 12, 19 and 26 January, all paid on the 22nd: three late, the worst 17 days, from the 20th on 15.
    con = write(payments=build.rows("payments", build.paid(date(2026, 1, 22), "100.00"))).connect()
    loans = first_arrears(con, datetime(2026, 2, 26), ledger="internal")
    columns = ("quarter", "amount", "maturity", "late15_on", "late31_on", "restructured", "written_off")
    assert loans.select(columns).rows() == [
        (Q1, Decimal("100.00"), date(2026, 1, 26), date(2026, 1, 20), None, False, False)
    ]
    assert vintages(loans, datetime(2026, 2, 26))["complete"].to_list() == [True]
    assert vintages(loans, datetime(2026, 2, 25))["complete"].to_list() == [False]
    # On the 19th it was fourteen days late, and nobody could know of the twentieth.
    assert first_arrears(con, datetime(2026, 1, 19), ledger="internal")["late15_on"].to_list() == [None]
    assert first_arrears(con, datetime(2026, 1, 20), ledger="internal")["late15_on"].to_list() == [date(2026, 1, 20)]
    assert first_arrears(con, datetime(2026, 2, 26), ledger="external").is_empty()


def test_a_vintage_by_hand():
    found = vintages(LOANS, datetime(2026, 5, 27))
    assert found.rows(named=True) == [
        {
            "quarter": Q1,
            "loans": 5,
            "borrowers": 5,
            "few": False,
            "complete": True,
            "ever15": 0.6,
            "ever31": 0.4,
            "restructured": 0.2,
            "written_off": 0.2,
        },
        {
            "quarter": Q2,
            "loans": 1,
            "borrowers": 1,
            "few": True,
            "complete": False,
            "ever15": 0.0,
            "ever31": 0.0,
            "restructured": 0.0,
            "written_off": 0.0,
        },
    ]
    assert vintages(LOANS, datetime(2026, 5, 26))["complete"].to_list() == [False, False]


@pytest.mark.parametrize(
    ("days", "steps"),
    [
        # L2 after 40 days (week 6), L3 after 49 (week 7).
        (31, {5: 0.0, 6: 0.2, 7: 0.4, 17: 0.4}),
        # L2 after 24 days (week 4), L4 after 28 (week 4), L3 after 33 (week 5).
        (15, {3: 0.0, 4: 0.4, 5: 0.6, 17: 0.6}),
    ],
)
def test_a_curve_by_hand(days, steps):
    curve = dict(
        vintage_curves(LOANS, datetime(2026, 6, 1), days=days).filter(quarter=Q1).select("week", "share").rows()
    )
    assert {week: pytest.approx(curve[week]) for week in steps} == steps
    assert list(curve) == list(range(18))  # the longest window is 84 + 31 days


def test_trap_24_a_curve_ends_where_its_youngest_loan_does():
    curve = vintage_curves(LOANS, datetime(2026, 3, 29), days=31).filter(quarter=Q1)
    assert curve["week"].max() == 8  # disbursed 56 days ago
    assert curve["share"].to_list() == pytest.approx([0.0] * 6 + [0.2, 0.4, 0.4])


def test_the_calendar_shows_a_bad_time_as_a_column():
    moments = [datetime(2026, 3, 1), datetime(2026, 4, 1), datetime(2026, 5, 1)]
    # At each moment: loan, outstanding, days late, restructured, written off.
    standing = (
        [("L1", 50, 0, False, 0), ("L2", 100, 36, False, 0), ("L3", 80, 27, False, 0), ("L4", 100, 0, False, 0)],
        [("L1", 50, 0, True, 0), ("L2", 0, 67, False, 100), ("L3", 70, 58, False, 0), ("L4", 60, 0, False, 0)],
        [("L1", 10, 0, True, 0), ("L2", 0, 97, False, 100), ("L6", 100, 0, False, 0)],
    )
    over = pl.DataFrame(
        {
            "as_of": [moment for moment, rows in zip(moments, standing, strict=True) for _ in rows],
            "disbursed_on": [
                dict(LOANS.select("loan_id", "disbursed_on").rows())[row[0]] for rows in standing for row in rows
            ],
            "outstanding": pl.Series([Decimal(row[1]) for rows in standing for row in rows], dtype=pl.Decimal(18, 2)),
            "days_late": [row[2] for rows in standing for row in rows],
            "restructured": [row[3] for rows in standing for row in rows],
            "written_off_amount": pl.Series(
                [Decimal(row[4]) for rows in standing for row in rows], dtype=pl.Decimal(18, 2)
            ),
        }
    )
    assert vintage_calendar(LOANS, over, moments).rows() == [
        (Q1, moments[0], 0.2),  # L2 of 500 lent; L3 is 27 days late
        (Q1, moments[1], 0.44),  # L1 restructured 50, L2 written off 100, L3 late 70
        (Q1, moments[2], 0.22),
        (Q2, moments[2], None),  # one loan is nobody's business
    ]
