"""Some twenty producer associations: their rows agree with one another, and the village banks' rows with before."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from riskscore.portfolio.outcomes import group_outcomes
from riskscore.simulator import simulate

#: Tables that hold rows of both, and how the ids of producer associations' rows begin.
GAINING = {
    "sectors": "banana|tourism",
    "groups": "PA",
    "products": "PRO",
    "applications": "AP",
    "loans": "LP",
    "instalments": "IP",
    "payments": "PP",
    "loan_events": "EP",
}
#: Of 150 members and seed 1, before there were producer associations: rows and sums that any change would move.
OLD_PAYMENTS = (15_950, "848804.64")
OLD_ATTENDANCE = (12_395, 15_018)
OLD_MEMBERS = (date(2004, 11, 23), 226)


def last(frame):
    return frame.sort("known_at").unique("id", keep="last")


@pytest.fixture(scope="module")
def producers(normal):
    return normal.portfolio.table("groups").filter(kind="producer_association")


def test_there_are_twenty_in_five_lines_of_business(producers):
    counts = producers["sector_id"].value_counts()
    assert dict(counts.iter_rows()) == {"cacao": 5, "maize": 5, "banana": 4, "textiles": 3, "tourism": 3}
    assert producers["parent_id"].null_count() == 20


def test_half_for_equipment_and_a_quarter_each_for_the_rest(normal, producers):
    asked = normal.portfolio.table("applications").filter(pl.col("group_id").is_in(producers["id"].to_list()))
    by = dict(asked.group_by("purpose").agg(pl.col("amount").sum()).iter_rows())
    total = sum(by.values())
    assert {purpose: amount / total for purpose, amount in by.items()} == {
        "equipment": Decimal("0.5"),
        "working_capital": Decimal("0.25"),
        "materials": Decimal("0.25"),
    }
    assert set(asked["ledger"]) == {"external"}


def test_their_loans_have_outcomes_and_some_are_bad(make, producers):
    found = group_outcomes(make("normal").portfolio)
    labels = found.filter(pl.col("group_id").is_in(producers["id"].to_list()))["label"]
    assert labels.len() > 30
    assert 0.0 < (labels == "bad").mean() < 0.5


def test_their_chance_is_known_and_what_happened_agrees_with_it(make):
    told = []
    for scenario in ("normal", "recession", "el_nino"):
        made = make(scenario)
        found = made.truth.producers.join(group_outcomes(made.portfolio), on="application_id")
        assert set(found["label"]) <= {"good", "bad"}
        told.append(found.select("p_bad", bad=(pl.col("label") == "bad").cast(pl.Float64)))
    # Scenarios do not reach them, so the draws are the same: one institution, some forty loans.
    assert told[0].equals(told[1])
    assert told[0].equals(told[2])
    p, bad = told[0]["p_bad"], told[0]["bad"]
    spread = ((p * (1 - p)).sum()) ** 0.5
    assert abs(bad.sum() - p.sum()) < 3 * spread


def test_deliveries_fall_short_of_commitments_and_never_pass_the_harvest(normal):
    commitments = normal.portfolio.table("commitments").select(commitment_id="id", promised="quantity_kg")
    brought = (
        normal.portfolio.table("deliveries").group_by("commitment_id").agg(pl.col("quantity_kg", "rejected_kg").sum())
    )
    share = brought.join(commitments, on="commitment_id").select(pl.col("quantity_kg") / pl.col("promised"))
    assert 0.7 < share["quantity_kg"].mean() < 0.95
    assert share["quantity_kg"].max() <= 1.001
    assert (brought["rejected_kg"] < brought["quantity_kg"]).all()


def test_a_harvest_expected_comes_in_as_a_later_version(normal):
    told = normal.portfolio.table("harvests").sort("id", "known_at")
    first, final = told.unique("id", keep="first"), told.unique("id", keep="last")
    assert first["harvested_kg"].null_count() == first.height
    assert final["harvested_kg"].is_not_null().sum() > 30
    assert (final["ends_on"] > final["starts_on"]).all()


def test_accounts_and_assemblies_are_late_for_some_and_missing_for_others(normal):
    for table, done in (("financial_statements", "delivered_on"), ("assemblies", "held_on")):
        told = last(normal.portfolio.table(table))
        assert 0.2 < (told[done] <= told["due_on"]).fill_null(False).mean() < 0.95
        assert 0 < told[done].null_count() < told.height / 2
    accounts = normal.portfolio.table("financial_statements").filter(pl.col("delivered_on").is_null())
    assert accounts["revenue"].null_count() == accounts.height


def test_the_rows_of_village_banks_do_not_depend_on_them(normal, producers):
    own = set(producers["id"])
    for name, prefix in GAINING.items():
        told = normal.portfolio.table(name)
        theirs = told.filter(pl.col("id").str.contains(f"^({prefix})"))
        assert 0 < theirs.height < told.height
        if "group_id" in told.columns:
            assert set(theirs["group_id"]) <= own
            assert not own & set(told.join(theirs, on="id", how="anti")["group_id"])


def test_the_village_banks_of_a_seed_are_those_they_were(tmp_path):
    p = simulate(tmp_path / "x", members=150, seed=1)
    banks = p.table("payments").filter(~pl.col("id").str.starts_with("PP"))
    assert banks.height == OLD_PAYMENTS[0]
    assert banks["amount"].sum() == Decimal(OLD_PAYMENTS[1])
    assert p.table("attendance").select(pl.col("status").eq("present").sum(), pl.len()).row(0) == OLD_ATTENDANCE
    assert p.table("members").select(pl.col("born_on").max(), pl.len()).row(0) == OLD_MEMBERS
