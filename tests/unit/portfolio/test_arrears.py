from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

from riskscore.errors import InvalidInput
from riskscore.portfolio.arrears import arrears, arrears_over, bucket, portfolio_at_risk, roll_rates, roll_rates_over


def test_golden_days_late_and_overdue(write, build):
    portfolio = write(
        payments=build.rows(
            "payments",
            build.paid(date(2026, 1, 5), "25.00"),
            build.paid(date(2026, 1, 13), "10.00"),
            build.paid(date(2026, 1, 20), "30.00"),
        )
    )
    found = [
        arrears(portfolio, date(2026, 1, day)).select("days_late", "overdue").row(0) for day in (13, 19, 20, 21, 27)
    ]
    assert found == [
        (1, Decimal("25.00")),
        (7, Decimal("15.00")),
        (8, Decimal("40.00")),
        (2, Decimal("10.00")),
        (8, Decimal("35.00")),
    ]


def test_interest_is_paid_before_principal_and_early_money_lowers_the_balance(write, build):
    # Instalments of 25 hold 24 of principal and 1 of interest: 25 + 10 leaves 15 of the second, all of it principal.
    portfolio = write(
        payments=build.rows("payments", build.paid(date(2026, 1, 5), "25.00"), build.paid(date(2026, 1, 13), "10.00"))
    )
    assert arrears(portfolio, date(2026, 1, 5))["outstanding"][0] == Decimal("96.00")
    assert arrears(portfolio, date(2026, 1, 6))["outstanding"][0] == Decimal("72.00")
    assert arrears(portfolio, date(2026, 1, 14))["outstanding"][0] == Decimal("63.00")


def loans(*given):
    """Return loans with (balance, days late, restructured)."""
    return pl.DataFrame(
        {
            "loan_id": [f"L{n}" for n in range(len(given))],
            "outstanding": pl.Series([Decimal(row[0]) for row in given], dtype=pl.Decimal(18, 2)),
            "days_late": [row[1] for row in given],
            "restructured": [row[2] for row in given],
            "paid": [row[0] == 0 for row in given],
            "written_off_at": pl.Series([None] * len(given), dtype=pl.Datetime("us")),
            "written_off_amount": pl.Series([Decimal(0)] * len(given), dtype=pl.Decimal(18, 2)),
        }
    )


GOLDEN = loans((100, 0, False), (200, 30, False), (300, 31, False), (150, 5, True), (250, 95, False))


def test_trap_22_golden_par_is_more_than_30_days_and_by_amount():
    found = portfolio_at_risk(GOLDEN, 30)
    assert found.at_risk == pytest.approx(0.55, abs=1e-12)
    assert found.with_restructured == pytest.approx(0.70, abs=1e-12)
    assert portfolio_at_risk(GOLDEN, 90).at_risk == pytest.approx(0.25, abs=1e-12)


def test_trap_22_write_offs_do_not_hide_in_par():
    gone = loans((0, 200, False)).with_columns(
        written_off_at=pl.lit(datetime(2025, 8, 1)), written_off_amount=pl.lit(Decimal("50.00")).cast(pl.Decimal(18, 2))
    )
    old = gone.with_columns(written_off_at=pl.lit(datetime(2024, 12, 31)))
    found = portfolio_at_risk(pl.concat([GOLDEN, gone, old]), 30, as_of=date(2026, 1, 1))
    assert found.with_write_offs == pytest.approx(600 / 1050, abs=1e-12)


def test_nothing_outstanding_has_no_par():
    assert portfolio_at_risk(loans((0, 0, False))).at_risk is None


def test_trap_2_restructured_loans_show_in_par_though_no_day_late():
    found = portfolio_at_risk(loans((100, 0, True), (100, 0, False)))
    assert (found.at_risk, found.with_restructured) == (0.0, 0.5)


def test_trap_1_bucket_edges():
    edges = loans(*((1, days, False) for days in (0, 1, 8, 9, 30, 31, 60, 61, 120, 121)))
    assert bucket(edges).to_list() == ["0", "1-8", "1-8", "9-30", "9-30", "31-60", "31-60", "61-120", "61-120", ">120"]


def test_roll_rates_follow_the_balance_and_rows_sum_to_one():
    after = loans((100, 9, False), (0, 0, False), (300, 61, False), (150, 5, True), (250, 125, False))
    found = roll_rates(GOLDEN, after)
    assert found["from"].to_list() == ["0", "9-30", "31-60", "61-120", "restructured"]
    assert found.filter(pl.col("from") == "9-30")["paid"].to_list() == [1.0]
    assert found.filter(pl.col("from") == "31-60")["61-120"].to_list() == [1.0]
    assert found.drop("from").sum_horizontal().to_list() == [1.0] * 5


def test_roll_rates_split_a_bucket_by_amount():
    found = roll_rates(loans((100, 0, False), (300, 0, False)), loans((100, 0, False), (300, 9, False)))
    assert found.select("from", "0", "9-30").rows() == [("0", 0.25, 0.75)]


def test_a_loan_that_vanishes_between_two_moments_is_a_fault():
    with pytest.raises(InvalidInput, match="1 loans of the earlier moment"):
        roll_rates(GOLDEN, GOLDEN.head(4))


def test_a_write_off_has_no_balance_and_its_amount_is_kept(write, build):
    event = {"id": "E1", "loan_id": "L1", "kind": "written_off", "event_at": datetime(2026, 5, 1)}
    found = arrears(write(loan_events=build.rows("loan_events", event)), date(2026, 6, 1)).row(0, named=True)
    assert (found["outstanding"], found["written_off_amount"]) == (Decimal("0.00"), Decimal("96.00"))
    assert found["days_late"] == 147


def test_several_moments_in_one_reading_are_what_each_is_alone(write, build):
    portfolio = write(
        payments=build.rows(
            "payments",
            build.paid(date(2026, 1, 5), "25.00"),
            build.paid(date(2026, 1, 13), "10.00"),
            build.paid(date(2026, 1, 20), "65.00"),
        )
    )
    moments = [datetime(2026, 1, day) for day in (1, 2, 13, 19, 21, 27)]
    con = portfolio.connect()
    found = arrears_over(con, moments, ledger="internal")
    # Nothing was known on the 1st; the loan was paid on the 20th, which the next moment shows, and none after it.
    assert found["as_of"].to_list() == moments[1:5]
    assert found["paid"].to_list() == [False, False, False, True]
    for moment in moments:
        assert found.filter(pl.col("as_of") == moment).equals(
            arrears(portfolio, moment).head(0 if moment.day == 27 else 1)
        )
    assert arrears_over(con, moments, ledger="external").is_empty()


def test_a_ledger_of_another_name_is_a_fault(write):
    with pytest.raises(InvalidInput, match="'both' is no ledger"):
        arrears(write(), ledger="both")


def test_roll_rates_over_several_steps_weigh_by_balance():
    first, second, third = datetime(2026, 1, 1), datetime(2026, 1, 8), datetime(2026, 1, 15)
    named = pl.DataFrame({"member_id": ["M1", "M2"], "bank_id": ["B1", "B2"]})

    def at(moment, frame):
        return frame.with_columns(as_of=pl.lit(moment)).hstack(named)

    found, small = roll_rates_over(
        pl.concat(
            [
                at(first, loans((100, 0, False), (300, 0, False))),
                at(second, loans((100, 0, False), (300, 9, False))),
                at(third, loans((0, 0, False), (200, 31, False))),
            ]
        )
    )
    # From "0": 100 and 300 in the first step, 100 in the second; 100 stayed, 300 rolled, 100 were paid.
    assert found.select("from", "0", "9-30", "31-60", "paid").rows() == [
        ("0", 0.2, pytest.approx(0.6), 0.0, 0.2),
        ("9-30", 0.0, 0.0, 1.0, 0.0),
    ]
    assert found.drop("from").sum_horizontal().to_list() == pytest.approx([1.0, 1.0])
    assert small == ("0", "9-30")  # two borrowers of two banks
