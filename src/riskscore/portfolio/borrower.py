"""Which tables hold a borrower's own record, and what names her in each.

The others speak of many (prices, branches, a group's board), or say what became of a loan or what this service said of
it: they are never part of what is sent about one member.
"""

from __future__ import annotations

from collections.abc import Collection

from riskscore.portfolio.connection import text
from riskscore.portfolio.tables import TABLES

#: In the contract's order, in which references point backwards.
BORROWER: tuple[str, ...] = (
    "members",
    "memberships",
    "applications",
    "loans",
    "instalments",
    "payments",
    "loan_events",
    "savings",
    "attendance",
    "trainings",
    "budgets",
    "obligations",
    "surveys",
    "committee_decisions",
    "guarantees",
    "internal_loans",
    "dividends",
    "budget_months",
    "bureau_reports",
)

#: What is settled and judged follows from these.
LEDGER = frozenset({"memberships", "applications", "loans", "instalments", "payments", "loan_events"})


def owner(table: str) -> str:
    """Return the column that says whose a row is: her own id, else her loan's or her application's."""
    if table == "members":
        return "id"
    names = {column.name for column in TABLES[table].columns}
    return next(name for name in ("member_id", "loan_id", "application_id") if name in names)


def hers(table: str, subject: str, loans: Collection[str], applications: Collection[str]) -> str:
    """Return the SQL condition that a row of `table` is hers; it is never missing.

    Parameters
    ----------
    table : str
        One of `BORROWER`.
    subject : str
        The member's id.
    loans, applications : collection of str
        Ids of her loans and of her applications.
    """
    column = owner(table)
    if column in ("id", "member_id"):
        return f"{column} IS NOT DISTINCT FROM {text(subject)}"
    return among(column, loans if column == "loan_id" else applications)


def among(column: str, ids: Collection[str]) -> str:
    """Return the SQL condition that `column` is one of `ids`; false where it is missing."""
    listed = ", ".join(text(one) for one in sorted(ids))
    return f"coalesce({column} IN ({listed}), false)" if listed else "false"
