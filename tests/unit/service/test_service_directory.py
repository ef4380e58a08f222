"""Who belongs where, and what is on offer, as of a moment."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from riskscore.portfolio import Portfolio, write_portfolio
from riskscore.service.access import Place
from riskscore.service.directory import places
from riskscore.service.offers import Offer, limit_faults, offers


def rows(*given: dict) -> pl.DataFrame:
    return pl.DataFrame(given, infer_schema_length=None)


def at(day: int, **fields: object) -> dict:
    moment = datetime(2025, 1, day, 12)
    return {"event_at": moment, "known_at": moment, **fields}


@pytest.fixture
def portfolio(tmp_path) -> Portfolio:
    product = {
        "amount_min": 100,
        "amount_max": 1000,
        "amount_step": 10,
        "term_days_min": 60,
        "term_days_max": 240,
        "rate_per_30_days": 0.03,
        "method": "flat",
        "currency": "PEN",
    }
    frames = {
        "branches": rows(at(1, id="N", name="Norte", region="x", rural=False, opened_on=date(2020, 1, 1))),
        "groups": rows(
            at(1, id="B1", kind="communal_bank", parent_id=None, branch_id="N", formed_on=date(2020, 1, 1)),
            at(1, id="S1", kind="solidarity_group", parent_id="B1", branch_id="N", formed_on=date(2020, 1, 1)),
            at(1, id="S2", kind="solidarity_group", parent_id="B1", branch_id="N", formed_on=date(2020, 1, 1)),
        ),
        "members": rows(
            *(at(2, id=name, branch_id="N", joined_on=date(2025, 1, 2)) for name in ("stays", "moves", "left", "new"))
        ),
        "memberships": rows(
            at(2, id="1", member_id="stays", group_id="S1", valid_from=date(2025, 1, 2), valid_to=None),
            at(2, id="2", member_id="moves", group_id="S1", valid_from=date(2025, 1, 2), valid_to=None),
            at(10, id="2", member_id="moves", group_id="S1", valid_from=date(2025, 1, 2), valid_to=date(2025, 1, 10)),
            at(10, id="3", member_id="moves", group_id="S2", valid_from=date(2025, 1, 10), valid_to=None),
            at(2, id="4", member_id="left", group_id="S1", valid_from=date(2025, 1, 2), valid_to=date(2025, 1, 5)),
        ),
        "products": rows(
            at(1, id="I", name="interno", ledger="internal", frequencies="weekly, fortnightly", **product),
            at(1, id="E", name="externo", ledger="external", frequencies="monthly", **product),
        ),
    }
    return write_portfolio(
        tmp_path / "p", frames, currency="PEN", country="PE", time_zone="America/Lima", data_date=date(2025, 1, 31)
    )


def test_everyone_stands_where_she_stood_then(portfolio):
    assert places(portfolio, datetime(2025, 1, 9)) == {
        "stays": Place("stays", "S1", "B1", "N"),
        "moves": Place("moves", "S1", "B1", "N"),
        "left": Place("left", None, None, "N"),
        "new": Place("new", None, None, "N"),
    }
    assert places(portfolio, datetime(2025, 2, 1))["moves"] == Place("moves", "S2", "B1", "N")
    assert places(portfolio, datetime(2025, 1, 2)) == {}


def test_what_is_on_offer(portfolio):
    assert offers(portfolio, datetime(2025, 2, 1)) == (
        Offer("interno", 100.0, 1000.0, 60, 240, ("weekly", "fortnightly")),
    )
    assert offers(portfolio, datetime(2024, 1, 1)) == ()


SMALL = Offer("small", 100, 500, 60, 120, ("weekly",))
LARGE = Offer("large", 400, 2000, 90, 240, ("weekly", "monthly"))


@pytest.mark.parametrize(
    ("fields", "at_fault", "remedy"),
    [
        ({"amount": 100, "term_days": 60, "frequency": "weekly"}, [], ""),
        ({"amount": 2000, "term_days": 240, "frequency": "monthly"}, [], ""),
        ({"amount": 99.99}, ["amount"], "Ask for 100 to 500, or 400 to 2000."),
        ({"amount": 2000, "term_days": 60}, ["amount"], "Ask for 100 to 500."),
        ({"amount": 300, "frequency": "monthly"}, ["amount"], "Ask for 400 to 2000."),
        ({"term_days": 60, "frequency": "monthly"}, ["term_days"], "Ask for 90 to 240 days."),
        ({"frequency": "at_maturity"}, ["frequency"], "Choose one of: weekly, monthly."),
        ({"amount": 1, "term_days": 1, "frequency": "at_maturity"}, ["frequency", "term_days", "amount"], "Choose"),
        ({}, [], ""),
    ],
)
def test_limits(fields, at_fault, remedy):
    found = limit_faults((SMALL, LARGE), fields)
    assert [fault.where for fault in found] == at_fault
    assert not found or found[0].remedy.startswith(remedy)


def test_where_nothing_is_on_offer_that_is_said():
    assert "no product is on offer" in limit_faults((), {"amount": 100})[0].remedy
