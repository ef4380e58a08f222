"""What the group's own books say of a communal bank at a moment: who belongs, each one's record, arrears once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from riskscore.portfolio import Portfolio
from riskscore.portfolio.arrears import arrears
from riskscore.scoring import Snapshot

#: What the group's own books say of a member, by the name it has in a value row.
GROUP_RECORD = {
    "cycle_no": "cycle_no",
    "late_share": "late_share_cycle",
    "attendance_rate": "attendance_rate_cycle",
    "group_savings": "group_savings",
}


@dataclass(frozen=True, slots=True)
class LedgerArrears:
    """One ledger's loans of a communal bank together, in the portfolio's currency; no member stands out of it.

    Parameters
    ----------
    loans : int
        Loans that still run.
    outstanding, overdue : float
        Unpaid principal; what fell due before the moment and is not paid.
    days_late : int
        The most of any of them.
    """

    loans: int
    outstanding: float
    overdue: float
    days_late: int


@dataclass(frozen=True, slots=True)
class BankFacts:
    """A communal bank at the moment its desk answers for.

    Parameters
    ----------
    bank_id, branch_id : str
    as_of : datetime
        Local, exclusive.
    country, currency, time_zone : str
    members : mapping of str to dict
        What the group's books say of each member, by id, in the order of ids.
    own_loan : LedgerArrears
        What the bank itself owes.
    between_members : LedgerArrears
        What its members owe it; ``days_late`` is 0 here, as it would be one member's.
    """

    bank_id: str
    branch_id: str
    as_of: datetime
    country: str
    currency: str
    time_zone: str
    members: Mapping[str, Mapping[str, float | None]]
    own_loan: LedgerArrears
    between_members: LedgerArrears


def group_record(values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return what the group's own books say, of a row of values; a missing fact stays missing."""
    return {name: values.get(source) for name, source in GROUP_RECORD.items()}


def bank_arrears(portfolio: Portfolio, moment: datetime) -> Mapping[tuple[str, str], LedgerArrears]:
    """Return each communal bank's arrears by bank and ledger, computed once for all of them."""
    found = (
        arrears(portfolio, moment)
        .filter(~pl.col("paid"), pl.col("written_off_at").is_null())
        .with_columns(bank_id=pl.coalesce("bank_id", "group_id"))
        .group_by("bank_id", "ledger")
        .agg(
            pl.len().alias("loans"),
            pl.col("outstanding").sum().cast(pl.Float64),
            pl.col("overdue").sum().cast(pl.Float64),
            pl.col("days_late").max(),
        )
    )
    return {(row["bank_id"], row["ledger"]): _ledger(row) for row in found.iter_rows(named=True)}


def bank_facts(
    bank_id: str,
    branch_id: str,
    snapshot: Snapshot,
    owed: Mapping[tuple[str, str], LedgerArrears],
) -> BankFacts:
    """Return a communal bank's facts.

    Parameters
    ----------
    bank_id, branch_id
    snapshot : Snapshot
    owed : mapping
        `bank_arrears`.
    """
    nothing = LedgerArrears(0, 0.0, 0.0, 0)
    members = sorted(member for member, bank in snapshot.bank.items() if bank == bank_id)
    inside = owed.get((bank_id, "internal"), nothing)
    return BankFacts(
        bank_id=bank_id,
        branch_id=branch_id,
        as_of=snapshot.as_of,
        country=snapshot.manifest.country,
        currency=snapshot.currency,
        time_zone=snapshot.manifest.time_zone,
        members={member: group_record(snapshot.row(member)) for member in members},
        own_loan=owed.get((bank_id, "external"), nothing),
        between_members=LedgerArrears(inside.loans, inside.outstanding, inside.overdue, 0),
    )


def _ledger(row: Mapping[str, Any]) -> LedgerArrears:
    return LedgerArrears(row["loans"], row["outstanding"], row["overdue"], row["days_late"])
