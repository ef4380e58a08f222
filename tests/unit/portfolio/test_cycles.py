"""Her last cycles: what each loan was, and how it had been paid by the moment asked for."""

from __future__ import annotations

from datetime import date, datetime

from riskscore.portfolio.cycles import member_cycles

#: Four instalments of 25 fall due on 5, 12, 19 and 26 January; the third is paid nine days late.
PAID = ((date(2026, 1, 5), "25.00"), (date(2026, 1, 12), "25.00"), (date(2026, 1, 28), "50.00"))


def test_a_cycle_is_told_as_it_stood_then(write, build):
    portfolio = write(payments=build.rows("payments", *(build.paid(day, amount) for day, amount in PAID)))

    def told(day: int) -> tuple:
        found = member_cycles(portfolio, datetime(2026, 1, day))
        return found.select("worst_delay", "due", "late", "owing").row(0)

    assert told(5) == (0, 0, 0, True)
    assert told(13) == (0, 2, 0, True)  # due on the 12th, paid on the 12th
    assert told(22) == (3, 3, 1, True)  # what is paid later was open then
    assert told(30) == (9, 4, 2, False)
    whole = member_cycles(portfolio, datetime(2026, 1, 30), members=["M1"])
    assert whole.select("member_id", "amount").row(0) == ("M1", 100.0)
    assert member_cycles(portfolio, datetime(2026, 1, 30), members=["M2"]).is_empty()
