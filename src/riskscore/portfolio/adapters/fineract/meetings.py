"""Attendance at meetings, and movements of members' savings."""

from __future__ import annotations

import duckdb

from riskscore.portfolio.adapters.fineract.core import count
from riskscore.portfolio.adapters.fineract.findings import Findings

#: Fineract's CalendarEntityType: groups and centres.
GROUPS_AND_CENTRES = (2, 4)

_ATTENDANCE = f"""
CREATE TABLE attendance AS
SELECT 'attendance-' || coalesce(CAST(a.id AS VARCHAR), a.meeting_id || '-' || substr(a.client_id, 3)) AS id,
       day_start(m.meeting_date) AS event_at, day_end(m.meeting_date) AS known_at,
       true AS known_inferred, a.client_id AS member_id, g.id AS group_id,
       CASE a.attendance_type_enum WHEN 1 THEN 'present' WHEN 2 THEN 'absent' WHEN 5 THEN 'late'
            ELSE 'excused' END AS status
FROM m_client_attendance AS a JOIN m_meeting AS m ON m.id = a.meeting_id
JOIN m_calendar_instance AS i ON i.id = m.calendar_instance_id AND i.entity_type_enum IN {GROUPS_AND_CENTRES}
JOIN groups_known AS g ON g.id = i.entity_id JOIN members AS c ON c.id = a.client_id
WHERE m.meeting_date <= data_date() AND a.attendance_type_enum BETWEEN 1 AND 5
"""

#: Fineract's SavingsAccountTransactionType.
_SAVINGS = """
CREATE TABLE savings AS
SELECT t.id, day_start(t.transaction_date) AS event_at,
       knows(coalesce(t.created_on_utc, t.created_date), t.submitted_on_date, t.transaction_date) AS known_at,
       t.created_on_utc IS NULL AND t.created_date IS NULL AND t.submitted_on_date IS NULL AS known_inferred,
       a.client_id AS member_id, CASE t.transaction_type_enum WHEN 1 THEN 'deposit' ELSE 'withdrawal' END AS kind,
       CAST(round(t.amount, 2) AS DECIMAL(18,2)) AS amount, currency() AS currency
FROM m_savings_account_transaction AS t JOIN m_savings_account AS a ON a.id = t.savings_account_id
JOIN members AS m ON m.id = a.client_id
WHERE t.transaction_type_enum IN (1, 2) AND NOT coalesce(t.is_reversed, false) AND NOT coalesce(t.is_reversal, false)
  AND coalesce(a.currency_code, currency()) = currency() AND t.transaction_date <= data_date()
  AND round(t.amount, 2) > 0
"""


def build_meetings(con: duckdb.DuckDBPyConnection, findings: Findings) -> None:
    """Make ``attendance`` and ``savings``; needs ``groups`` and ``members``."""
    con.execute("CREATE VIEW groups_known AS SELECT DISTINCT id FROM groups")
    con.execute(_ATTENDANCE)
    con.execute(_SAVINGS)
    con.execute("DELETE FROM savings WHERE known_at > data_end()")
    findings.add(
        "inferred",
        "attendance.known_at",
        count(con, "SELECT count(*) FROM attendance"),
        "Fineract does not say when attendance was recorded: known at the end of the meeting's day.",
    )
    rest = "FROM m_savings_account_transaction AS t JOIN m_savings_account AS a ON a.id = t.savings_account_id WHERE "
    for where, what in (
        (
            "coalesce(is_reversed, false) OR coalesce(is_reversal, false)",
            "Reversed on a day that nobody recorded: as if they had never been.",
        ),
        ("transaction_type_enum NOT IN (1, 2)", "Interest, fees, holds and transfers: no movement of her own."),
        ("a.client_id IS NULL", "Savings of a whole group: no member's."),
        ("coalesce(a.currency_code, currency()) <> currency()", "Kept in another currency."),
    ):
        findings.add("left out", "m_savings_account_transaction", count(con, f"SELECT count(*) {rest} {where}"), what)
