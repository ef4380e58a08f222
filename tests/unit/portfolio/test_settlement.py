from datetime import date, datetime
from decimal import Decimal

import polars as pl

from riskscore.portfolio import Tolerance, write_portfolio


def settled(portfolio, as_of):
    """Return due date, settled_at of each instalment as known at a moment."""
    return (
        portfolio.connect()
        .execute(
            "SELECT due_on, settled_at FROM settled_instalments WHERE event_at < $1 AND known_at <= $1 "
            "AND (known_until IS NULL OR known_until > $1) ORDER BY due_on, number",
            [as_of],
        )
        .fetchall()
    )


def jan(day, hour=0):
    return datetime(2026, 1, day, hour)


def test_an_instalment_is_settled_by_the_payment_that_completes_it(write, build):
    payments = build.rows(
        "payments",
        build.paid(date(2026, 1, 5), "25.00"),
        build.paid(date(2026, 1, 13), "10.00"),
        build.paid(date(2026, 1, 20), "30.00"),
    )
    portfolio = write(payments=payments)
    assert settled(portfolio, jan(21)) == [
        (date(2026, 1, 5), jan(5, 10)),
        (date(2026, 1, 12), jan(20, 10)),
        (date(2026, 1, 19), None),
        (date(2026, 1, 26), None),
    ]
    assert settled(portfolio, jan(20))[1] == (date(2026, 1, 12), None)


def test_a_back_dated_payment_settles_from_its_own_day_once_it_is_known(write, build):
    late_entry = build.paid(date(2026, 1, 5), "25.00", known_at=jan(10, 18))
    portfolio = write(payments=build.rows("payments", late_entry, build.paid(date(2026, 1, 9), "25.00")))
    assert settled(portfolio, jan(10))[:2] == [(date(2026, 1, 5), jan(9, 10)), (date(2026, 1, 12), None)]
    assert settled(portfolio, jan(11))[:2] == [(date(2026, 1, 5), jan(5, 10)), (date(2026, 1, 12), jan(9, 10))]


def test_a_payment_made_at_the_very_moment_is_not_seen_and_hides_nothing(write, build):
    portfolio = write(payments=build.rows("payments", build.paid(date(2026, 1, 5), "25.00")))
    assert settled(portfolio, jan(5, 10)) == [(date(2026, 1, day), None) for day in (5, 12, 19, 26)]


def test_a_missed_meeting_cannot_be_moved_afterwards_but_a_coming_one_can(write, build):
    moved = [
        {**build.four_weeks()[1], "due_on": date(2026, 1, 14), "known_at": jan(11, 18)},
        {**build.four_weeks()[2], "due_on": date(2026, 1, 24), "known_at": jan(19, 9)},
    ]
    portfolio = write(instalments=build.rows("instalments", *build.four_weeks(), *moved))
    assert [due for due, _ in settled(portfolio, jan(31))] == [date(2026, 1, day) for day in (5, 14, 19, 26)]
    assert [due for due, _ in settled(portfolio, jan(11))] == [date(2026, 1, day) for day in (5, 12, 19, 26)]


def test_relief_moves_due_dates_that_have_passed_and_distress_does_not(write, build):
    moved = {**build.four_weeks()[1], "due_on": date(2026, 2, 20), "known_at": jan(20, 18)}
    instalments = build.rows("instalments", *build.four_weeks(), moved)
    event = {"id": "E1", "loan_id": "L1", "kind": "restructured", "event_at": jan(20, 11), "known_at": jan(20, 18)}
    for reason, due in (("relief", date(2026, 2, 20)), ("distress", date(2026, 1, 12))):
        portfolio = write(instalments=instalments, loan_events=build.rows("loan_events", {**event, "reason": reason}))
        assert due in [found for found, _ in settled(portfolio, jan(21))]
        assert date(2026, 1, 12) in [found for found, _ in settled(portfolio, jan(20))]


def test_an_instalment_of_nothing_is_settled_from_when_it_was_agreed(write, build):
    grace = {**build.four_weeks()[0], "amount": "0.00", "principal": "0.00"}
    portfolio = write(instalments=build.rows("instalments", grace, *build.four_weeks()[1:]))
    assert settled(portfolio, jan(2))[0] == (date(2026, 1, 5), jan(1))


def test_a_cent_short_is_short_unless_the_portfolio_tolerates_it(tmp_path, build):
    frames = {**build.standing(), "payments": build.rows("payments", build.paid(date(2026, 1, 5), "24.01"))}
    found = {}
    for name, tolerance in (("exact", Tolerance()), ("lenient", Tolerance(Decimal(1), Decimal("0.01")))):
        portfolio = write_portfolio(
            tmp_path / name,
            frames,
            currency="USD",
            country="BO",
            time_zone="America/La_Paz",
            data_date=date(2026, 6, 30),
            tolerance=tolerance,
        )
        found[name] = settled(portfolio, jan(6))[0][1]
    assert found == {"exact": None, "lenient": jan(5, 10)}


def test_frequencies_say_their_periods_a_month_and_a_bullet_has_none(write, build):
    loan = build.standing()["loans"]
    found = {}
    for frequency in ("twice_a_month", "every_two_months", "at_maturity"):
        con = write(loans=loan.with_columns(frequency=pl.lit(frequency))).connect()
        found[frequency] = con.execute("SELECT DISTINCT periods_per_month FROM settled_instalments").fetchall()
    assert found == {"twice_a_month": [(2.0,)], "every_two_months": [(0.5,)], "at_maturity": [(None,)]}


def test_batches_settle_as_one(write, build, tmp_path):
    from riskscore.portfolio.connection import tables_only
    from riskscore.portfolio.settlement import settle

    loan = build.standing()["loans"]
    loans = pl.concat(loan.with_columns(id=pl.lit(f"L{n}")) for n in range(1, 8))
    dues = build.rows("instalments", *build.four_weeks())
    instalments = pl.concat(
        dues.with_columns(id=pl.lit(f"L{n}") + pl.col("id"), loan_id=pl.lit(f"L{n}")) for n in range(1, 8)
    )
    portfolio = write(loans=loans, instalments=instalments)
    con = tables_only(portfolio, threads=1, memory="1GB")
    found = []
    for batch in (28, 5):
        into = tmp_path / f"batch{batch}"
        into.mkdir()
        settle(portfolio, con, into, batch=batch)
        found.append(con.sql(f"FROM read_parquet('{into}/*') ORDER BY id, known_at").fetchall())
    assert found[0] == found[1]
    assert len(found[0]) == 28
    assert len(list((tmp_path / "batch5").iterdir())) == 6
