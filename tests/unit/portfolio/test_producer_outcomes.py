"""A producer association's loan: ninety days after maturity, equipment twelve months, and what makes it bad."""

from datetime import date, datetime

import pytest

from riskscore.dataset.spine import spine
from riskscore.dataset.training_set import OUTCOMES
from riskscore.portfolio.maturity_rule import ProducerRule
from riskscore.portfolio.outcomes import group_outcomes
from riskscore.portfolio.producer_outcomes import producer_outcomes

#: Paid out on 15 January 2025. Working capital: one instalment due 15 July. Equipment: eighteen monthly ones.
GIVEN, DUE = date(2025, 1, 15), date(2025, 7, 15)
MONTHS = [date(2025 + month // 12, month % 12 + 1, 15) for month in range(1, 19)]


@pytest.fixture
def lend(write, build):
    """Return a function that writes one loan to a producer association, with what became of it."""

    def lent(purpose, dues, payments, *, events=(), given=(), kind="producer_association", data_date=date(2027, 6, 30)):
        at = datetime(2025, 1, 2)
        group = {"id": "PA", "kind": kind, "branch_id": "BR", "formed_on": date(2015, 1, 1), "event_at": at}
        asked = {"id": "A1", "group_id": "PA", "ledger": "external", "amount": "900.00", "currency": "USD",
                 "term_days": 181, "frequency": "monthly", "purpose": purpose, "event_at": at}  # fmt: skip
        loan = {"id": "L1", "application_id": "A1", "group_id": "PA", "ledger": "external", "cycle_no": 1,
                "amount": "900.00", "currency": "USD", "disbursed_on": GIVEN, "term_days": 181,
                "frequency": "monthly", "event_at": datetime(2025, 1, 15)}  # fmt: skip
        each = f"{900 / len(dues):.2f}"
        rows = build.rows
        return write(
            data_date=data_date,
            groups=rows("groups", *build.standing()["groups"].to_dicts(), group),
            applications=rows("applications", asked),
            loans=rows("loans", loan),
            instalments=rows(
                "instalments",
                *(
                    {
                        "id": f"I{n}",
                        "loan_id": "L1",
                        "number": n,
                        "due_on": day,
                        "amount": each,
                        "principal": each,
                        "event_at": datetime(2025, 1, 15),
                    }
                    for n, day in enumerate(dues, 1)
                ),
            ),
            payments=rows("payments", *(build.paid(day, each, ident=f"P{n}") for n, day in enumerate(payments, 1))),
            loan_events=rows(
                "loan_events",
                *(
                    {"id": f"E{n}", "loan_id": "L1", "kind": kind, "reason": reason, "event_at": moment}
                    for n, (kind, reason, moment) in enumerate(events, 1)
                ),
            ),
            outcomes_given=rows("outcomes_given", *given),
        )

    return lent


def outcome(portfolio):
    found = producer_outcomes(portfolio)
    assert found.height == 1
    return found.row(0, named=True)


@pytest.mark.parametrize(
    ("paid_on", "days", "label"),
    [
        (date(2025, 7, 15), 0, "good"),
        (date(2025, 7, 23), 8, "good"),
        (date(2025, 7, 24), 9, "indeterminate"),
        (date(2025, 8, 14), 30, "indeterminate"),
        (date(2025, 8, 15), 31, "bad"),
    ],
)
def test_days_late_of_one_instalment_after_the_harvest(lend, paid_on, days, label):
    found = outcome(lend("working_capital", [DUE], [paid_on]))
    assert (found["worst"], found["label"]) == (days, label)


def test_the_window_ends_ninety_days_after_maturity(lend):
    found = outcome(lend("working_capital", [DUE], [DUE]))
    assert found["final_at"] == datetime(2025, 10, 14)
    assert producer_outcomes(lend("working_capital", [DUE], [DUE], data_date=date(2025, 10, 12))).is_empty()
    # A communal bank's loan is final two months sooner: the rules are two.
    assert group_outcomes(lend("working_capital", [DUE], [DUE]))["final_at"].to_list() == [datetime(2025, 8, 15)]


def test_equipment_is_judged_on_its_first_twelve_months(lend):
    on_time = MONTHS[:11]
    assert MONTHS[11] == date(2026, 1, 15)
    found = outcome(lend("equipment", MONTHS, [*on_time, date(2026, 1, 15)]))
    assert (found["final_at"], found["label"]) == (datetime(2026, 1, 16), "good")
    # What falls due in December is 31 days late on 15 January; what falls due on that day itself says nothing yet.
    assert outcome(lend("equipment", MONTHS, MONTHS[:10]))["worst"] == 32
    assert outcome(lend("equipment", MONTHS, MONTHS[:10]))["label"] == "bad"
    assert outcome(lend("equipment", MONTHS, on_time))["label"] == "good"
    # The same schedule for another purpose waits for its maturity.
    assert outcome(lend("materials", MONTHS, on_time))["final_at"] == datetime(2026, 10, 14)
    assert outcome(lend("materials", MONTHS, on_time))["label"] == "bad"


def test_equipment_that_ends_sooner_is_final_sooner(lend):
    found = outcome(lend("equipment", MONTHS[:6], MONTHS[:6]))
    assert found["final_at"] == datetime(2025, 10, 14)


@pytest.mark.parametrize("reason", ["distress", "relief", "other", None])
def test_a_restructured_loan_is_bad_and_relief_is_marked(lend, reason):
    events = [("restructured", reason, datetime(2025, 5, 1))]
    found = outcome(lend("working_capital", [DUE], [DUE], events=events))
    assert (found["label"], found["restructured"], found["relief"]) == ("bad", True, reason == "relief")


@pytest.mark.parametrize("kind", ["written_off", "guarantee_called"])
def test_a_loan_given_up_or_paid_by_its_guarantee_is_bad(lend, kind):
    found = outcome(lend("working_capital", [DUE], [DUE], events=[(kind, None, datetime(2025, 9, 1))]))
    assert (found["label"], found[kind]) == ("bad", True)
    late = outcome(lend("working_capital", [DUE], [DUE], events=[(kind, None, datetime(2025, 10, 14, 1))]))
    assert late["label"] == "good"


def test_other_figures_move_the_window_and_the_label(lend):
    def by(purpose, dues, paid, **figures):
        (found,) = producer_outcomes(lend(purpose, dues, paid), ProducerRule(**figures)).to_dicts()
        return found["label"], found["final_at"]

    late = [date(2025, 8, 9)]  # 25 days after the harvest's instalment fell due
    assert by("working_capital", [DUE], late) == ("indeterminate", datetime(2025, 10, 14))
    assert by("working_capital", [DUE], late, days_late=25) == ("bad", datetime(2025, 10, 14))
    assert by("working_capital", [DUE], late, indeterminate_days_late=26) == ("good", datetime(2025, 10, 14))
    assert by("working_capital", [DUE], late, days_after_maturity=40) == ("indeterminate", datetime(2025, 8, 25))
    # Eleven months on time and then nothing: six months show none of it, fifteen all.
    assert by("equipment", MONTHS, MONTHS[:11], equipment_months=6) == ("good", datetime(2025, 7, 16))
    assert by("equipment", MONTHS, MONTHS[:11], equipment_months=15) == ("bad", datetime(2026, 4, 16))


def test_a_label_that_was_given_stands(lend):
    given = [{"id": "G1", "application_id": "A1", "label": "bad", "event_at": datetime(2025, 12, 1)}]
    found = outcome(lend("working_capital", [DUE], [DUE], given=given))
    assert (found["label"], found["final_at"], found["worst"]) == ("bad", datetime(2025, 12, 1), None)


def test_communal_banks_and_producer_associations_do_not_mix(lend):
    theirs = lend("working_capital", [DUE], [DUE])
    rule = OUTCOMES["producer_external"]
    assert (rule.subject, rule.ledger, rule.borrower) == ("group", "external", "producer_association")
    assert spine(theirs, subject="group", ledger="external", borrower=rule.borrower)["group_id"].to_list() == ["PA"]
    assert rule.labels(lend("working_capital", [DUE], [DUE], kind="communal_bank")).is_empty()
