"""What the simulated tables say about distress agrees with the law that made them."""

import numpy as np
import polars as pl
import pytest

from riskscore.portfolio.outcomes import group_outcomes, member_outcomes
from riskscore.simulator.law import CAUSES


def bad_rate(made):
    return made.applications["bad"].mean()


def restructured(made, reason):
    return made.portfolio.table("loan_events").filter(pl.col("reason") == reason).height


def test_causes_add_up_to_the_direct_probability(normal):
    told = normal.truth.applications
    total = normal.truth.law.intercept + told.select(pl.sum_horizontal(f"cause_{name}" for name in CAUSES)).to_series()
    assert (1 / (1 + (-total).exp())).to_numpy() == pytest.approx(told["p_direct"].to_numpy(), abs=1e-9)
    assert (told["p_bad"] >= told["p_direct"] - 1e-6).all()
    first = told.filter("first_cycle")
    assert first.select("cause_repayment", "cause_request", "cause_attendance").sum().row(0) == (0, 0, 0)


def test_the_true_probability_is_calibrated(normal):
    told = normal.applications.with_columns(gap=pl.col("bad").cast(pl.Float64) - pl.col("p_bad"))
    by_bank = told.group_by("bank_id").agg(pl.col("gap").sum())["gap"].to_numpy()
    error = np.sqrt((by_bank**2).sum()) / told.height
    assert error < 0.006
    assert abs(told["gap"].mean()) < 3 * error
    tenths = told.with_columns(tenth=pl.col("p_bad").qcut(5)).group_by("tenth").agg(pl.col("bad", "p_bad").mean())
    assert tenths.sort("p_bad")["bad"].is_sorted()


def test_distress_is_as_rare_and_as_hard_to_foresee_as_meant(normal):
    told = normal.applications.sort("p_bad")
    good = 1.0 - told["p_bad"]
    concordant = (told["p_bad"] * (good.cum_sum() - good / 2)).sum() / (told["p_bad"].sum() * good.sum())
    assert 0.05 < bad_rate(normal) < 0.09
    assert 0.79 < concordant < 0.86


def test_falls_come_together_as_often_as_the_law_implies(normal):
    told = normal.applications.with_columns(cycle=pl.struct("group_id", "cycle").rank("dense"))
    falls = told.group_by("cycle").agg(pl.col("bad").sum().cast(pl.Int64))["bad"]
    pairs = (falls * (falls - 1)).sum() / 2
    law = normal.truth.law
    expected = law.expected_pairs(told["p_direct"].to_numpy(), told["cycle"].to_numpy())
    apart = (
        told.group_by("cycle")
        .agg(((pl.col("p_bad").sum() ** 2 - (pl.col("p_bad") ** 2).sum()) / 2).alias("pairs"))["pairs"]
        .sum()
    )
    assert expected > 1.2 * apart
    assert pairs == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_the_external_ledger_is_far_cleaner_than_the_internal_one(normal):
    banks = group_outcomes(normal.portfolio).filter(pl.col("group_id").str.starts_with("CB"))["label"]
    assert banks.len() > 200
    assert (banks == "bad").mean() < bad_rate(normal) / 2


def test_women_who_fall_stop_coming_and_are_often_not_written_down(normal):
    p = normal.portfolio
    loans = p.table("loans").filter(pl.col("member_id").is_not_null()).select("application_id", loan_id="id")
    told = normal.applications.join(loans, on="application_id").select("loan_id", "member_id", "bad")
    due = p.table("instalments").join(told, on="loan_id").filter(pl.col("due_on") < pl.date(2025, 12, 1))
    due = due.with_columns(share=pl.col("number") / pl.col("number").max().over("loan_id")).filter(
        pl.col("share") > 0.7
    )
    came = p.table("attendance").select("member_id", "status", due_on=pl.col("event_at").dt.date())
    met = (
        due.join(came, on=["member_id", "due_on"], how="left")
        .group_by("bad")
        .agg(present=pl.col("status").is_in(["present", "late"]).mean(), unwritten=pl.col("status").is_null().mean())
    )
    by = {row["bad"]: row for row in met.to_dicts()}
    assert by[False]["present"] > 0.8
    assert by[True]["present"] < by[False]["present"] - 0.2
    assert by[False]["unwritten"] < 0.02
    assert by[True]["unwritten"] > 0.05


def test_women_who_fell_leave_more_often(normal):
    told = normal.truth.applications.sort("member_id", "as_of")
    last = told.with_columns(last=pl.col("as_of") == pl.col("as_of").max().over("member_id"))
    early = last.filter(pl.col("as_of") < pl.datetime(2024, 6, 1)).drop_nulls("bad")
    leaves = dict(early.group_by("bad").agg(pl.col("last").mean()).iter_rows())
    assert leaves[True] > 2 * leaves[False]


def test_el_nino_raises_relief_and_neither_distress_nor_the_bad_rate(make, normal):
    el_nino = make("el_nino")
    assert restructured(normal, "relief") == 0
    loans = normal.portfolio.table("loans")
    year = loans.filter((pl.col("ledger") == "internal") & (pl.col("disbursed_on").dt.year() == 2024)).height
    assert 0.02 < restructured(el_nino, "relief") / year < 0.09
    assert restructured(el_nino, "distress") < 2 * restructured(normal, "distress")
    year_of = pl.col("as_of").dt.year() == 2024
    rates = [made.applications.filter(year_of)["p_bad"].mean() for made in (normal, el_nino)]
    assert rates[1] == pytest.approx(rates[0], rel=0.12)
    assert bad_rate(el_nino) == pytest.approx(bad_rate(normal), rel=0.15)


def test_a_recession_raises_the_bad_rate_of_loans_asked_for_in_it(make):
    told = make("recession").applications
    after = told.with_columns(after=pl.col("as_of") >= pl.datetime(2024, 7, 1))
    rates = dict(after.group_by("after").agg(pl.col("bad").mean()).iter_rows())
    assert rates[True] > 1.5 * rates[False]
    shocks = make("recession").portfolio.table("shocks").filter(pl.col("kind") == "recession")
    assert shocks["ends_on"].to_list() == [None]


@pytest.mark.parametrize("scenario", ["normal", "el_nino", "recession"])
def test_the_label_computed_from_the_ledger_is_the_event_of_the_law(make, scenario):
    made = make(scenario)
    labels = member_outcomes(made.portfolio).join(made.truth.applications, on="application_id")
    assert labels.height > 5000
    assert labels.filter((pl.col("label") == "bad") != pl.col("bad")).height == 0
    assert 0.003 < (labels["label"] == "indeterminate").mean() < 0.05
