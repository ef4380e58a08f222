"""What the simulated institution records beside its ledgers, and that it agrees with them."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from riskscore.portfolio.arrears import arrears, portfolio_at_risk


def last(frame):
    return frame.sort("known_at").unique("id", keep="last")


@pytest.fixture(scope="module")
def requests(normal):
    return normal.portfolio.table("applications")


@pytest.mark.parametrize("day", [date(2022, 6, 30), date(2024, 12, 31)])
def test_a_snapshot_is_what_the_books_say_and_is_told_twelve_days_later(normal, day):
    whole = normal.portfolio.table("portfolio_snapshots").filter(
        pl.col("branch_id").is_null(), pl.col("on_date") == day
    )
    books = portfolio_at_risk(arrears(normal.portfolio, day + timedelta(days=1), ledger="external"))
    told = whole.row(0, named=True)
    # A payment booked wrongly and reversed days later parts the two for those days.
    assert abs(told["gross_portfolio"] - books.balance) <= books.balance / 200
    assert told["par30"] == pytest.approx(books.at_risk, abs=0.005)
    assert (told["known_at"].date() - day).days == 12
    assert told["default_rate"] is None


def test_branches_add_up_to_the_institution(normal):
    told = normal.portfolio.table("portfolio_snapshots").filter(on_date=date(2025, 6, 30))
    counts = pl.col("branches", "communal_banks", "clients", "borrowers", "gross_portfolio").sum()
    parts = told.filter(pl.col("branch_id").is_not_null()).select(counts).row(0)
    assert parts == told.filter(pl.col("branch_id").is_null()).select(counts).row(0)


def test_clients_of_a_snapshot_are_the_members_of_that_day(normal):
    day = date(2024, 3, 31)
    told = normal.portfolio.table("portfolio_snapshots").filter(pl.col("branch_id").is_null(), pl.col("on_date") == day)
    stays = last(normal.portfolio.table("memberships"))
    inside = stays.filter(pl.col("valid_from") <= day, pl.col("valid_to").is_null() | (pl.col("valid_to") > day))
    assert told["clients"].item() == inside["member_id"].n_unique()


def test_officers_belong_to_the_bank_while_they_hold_office(normal):
    offices = last(normal.portfolio.table("offices"))
    stays = last(normal.portfolio.table("memberships")).select("member_id", "valid_from", "valid_to")
    both = offices.join(stays, on="member_id", suffix="_member")
    assert both.height == offices.height
    assert (both["valid_from"] >= both["valid_from_member"]).all()
    assert (both["valid_to"] <= both["valid_to_member"]).fill_null(True).all()
    assert set(offices["role"]) == {"president", "secretary", "treasurer", "credit_committee"}
    over = (offices["valid_to"] > offices["term_ends_on"]).fill_null(False).mean()
    early = (offices["valid_to"] < offices["term_ends_on"]).fill_null(False).mean()
    assert 0.03 < over < 0.3
    assert 0.03 < early < 0.4


def test_every_request_of_a_member_was_decided_the_day_after_and_as_it_was_lent(normal, requests):
    asked = requests.filter(ledger="internal").select(application_id="id", wanted="amount", asked_at="event_at")
    lent = normal.portfolio.table("loans").select("application_id", lent="amount")
    told = normal.portfolio.table("committee_decisions").join(asked, on="application_id")
    told = told.join(lent, on="application_id", how="left")
    young = asked.filter(pl.col("asked_at") >= pl.datetime(2025, 12, 30)).height
    assert asked.height - young <= told.height <= asked.height
    assert (told["asked"] == told["wanted"]).all()
    assert (told["approved"] == told["lent"]).fill_null(True).all()
    assert ((told["event_at"] - told["asked_at"]).dt.total_hours() == 30).all()
    assert (told["result"].is_in(["approved", "reduced"]) == told["approved"].is_not_null()).all()
    reduced = told.filter(result="reduced")
    assert (reduced["approved"] < reduced["asked"]).all()
    assert (told["votes_for"] + told["votes_against"] + told["abstentions"] == 5).all()


def test_about_a_third_borrow_from_the_fund_and_each_repayment_is_a_version(normal):
    told = normal.portfolio.table("internal_loans").sort("id", "known_at")
    members = normal.portfolio.table("members").height
    assert 0.2 < told["member_id"].n_unique() / members < 0.45
    falling = told.select((pl.col("balance").diff().over("id") <= 0).fill_null(True))
    assert falling["balance"].all()
    repaid = told.filter(pl.col("repaid_on").is_not_null())
    assert (repaid["balance"] == Decimal(0)).all()
    assert 0.05 < (repaid["repaid_on"] > repaid["due_on"]).mean() < 0.4


def test_who_is_in_trouble_repays_the_fund_late_more_often(make):
    made = make("normal")
    trouble = made.truth.applications.group_by("member_id").agg(pl.col("cause_trouble").mean())
    repaid = made.portfolio.table("internal_loans").filter(pl.col("repaid_on").is_not_null())
    both = repaid.join(trouble, on="member_id").with_columns(late=pl.col("repaid_on") > pl.col("due_on"))
    middle = both["cause_trouble"].median()
    rate = dict(both.group_by(worse=pl.col("cause_trouble") > middle).agg(pl.col("late").mean()).iter_rows())
    assert rate[True] > rate[False]


def test_bureau_reports_come_out_30_to_45_days_after_the_month_they_cover(normal):
    told = normal.portfolio.table("bureau_reports")
    lag = (told["known_at"].dt.date() - told["covers_until"]).dt.total_days()
    assert lag.is_between(30, 45).all()
    assert (told["published_on"] == told["known_at"].dt.date()).all()
    assert (told["covers_until"] == told["covers_until"].dt.month_end()).all()
    debts = normal.portfolio.table("obligations").filter(source="bureau")
    owes = told.filter(pl.col("lenders") > 0)
    assert owes.height > 50
    assert owes.join(debts, on="member_id", how="anti").height == 0
    assert (told.filter(pl.col("lenders") == 0)["balance"] == Decimal(0)).all()


def test_a_farming_year_adds_up_to_twelve_of_the_budgets_months(normal):
    told = normal.portfolio.table("budget_months")
    forms = told.group_by("member_id", "event_at").agg(pl.len(), pl.col("income").sum(), pl.col("month").n_unique())
    assert (forms["len"] == 12).all()
    assert (forms["month"] == 12).all()
    budgets = normal.portfolio.table("budgets").with_columns(
        year=12 * (pl.col("business_revenue") + pl.col("other_income").fill_null(0))
    )
    both = forms.join(budgets, on=["member_id", "event_at"])
    assert both.height == forms.height > 20
    assert (both["income"] - both["year"]).abs().max() < 1
    farming = normal.portfolio.table("members").join(forms, left_on="id", right_on="member_id", how="semi")
    assert set(farming["sector_id"]) <= {"maize", "cacao", "livestock"}


def test_one_el_nino_warms_the_ocean_in_its_scenario_alone(make):
    peaks = {}
    for scenario in ("normal", "el_nino"):
        ocean = make(scenario).portfolio.table("climate").filter(indicator="oni")
        assert ocean["region"].null_count() == ocean.height == 84
        of_2024 = ocean.filter(pl.col("period_ends_on").dt.year() == 2024)
        peaks[scenario] = of_2024["value"].max()
    assert peaks["el_nino"] > peaks["normal"] + 1.0


def test_the_bank_stands_for_its_loan_until_it_is_paid(normal):
    told = last(normal.portfolio.table("guarantees"))
    solidarity = told.filter(kind="solidarity").join(
        normal.portfolio.table("loans"), left_on="loan_id", right_on="id", suffix="_loan"
    )
    assert (solidarity["group_id"] == solidarity["group_id_loan"]).all()
    assert (solidarity["valid_from"] == solidarity["disbursed_on"]).all()
    personal = told.filter(kind="personal")
    assert 0.005 < personal["member_id"].n_unique() / normal.portfolio.table("members").height < 0.08
    assert personal["loan_id"].null_count() == personal.height


def test_surveys_hold_the_sacrifices_flag_and_no_answer(normal):
    told = normal.portfolio.table("surveys")
    assert set(told.select("instrument", "question").unique().iter_rows()) == {
        ("peer_monitoring", "visits"),
        ("peer_monitoring", "knows_business"),
        ("sacrifices", "flag"),
    }
    assert set(told.filter(question="flag")["answer"]) == {0.0, 1.0}
    assert (told["answer"] <= told["scale_max"]).all()


def test_a_later_version_of_a_fact_neither_happened_nor_was_known_before_the_one_it_replaces(normal):
    versioned = set()
    for name in normal.portfolio.tables:
        told = normal.portfolio.table(name).select("id", "event_at", "known_at").sort("id", "known_at")
        steps = told.with_columns(
            before=pl.col("event_at").shift().over("id"), knew=pl.col("known_at").shift().over("id")
        )
        steps = steps.drop_nulls("before")
        assert (steps["event_at"] >= steps["before"]).all(), name
        assert (steps["known_at"] > steps["knew"]).all(), name
        if steps.height:
            versioned.add(name)
    assert {"regions", "offices", "guarantees", "internal_loans", "registrations", "assemblies"} <= versioned
    assert {"financial_statements", "harvests", "sales", "memberships", "payments", "instalments"} <= versioned
