"""A few features to read the made-up core with, and their values at a moment."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from riskscore.catalog import Catalog, Lock, member_values
from riskscore.portfolio import Portfolio
from tests.unit.adapters.fineract.conftest import name

DECLARATIONS = """
from riskscore.catalog import *

Rows = Source("instalments", table="settled_instalments", keys={"member": "member_id"}, clock="due_on",
              cycle="loan_disbursed_on", columns={"late":
              "greatest(0, date_diff('day', due_on, CAST(least(coalesce(settled_at, as_of), as_of) AS DATE)))"})
Paid = Source("payments", table="loan_payments", keys={"member": "member_id"}, cycle="loan_disbursed_on")
Loans = Source("loans", table="loan_histories", keys={"member": "member_id"},
               lookups={"happened": Lookup("loan_events", where="happened.loan_id = id")})
Asked = Source("applications", table="applications", keys={"member": "member_id"})
Outcomes = Source("outcomes", table="loan_outcomes", keys={"member": "member_id"})
Saved = Source("savings", table="savings", keys={"member": "member_id"})
Met = Source("attendance", table="attendance", keys={"member": "member_id"})
Places = Source("places", table="placements", keys={"member": "member_id", "bank": "bank_id", "group": "group_id"},
                columns={"here":
                "valid_from <= CAST(as_of AS DATE) AND (valid_to IS NULL OR valid_to > CAST(as_of AS DATE))"})


class Own(FeatureSet, source=Rows, family="repayment"):
    worst = Feature("max(late)", window=ever(), risk="rises")
    worst_1_cycle = Feature("max(late)", window=cycles(1), risk="rises")
    due_1_cycle = Feature("count(*)", window=cycles(1), risk="free")
    owed_1_cycle = Feature("sum(amount)", window=cycles(1), risk="free")


class Payments(FeatureSet, source=Paid, family="repayment"):
    paid_1_cycle = Feature("sum(amount)", window=cycles(1))
    payments_1_cycle = Feature("count(*)", window=cycles(1))


class Borrowed(FeatureSet, source=Loans, family="repayment"):
    loans = Feature("count(DISTINCT id)", window=ever())
    distress = Feature("count(happened.id) FILTER (WHERE happened.kind = 'restructured' "
                       "AND happened.reason = 'distress')", window=ever(), risk="rises")
    written_off = Feature("count(happened.id) FILTER (WHERE happened.kind = 'written_off')", window=ever())


class Requests(FeatureSet, source=Asked, family="repayment"):
    asked = Feature("sum(amount)", window=ever())


class Ended(FeatureSet, source=Outcomes, family="repayment"):
    bad = Feature("count(*) FILTER (WHERE label = 'bad')", window=ever(), risk="rises")


class Savings(FeatureSet, source=Saved, family="repayment"):
    saved = Feature("sum(CASE WHEN kind = 'deposit' THEN amount ELSE -amount END)", window=ever())


class Meetings(FeatureSet, source=Met, family="repayment"):
    came = Feature("count(*) FILTER (WHERE status IN ('present', 'late'))::DOUBLE "
                   "/ nullif(count(*) FILTER (WHERE status <> 'excused'), 0)", window=ever(), risk="falls")


class Bank(FeatureSet, source=Places, subject="bank", family="group"):
    bank_size = Feature("count(DISTINCT member_id) FILTER (WHERE here)", window=ever())


class Group(FeatureSet, source=Places, subject="group", family="group"):
    group_size = Feature("count(DISTINCT member_id) FILTER (WHERE here)", window=ever())


class Others(PeerSet, peers="bank", family="group"):
    others_worst = Feature("max(worst)", risk="rises")
"""


@lru_cache(maxsize=1)
def lock() -> Lock:
    """Return the lock of the declarations."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "all.py").write_text(DECLARATIONS, encoding="utf-8")
        return Catalog.from_folder(Path(folder)).lock()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def value(portfolio: Portfolio, client: int, moment: str, feature: str) -> float | None:
    """Return one feature of one client of the core."""
    return values(portfolio, (client, moment)).row(0, named=True)[feature]


@lru_cache(maxsize=1)
def starter() -> Lock:
    """Return the lock of the features that the project starts with."""
    return Catalog.from_folder(Path(__file__).parents[4] / "features").lock()


def values(portfolio: Portfolio, *asked: tuple[int, str], of: Lock | None = None) -> pl.DataFrame:
    """Return every feature of clients of the core at moments, of the declarations above unless told otherwise."""
    moments = pl.DataFrame(
        {"member_id": [name("member", client) for client, _ in asked], "as_of": [at(moment) for _, moment in asked]}
    )
    return member_values(portfolio, of or lock(), moments)
