"""Over-indebted by the next request: who is at risk, three signs, censoring, and what was known when."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from riskscore.dataset import OverIndebtednessRule, TrainingSet, member_cycles
from riskscore.dataset.split import out_of_time
from riskscore.errors import InvalidInput
from riskscore.indebtedness import Budget, Debts, PolicyNumbers, Terms, assess
from tests.unit.features.literal_portfolio import (
    LOCK,
    bank,
    group,
    instalment,
    loan,
    member,
    payment,
    stay,
    written,
)

ASKED = datetime(2025, 2, 1, 10)
AGAIN = datetime(2025, 3, 10, 10)
DISBURSED = date(2025, 2, 3)
DUES = [date(2025, 2, 10), date(2025, 2, 17), date(2025, 2, 24), date(2025, 3, 3)]
#: The day of the loan, its 28 days and the 90 days waited, to the first instant after them.
WAITED = datetime(2025, 6, 2)

Tables = dict[str, list[dict[str, Any]]]


def request(name: str, at: datetime, loans: int = 0) -> dict[str, Any]:
    return {
        "id": name,
        "event_at": at,
        "known_at": at,
        "member_id": "M1",
        "group_id": "SG",
        "product_id": "INT",
        "ledger": "internal",
        "amount": "100.00",
        "currency": "USD",
        "term_days": 28,
        "frequency": "weekly",
        "other_active_loans": loans,
    }


def budget(name: str, at: datetime, revenue: str | None = "900.00") -> dict[str, Any]:
    """Return a month that leaves 300, where 900 are sold."""
    return {
        "id": name,
        "member_id": "M1",
        "business_revenue": revenue,
        "business_costs": "500.00",
        "other_income": "200.00",
        "household_costs": "300.00",
        "currency": "USD",
        "event_at": at,
        "known_at": at,
    }


def debt(name: str, at: datetime, monthly: str) -> dict[str, Any]:
    return {
        "id": name,
        "member_id": "M1",
        "lender_kind": "ngo",
        "source": "declared",
        "instalment": monthly,
        "frequency": "monthly",
        "currency": "USD",
        "event_at": at,
        "known_at": at,
    }


def flag(name: str, at: datetime, answer: float = 1.0) -> dict[str, Any]:
    row = {"id": name, "member_id": "M1", "group_id": "SG", "instrument": "sacrifices", "question": "flag"}
    return {**row, "answer": answer, "scale_max": 1.0, "event_at": at, "known_at": at}


def paid(number: int, on: date | None = None, **more: Any) -> dict[str, Any]:
    day = on or DUES[number]
    return payment(f"P{number}", "L1", datetime(day.year, day.month, day.day, 12), **more)


def tables(*more: tuple[str, dict[str, Any]], renews: bool = True, pays: bool = True) -> Tables:
    """Return M1's cycle: 300 left over, no debt, everything paid on the day, and a next request in March."""
    product = {
        "id": "INT",
        "name": "internal",
        "ledger": "internal",
        "amount_min": "50.00",
        "amount_max": "1000.00",
        "amount_step": "10.00",
        "term_days_min": 28,
        "term_days_max": 200,
        "frequencies": "weekly",
        "rate_per_30_days": 0.0,
        "method": "flat",
        "currency": "USD",
        "event_at": datetime(2023, 1, 1),
        "known_at": datetime(2023, 1, 1),
    }
    agreed = datetime(2025, 2, 3, 9)
    made: Tables = {
        "branches": [{"id": "BR", "name": "Puno", "region": "Puno", "rural": True, "opened_on": date(2001, 1, 1)}],
        "products": [product],
        "groups": [bank("CB", None), group("SG", "CB")],
        "members": [member("M1")],
        "memberships": [stay("1", "M1", "SG")],
        "applications": [request("A1", ASKED)],
        "loans": [loan("L1", "M1", "SG", DISBURSED, application_id="A1")],
        "instalments": [instalment(f"I{n}", "L1", n + 1, due, agreed) for n, due in enumerate(DUES)],
        "payments": [paid(number) for number in range(4)] if pays else [],
        "budgets": [budget("B1", datetime(2025, 1, 20))],
        "obligations": [],
        "surveys": [],
        "loan_events": [],
    }
    if renews:
        made["applications"].append(request("A2", AGAIN))
    for table, row in more:
        made[table] = [one for one in made[table] if (one["id"], one["known_at"]) != (row["id"], row["known_at"])]
        made[table].append(row)
    return {name: rows for name, rows in made.items() if rows}


def cycle(folder: Path, given: Tables, **rule: Any) -> dict[str, Any]:
    """Return what became of A1's cycle."""
    portfolio = written(folder / "p", given, data_date=date(2025, 12, 31))
    frame = member_cycles(portfolio, LOCK, OverIndebtednessRule(**rule))
    return frame.filter(application_id="A1").row(0, named=True)


DEBT_AT_RENEWAL = [
    ("obligations", debt("D1", AGAIN - timedelta(days=1), "320.00")),
    ("applications", request("A2", AGAIN, 1)),
]
DEBT_AT_FIRST = [
    ("obligations", debt("D0", ASKED - timedelta(days=1), "320.00")),
    ("applications", request("A1", ASKED, 1)),
]


@pytest.mark.parametrize(
    ("given", "label", "read_at"),
    [
        (tables(), "good", AGAIN),
        (tables(*DEBT_AT_RENEWAL), "bad", AGAIN),
        (tables(("surveys", flag("S1", datetime(2025, 3, 1)))), "bad", AGAIN),
        (tables(("surveys", flag("S1", datetime(2025, 3, 1), answer=0.0))), "good", AGAIN),
        # Told before the loan was asked for: a sign of the cycle before.
        (tables(("surveys", flag("S1", datetime(2025, 1, 15)))), "good", AGAIN),
        (tables(renews=False), "censored", WAITED),
        # Who comes back after the days waited did not renew.
        (tables(("applications", request("A2", WAITED + timedelta(hours=1))), renews=False), "censored", WAITED),
        (tables(("applications", request("A2", WAITED)), renews=False), "good", WAITED),
        (tables(("surveys", flag("S1", datetime(2025, 3, 1))), renews=False), "bad", WAITED),
        # Nothing is known of a debt she names at her next request.
        (tables(("applications", request("A2", AGAIN, 1))), "indeterminate", AGAIN),
        (tables(("applications", request("A1", ASKED, 1))), "unknown_before", AGAIN),
        (tables(("budgets", budget("B1", datetime(2025, 1, 20), revenue=None))), "good", AGAIN),
        (tables(*DEBT_AT_FIRST, ("applications", request("A2", AGAIN, 1))), "over_before", AGAIN),
    ],
)
def test_what_became_of_a_cycle(tmp_path, given, label, read_at):
    found = cycle(tmp_path, given)
    assert (found["label"], found["read_at"]) == (label, read_at)
    assert found["final_at"] == WAITED  # whatever became of it


def late(*days: int, payer: str = "self") -> list[tuple[str, dict[str, Any]]]:
    """Return the four payments, each so many days after its due date."""
    return [
        ("payments", paid(number, DUES[number] + timedelta(days=day), payer=payer)) for number, day in enumerate(days)
    ]


@pytest.mark.parametrize(
    ("given", "chronic"),
    [
        (tables(*late(1, 1, 1, 0), pays=False), True),
        (tables(*late(0, 1, 2, 3), pays=False), True),
        (tables(*late(1, 1, 0, 1), pays=False), False),
        (tables(*late(0, 0, 0, 0), pays=False), False),
        (tables(pays=False), True),
        # The ledger is clean, because the group paid: she did not.
        (tables(*late(0, 0, 0, 0, payer="group"), pays=False), True),
        (tables(*late(0, 0, 0, 0, payer="savings"), pays=False), False),
    ],
)
def test_chronic_arrears_are_three_periods_in_a_row_that_she_did_not_pay(tmp_path, given, chronic):
    found = cycle(tmp_path, given)
    assert found["by_arrears"] is chronic
    assert found["label"] == ("bad" if chronic else "good")


def test_how_many_periods_are_chronic_and_how_long_is_waited_is_the_recipes(tmp_path):
    twice = tables(*late(1, 1, 0, 0), pays=False)
    assert cycle(tmp_path / "a", twice)["by_arrears"] is False
    assert cycle(tmp_path / "b", twice, late_periods=2)["by_arrears"] is True
    assert cycle(tmp_path / "c", tables(), renewal_days=3)["label"] == "censored"


@pytest.mark.slow
def test_nothing_recorded_after_the_signs_were_read_moves_the_outcome(tmp_path):
    """Poison the future: every table says something else of the past, an instant after the signs were read."""
    for name, given in (
        ("renewed", tables()),
        ("left", tables(renews=False)),
        ("late", tables(*late(1, 1, 1, 0), pays=False)),
    ):
        before = cycle(tmp_path / name, given)
        after = before["read_at"] + timedelta(seconds=1)
        poison = [
            *(
                ("payments", {**one, "reversed": True, "event_at": after, "known_at": after})
                for one in given["payments"]
            ),
            *(
                ("payments", {**paid(number), "id": f"X{number}", "event_at": datetime(2025, 2, 9), "known_at": after})
                for number in range(4)
            ),
            ("budgets", {**budget("B9", datetime(2025, 1, 25), revenue="1.00"), "known_at": after}),
            ("obligations", {**debt("D9", datetime(2025, 1, 25), "900.00"), "known_at": after}),
            ("surveys", {**flag("S9", datetime(2025, 2, 20)), "known_at": after}),
            ("applications", request("A9", after)),
            ("applications", {**request("A1", ASKED, 3), "known_at": after}),
            *(("instalments", instalment(f"I{n}", "L1", n + 1, date(2025, 9, 1 + n), after)) for n in range(4)),
        ]
        poisoned = {table: list(rows) for table, rows in given.items()}
        for table, row in poison:
            poisoned.setdefault(table, []).append(row)
        assert cycle(tmp_path / f"{name}-poisoned", poisoned) == before


def test_a_payment_entered_late_counts_from_when_it_was_known(tmp_path):
    known_by_then = [("payments", {**paid(n), "known_at": AGAIN - timedelta(minutes=1)}) for n in range(4)]
    known_after = [("payments", {**paid(n), "known_at": AGAIN + timedelta(minutes=1)}) for n in range(4)]
    assert cycle(tmp_path / "a", tables(*known_by_then, pays=False))["label"] == "good"
    assert cycle(tmp_path / "b", tables(*known_after, pays=False))["label"] == "bad"


def test_a_schedule_rewritten_while_she_was_waited_for_moves_no_clock(tmp_path):
    rewritten = datetime(2025, 2, 12)
    moved = [
        ("instalments", instalment(f"I{n}", "L1", n + 1, date(2025, 5, 5 + 7 * n), rewritten)) for n in range(1, 4)
    ]
    relief = {"id": "E1", "loan_id": "L1", "kind": "restructured", "reason": "relief", "event_at": rewritten}
    given = tables(*moved, ("loan_events", {**relief, "known_at": rewritten}), renews=False)
    found = cycle(tmp_path, given)
    assert (found["label"], found["read_at"], found["final_at"]) == ("censored", WAITED, WAITED)


def test_a_cycle_is_told_of_once_the_days_waited_are_over_also_for_who_came_back_at_once(tmp_path):
    early = written(tmp_path / "p", tables(), data_date=date(2025, 5, 31))
    assert member_cycles(early, LOCK).filter(application_id="A1").height == 0
    whole = written(tmp_path / "q", tables(), data_date=date(2025, 6, 1))
    assert member_cycles(whole, LOCK).filter(application_id="A1").height == 1


def cohorts(months: int) -> Tables:
    """Return four who pay on the day every 28 days: two come back in five weeks, one leaves, one leaves flagged."""
    made: Tables = {name: rows if name in ("branches", "products", "groups") else [] for name, rows in tables().items()}
    made["surveys"] = []
    for month in range(months):
        asked = datetime(2023, 1, 2, 10) + timedelta(days=28 * month)
        for place, fate in enumerate(("back", "back", "left", "flagged")):
            who, name = f"M{month:02}{place}", f"{month:02}{place}"
            paid_out = (asked + timedelta(days=2)).date()
            made["members"].append(member(who))
            made["memberships"].append(stay(name, who, "SG"))
            made["applications"].append({**request(f"A{name}", asked), "member_id": who})
            made["loans"].append(loan(f"L{name}", who, "SG", paid_out, application_id=f"A{name}"))
            made["budgets"].append({**budget(f"B{name}", asked - timedelta(days=5)), "member_id": who})
            for number in range(4):
                due = paid_out + timedelta(days=7 * (number + 1))
                at = datetime(due.year, due.month, due.day, 12)
                agreed = asked + timedelta(days=2)
                made["instalments"].append(instalment(f"I{name}{number}", f"L{name}", number + 1, due, agreed))
                made["payments"].append(payment(f"P{name}{number}", f"L{name}", at))
            if fate == "back":
                again = request(f"R{name}", asked + timedelta(days=35))
                made["applications"].append({**again, "member_id": who})
            if fate == "flagged":
                made["surveys"].append({**flag(f"S{name}", asked + timedelta(days=20)), "member_id": who})
    return made


def test_who_leaves_is_told_of_by_the_same_clock_as_who_comes_back(tmp_path):
    """At every cut a cohort is told of whole or not at all: a quarter censored and a quarter bad, however recent."""
    portfolio = written(tmp_path / "p", cohorts(18), data_date=date(2024, 12, 31))
    first = member_cycles(portfolio, LOCK).filter(pl.col("application_id").str.starts_with("A"))
    assert first["label"].value_counts().sort("label").rows() == [("bad", 18), ("censored", 18), ("good", 36)]
    for cut in (datetime(2023, 10, 1), datetime(2023, 12, 15), datetime(2024, 3, 8)):
        told = first.filter(pl.col("final_at") < cut).group_by("as_of").agg(pl.col("label").sort()).sort("as_of")
        assert told.height >= 5
        assert told["label"].to_list() == [["bad", "censored", "good", "good"]] * told.height
        # 2 days to the loan, 28 of its term, 91 waited: nobody younger is told of.
        assert cut - told["as_of"].max() > timedelta(days=120)


def test_the_rows_that_train_hold_who_left_up_to_the_newest(tmp_path):
    portfolio = written(tmp_path / "p", cohorts(18), data_date=date(2024, 12, 31))
    rows = TrainingSet.build(portfolio, LOCK, "over_indebted_next")
    split = out_of_time(rows, test_share=0.5, held_out_groups=0.0)
    kept = split.train.frame.filter(pl.col("application_id").str.starts_with("A"))
    newest = kept.filter(as_of=kept["as_of"].max())
    assert sorted(newest["label"]) == ["bad", "good", "good"]  # the fourth is censored and in no fit


def test_the_label_rests_on_the_arithmetic_of_indebtedness(tmp_path):
    given = tables(
        ("obligations", debt("D0", ASKED - timedelta(days=1), "60.00")),
        ("applications", request("A1", ASKED, 1)),
        ("obligations", debt("D0", AGAIN - timedelta(days=1), "260.00")),
        ("applications", request("A2", AGAIN, 1)),
        *late(0, 0, 0, 40),
        pays=False,
    )
    found = cycle(tmp_path, given)
    loan_asked = Terms(100.0, 28.0, "weekly", 0.0, "flat")
    then = assess(Budget(900, 500, 200, 300), Debts(0, 0, 60), loan_asked, PolicyNumbers())
    # Her last instalment is open at the next request, and counts; facts of debts are decimals of six places.
    again = assess(Budget(900, 500, 200, 300), Debts(108.333333, 0, 260), loan_asked, PolicyNumbers())
    assert found["nii_then"] == pytest.approx(then.nii_now, abs=1e-9)
    assert found["nii_next"] == pytest.approx(again.nii_now, abs=1e-9)
    assert found["nii_next"] == pytest.approx((286.0 + 108.333333) / 300.0, abs=1e-9)
    assert found["by_debt"] is True


def test_trap_05_weekly_is_not_four_times_and_the_surplus_is_no_gross_income(tmp_path):
    weekly = {**debt("D1", AGAIN - timedelta(days=1), "66.00"), "frequency": "weekly"}
    found = cycle(tmp_path, tables(("obligations", weekly), ("applications", request("A2", AGAIN, 1))))
    # 66 a week are 286 a month and not 264; of 300 left over and not of 1,100 earned.
    assert found["nii_next"] == pytest.approx(66 * 52 / 12 * 1.1 / 300, abs=1e-9)
    assert found["label"] == "bad"


def test_a_training_set_holds_the_good_the_bad_and_the_indeterminate_alone(tmp_path):
    censored = written(tmp_path / "p", tables(renews=False, pays=True), data_date=date(2025, 12, 31))
    kept = written(tmp_path / "q", tables(*DEBT_AT_RENEWAL), data_date=date(2025, 12, 31))
    assert TrainingSet.build(kept, LOCK, "over_indebted_next").frame["label"].to_list() == ["bad"]
    with pytest.raises(Exception, match="final outcome"):
        TrainingSet.build(censored, LOCK, "over_indebted_next")


def test_a_lock_without_a_households_facts_is_refused(tmp_path):
    class Bare:
        features = ()

    with pytest.raises(InvalidInput) as error:
        member_cycles(written(tmp_path / "p", tables()), Bare())
    assert "features: business_revenue" in [fault.where for fault in error.value.faults]
    assert len(error.value.faults) == 10


def test_nan_is_unknown_and_never_a_high_index(tmp_path):
    found = cycle(tmp_path, tables(("applications", request("A2", AGAIN, 1))))
    assert np.isnan(found["nii_next"])
    assert found["by_debt"] is False
    assert pl.Series([found["label"]]).is_in(["indeterminate"]).all()
