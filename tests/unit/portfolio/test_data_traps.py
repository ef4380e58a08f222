"""Every known trap that concerns data, one test or more each: literal rows in, through the public doors, literals out.

The numbers are those of the domain's list of traps; traps of models and of words are tested where those live.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from riskscore.catalog import Catalog, member_values
from riskscore.dataset.spine import spine
from riskscore.errors import Refused
from riskscore.frequency import PERIODS_PER_MONTH
from riskscore.indebtedness import Budget, Debts, PolicyNumbers, Terms, assess, monthly_service, principal
from riskscore.portfolio import check_portfolio, portfolio_remarks
from riskscore.portfolio.arrears import arrears, portfolio_at_risk
from riskscore.portfolio.outcomes import member_outcomes
from riskscore.portfolio.regulation import Regulation, UnverifiedRegulation
from riskscore.portfolio.vintages import first_arrears, vintages

DUE = [date(2026, 1, day) for day in (5, 12, 19, 26)]
ON = date(2026, 1, 31)

DECLARATIONS = """
from riskscore.catalog import *

Seen = Source("attendance", table="attendance", keys={"member": "member_id"})
Budgets = Source("budgets", table="budgets", keys={"member": "member_id"})
Decided = Source("decisions", table="committee_decisions", keys={"bank": "group_id"})
Reported = Source("reports", table="portfolio_snapshots", keys={"institution": ""})


class Attendance(FeatureSet, source=Seen, family="attendance"):
    attended = Feature("count(*) FILTER (WHERE status = 'present')::DOUBLE / nullif(count(*), 0)", window=ever())


class Household(FeatureSet, source=Budgets, family="facts"):
    other_income = Feature("other_income", window=latest(max_age=days(180)), fact=True)


class Committee(FeatureSet, source=Decided, subject="bank", family="group"):
    cuts = Feature("count(*) FILTER (WHERE result = 'reduced')", window=ever())


class Report(FeatureSet, source=Reported, subject="institution", family="facts"):
    reported_default = Feature("default_rate", window=latest())
    reported_clients = Feature("clients", window=latest())


class Others(PeerSet, peers="bank", family="group"):
    others = Feature("count(*)")
"""


@pytest.fixture(scope="module")
def lock(tmp_path_factory):
    folder = tmp_path_factory.mktemp("definitions")
    (folder / "all.py").write_text(DECLARATIONS, "utf-8")
    return Catalog.from_folder(folder).lock()


def values(portfolio, lock, member, moment):
    con = portfolio.connect()
    try:
        asked = pl.DataFrame({"member_id": [member], "as_of": [moment]}, schema_overrides={"as_of": pl.Datetime("us")})
        return member_values(con, lock, asked).row(0, named=True)
    finally:
        con.close()


def paid_on_time(build, *payers):
    """Return the four payments of 25 on their days, by herself where nothing else is said."""
    by = [*payers, *["self"] * (4 - len(payers))]
    return build.rows(
        "payments",
        *(build.paid(day, "25.00", payer, ident=f"P{n}") for n, (day, payer) in enumerate(zip(DUE, by, strict=True))),
    )


def told(portfolio):
    return {fault.where: fault.what for fault in check_portfolio(portfolio.path)}


# 1. Days of the classes: edges, two countries, and the wrong tables that circulate.


def test_trap_01_the_edges_of_perus_classes():
    peru = Regulation.load("PE", on=ON)
    days = (0, 8, 9, 30, 31, 60, 61, 120, 121)
    assert [peru.category(day).name for day in days] == [
        "Normal", "Normal", "CPP", "CPP", "Deficiente", "Deficiente", "Dudoso", "Dudoso", "Pérdida",
    ]  # fmt: skip
    assert peru.provision(Decimal("10000.00"), 70, "none") == Decimal("6000.00")


def test_trap_01_peru_and_bolivia_differ_and_the_unverified_one_warns():
    peru = Regulation.load("PE", on=ON)
    with pytest.warns(UnverifiedRegulation, match="not been compared with the norm"):
        bolivia = Regulation.load("BO", on=ON)
    assert [(peru.category(day).rank, bolivia.category(day).rank) for day in (6, 56, 91)] == [(0, 1), (2, 3), (3, 5)]


def test_trap_01_not_the_tables_that_circulate_in_public_code():
    peru = Regulation.load("PE", on=ON)
    # One has CPP from the first day and Pérdida above 60; another sets 50 % aside for Dudoso.
    assert peru.category(1).name == "Normal"
    assert peru.category(61).name == "Dudoso"
    assert peru.provision(Decimal("100.00"), 61) != Decimal("50.00")


def test_trap_01_a_larger_debtor_is_not_judged_by_days():
    with pytest.raises(Refused):
        Regulation.load("PE", on=ON).category(0, "medium")


# 2. El Niño shows in restructuring and not in late loans.


def restructured(build, reason):
    row = {"id": "E1", "event_at": datetime(2026, 1, 13, 11), "loan_id": "L1", "kind": "restructured", "reason": reason}
    moved = [{**due, "due_on": due["due_on"] + timedelta(days=28)} for due in build.four_weeks()[1:]]
    later = [{**due, "event_at": datetime(2026, 1, 13, 11)} for due in moved]
    payments = [build.paid(DUE[0], "25.00", ident="P0")]
    payments += [build.paid(due["due_on"], "25.00", ident=f"P{n}") for n, due in enumerate(moved, 1)]
    return {
        "loan_events": build.rows("loan_events", row),
        "instalments": build.rows("instalments", *build.four_weeks(), *later),
        "payments": build.rows("payments", *payments),
    }


def test_trap_02_a_restructured_loan_is_at_risk_though_not_a_day_late(write, build):
    found = portfolio_at_risk(arrears(write(**restructured(build, "relief")), date(2026, 2, 1), ledger="internal"))
    assert (found.at_risk, found.with_restructured) == (0.0, 1.0)


@pytest.mark.parametrize(("reason", "label"), [("distress", "bad"), ("relief", "good")])
def test_trap_02_distress_is_bad_and_relief_is_never_held_against_her(write, build, reason, label):
    found = member_outcomes(write(**restructured(build, reason))).row(0, named=True)
    assert (found["label"], found["distress"], found["relief"]) == (label, reason == "distress", reason == "relief")


# 3. The group pays, the ledger is clean, and she is not good.


@pytest.mark.parametrize(
    ("payers", "label"),
    [((), "good"), (("self", "group"), "indeterminate"), (("self", "group", "group"), "bad")],
)
def test_trap_03_what_the_group_paid_is_not_her_good_record(write, build, payers, label):
    portfolio = write(payments=paid_on_time(build, *payers))
    assert arrears(portfolio, date(2026, 1, 27))["days_late"].to_list() == [0]
    assert member_outcomes(portfolio)["label"].to_list() == [label]


# 4. A clean record proves nothing about what she can afford.


def test_trap_04_a_good_record_and_over_indebted_at_once(write, build):
    portfolio = write(payments=paid_on_time(build))
    assert member_outcomes(portfolio)["label"].to_list() == ["good"]
    found = assess(
        Budget(500, 400, 0, 20), Debts(own_now=0, own_after=0, outside=70),
        Terms(100, 28, "weekly", 0.03, "flat"), PolicyNumbers(),
    )  # fmt: skip
    assert found.level == "OVER_INDEBTED"
    assert found.above_cap is True


# 5. Denominators, weeks, flat and declining, currencies.


def test_trap_05_twelve_dollars_a_week_are_fifty_two_a_month():
    assert float(monthly_service(12.0, "weekly")) == pytest.approx(52.0, abs=1e-9)
    assert PERIODS_PER_MONTH["weekly"] != 4


def test_trap_05_flat_and_declining_are_two_amounts():
    found = [round(float(principal(20.0, 0.01, 16, method)), 2) for method in ("declining", "flat")]
    assert found == [294.36, 275.86]


def test_trap_05_the_denominator_is_the_surplus_and_not_gross_income():
    found = assess(
        Budget(900, 500, 200, 300), Debts(own_now=0, own_after=0, outside=0),
        Terms(100, 112, "weekly", 0.0, "flat"), PolicyNumbers(),
    )  # fmt: skip
    service = 100 / 16 * 52 / 12
    assert found.nii_post == pytest.approx(service / 300, abs=1e-12)
    assert found.nii_post != pytest.approx(service / 1100, abs=0.01)


def test_trap_05_another_currency_is_refused_and_never_added(write, build):
    rows = build.rows("payments", build.paid(DUE[0], "25.00", ident="P1", currency="PEN"))
    assert told(write(payments=rows)) == {"payments.currency": "is not the portfolio's USD (id P1)."}


def test_trap_05_a_sign_names_no_currency(write, build):
    sale = {"id": "S1", "group_id": "CB", "buyer_id": "B1", "value": "100.00", "currency": "US$"}
    assert told(write(sales=build.rows("sales", sale))) == {"sales.currency": "is no ISO 4217 code (id S1)."}
    euros = {**sale, "currency": "EUR"}
    assert told(write(sales=build.rows("sales", euros))) == {}


# 6. "Bimonthly".


def test_trap_06_bimonthly_is_refused_until_somebody_says_which(write, build):
    loans = build.standing()["loans"].with_columns(frequency=pl.lit("bimonthly"))
    (fault,) = check_portfolio(write(loans=loans).path)
    assert fault.where == "loans.frequency"
    assert "twice_a_month" in fault.remedy
    assert "every_two_months" in fault.remedy
    assert (PERIODS_PER_MONTH["twice_a_month"], PERIODS_PER_MONTH["every_two_months"]) == (2.0, 0.5)


# 7. Missing is not zero.


def test_trap_07_a_default_rate_left_blank_is_no_rate_of_zero(write, build, lock):
    row = {
        "id": "PM",
        "event_at": datetime(2001, 7, 31, 12),
        "on_date": date(2001, 7, 31),
        "communal_banks": 1547,
        "clients": 28606,
        "gross_portfolio": "3505310.00",
        "currency": "USD",
    }
    portfolio = write(portfolio_snapshots=build.rows("portfolio_snapshots", row))
    assert told(portfolio) == {}
    blank = portfolio.table("portfolio_snapshots").select("default_rate", "branches", "female_share", "borrowers")
    assert blank.row(0) == (None, None, None, None)
    con = portfolio.connect()
    query = "SELECT avg(default_rate), count(default_rate), coalesce(sum(default_rate), -1) FROM portfolio_snapshots"
    assert con.execute(query).fetchall() == [(None, 0, -1)]
    con.close()
    found = values(portfolio, lock, "M1", datetime(2026, 1, 10))
    assert (found["reported_default"], found["reported_clients"]) == (None, 28606.0)


def test_trap_07_a_new_client_has_no_record_rather_than_a_clean_one(write, build, lock):
    found = values(write(), lock, "M1", datetime(2026, 1, 10))
    assert (found["attended"], found["other_income"]) == (None, None)


def test_trap_07_missing_income_is_unknown():
    found = assess(
        Budget(None, 400, 0, 20), Debts(own_now=0, own_after=0, outside=10),
        Terms(100, 28, "weekly", 0.03, "flat"), PolicyNumbers(),
    )  # fmt: skip
    assert found.level == "UNKNOWN"
    assert found.nii_post is None


# 8. Seven sessions on violence are not seven sessions on credit.


def sessions(build, topic):
    """Return who came to what: 1,001 women, of whom 705 came to 4 of 7 sessions and the others to 3."""
    return build.rows(
        "trainings",
        *(
            {"id": f"T{woman}-{number}", "member_id": f"W{woman}", "topic": topic, "session_no": number}
            for woman in range(1001)
            for number in range(1, 5 if woman < 705 else 4)
        ),
    )


@pytest.fixture
def women(build):
    rows = [{"id": f"W{n}", "branch_id": "BR", "joined_on": date(2025, 1, 1)} for n in range(1001)]
    return pl.concat([build.standing()["members"], build.rows("members", *rows)])


def test_trap_08_705_of_1001_came_to_four_credit_sessions_or_more(write, build, women):
    portfolio = write(members=women, trainings=sessions(build, "credit_management"))
    assert told(portfolio) == {}
    came = portfolio.table("trainings").group_by("member_id").agg(pl.col("session_no").n_unique())
    enough = (came["session_no"] >= 4).sum()
    assert (enough, came.height) == (705, 1001)
    assert round(100 * enough / came.height, 2) == 70.43


@pytest.mark.parametrize("topic", ["VIOLENCE", "violencia contra la mujer", "health"])
def test_trap_08_the_same_table_on_violence_or_health_is_refused(write, build, women, topic):
    faults = check_portfolio(write(members=women, trainings=sessions(build, topic)).path)
    refused = [fault for fault in faults if fault.what.startswith(f"{topic} is refused")]
    assert [fault.where for fault in refused] == ["trainings.topic"]
    assert "not credit training" in refused[0].remedy


# 9. Designs are not bounds.


def test_trap_09_eighteen_women_in_a_bank_designed_for_25_to_30_are_remarked_and_not_refused(write, build):
    rows = [{"id": f"W{n}", "branch_id": "BR", "joined_on": date(2025, 1, 1)} for n in range(18)]
    stays = [
        {"id": f"S{n}", "member_id": f"W{n}", "group_id": "SG" if n < 9 else "SH", "valid_from": date(2025, 1, 1)}
        for n in range(18)
    ]
    portfolio = write(
        members=pl.concat([build.standing()["members"], build.rows("members", *rows)]),
        memberships=build.rows("memberships", *stays),
    )
    assert told(portfolio) == {}
    assert [remark.what for remark in portfolio_remarks(portfolio)] == [
        "1 of 1 communal banks have fewer than 5 or more than 6 solidarity groups (id CB).",
        "1 of 1 communal banks have fewer than 25 or more than 30 members (id CB).",
    ]


# 11. What was decided, and what came of it, is no fact about the request.


def request(build):
    asked = {
        "id": "A1",
        "event_at": datetime(2026, 1, 1, 10),
        "member_id": "M1",
        "group_id": "SG",
        "product_id": "INT",
        "ledger": "internal",
        "amount": "300.00",
        "currency": "USD",
        "term_days": 28,
        "frequency": "weekly",
    }
    decision = {
        "id": "D1",
        "event_at": datetime(2026, 1, 1, 16),
        "application_id": "A1",
        "group_id": "CB",
        "result": "reduced",
        "asked": "300.00",
        "approved": "100.00",
        "currency": "USD",
        "reason": "capacity",
    }
    product = {
        "id": "INT",
        "name": "internal",
        "ledger": "internal",
        "amount_min": "10.00",
        "amount_max": "500.00",
        "amount_step": "10.00",
        "term_days_min": 28,
        "term_days_max": 180,
        "frequencies": "weekly",
        "rate_per_30_days": 0.03,
        "method": "flat",
        "currency": "USD",
    }
    return {
        "applications": build.rows("applications", asked),
        "committee_decisions": build.rows("committee_decisions", decision),
        "products": build.rows("products", product),
        "loans": build.standing()["loans"].with_columns(application_id=pl.lit("A1")),
        "payments": paid_on_time(build),
    }


def test_trap_11_the_spine_holds_what_was_asked_and_not_what_was_approved(write, build):
    portfolio = write(**request(build))
    assert told(portfolio) == {}
    rows = spine(portfolio)
    assert rows["amount"].to_list() == [300.0]
    assert not [name for name in rows.columns if "approved" in name or "rate" in name]


def test_trap_11_a_cut_is_seen_by_the_next_request_and_never_by_its_own(write, build, lock):
    portfolio = write(**request(build))
    own = spine(portfolio)["as_of"][0]
    assert values(portfolio, lock, "M1", own)["cuts"] in (None, 0.0)
    assert values(portfolio, lock, "M1", own + timedelta(days=30))["cuts"] == 1.0


def test_trap_11_what_assistance_brought_is_no_column_of_the_contract(write, build):
    row = {
        "id": "TA1",
        "group_id": "CB",
        "provider": "adviser",
        "topic": "production",
        "hours": 8.0,
        "given_on": date(2026, 1, 1),
    }
    folder = write(technical_assistance=build.rows("technical_assistance", row)).path
    file = folder / "technical_assistance.parquet"
    pl.read_parquet(file).with_columns(productivity_change=pl.lit(0.30)).write_parquet(file)
    assert ("technical_assistance.productivity_change", "is no column of the contract.") in {
        (fault.where, fault.what) for fault in check_portfolio(folder)
    }


# 22. Portfolio at risk: strictly more, by amount, write-offs shown.


def test_trap_22_more_than_thirty_days_by_amount_with_what_hides_it(write, build):
    def loan(ident, number):
        return {
            "id": ident,
            "member_id": "M1",
            "group_id": "SG",
            "ledger": "internal",
            "cycle_no": number,
            "amount": "100.00",
            "currency": "USD",
            "disbursed_on": date(2025, 1, 1),
            "term_days": 365,
            "frequency": "at_maturity",
        }

    # Balance and due day: on 1 July 2026 0, 30, 31, 5 (restructured) and 95 days late; the last is written off.
    dues = {
        "A": ("100.00", date(2026, 7, 1)),
        "B": ("200.00", date(2026, 6, 1)),
        "C": ("300.00", date(2026, 5, 31)),
        "D": ("150.00", date(2026, 6, 26)),
        "E": ("250.00", date(2026, 3, 28)),
        "F": ("50.00", date(2025, 12, 1)),
    }
    instalments = [
        {"id": f"I{name}", "loan_id": name, "number": 1, "due_on": due, "amount": amount, "principal": amount,
         "event_at": datetime(2025, 1, 1)}
        for name, (amount, due) in dues.items()
    ]  # fmt: skip
    events = [
        {"id": "E1", "event_at": datetime(2026, 6, 1), "loan_id": "D", "kind": "restructured", "reason": "other"},
        {"id": "E2", "event_at": datetime(2026, 3, 1), "loan_id": "F", "kind": "written_off"},
    ]
    portfolio = write(
        loans=build.rows("loans", *(loan(name, n) for n, name in enumerate(dues, 1))),
        instalments=build.rows("instalments", *instalments),
        loan_events=build.rows("loan_events", *events),
    )
    assert told(portfolio) == {}
    loans = arrears(portfolio)
    assert loans["days_late"].to_list() == [0, 30, 31, 5, 95, 212]
    found = portfolio_at_risk(loans, 30, as_of=date(2026, 7, 1))
    assert found.balance == Decimal("1000.00")
    assert found.at_risk == pytest.approx(0.55, abs=1e-12)
    assert found.with_restructured == pytest.approx(0.70, abs=1e-12)
    assert found.with_write_offs == pytest.approx(600 / 1050, abs=1e-12)
    assert portfolio_at_risk(loans, 90).at_risk == pytest.approx(0.25, abs=1e-12)
    # The wrong answers: thirty days or more, and by count.
    assert 0.75 not in (round(found.at_risk, 6), round(found.with_restructured, 6))
    assert round(found.at_risk, 6) != 0.4


# 24. Open is not good, and a loan of four weeks does not wait twelve months.


@pytest.mark.parametrize(("data_date", "labels"), [(date(2026, 2, 24), []), (date(2026, 2, 25), ["good"])])
def test_trap_24_a_loan_has_no_label_before_its_window_is_over_and_one_soon_after(write, build, data_date, labels):
    portfolio = write(data_date=data_date, payments=paid_on_time(build))
    assert member_outcomes(portfolio)["label"].to_list() == labels


def test_trap_24_a_young_vintage_is_marked_incomplete(write, build):
    portfolio = write(payments=paid_on_time(build))
    con = portfolio.connect()
    found = [
        vintages(first_arrears(con, moment, ledger="internal"), moment).row(0, named=True)
        for moment in (datetime(2026, 2, 1), datetime(2026, 2, 26))
    ]
    con.close()
    assert [(row["complete"], row["loans"]) for row in found] == [(False, 1), (True, 1)]


# 25. Today's list of members, and the women who stopped coming.


@pytest.fixture
def three(build):
    """M1 stays; M2 left with debt on 1 February, known five days later; M3 came on 1 March."""
    rows = [{"id": f"M{n}", "branch_id": "BR", "joined_on": date(2025, 1, 1)} for n in (2, 3)]
    stays = [
        {"id": "MS1", "member_id": "M1", "group_id": "SG", "valid_from": date(2025, 1, 1)},
        {"id": "MS2", "member_id": "M2", "group_id": "SG", "valid_from": date(2025, 1, 1)},
        {"id": "MS2", "member_id": "M2", "group_id": "SG", "valid_from": date(2025, 1, 1), "valid_to": date(2026, 2, 1),
         "event_at": datetime(2026, 2, 1, 16), "known_at": datetime(2026, 2, 6, 18)},
        {"id": "MS3", "member_id": "M3", "group_id": "SG", "valid_from": date(2026, 3, 1),
         "event_at": datetime(2026, 3, 1, 12)},
    ]  # fmt: skip
    stays[0]["event_at"] = stays[1]["event_at"] = datetime(2025, 1, 1, 12)
    return {
        "members": pl.concat([build.standing()["members"], build.rows("members", *rows)]),
        "memberships": build.rows("memberships", *stays),
    }


@pytest.mark.parametrize(
    ("moment", "others"),
    [
        (datetime(2026, 1, 15), 1.0),
        (datetime(2026, 2, 3), 1.0),  # she has left, and nobody has written it down
        (datetime(2026, 2, 7), None),
        (datetime(2026, 3, 2), 1.0),  # one, who is another
    ],
)
def test_trap_25_neighbours_are_those_of_the_moment_as_it_was_known(write, lock, three, moment, others):
    assert values(write(**three), lock, "M1", moment)["others"] == others


def test_trap_25_who_left_with_debt_is_still_a_sample(write, build, three):
    loans = build.standing()["loans"].with_columns(member_id=pl.lit("M2"))
    payments = build.rows("payments", build.paid(DUE[0], "25.00", ident="P1"))
    found = member_outcomes(write(**three, loans=loans, payments=payments)).row(0, named=True)
    assert (found["member_id"], found["label"], found["left_with_debt"]) == ("M2", "bad", True)


def test_trap_25_meetings_nobody_wrote_down_are_missing_and_not_attended(write, build, three, lock):
    seen = [
        {"id": "T1", "event_at": datetime(2026, 1, 5, 15), "member_id": "M1", "group_id": "SG", "status": "present"},
        {"id": "T2", "event_at": datetime(2026, 1, 12, 15), "member_id": "M1", "group_id": "SG", "status": "absent"},
    ]
    portfolio = write(**three, attendance=build.rows("attendance", *seen))
    assert values(portfolio, lock, "M1", datetime(2026, 1, 20))["attended"] == 0.5
    assert values(portfolio, lock, "M2", datetime(2026, 1, 20))["attended"] is None
