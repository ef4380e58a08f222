"""What in the core cannot be so, told by table, keys and remedy, all at once, before a portfolio is made of it.

Keys are shown as pseudonyms; each remedy has the statement that lists the rows in the core itself.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from riskscore.errors import Fault
from riskscore.portfolio.adapters.fineract.core import frame
from riskscore.portfolio.adapters.fineract.source_tables import TABLES
from riskscore.portfolio.contracts import keys

_RULES: tuple[tuple[str, str, str, str], ...] = (
    (
        "m_group.parent_id",
        "WITH RECURSIVE up AS (SELECT id, parent_id, 1 AS steps FROM m_group WHERE parent_id IS NOT NULL UNION ALL "
        "SELECT up.id, g.parent_id, steps + 1 FROM up JOIN m_group AS g ON g.id = up.parent_id "
        "WHERE g.parent_id IS NOT NULL AND up.parent_id <> up.id AND steps < 50) "
        "SELECT DISTINCT id FROM up WHERE id = parent_id",
        "runs in a circle",
        "Give one of them no parent: SELECT id, parent_id FROM m_group WHERE parent_id IS NOT NULL",
    ),
    (
        "m_group.parent_id",
        "SELECT g.id FROM m_group AS g JOIN m_group AS above ON above.id = g.parent_id "
        "JOIN m_group AS top ON top.id = above.parent_id WHERE top.id <> g.id AND above.id <> g.id "
        "AND top.id <> above.id AND NOT EXISTS (FROM m_group AS t WHERE t.id = top.id AND t.parent_id = g.id)",
        "stands more than two levels deep; a group stands in a centre and a centre in nothing",
        "Hang the group below its topmost centre: SELECT g.id FROM m_group g JOIN m_group p ON p.id = g.parent_id "
        "WHERE p.parent_id IS NOT NULL",
    ),
    (
        "m_group.activation_date",
        "SELECT g.id FROM m_group AS g ANTI JOIN m_loan AS l ON l.group_id = g.id "
        "WHERE coalesce(g.activation_date, g.submittedon_date, g.created_on_utc::DATE) IS NULL "
        "AND g.id IN (SELECT group_id FROM m_group_client)",
        "is missing, like every other date, for a group with members",
        "Give it a date: SELECT id FROM m_group WHERE activation_date IS NULL",
    ),
    (
        "m_loan_repayment_schedule.duedate",
        "SELECT DISTINCT s.loan_id AS id FROM m_loan_repayment_schedule AS s JOIN m_loan AS l ON l.id = s.loan_id "
        "WHERE l.currency_code = currency() AND s.duedate < l.disbursedon_date",
        "is before the loan was disbursed",
        "Correct one of the dates: SELECT s.loan_id FROM m_loan_repayment_schedule s JOIN m_loan l ON l.id = s.loan_id "
        "WHERE s.duedate < l.disbursedon_date",
    ),
    (
        "m_loan_repayment_schedule_history.duedate",
        "SELECT DISTINCT s.loan_id AS id FROM m_loan_repayment_schedule_history AS s "
        "JOIN m_loan AS l ON l.id = s.loan_id WHERE l.currency_code = currency() AND s.duedate < l.disbursedon_date",
        "is before the loan was disbursed",
        "Correct one of the dates: SELECT s.loan_id FROM m_loan_repayment_schedule_history s JOIN m_loan l "
        "ON l.id = s.loan_id WHERE s.duedate < l.disbursedon_date",
    ),
    (
        "m_loan_repayment_schedule.installment",
        "SELECT DISTINCT loan_id AS id FROM m_loan_repayment_schedule SEMI JOIN m_loan AS l ON l.id = loan_id "
        "GROUP BY loan_id, installment HAVING count(*) > 1",
        "stands twice in one loan",
        "Remove the copies: SELECT loan_id, installment FROM m_loan_repayment_schedule "
        "GROUP BY loan_id, installment HAVING COUNT(*) > 1",
    ),
    (
        "m_loan_repayment_schedule.principal_amount",
        "SELECT DISTINCT loan_id AS id FROM m_loan_repayment_schedule "
        "WHERE principal_amount < 0 OR interest_amount < 0",
        "or interest_amount is below zero",
        "Correct it: SELECT loan_id FROM m_loan_repayment_schedule WHERE principal_amount < 0 OR interest_amount < 0",
    ),
    (
        "m_loan_transaction.amount",
        "SELECT id FROM m_loan_transaction WHERE amount IS NULL OR amount < 0 OR transaction_date IS NULL",
        "is missing or below zero, or has no transaction_date",
        "Correct it: SELECT id FROM m_loan_transaction WHERE amount IS NULL OR amount < 0 OR transaction_date IS NULL",
    ),
)


def contradictions(con: duckdb.DuckDBPyConnection) -> list[Fault]:
    """Return every fault of the staged core."""
    faults = list(_twice(con))
    for where, sql, what, remedy in _RULES:
        found = frame(con, sql)
        if found.height:
            faults.append(Fault(where, f"{what} ({keys(found['id'])}).", f"{remedy}."))
    return faults


def currency_faults(con: duckdb.DuckDBPyConnection, chosen: str | None) -> tuple[str, list[Fault]]:
    """Return the currency to read, and a fault where it has to be chosen or does not occur."""
    found = con.execute("SELECT currency_code, count(*) FROM m_loan GROUP BY 1 ORDER BY 2 DESC, 1").fetchall()
    listed = ", ".join(f"{code} {loans:,}" for code, loans in found)
    codes = [code for code, _ in found]
    if chosen is None and len(codes) == 1:
        return codes[0], []
    if chosen in codes:
        return str(chosen), []
    if chosen is None and codes:
        return codes[0], [
            Fault(
                "m_loan.currency_code",
                f"loans are in several currencies (loans: {listed}).",
                "Make one portfolio for each: name it with --currency. Amounts are never converted here.",
            )
        ]
    what = f"no loan is in {chosen} (loans: {listed})." if codes else "there is no loan at all."
    return chosen or "", [Fault("m_loan.currency_code", what, "Check the database, and --currency.")]


def _twice(con: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    for table in TABLES:
        key = ", ".join(table.key)
        found = frame(
            con,
            f"SELECT CAST({table.key[-1]} AS VARCHAR) AS id FROM {table.name} "
            f"WHERE {table.key[0]} IS NOT NULL GROUP BY {key} HAVING count(*) > 1",
        )
        if found.height:
            yield Fault(
                f"{table.name}.{table.key[0]}",
                f"stands twice where it must be unique ({keys(found['id'])}).",
                f"Remove the copies: SELECT {key} FROM {table.name} GROUP BY {key} HAVING COUNT(*) > 1.",
            )
