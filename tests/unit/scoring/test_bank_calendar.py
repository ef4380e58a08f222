"""Communal banks as an officer plans her weeks, off literal tables: what came later is not seen."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from riskscore.scoring.bank_calendar import BankRow, bank_calendar
from tests.unit.features.literal_portfolio import instalment, written
from tests.unit.scoring.test_group_reading import JAN_10, OLD, tables

LATER = [
    *tables()["instalments"],
    instalment("I4", "L1", 2, date(2026, 1, 16), datetime(2025, 12, 1)),
    instalment("I5", "X1", 1, date(2026, 1, 14), OLD),
    instalment("I5", "X1", 1, date(2026, 1, 13), datetime(2026, 1, 10, 9)),  # rewritten after the moment
    instalment("I6", "L3", 2, date(2026, 1, 10), OLD),
]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (
            JAN_10,
            (BankRow("CB2", "BR", 1, date(2026, 1, 10), 0), BankRow("CB1", "BR", 3, date(2026, 1, 14), 2)),
        ),
        (
            datetime(2026, 1, 11),
            (BankRow("CB1", "BR", 3, date(2026, 1, 13), 2), BankRow("CB2", "BR", 1, None, 0)),
        ),
        # Nobody has asked yet, Dora still belongs, and the schedules of October alone are known.
        (
            datetime(2025, 10, 25),
            (BankRow("CB2", "BR", 1, date(2025, 11, 1), 0), BankRow("CB1", "BR", 4, date(2025, 12, 31), 0)),
        ),
    ],
)
def test_who_meets_when_and_how_many_ask(tmp_path, moment, expected):
    assert bank_calendar(written(tmp_path / "p", tables(instalments=LATER)), moment) == expected


def test_a_loan_that_was_written_off_calls_no_meeting(tmp_path):
    ended = {"id": "E1", "event_at": OLD, "known_at": OLD, "loan_id": "L3", "kind": "written_off"}
    found = bank_calendar(written(tmp_path / "p", tables(instalments=LATER, loan_events=[ended])), JAN_10)
    assert [(one.bank_id, one.meets_on) for one in found] == [("CB1", date(2026, 1, 14)), ("CB2", None)]
