"""The institution that the demo simulates has the people of the document's examples, with these very requests."""

from __future__ import annotations

import inspect
import json
from datetime import datetime, timedelta

import polars as pl
import pytest

from riskscore.cli.demo import demo
from riskscore.portfolio import Portfolio
from riskscore.scoring.open_requests import open_applications
from riskscore.scoring.products import known
from riskscore.service import examples
from riskscore.service.association_intake import PRODUCER_EXAMPLE
from riskscore.service.batch_intake import EXAMPLE as MEETING
from riskscore.service.facts import facts_of
from riskscore.service.facts_example import FACTS_EXAMPLE
from riskscore.service.intake import EXAMPLE, read_body
from riskscore.simulator import simulate


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory) -> Portfolio:
    asked = {name: inspect.signature(demo).parameters[name].default for name in ("members", "seed")}
    assert asked == {"members": 3000, "seed": 7}
    return simulate(tmp_path_factory.mktemp("demo") / "portfolio", **asked)


@pytest.fixture(scope="module")
def moment(portfolio) -> datetime:
    day = portfolio.manifest.data_date + timedelta(days=1)
    return datetime(day.year, day.month, day.day)


def products(portfolio: Portfolio, ledger: str, frequency: str) -> list[dict]:
    rows = portfolio.table("products").filter(pl.col("ledger") == ledger).iter_rows(named=True)
    return [row for row in rows if frequency in row["frequencies"].split(",")]


def fits(portfolio: Portfolio, ledger: str, asked: dict) -> bool:
    return any(
        one["amount_min"] <= asked["amount"] <= one["amount_max"]
        and asked["amount"] % float(one["amount_step"]) == 0
        and one["term_days_min"] <= asked["term_days"] <= one["term_days_max"]
        for one in products(portfolio, ledger, asked["frequency"])
    )


def test_the_members_of_the_examples_have_these_requests_open(portfolio, moment):
    groups = known(portfolio.table("groups"), moment)
    parents = dict(zip(groups["id"], groups["parent_id"], strict=True))
    opened = {
        row["member_id"]: row
        for row in open_applications(portfolio, known(portfolio.table("loans"), moment), moment).iter_rows(named=True)
    }
    row = opened[examples.MEMBER]
    asked = ("amount", "currency", "term_days", "frequency", "purpose", "other_active_loans")
    assert {name: row[name] for name in asked} == {name: EXAMPLE[name] for name in asked}
    assert row["group_id"] == examples.GROUP
    for request in MEETING["requests"]:
        assert parents[opened[request["subject"]]["group_id"]] == examples.BANK
        assert request["amount"] <= opened[request["subject"]]["amount"]
        assert fits(portfolio, "internal", request)
    assert (portfolio.manifest.currency, portfolio.manifest.country) == (examples.CURRENCY, "PE")


def test_the_communal_bank_has_a_request_of_its_own_without_a_loan(portfolio, moment):
    own = portfolio.table("applications").filter(pl.col("member_id").is_null(), pl.col("group_id") == examples.BANK)
    last = own.sort("known_at").tail(1)
    assert moment - last["known_at"][0] < timedelta(days=30)
    assert portfolio.table("loans").filter(pl.col("application_id") == last["id"][0]).is_empty()


def test_the_producer_association_may_ask_for_what_the_example_asks(portfolio):
    groups = portfolio.table("groups").filter(pl.col("id") == examples.ASSOCIATION)
    assert set(groups["kind"]) == {"producer_association"}
    assert fits(portfolio, "external", PRODUCER_EXAMPLE)


def test_who_joins_today_is_new_and_her_group_is_not(portfolio, moment):
    fields, faults = read_body(json.dumps(FACTS_EXAMPLE).encode())
    assert faults == []
    assert facts_of(fields["facts"], portfolio.manifest.time_zone).told()["rows"] == 4
    rows = FACTS_EXAMPLE["facts"]
    for name, sent in rows.items():
        assert set(portfolio.table(name)["id"]).isdisjoint(one["id"] for one in sent), name
    (group,) = known(portfolio.table("groups"), moment).filter(pl.col("id") == examples.GROUP).to_dicts()
    assert (group["parent_id"], group["branch_id"]) == (examples.BANK, examples.BRANCH)
    assert {one["sector_id"] for one in rows["members"]} <= set(portfolio.table("sectors")["id"])
    assert moment <= datetime.fromisoformat(FACTS_EXAMPLE["as_of"]) < moment + timedelta(days=1)
    assert fits(portfolio, "internal", FACTS_EXAMPLE)
