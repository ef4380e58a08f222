"""Facts of the group, the officer and the branch: as of the date, herself left out, outcomes only once known."""

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
BRANCH = {"id": "BR", "name": "El Alto", "region": "La Paz", "rural": False, "opened_on": date(1991, 1, 1)}


def application(name: str, person: str, place: str, on: date) -> dict[str, Any]:
    at = datetime(on.year, on.month, on.day)
    return {
        "id": name,
        "event_at": at,
        "known_at": at,
        "member_id": person,
        "group_id": place,
        "product_id": "P",
        "ledger": "internal",
        "amount": "100.00",
        "currency": "USD",
        "term_days": 28,
        "frequency": "weekly",
    }


def label(application_id: str, word: str, known: date) -> dict[str, Any]:
    at = datetime(known.year, known.month, known.day)
    return {
        "id": f"G{application_id}",
        "event_at": at,
        "known_at": at,
        "application_id": application_id,
        "label": word,
    }


def three_banks() -> dict[str, list[dict[str, Any]]]:
    """Return O1 with CB1 (M1) and CB2 (M2, M3), O2 with CB3 (M4); one branch."""
    lent = [
        ("A1", "M1", "S1", date(2025, 1, 5), "bad", date(2025, 5, 1)),
        ("A2", "M2", "S2", date(2025, 2, 1), "bad", date(2025, 6, 1)),
        ("A3", "M3", "S2", date(2025, 2, 1), "good", date(2025, 6, 1)),
        ("A4", "M4", "S3", date(2025, 3, 1), "good", date(2025, 7, 1)),
        ("A5", "M3", "S2", date(2023, 3, 1), "bad", date(2023, 12, 1)),  # more than 24 months ago
        ("A6", "M2", "S2", date(2025, 11, 1), "bad", date(2026, 3, 1)),  # not known yet
    ]
    return {
        "branches": [BRANCH | {"event_at": datetime(2000, 1, 1), "known_at": datetime(2000, 1, 1)}],
        "officers": [
            {"id": name, "branch_id": "BR", "hired_on": date(2020, 1, 10), "event_at": datetime(2020, 1, 10)}
            for name in ("O1", "O2")
        ],
        "groups": [
            bank("CB1", "O1"),
            bank("CB2", "O1"),
            bank("CB3", "O2"),
            # CB2 went to the other officer after her loans were made: their outcomes stay with the first.
            bank("CB2", "O2", event_at=datetime(2025, 12, 1), known_at=datetime(2025, 12, 1)),
            *(group(f"S{n}", f"CB{n}") for n in (1, 2, 3)),
        ],
        "members": [member(f"M{n}") for n in (1, 2, 3, 4)],
        "memberships": [
            stay("1", "M1", "S1"),
            stay("2", "M2", "S2"),
            stay("3", "M3", "S2"),
            stay("4", "M4", "S3"),
        ],
        "applications": [application(name, who, where, on) for name, who, where, on, _, _ in lent],
        "loans": [
            loan(f"L{name}", who, where, on, application_id=name, cycle_no=n + 1)
            for n, (name, who, where, on, _, _) in enumerate(lent)
        ],
        "outcomes_given": [label(name, word, known) for name, _, _, _, word, known in lent],
    }


def test_the_officers_record_is_of_outcomes_known_then_without_her_own_communal_bank(tmp_path: Path) -> None:
    row = asked(written(tmp_path / "p", three_banks()), "M1", JAN_10)
    assert (row["officer_judged"], row["officer_bad"]) == (2.0, 1.0)
    assert (row["branch_judged"], row["branch_bad"]) == (3.0, 1.0)
    assert row["branch_bad_share"] == pytest.approx((1 + 50 * 0.08) / (3 + 50))
    assert row["officer_bad_share"] == pytest.approx((1 + 50 * (1 + 50 * 0.08) / 53) / (2 + 50))


def test_an_officer_with_no_other_bank_has_no_record_and_is_like_the_branch(tmp_path: Path) -> None:
    row = asked(written(tmp_path / "p", three_banks()), "M4", datetime(2025, 11, 1))
    assert row["officer_judged"] is None
    assert (row["branch_judged"], row["branch_bad"]) == (4.0, 3.0)  # A1, A2, A3 and, 23 months ago, A5
    assert row["officer_bad_share"] == row["branch_bad_share"] == pytest.approx((3 + 50 * 0.08) / (4 + 50))


def test_an_outcome_counts_from_the_day_it_was_known(tmp_path: Path) -> None:
    portfolio = written(tmp_path / "p", three_banks())
    seen = [found(portfolio, "M1", datetime(2026, 3, 1, hour))["branch_bad"] for hour in (0, 1)]
    assert seen == [1.0, 2.0]


def test_caseload_counts_members_who_belong_at_the_moment(tmp_path: Path) -> None:
    portfolio = written(tmp_path / "p", three_banks())
    row = found(portfolio, "M1", datetime(2025, 11, 30))
    assert (row["officer_caseload"], row["officer_months"]) == (3.0, pytest.approx(2151 / 30.4375))
    assert found(portfolio, "M1", JAN_10)["officer_caseload"] == 1.0


def one_bank() -> dict[str, list[dict[str, Any]]]:
    """Return CB1 with M1 to M4, each with four weekly instalments from 8 December 2025 on."""
    agreed = datetime(2025, 12, 1)
    dues = [date(2025, 12, 8), date(2025, 12, 15), date(2025, 12, 22), date(2025, 12, 29)]
    paid = {
        "M1": (8, 15, 22, 29),  # on time
        "M2": (8, 20, 22, 29),  # the second 5 days late: 26 days before 10 January
        "M3": (8, 15, 24, 31),  # the third and fourth 2 days late
        "M4": (10, 15, 22, 29),  # left the group on 2 January
    }
    payments = [
        payment(f"P{who}{n}", f"L{who}", datetime(2025, 12, day, 10))
        for who, on in paid.items()
        for n, day in enumerate(on)
    ]
    left = stay(
        "4", "M4", "S1", event_at=datetime(2026, 1, 2), known_at=datetime(2026, 1, 2), valid_to=date(2026, 1, 2)
    )
    return {
        "branches": [BRANCH],
        "groups": [bank("CB1", None), group("S1", "CB1")],
        "members": [member(who) for who in paid],
        "memberships": [*(stay(who[1], who, "S1") for who in paid), left],
        "loans": [loan(f"L{who}", who, "S1", date(2025, 12, 1)) for who in paid],
        "instalments": [
            instalment(f"I{who}{n}", f"L{who}", n + 1, due, agreed) for who in paid for n, due in enumerate(dues)
        ],
        "payments": payments,
    }


def test_the_timing_of_arrears_among_the_others(tmp_path: Path) -> None:
    row = found(written(tmp_path / "p", one_bank()), "M1", JAN_10)
    # The others are M2 and M3; M4 has left. M2 fell on the instalment of 15 December, M3 first on that of the 22nd.
    assert row["peer_first_arrears_days_ago"] == 26.0
    assert row["peer_latest_arrears_days_ago"] == 12.0
    assert row["peer_arrears_spread_days"] == 7.0
    assert row["peer_late_share_8_weeks"] == pytest.approx((1 / 4 + 2 / 4) / 2)


def test_she_is_left_out_of_what_is_told_of_the_others(tmp_path: Path) -> None:
    row = found(written(tmp_path / "p", one_bank()), "M3", JAN_10)
    assert (row["peer_first_arrears_days_ago"], row["peer_latest_arrears_days_ago"]) == (26.0, 26.0)
    assert row["peer_late_share_8_weeks"] == pytest.approx((0 + 1 / 4) / 2)


def test_before_she_left_the_fourth_counted(tmp_path: Path) -> None:
    row = found(written(tmp_path / "p", one_bank()), "M1", datetime(2026, 1, 1))
    assert row["bank_size"] == 4.0
    assert row["peer_first_arrears_days_ago"] == 24.0
    assert row["peer_late_share_8_weeks"] == pytest.approx((1 / 4 + 2 / 4 + 1 / 4) / 3)


def test_arrears_that_are_not_paid_yet_count_from_the_day_after_they_fell_due(tmp_path: Path) -> None:
    tables = one_bank()
    tables["payments"] = [row for row in tables["payments"] if row["id"] != "PM23"]
    portfolio = written(tmp_path / "p", tables)
    first = [found(portfolio, "M1", datetime(2025, 12, day))["peer_late_share_8_weeks"] for day in (29, 30)]
    assert first == [pytest.approx((1 / 3 + 1 / 3 + 1 / 3) / 3), pytest.approx((2 / 4 + 2 / 4 + 1 / 4) / 3)]


def governed() -> dict[str, list[dict[str, Any]]]:
    tables = one_bank()

    def office(name: str, role: str, **more: Any) -> dict[str, Any]:
        at = datetime(2025, 1, 1)
        row = {"id": name, "group_id": "CB1", "member_id": "M1", "role": role, "valid_from": date(2025, 1, 10)}
        return {"event_at": at, "known_at": at, **row, **more}

    tables["offices"] = [
        office("F1", "president", term_ends_on=date(2025, 12, 31)),
        office("F2", "secretary", member_id="M2", term_ends_on=date(2026, 12, 31)),
        office("F3", "treasurer", member_id="M4", term_ends_on=date(2026, 12, 31)),
        office(
            "F3",
            "treasurer",
            member_id="M4",
            term_ends_on=date(2026, 12, 31),
            valid_to=date(2026, 1, 2),
            event_at=datetime(2026, 1, 2),
            known_at=datetime(2026, 1, 2),
        ),
        office("F4", "credit_committee", member_id="M3"),
    ]
    return tables


def test_the_board_is_complete_until_the_day_an_office_falls_vacant(tmp_path: Path) -> None:
    portfolio = written(tmp_path / "p", governed())
    before, after = (found(portfolio, "M1", datetime(2026, 1, day)) for day in (1, 10))
    assert (before["board_complete"], after["board_complete"]) == (1.0, 0.0)
    assert (before["board_overrun_share"], after["board_overrun_share"]) == (pytest.approx(1 / 3), 0.5)
    assert after["board_tenure_months"] == pytest.approx(365 / 30.4375)


def test_what_the_committee_cut_before_and_never_on_this_request(tmp_path: Path) -> None:
    tables = one_bank()
    tables["applications"] = [application(f"A{n}", "M1", "S1", date(2025, n, 1)) for n in (3, 6, 9)]

    def decided(name: str, asked_for: str, approved: str | None, result: str, at: datetime) -> dict[str, Any]:
        row = {"id": f"D{name}", "application_id": name, "group_id": "CB1", "asked": asked_for, "approved": approved}
        return {**row, "result": result, "currency": "USD", "event_at": at, "known_at": at}

    tables["committee_decisions"] = [
        decided("A3", "100.00", "80.00", "reduced", datetime(2025, 3, 2)),
        decided("A6", "100.00", None, "rejected", datetime(2025, 6, 2)),
        decided("A9", "200.00", "200.00", "approved", datetime(2026, 1, 10)),
    ]
    row = found(written(tmp_path / "p", tables), "M1", JAN_10)
    assert row["committee_cut_share_18m"] == pytest.approx(1 - 80 / 200)


def test_lines_of_business_in_the_bank(tmp_path: Path) -> None:
    tables = one_bank()
    sectors = {"M1": "maize", "M2": "maize", "M3": "commerce", "M4": "commerce"}
    tables["sectors"] = [
        {"id": name, "name": name, "agricultural": name == "maize", "lean_months": ""} for name in ("maize", "commerce")
    ]
    tables["members"] = [member(who, sector_id=sectors[who]) for who in sectors]
    portfolio = written(tmp_path / "p", tables)
    # Two and one of three; before M4 left two and two of four.
    assert found(portfolio, "M1", JAN_10)["bank_sector_concentration"] == pytest.approx(5 / 9)
    assert found(portfolio, "M1", datetime(2026, 1, 2))["bank_sector_concentration"] == 0.5


def unpaid(who: str) -> dict[str, list[dict[str, Any]]]:
    """Return the small bank with one woman's last instalment never paid."""
    tables = one_bank()
    tables["payments"] = [row for row in tables["payments"] if row["id"] != f"P{who}3"]
    return tables


def test_the_first_close_of_any_books_takes_no_outcome_away_from_before(tmp_path: Path) -> None:
    march = datetime(2026, 3, 1)
    before = found(written(tmp_path / "a", unpaid("M2")), "M1", march)
    later = unpaid("M2")
    closed = {"id": "E1", "loan_id": "LX", "kind": "books_closed", "event_at": datetime(2026, 4, 10)}
    later["loans"].append(loan("LX", "M3", "S1", date(2026, 3, 5), cycle_no=2))
    later["loan_events"] = [closed]
    after = found(written(tmp_path / "b", later), "M1", march)
    assert (before["peer_bad_outcome_share"], after) == (0.5, before)


def test_a_label_given_later_leaves_the_one_computed_until_then(tmp_path: Path) -> None:
    tables = unpaid("M2")
    tables["applications"] = [application("A2", "M2", "S1", date(2025, 11, 28))]
    tables["loans"] = [row | {"application_id": "A2" if row["id"] == "LM2" else None} for row in tables["loans"]]
    tables["outcomes_given"] = [label("A2", "good", date(2026, 5, 1))]
    portfolio = written(tmp_path / "p", tables)
    seen = [
        found(portfolio, "M2", moment)["bad_outcomes_known"] for moment in (datetime(2026, 3, 1), datetime(2026, 5, 2))
    ]
    assert seen == [1.0, 0.0]


def test_a_correction_of_a_loan_or_request_learnt_later_moves_no_officers_record(tmp_path: Path) -> None:
    before = found(written(tmp_path / "a", three_banks()), "M1", JAN_10)
    known = {"event_at": datetime(2026, 2, 1), "known_at": datetime(2026, 2, 1)}
    later = three_banks()
    later["loans"].append(loan("LA2", "M2", "S2", date(2025, 12, 20), application_id="A2", cycle_no=2) | known)
    later["applications"].append(application("A2", "M2", "S1", date(2025, 2, 1)) | known)
    assert found(written(tmp_path / "b", later), "M1", JAN_10) == before


def test_a_bank_told_of_later_adds_nothing_to_an_officers_record_before(tmp_path: Path) -> None:
    before = found(written(tmp_path / "a", three_banks()), "M1", JAN_10)
    late = {"event_at": datetime(2026, 3, 1), "known_at": datetime(2026, 3, 1)}
    later = three_banks()
    later["groups"] += [bank("CB9", "O1", **late), group("S9", "CB9") | late]
    later["members"].append(member("M9"))
    later["memberships"].append(stay("9", "M9", "S9"))
    later["applications"].append(application("A9", "M9", "S9", date(2025, 1, 5)))
    later["loans"].append(loan("LA9", "M9", "S9", date(2025, 1, 5), application_id="A9"))
    later["outcomes_given"].append(label("A9", "bad", date(2025, 5, 1)))
    portfolio = written(tmp_path / "b", later)
    assert found(portfolio, "M1", JAN_10)["officer_bad"] == before["officer_bad"]
    assert found(portfolio, "M1", datetime(2026, 3, 2))["branch_bad"] == 3.0
