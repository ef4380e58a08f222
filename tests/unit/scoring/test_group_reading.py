"""A communal bank read off literal tables as it stood at a moment: what came later, or was known later, is not seen."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from riskscore.errors import NotFound
from riskscore.scoring import Policy
from riskscore.scoring.group_facts import MemberFacts
from riskscore.scoring.group_reading import read_group
from riskscore.scoring.rule_answers import answer_rules
from tests.unit.features.literal_portfolio import bank, group, instalment, loan, member, payment, stay, written

RULES = Policy.load(Path(__file__).parents[3] / "serving" / "policy.toml").rules
JAN_10 = datetime(2026, 1, 10)
BRANCH = {"id": "BR", "name": "Sucre", "region": "Chuquisaca", "rural": True, "opened_on": date(1991, 1, 1)}
OLD = datetime(2025, 10, 1)


def request(name: str, person: str, at: datetime, amount: str, **more):
    row = {"id": name, "event_at": at, "known_at": at, "member_id": person, "group_id": "S1", "product_id": "P"}
    row |= {"ledger": "internal", "amount": amount, "currency": "USD", "term_days": 112, "frequency": "weekly"}
    return row | more


def mark(name: str, person: str, at: datetime, status: str):
    return {"id": name, "event_at": at, "known_at": at, "member_id": person, "group_id": "S1", "status": status}


def saved(name: str, person: str, at: datetime, amount: str, kind: str = "deposit"):
    return {"id": name, "event_at": at, "known_at": at, "member_id": person, "kind": kind, "amount": amount} | {
        "currency": "USD"
    }


def tables(**more):
    """CB1 with Ana (late), Berta (on time, asks again), Celia (new, asks first) and Dora, who left."""
    left = datetime(2025, 12, 1)
    return {
        "branches": [BRANCH | {"event_at": OLD}],
        "groups": [bank("CB1", None), bank("CB2", None), group("S1", "CB1"), group("S2", "CB2")],
        "members": [
            member("ANA", business_started_on=date(2025, 6, 1)),
            member("BERTA", business_started_on=date(2019, 1, 1)),
            member("CELIA"),
            member("DORA"),
            member("ELSA"),
        ],
        "memberships": [
            stay("K1", "ANA", "S1"),
            stay("K2", "BERTA", "S1"),
            stay("K3", "CELIA", "S1"),
            stay("K4", "DORA", "S1"),
            stay("K4", "DORA", "S1", valid_to=date(2025, 12, 1), event_at=left, known_at=left),
            stay("K5", "ELSA", "S2"),
        ],
        "loans": [
            loan("L1", "ANA", "S1", date(2025, 12, 1), amount="250.00"),
            loan("L2", "BERTA", "S1", date(2025, 10, 1), amount="200.00", application_id="A0"),
            loan("L3", "ELSA", "S2", date(2025, 10, 1)),
            loan("X1", None, "CB1", date(2025, 10, 1), ledger="external"),
        ],
        "instalments": [
            instalment("I1", "L1", 1, date(2026, 1, 9), datetime(2025, 12, 1)),
            instalment("I2", "L2", 1, date(2025, 12, 31), OLD),
            instalment("I3", "L3", 1, date(2025, 11, 1), OLD),
        ],
        "payments": [payment("P2", "L2", datetime(2025, 12, 31, 10))],
        "applications": [
            request("A0", "BERTA", OLD - timedelta(days=3), "200.00"),
            request("A1", "BERTA", datetime(2026, 1, 5), "500.00", other_active_loans=1),
            # Lowered on the 9th, and again after the moment.
            request("A1", "BERTA", datetime(2026, 1, 9), "450.00", other_active_loans=1),
            request("A1", "BERTA", datetime(2026, 1, 11), "300.00", other_active_loans=1),
            request("A2", "CELIA", datetime(2026, 1, 6), "150.00"),
            request("A3", "ANA", datetime(2025, 11, 1), "900.00"),  # ten weeks old: no longer open
        ],
        "attendance": [
            mark("T1", "ANA", datetime(2026, 1, 2), "absent"),
            mark("T2", "ANA", datetime(2025, 12, 19), "excused"),
            mark("T3", "BERTA", datetime(2026, 1, 2), "late"),
            mark("T4", "CELIA", datetime(2026, 1, 2), "present"),
            mark("T5", "CELIA", datetime(2026, 1, 16), "absent"),  # still to come
            mark("T6", "DORA", datetime(2025, 11, 14), "absent"),  # left since
            mark("T7", "BERTA", datetime(2025, 7, 1), "absent"),  # too long ago
        ],
        "savings": [
            saved("V1", "BERTA", datetime(2025, 11, 1), "60.00"),
            saved("V2", "BERTA", datetime(2025, 12, 1), "20.50", "withdrawal"),
        ],
    } | more


def test_the_group_as_it_stood(tmp_path):
    found = read_group(written(tmp_path / "p", tables()), "CB1", JAN_10)
    assert (found.bank_id, found.currency, found.rural, found.first_cycle) == ("CB1", "USD", True, False)
    assert found.members == (
        MemberFacts("ANA", False, True, (0, 1), business_days=223, last_loan=Decimal("250.00")),
        MemberFacts(
            "BERTA",
            False,
            False,
            (1, 1),
            business_days=2566,
            loans_elsewhere=1,
            asked=Decimal("450.00"),
            term_days=112,
            last_loan=Decimal("200.00"),
            savings=Decimal("39.50"),
        ),
        MemberFacts("CELIA", True, False, (1, 1), asked=Decimal("150.00"), term_days=112),
    )


def test_the_starters_rules_on_it(tmp_path):
    answers = answer_rules(RULES, read_group(written(tmp_path / "p", tables()), "CB1", JAN_10))
    assert [(one.rule.code, one.member_id, one.state, one.words("en")) for one in answers.answers] == [
        ("G02", None, "talk_first", "The communal bank has 3 members."),
        ("G04", None, "ready", "The largest request and the smallest: 450 against 150."),
        ("G05", None, "talk_first", "Behind with an instalment: 1 of 3 members."),
        ("G06", None, "ready", "In their first cycle are 1 of 3 members."),
        ("G07", None, "talk_first", "Attendance at meetings: 2 of 3."),
        ("G08", None, "UNKNOWN", "It is not known of 1 of 3."),
        ("G09", None, "UNKNOWN", "It is not known of 1 of 2."),
        ("M01", "BERTA", "ready", "Other loans declared: 1."),
        ("L01", "BERTA", "talk_first", "What is asked for and the last loan: 450 against 200."),
        ("L04", "BERTA", "ready", "The term is 112 days."),
        ("L05", "BERTA", "talk_first", "Savings with the group and what is asked for: 39.5 against 450."),
        ("M01", "CELIA", "UNKNOWN", "Other loans were not declared."),
        ("L04", "CELIA", "ready", "The term is 112 days."),
    ]


def test_a_day_earlier_nothing_is_late_and_the_request_is_higher(tmp_path):
    found = read_group(written(tmp_path / "p", tables()), "CB1", datetime(2026, 1, 9))
    ana, berta, _ = found.members
    assert ana.in_arrears is False  # due on the 9th: late from the 10th on
    assert berta.asked == Decimal("500.00")


def test_a_request_is_open_until_a_loan_comes_of_it(tmp_path):
    paid_out = loan("L4", "BERTA", "S1", date(2026, 1, 8), amount="450.00", cycle_no=2)
    given = tables()
    given["loans"].append(paid_out)  # names no application
    berta = read_group(written(tmp_path / "p", given), "CB1", JAN_10).members[1]
    assert (berta.asked, berta.last_loan) == (None, Decimal("450.00"))
    assert berta.in_arrears is None  # no schedule of it is known


def test_books_that_are_not_kept_are_unknown(tmp_path):
    given = tables()
    for name in ("loans", "instalments", "payments", "attendance", "savings"):
        del given[name]
    given["branches"] = [BRANCH | {"rural": None, "event_at": OLD}]
    found = read_group(written(tmp_path / "p", given), "CB1", JAN_10)
    assert (found.rural, found.first_cycle) == (None, None)
    assert {(one.first_cycle, one.in_arrears, one.marks, one.savings) for one in found.members} == {
        (None, None, (0, 0), None)
    }
    answers = answer_rules(RULES, found)
    assert {one.state for one in answers.read_by("committee")} == {"UNKNOWN"}
    assert answers.state("committee") == "talk_first"


@pytest.mark.parametrize("name", ["CB9", "S1"])
def test_a_bank_that_is_none(tmp_path, name):
    with pytest.raises(NotFound, match="no such communal bank"):
        read_group(written(tmp_path / "p", tables()), name, JAN_10)
