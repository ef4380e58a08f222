"""What the tables of a simulated institution look like, and what an institution could have recorded."""

from datetime import date

import polars as pl
import pytest

from riskscore.errors import InvalidInput
from riskscore.portfolio import Portfolio, check_portfolio
from riskscore.simulator import SIMULATED_TABLES, simulate, truth

DAY = pl.duration(days=1)


def files(path):
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        simulate(tmp_path / name, members=120, seed=seed)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert files(tmp_path / "a.truth") == files(tmp_path / "b.truth")
    assert files(tmp_path / "a")["loans.parquet"] != files(tmp_path / "c")["loans.parquet"]


def test_every_argument_out_of_range_is_named_at_once(tmp_path):
    with pytest.raises(InvalidInput) as error:
        simulate(tmp_path / "x", members=3, seed=-1, scenario="flood")
    assert [fault.where for fault in error.value.faults] == ["members", "seed", "scenario"]
    assert not (tmp_path / "x").exists()


def test_the_truth_is_no_portfolio_and_a_portfolio_without_one_says_so(normal, tmp_path):
    folder = normal.portfolio.path
    with pytest.raises(InvalidInput):
        Portfolio.open(folder.with_name(folder.name + ".truth"))
    with pytest.raises(InvalidInput, match=r"applications\.parquet"):
        truth(tmp_path / "real")


@pytest.mark.parametrize("scenario", ["normal", "el_nino", "recession"])
def test_a_simulated_institution_keeps_the_contract(make, scenario):
    assert check_portfolio(make(scenario).portfolio.path, tables=SIMULATED_TABLES) == []


def test_every_table_has_rows_but_given_outcomes_and_what_no_service_recommended(normal):
    rows = normal.portfolio.manifest.rows
    assert [name for name in SIMULATED_TABLES if not rows.get(name)] == ["outcomes_given", "recommendations"]


def test_warm_up_and_data_date(normal):
    manifest = normal.portfolio.manifest
    assert (manifest.complete_from, manifest.data_date) == (date(2022, 1, 1), date(2025, 12, 31))
    for name in manifest.rows:
        assert normal.portfolio.table(name)["known_at"].max() < pl.datetime(2026, 1, 1).pipe(pl.select).item()


def test_banks_have_the_observed_size_and_five_or_six_solidarity_groups(normal):
    groups = normal.portfolio.table("groups").unique("id")
    per_bank = groups.drop_nulls("parent_id").group_by("parent_id").len()["len"]
    assert set(per_bank) == {5, 6}
    loans = normal.portfolio.table("loans").filter(pl.col("ledger") == "internal")
    bank = groups.select(pl.col("id").alias("group_id"), pl.col("parent_id").alias("bank_id"))
    women = loans.join(bank, on="group_id").group_by("bank_id", "disbursed_on").len()["len"]
    assert 17.0 < women.mean() < 20.0


def test_requests_keep_to_the_product_and_renewals_come_after_the_books_closed(normal):
    p = normal.portfolio
    asks = p.table("applications").filter(pl.col("ledger") == "internal")
    assert asks["amount"].min() >= 100
    assert asks["amount"].max() <= 1000
    assert set(asks["amount"].cast(pl.Float64) % 10) == {0.0}
    assert asks["term_days"].is_between(91, 243).all()
    loans = p.table("loans").filter(pl.col("ledger") == "internal")
    closed = p.table("loan_events").filter(pl.col("kind") == "books_closed").select("loan_id", closed="event_at")
    history = (
        asks.join(loans.select("application_id", loan_id="id"), left_on="id", right_on="application_id", how="left")
        .join(closed, on="loan_id", how="left")
        .sort("member_id", "event_at")
        .with_columns(before=pl.col("closed").shift(1).over("member_id"))
        .drop_nulls("before")
    )
    assert history.height > 3000
    assert (history["event_at"] > history["before"]).all()


def test_banks_pay_weekly_and_then_fortnightly_once_consolidated(normal):
    p = normal.portfolio
    since = p.table("groups").drop_nulls("consolidated_on").select(group_id="id", since="consolidated_on")
    loans = p.table("loans").filter(pl.col("ledger") == "external").join(since, on="group_id", how="left")
    fortnightly = (loans["frequency"] == "fortnightly") == (loans["disbursed_on"] >= loans["since"]).fill_null(False)
    assert fortnightly.all()
    assert 0.2 < (loans["frequency"] == "weekly").mean() < 0.6


def test_bureaus_publish_30_to_45_days_late_and_without_informal_lenders(normal):
    debts = normal.portfolio.table("obligations")
    lag = debts.select("source", days=(pl.col("known_at") - pl.col("event_at")).dt.total_days())
    bureau = lag.filter(pl.col("source") == "bureau")["days"]
    assert bureau.is_between(30, 45).all()
    assert bureau.n_unique() > 10
    assert lag.filter(pl.col("source") == "declared")["days"].max() == 0
    kinds = debts.filter(pl.col("source") == "bureau")["lender_kind"].unique()
    assert not set(kinds) & {"informal", "supplier"}


def test_leaving_is_a_later_version_of_the_same_membership(normal):
    stays = normal.portfolio.table("memberships").sort("id", "known_at")
    left = stays.filter(pl.col("valid_to").is_not_null())
    both = left.join(stays.filter(pl.col("valid_to").is_null()), on="id", suffix="_entry")
    assert both.height == left.height > 100
    assert (both["valid_from"] == both["valid_from_entry"]).all()
    assert (both["known_at"] > both["known_at_entry"]).all()
    assert (both["valid_to"] > both["valid_from"]).all()


def test_savings_are_never_overdrawn(normal):
    signed = pl.when(pl.col("kind") == "deposit").then(pl.col("amount")).otherwise(-pl.col("amount"))
    moves = normal.portfolio.table("savings").sort("event_at", "kind").with_columns(signed=signed)
    balance = moves.select(pl.col("signed").cum_sum().over("member_id"))
    assert balance["signed"].min() >= 0
    assert (moves["kind"] == "seizure").sum() > 20


def test_ledgers_have_late_entries_and_reversals(normal):
    payments = normal.portfolio.table("payments")
    lag = (payments["known_at"].dt.date() - payments["event_at"].dt.date()).dt.total_days()
    assert 0.001 < (lag > 0).mean() < 0.01
    undone = payments.filter("reversed")
    assert undone.height > 30
    assert undone.join(payments.filter(~pl.col("reversed")), on="id").height == undone.height


def test_the_planted_leak_looks_known_and_tells_the_future(normal):
    calls = normal.portfolio.table("collection_calls").select("application_id", "known_at", "calls")
    joined = normal.applications.join(calls, on="application_id", how="left")
    assert (joined["known_at"].drop_nulls() <= joined.filter(pl.col("known_at").is_not_null())["as_of"]).all()
    rung = joined.with_columns(rung=pl.col("calls").fill_null(0) > 0).group_by("rung").agg(pl.col("bad").mean())
    rate = dict(rung.iter_rows())
    assert rate[True] > 0.4
    assert rate[False] < 0.02


def test_the_planted_proxy_gives_the_mother_tongue_away(normal):
    women = normal.portfolio.table("members")
    spanish = pl.col("language") == "spanish"
    means = women.group_by(spanish.alias("spanish")).agg(pl.col("travel_minutes").mean())
    minutes = dict(means.iter_rows())
    assert minutes[False] > minutes[True] + 10
