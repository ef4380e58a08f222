"""Small cases, each worked out by hand, in which a number must say what its words say."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.features.literal_portfolio import (
    asked,
    bank,
    found,
    group,
    instalment,
    loan,
    member,
    payment,
    stay,
    written,
)

JAN_10 = datetime(2026, 1, 10)
BRANCH = {"id": "BR", "name": "Puno", "region": "Puno", "rural": True, "opened_on": date(2001, 1, 1)}


def at(year: int, month: int, day: int) -> dict[str, datetime]:
    moment = datetime(year, month, day)
    return {"event_at": moment, "known_at": moment}


def members_of_one_bank(*names: str, **more: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the women of solidarity group SG in communal bank CB, without loans."""
    return {
        "branches": [BRANCH | at(2001, 1, 1)],
        "groups": [bank("CB", None), group("SG", "CB")],
        "members": [member(name) for name in names],
        "memberships": [stay(name, name, "SG") for name in names],
        **more,
    }


def guarantee(name: str, of: str | None, **more: Any) -> dict[str, Any]:
    row = {"id": name, "loan_id": of, "member_id": "M1", "kind": "personal", "currency": "USD"}
    return at(2025, 12, 1) | row | {"amount": "100.00", "valid_from": date(2025, 12, 1)} | more


def test_what_stands_for_her_own_loan_is_no_debt_of_others(tmp_path: Path) -> None:
    tables = members_of_one_bank("M1", "M2")
    tables["loans"] = [loan(f"L{name}", name, "SG", date(2025, 12, 1)) for name in ("M1", "M2")]
    tables["guarantees"] = [
        guarantee("G1", "LM1", kind="savings"),
        guarantee("G2", "LM1", kind="solidarity"),
        guarantee("G3", "LM2", kind="pledge"),
    ]
    assert found(written(tmp_path / "hers", tables), "M1", JAN_10)["guaranteed"] == 0.0
    tables["guarantees"] += [guarantee("G4", "LM2", amount="60.00"), guarantee("G5", None, amount="25.00")]
    assert found(written(tmp_path / "theirs", tables), "M1", JAN_10)["guaranteed"] == 85.0


def test_a_guarantee_for_the_whole_debt_leaves_what_she_stands_for_unknown(tmp_path: Path) -> None:
    tables = members_of_one_bank("M1", "M2", guarantees=[guarantee("G1", None), guarantee("G2", None, amount=None)])
    row = asked(written(tmp_path / "p", tables), "M1", JAN_10)
    assert (row["guaranteed"], row["guaranteed_to_amount"]) == (None, None)
    tables["guarantees"].append(tables["guarantees"][1] | at(2026, 1, 5) | {"released_on": date(2026, 1, 5)})
    assert found(written(tmp_path / "released", tables), "M1", JAN_10)["guaranteed"] == 100.0


def fund_loan(name: str, taken: date, **more: Any) -> dict[str, Any]:
    row = {"id": name, "member_id": "M1", "group_id": "CB", "amount": "60.00", "balance": "60.00", "currency": "USD"}
    when = {"disbursed_on": taken, "due_on": date(2026, 3, 31), "frequency": "at_maturity"}
    return at(taken.year, taken.month, taken.day) | row | when | more


@pytest.mark.parametrize(
    ("taken", "paid", "expected"),
    [
        (date(2025, 12, 14), (8, 15, 22, 29), 0.0),  # the day before an instalment that was paid on its day
        (date(2025, 12, 18), (8, 20, 22, 29), 1.0),  # two days before an instalment five days overdue was paid
        (date(2025, 12, 21), (8, 20, 22, 29), 0.0),  # the day after
        (date(2025, 12, 12), (8, 20, 22, 29), 0.0),  # eight days before
        (date(2025, 12, 27), (8, 15, 22, 29), 1.0),  # two days before the last instalment
    ],
)
def test_a_loan_to_repay_comes_before_an_overdue_or_last_instalment(
    tmp_path: Path, taken: date, paid: tuple[int, ...], expected: float
) -> None:
    tables = members_of_one_bank("M1", internal_loans=[fund_loan("F1", taken)])
    tables["loans"] = [loan("L1", "M1", "SG", date(2025, 12, 1))]
    tables["instalments"] = [
        instalment(f"I{n}", "L1", n + 1, date(2025, 12, 8 + 7 * n), datetime(2025, 12, 1)) for n in range(4)
    ]
    tables["payments"] = [payment(f"P{n}", "L1", datetime(2025, 12, day, 10)) for n, day in enumerate(paid)]
    assert found(written(tmp_path / "p", tables), "M1", JAN_10)["loans_to_repay_12m"] == expected


def test_a_loan_of_the_fund_that_is_paid_down_to_nothing_is_late_no_longer(tmp_path: Path) -> None:
    taken = fund_loan("F1", date(2025, 9, 1), due_on=date(2025, 10, 1))
    gone = taken | at(2025, 10, 6) | {"balance": "0.00"}  # the day of the last repayment is not told
    tables = members_of_one_bank("M1", internal_loans=[taken, gone], loans=[loan("L1", "M1", "SG", date(2025, 9, 1))])
    assert found(written(tmp_path / "p", tables), "M1", JAN_10)["fund_worst_delay_2_cycles"] == 5.0


def test_who_changes_her_solidarity_group_stays_in_her_communal_bank(tmp_path: Path) -> None:
    tables = members_of_one_bank("M1", "M2")
    tables["groups"] += [group("SH", "CB"), bank("CX", None), group("SX", "CX")]
    moved = datetime(2025, 12, 1)
    tables["memberships"] = [
        stay("1", "M1", "SG", valid_to=date(2025, 12, 1)),
        stay("2", "M1", "SH", valid_from=date(2025, 12, 1), event_at=moved, known_at=moved),
        stay("3", "M2", "SX", valid_to=date(2025, 12, 1)),
        stay("4", "M2", "SG", valid_from=date(2025, 12, 1), event_at=moved, known_at=moved),
    ]
    portfolio = written(tmp_path / "p", tables)
    within, from_another = (found(portfolio, name, JAN_10) for name in ("M1", "M2"))
    assert within["months_in_bank"] == pytest.approx(1105 / 30.4375)  # from 1 January 2023
    assert from_another["months_in_bank"] == pytest.approx(40 / 30.4375)
    assert (from_another["new_member_share"], within["new_member_share"]) == (0.0, 1.0)  # of the other one


def saved(name: str, person: str, on: date, amount: str, kind: str = "deposit") -> dict[str, Any]:
    row = {"id": name, "member_id": person, "kind": kind, "amount": amount, "currency": "USD"}
    return at(on.year, on.month, on.day) | row


@pytest.mark.parametrize(("taken_out", "expected"), [("150.00", 1.0), ("75.00", 0.5), (None, 0.0)])
def test_savings_withdrawn_are_told_against_what_would_be_left_without(
    tmp_path: Path, taken_out: str | None, expected: float
) -> None:
    movements = [
        saved("S1", "M1", date(2024, 1, 10), "1000.00"),
        saved("S2", "M1", date(2025, 3, 10), "900.00", "withdrawal"),
        saved("S3", "M1", date(2025, 12, 1), "50.00"),
    ]
    if taken_out:
        movements.append(saved("S4", "M1", date(2025, 12, 20), taken_out, "withdrawal"))
    row = found(written(tmp_path / "p", members_of_one_bank("M1", savings=movements)), "M1", JAN_10)
    assert row["savings_withdrawn_60d_share"] == expected


def test_who_began_to_save_since_has_a_share_too(tmp_path: Path) -> None:
    movements = [
        saved("S1", "M1", date(2025, 12, 1), "50.00"),
        saved("S2", "M1", date(2025, 12, 20), "10.00", "withdrawal"),
    ]
    row = found(written(tmp_path / "p", members_of_one_bank("M1", savings=movements)), "M1", JAN_10)
    assert row["savings_withdrawn_60d_share"] == 0.2


def test_sessions_on_another_topic_are_not_sessions_on_credit(tmp_path: Path) -> None:
    tables = members_of_one_bank("M1", "M2")
    tables["trainings"] = [
        at(2025, 6, number) | {"id": f"{who}{topic}{number}", "member_id": who, "topic": topic, "session_no": number}
        for who, topics in (("M1", ("credit_management", "savings", "business_skills")), ("M2", ("savings",)))
        for topic in topics
        for number in (1, 2, 3)
    ]
    portfolio = written(tmp_path / "p", tables)
    assert [found(portfolio, who, JAN_10)["training_sessions"] for who in ("M1", "M2")] == [3.0, None]


def test_two_deposits_at_one_meeting_are_one_meeting_with_a_deposit(tmp_path: Path) -> None:
    meetings = (8, 15, 22, 29)
    came = [
        at(2025, 12, day) | {"id": f"A{day}", "member_id": "M1", "group_id": "SG", "status": "present"}
        for day in meetings
    ]
    movements = [saved(f"S{n}", "M1", date(2025, 12, 8), "5.00") for n in (1, 2)]
    tables = members_of_one_bank("M1", attendance=came, savings=movements)
    tables["loans"] = [loan("L1", "M1", "SG", date(2025, 12, 1))]
    assert asked(written(tmp_path / "p", tables), "M1", JAN_10)["savings_regularity"] == 0.25


def decided(name: str, result: str, approved: str | None, month: int) -> dict[str, Any]:
    row = {"id": name, "application_id": f"A{name}", "group_id": "CB", "asked": "100.00", "currency": "USD"}
    return at(2025, month, 2) | row | {"result": result, "approved": approved}


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ([decided("D1", "postponed", None, 3), decided("D2", "approved", "100.00", 4)], 0.0),
        ([decided("D1", "postponed", None, 3)], None),
        ([decided("D1", "approved", None, 3)], 0.0),
        ([decided("D1", "rejected", None, 3), decided("D2", "approved", None, 4)], 0.5),
        ([decided("D1", "reduced", None, 3)], None),
        ([decided("D1", "reduced", None, 3), decided("D2", "reduced", "80.00", 4)], pytest.approx(0.2)),
    ],
)
def test_what_was_put_off_or_has_no_amount_is_no_cut(
    tmp_path: Path, decisions: list[dict[str, Any]], expected: float | None
) -> None:
    tables = members_of_one_bank("M1", committee_decisions=decisions)
    assert found(written(tmp_path / "p", tables), "M1", JAN_10)["committee_cut_share_18m"] == expected


def test_savings_that_are_not_recorded_are_not_set_against_loans(tmp_path: Path) -> None:
    tables = members_of_one_bank("M1", "M2", "M3", savings=[saved("S1", "M2", date(2025, 6, 1), "100.00")])
    tables["loans"] = [loan(f"L{name}", name, "SG", date(2025, 12, 1)) for name in ("M2", "M3")]
    portfolio = written(tmp_path / "p", tables)
    assert found(portfolio, "M1", JAN_10)["peer_savings_to_loans"] == 1.0
    assert found(portfolio, "M2", JAN_10)["peer_savings_to_loans"] is None  # of M3 no savings are known


def shock(name: str, **more: Any) -> dict[str, Any]:
    row = {"id": name, "kind": "price", "region": None, "sector_id": None, "starts_on": date(2025, 12, 1)}
    return at(2025, 12, 1) | row | more


@pytest.mark.parametrize(
    ("shocks", "sector", "expected"),
    [
        ([], "maize", None),  # nobody keeps a record of shocks
        ([shock("X1")], None, 1.0),
        ([shock("X1", sector_id="maize")], "maize", 1.0),
        ([shock("X1", sector_id="maize")], "commerce", 0.0),
        ([shock("X1", sector_id="maize")], None, None),  # it may be hers
        ([shock("X1", sector_id="maize", region="Beni")], None, 0.0),  # it is not: it is elsewhere
        ([shock("X1", sector_id="maize", starts_on=date(2024, 1, 1), ends_on=date(2024, 6, 1))], None, 0.0),
        ([shock("X1", sector_id="maize"), shock("X2", region="Puno")], None, 1.0),
    ],
)
def test_no_shock_is_told_only_where_one_would_be_known(
    tmp_path: Path, shocks: list[dict[str, Any]], sector: str | None, expected: float | None
) -> None:
    tables = members_of_one_bank("M1")
    tables["members"] = [member("M1", sector_id=sector)]
    tables["sectors"] = [
        at(2023, 1, 1) | {"id": name, "name": name, "agricultural": name == "maize", "lean_months": ""}
        for name in ("maize", "commerce")
    ]
    if shocks:
        tables["shocks"] = shocks
    assert found(written(tmp_path / "p", tables), "M1", JAN_10)["shock_active"] == expected


@pytest.mark.parametrize(
    ("ends_on", "sector", "active", "over"),
    [
        (None, "maize", 1.0, 0.0),
        (date(2026, 1, 10), "maize", 1.0, 0.0),
        (date(2026, 1, 9), "maize", 0.0, 1.0),
        (date(2025, 10, 12), "maize", 0.0, 1.0),
        (date(2025, 10, 11), "maize", 0.0, 0.0),
        (date(2026, 1, 9), "commerce", 0.0, 0.0),
        (date(2026, 1, 9), None, 0.0, None),  # it may have been hers
    ],
)
def test_a_shock_lasts_or_is_over_and_never_both(
    tmp_path: Path, ends_on: date | None, sector: str | None, active: float, over: float | None
) -> None:
    tables = members_of_one_bank("M1")
    tables["members"] = [member("M1", sector_id=sector)]
    tables["sectors"] = [
        at(2023, 1, 1) | {"id": name, "name": name, "agricultural": name == "maize", "lean_months": ""}
        for name in ("maize", "commerce")
    ]
    tables["shocks"] = [shock("X1", sector_id="maize", starts_on=date(2025, 6, 1), ends_on=ends_on)]
    values = found(written(tmp_path / "p", tables), "M1", JAN_10)
    assert (values["shock_active"], values["shock_over_90d"]) == (active, over)


def test_an_officer_and_a_branch_without_a_record_are_like_the_usual_one(tmp_path: Path) -> None:
    tables = members_of_one_bank("M1")
    tables["officers"] = [at(2024, 1, 1) | {"id": "O1", "branch_id": "BR"}]
    tables["groups"] = [bank("CB", "O1"), group("SG", "CB")]
    row = asked(written(tmp_path / "known", tables), "M1", JAN_10)
    assert (row["officer_bad_share"], row["branch_bad_share"]) == (pytest.approx(0.08), pytest.approx(0.08))
    tables["groups"] = [bank("CB", None), group("SG", "CB")]
    row = asked(written(tmp_path / "unknown", tables), "M1", JAN_10)
    assert (row["officer_bad_share"], row["branch_bad_share"]) == (None, pytest.approx(0.08))
    assert asked(written(tmp_path / "again", tables), "nobody", JAN_10)["branch_bad_share"] is None
