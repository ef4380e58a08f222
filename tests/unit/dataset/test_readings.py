"""What columns say at a case's moment, by hand: only what was on record, by every route, and some days before."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from riskscore.dataset.readings import Cases, Reading, routes, stamped_references, table_readings, unreached
from riskscore.portfolio import TABLES, Column, Portfolio, Table, write_portfolio

VISITS = Table(
    "visits",
    "A visit of the officer.",
    (
        Column("member_id", "text", references="members"),
        Column("minutes", "int"),
        Column("mood", "text", nullable=True),
        Column("promised_on", "date", nullable=True),
    ),
)
NOTES = Table(
    "notes",
    "A note on a loan.",
    (Column("loan_id", "text", references="loans"), Column("length", "int")),
)
LOANS = Table("loans", TABLES["loans"].doc, (*TABLES["loans"].columns, Column("calls", "int")))
WEATHER = Table("weather", "Rain on a day.", (Column("rain", "double"),))
DECLARED = {**TABLES, "loans": LOANS, "visits": VISITS, "notes": NOTES, "weather": WEATHER}

T0 = datetime(2024, 1, 1)
#: M1 asked for A1 on 1 March at ten, was paid out on 4 March, asked again for A2 in September; M2 asked for A3.
ASKED = {
    "A1": ("M1", datetime(2025, 3, 1, 10)),
    "A2": ("M1", datetime(2025, 9, 1, 10)),
    "A3": ("M2", datetime(2025, 3, 1)),
}
PAID_OUT = {
    "A1": ("L1", datetime(2025, 3, 4, 18)),
    "A2": ("L2", datetime(2025, 9, 3, 18)),
    "A3": ("L3", datetime(2025, 3, 4, 18)),
}


@pytest.fixture
def cases(tmp_path: Path) -> Cases:
    terms = {"term_days": 90, "frequency": "monthly", "currency": "USD", "ledger": "internal", "group_id": "S1"}
    amounts = {"A1": 100, "A2": 200, "A3": 300}
    asked = [
        {"id": a, "event_at": at, "known_at": at, "member_id": m, "product_id": "P", "amount": amounts[a], **terms}
        for a, (m, at) in ASKED.items()
    ]
    loans = [
        {
            "id": loan,
            "event_at": at,
            "known_at": at,
            "application_id": a,
            "member_id": ASKED[a][0],
            "amount": amounts[a],
            "cycle_no": 1,
            "disbursed_on": at.date(),
            "calls": amounts[a] // 100,
            **terms,
        }
        for a, (loan, at) in PAID_OUT.items()
    ]
    labels = [("A1", "bad", datetime(2025, 7, 1)), ("A3", "good", datetime(2025, 7, 1))]
    day = datetime(2025, 2, 20, 9)
    visits = [
        ("V1", datetime(2025, 1, 10, 9), datetime(2025, 1, 10, 9), "M1", 30, "calm", date(2025, 1, 20)),
        ("V2", day, day, "M1", 50, None, None),
        ("V2", day, datetime(2025, 3, 20), "M1", 90, "tense", None),  # corrected after A1 was paid out
        ("V3", datetime(2025, 2, 1), datetime(2025, 4, 1), "M1", 10, None, None),  # recorded too late for A1
    ]
    notes = [("N1", datetime(2025, 3, 5), datetime(2025, 3, 5), "L1", 7), ("N2", T0, T0, "L2", 8)]

    def stamped(rows: list[tuple[object, ...]], *names: str) -> pl.DataFrame:
        return pl.DataFrame(rows, schema=["id", "event_at", "known_at", *names], orient="row")

    portfolio = write_portfolio(
        tmp_path / "portfolio",
        {
            "groups": pl.DataFrame(
                {
                    "id": ["B1", "S1"],
                    "event_at": [T0, T0],
                    "known_at": [T0, T0],
                    "kind": ["communal_bank", "solidarity_group"],
                    "parent_id": [None, "B1"],
                    "branch_id": ["BR", "BR"],
                    "formed_on": [T0.date(), T0.date()],
                }
            ),
            "applications": pl.DataFrame(asked),
            "loans": pl.DataFrame(loans),
            "outcomes_given": stamped(
                [(f"O{a}", at, at, a, word) for a, word, at in labels], "application_id", "label"
            ),
            "visits": stamped(visits, "member_id", "minutes", "mood", "promised_on"),
            "notes": stamped(notes, "loan_id", "length"),
            "weather": stamped([("W1", T0, T0, 3.5)], "rain"),
        },
        currency="USD",
        country="PE",
        time_zone="America/Lima",
        data_date=date(2025, 12, 31),
        tables=DECLARED,
    )
    return Cases.of(portfolio, "member_given")


def read(cases: Cases, table: Table, days_before: int = 45) -> dict[tuple[str, str], Reading]:
    con = cases.portfolio.connect()
    try:
        return {(one.where, one.how): one for one in table_readings(con, cases, table, days_before=days_before)}
    finally:
        con.close()


def test_cases_are_every_loan_decided_or_open(cases: Cases) -> None:
    frame = cases.frame.sort("application_id")
    assert frame["application_id"].to_list() == ["A1", "A2", "A3"]
    assert frame["bad"].to_list() == [1, None, 0]
    assert frame["loan_id"].to_list() == ["L1", "L2", "L3"]
    assert frame["started"].to_list() == [PAID_OUT[name][1] + timedelta(microseconds=1) for name in ("A1", "A2", "A3")]
    assert cases.left_out == 0


def values(cases: Cases, reading: Reading, earlier: bool = False) -> dict[str, object]:
    found = reading.earlier if earlier else reading.values
    return dict(zip(cases.frame["application_id"].to_list(), found.to_list(), strict=True))


def test_only_what_was_on_record_is_read(cases: Cases) -> None:
    found = read(cases, VISITS)
    last = found["visits.minutes", "the last of rows that name this member"]
    # A1: V2 as it stood before its correction; A2: by then V2 says 90, and is still the last to have happened.
    assert values(cases, last) == {"A1": 50.0, "A2": 90.0, "A3": None}
    mean = found["visits.minutes", "the mean of rows that name this member"]
    assert values(cases, mean) == {"A1": 40.0, "A2": pytest.approx(130 / 3), "A3": None}
    assert values(cases, found["visits", "how many rows that name this member"]) == {"A1": 2.0, "A2": 3.0, "A3": None}
    mood = found["visits.mood", "the last of rows that name this member"]
    assert values(cases, mood) == {"A1": "calm", "A2": "tense", "A3": None}
    promised = found["visits.promised_on", "the last of rows that name this member"]
    assert values(cases, promised)["A1"] == 43.0  # days from 20 January to 4 March


def test_the_earlier_reading_is_the_same_question_at_an_earlier_moment(cases: Cases) -> None:
    last = read(cases, VISITS)["visits.minutes", "the last of rows that name this member"]
    assert values(cases, last, earlier=True) == {"A1": 30.0, "A2": 90.0, "A3": None}


def test_a_loans_own_row_and_those_of_her_earlier_loans_are_two_routes(cases: Cases) -> None:
    found = read(cases, LOANS)
    own = found["loans.calls", "the last of the case's own row of loans"]
    assert values(cases, own) == {"A1": 1.0, "A2": 2.0, "A3": 3.0}
    history = found["loans.calls", "the mean of rows that name this member"]
    assert values(cases, history) == {"A1": 1.0, "A2": 1.5, "A3": 3.0}
    # Before she was paid out, her earlier loan alone.
    assert values(cases, history, earlier=True) == {"A1": None, "A2": 1.0, "A3": None}


def test_rows_of_a_loan_reach_it_and_its_member(cases: Cases) -> None:
    assert [route.key for route in routes(NOTES)] == ["loan_id", "member_id"]
    found = read(cases, NOTES)
    # N1 was written after L1 was paid out; N2 claims to be older than the loan it names.
    assert values(cases, found["notes.length", "the last of rows that name this loan"]) == {
        "A1": None,
        "A2": 8.0,
        "A3": None,
    }


def test_a_stamp_older_than_what_the_row_names_is_counted(cases: Cases) -> None:
    con = cases.portfolio.connect()
    try:
        [found] = stamped_references(con, NOTES)
    finally:
        con.close()
    assert (found.where, found.named, found.early, found.same, found.rows) == ("notes.loan_id", "loan", 1, 0, 2)


def test_a_table_that_names_nothing_is_told(cases: Cases) -> None:
    assert unreached(DECLARED, cases.portfolio.manifest.rows) == ("weather",)
    assert isinstance(cases.portfolio, Portfolio)


def test_too_many_cases_are_drawn_by_whole_clusters(cases: Cases) -> None:
    few = Cases.of(cases.portfolio, "member_given", most=2)
    assert (len(few), few.left_out) == (0, 3)
