"""A communal bank's facts as they stood at a moment, read off a portfolio for the rules of the policy."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from riskscore.errors import NotFound
from riskscore.portfolio import Portfolio
from riskscore.portfolio.arrears import arrears
from riskscore.scoring.group_facts import OF_GROUP, Found, GroupFacts, MemberFacts
from riskscore.scoring.measures import ATTENDANCE_DAYS
from riskscore.scoring.open_requests import open_applications
from riskscore.scoring.products import known
from riskscore.scoring.snapshot import members_at


def read_group(portfolio: Portfolio, bank_id: str, moment: datetime) -> GroupFacts:
    """Return what the rules measure of a communal bank, by what was known at `moment`.

    Parameters
    ----------
    portfolio : Portfolio
    bank_id : str
    moment : datetime
        Local, exclusive; see `Portfolio.moment`.

    Raises
    ------
    NotFound
        There is no such communal bank at the moment.
    """
    found = read_groups(portfolio, moment).get(bank_id)
    if found is None:
        raise NotFound.of("group", "There is no such communal bank at this moment.", "Check the id and the moment.")
    return found


def read_groups(portfolio: Portfolio, moment: datetime) -> dict[str, GroupFacts]:
    """Return what `read_group` finds of every communal bank, in one reading of the portfolio."""
    banks = known(portfolio.table("groups"), moment).filter(pl.col("kind") == "communal_bank")
    branches = known(portfolio.table("branches"), moment)
    rural = dict(branches.select("id", "rural").iter_rows())
    loans = known(portfolio.table("loans"), moment)
    external = loans.filter(pl.col("ledger") == "external")
    with_loan = set(external["group_id"])
    standing = members_at(portfolio, moment)
    facts = _members(portfolio, standing["member_id"], loans.filter(pl.col("ledger") == "internal"), moment)
    inside: dict[str, list[MemberFacts]] = {}
    for bank, member in zip(standing["bank_id"], facts, strict=True):
        inside.setdefault(bank, []).append(member)
    return {
        bank: GroupFacts(
            bank_id=bank,
            currency=portfolio.manifest.currency,
            rural=rural.get(branch),
            first_cycle=None if external.is_empty() else bank not in with_loan,
            members=tuple(inside.get(bank, ())),
        )
        for bank, branch in banks.select("id", "branch_id").iter_rows()
    }


def arrears_of_banks(portfolio: Portfolio, moment: datetime) -> dict[str, Found]:
    """Return by communal bank how many of all its members are late, by what was known at `moment`, in one reading.

    It is the measure ``share_in_arrears`` of each bank with members.
    """
    loans = known(portfolio.table("loans"), moment).filter(pl.col("ledger") == "internal")
    late = _late(portfolio, loans, moment)
    rest = None if loans.is_empty() else False
    members = members_at(portfolio, moment).group_by("bank_id").agg("member_id")
    return {
        bank: OF_GROUP["share_in_arrears"](
            GroupFacts(bank, "", None, None, tuple(MemberFacts(one, in_arrears=late.get(one, rest)) for one in ids))
        )
        for bank, ids in members.iter_rows()
    }


def _members(portfolio: Portfolio, ids: pl.Series, loans: pl.DataFrame, moment: datetime) -> tuple[MemberFacts, ...]:
    kept = not loans.is_empty()
    last = _by_member(loans.sort("disbursed_on", "cycle_no"), "amount")
    late = _late(portfolio, loans, moment)
    requests = {one["member_id"]: one for one in open_applications(portfolio, loans, moment).iter_rows(named=True)}
    begun = _by_member(known(portfolio.table("members"), moment).rename({"id": "member_id"}), "business_started_on")
    marks, savings = _marks(portfolio, moment), _savings(portfolio, moment)
    found = []
    for name in ids.to_list():
        asked, started = requests.get(name, {}), begun.get(name)
        found.append(
            MemberFacts(
                member_id=name,
                first_cycle=name not in last if kept else None,
                in_arrears=late.get(name, False) if kept else None,
                marks=marks.get(name, (0, 0)),
                business_days=None if started is None else (moment.date() - started).days,
                loans_elsewhere=asked.get("other_active_loans"),
                asked=asked.get("amount"),
                term_days=asked.get("term_days"),
                last_loan=last.get(name),
                savings=savings.get(name),
            )
        )
    return tuple(found)


def _by_member(rows: pl.DataFrame, column: str) -> dict[str, Any]:
    """Return each member's last value of a column, in the order of the rows."""
    return dict(rows.select("member_id", column).iter_rows())


def _late(portfolio: Portfolio, loans: pl.DataFrame, moment: datetime) -> dict[str, bool | None]:
    """Return who has an instalment past its day; None where her last loan has no schedule that could tell."""
    rows = arrears(portfolio, moment, ledger="internal").select("days_late", id="loan_id")
    told = loans.join(rows, on="id", how="left").sort("disbursed_on", "cycle_no")
    each = told.group_by("member_id").agg(
        late=(pl.col("days_late") > 0).any(), untold=pl.col("days_late").last().is_null()
    )
    return {name: True if late else None if untold else False for name, late, untold in each.iter_rows()}


def _marks(portfolio: Portfolio, moment: datetime) -> dict[str, tuple[int, int]]:
    """Return how often each came, and how often she was not excused."""
    marks = known(portfolio.table("attendance"), moment).filter(
        pl.col("event_at") >= moment - timedelta(days=ATTENDANCE_DAYS),
        pl.col("status") != "excused",
    )
    each = marks.group_by("member_id").agg(came=pl.col("status").is_in(["present", "late"]).sum(), held=pl.len())
    return {name: (came, held) for name, came, held in each.iter_rows()}


def _savings(portfolio: Portfolio, moment: datetime) -> dict[str, Decimal]:
    signed = pl.when(pl.col("kind") == "deposit").then(pl.col("amount")).otherwise(-pl.col("amount"))
    moved = known(portfolio.table("savings"), moment)
    return dict(moved.group_by("member_id").agg(signed.sum()).iter_rows())
