"""Payments, and what happened to a loan besides them.

Only what the borrower paid is a payment: repayments, down payments and repayments at disbursement, and what she paid
after a write-off. A waiver, a write-off or a credit of the lender lowers a debt without anyone having paid.

A payment that was reversed stood until it was. One that the core replayed, since something was entered before it, is
the same payment: the replay is a version of it, not a payment of its own beside a reversal.
"""

from __future__ import annotations

import duckdb

from riskscore.portfolio.adapters.fineract.core import count
from riskscore.portfolio.adapters.fineract.findings import Findings

#: Fineract's LoanTransactionType.
PAID = {2: "repayment", 5: "repayment at disbursement", 8: "recovery after write-off", 28: "down payment"}
WRITE_OFF, MARKED, RE_AGE, RE_AMORTIZE = 6, 7, 29, 30
#: Money that went back to the borrower or was taken back by her bank: no instalment shows it.
GIVEN_BACK = {16: "refund", 18: "refund of an active loan", 20: "credit balance refund", 25: "chargeback"}
REPLAYED = 3
APPROVED = 200

_PAYMENTS = f"""
CREATE TABLE payments AS
WITH RECURSIVE replays AS (
    SELECT from_loan_transaction_id AS id, to_loan_transaction_id AS before
    FROM m_loan_transaction_relation WHERE relation_type_enum = {REPLAYED}
), chain AS (
    SELECT id, before AS first, 1 AS place FROM replays WHERE before NOT IN (SELECT id FROM replays)
    UNION ALL
    SELECT r.id, c.first, c.place + 1 FROM replays AS r JOIN chain AS c ON r.before = c.id
), paid AS (
    SELECT coalesce(c.first, m.id) AS id, coalesce(c.place, 0) AS place, m.* EXCLUDE (id),
           CAST(round(m.amount - m.charges, 2) AS DECIMAL(18,2)) AS money,
           lead(m.id) OVER (PARTITION BY coalesce(c.first, m.id) ORDER BY coalesce(c.place, 0)) IS NOT NULL AS followed
    FROM movements AS m LEFT JOIN chain AS c ON c.id = m.id
    WHERE m.kind IN {tuple(PAID)}
), versions AS (
    SELECT id, 2 * place AS place, loan_id, day, known_at, by_rule, money, false AS reversed FROM paid WHERE money > 0
    UNION ALL
    SELECT id, 2 * place + 1, loan_id, day, reversed_at, reversed_by_rule, money, true FROM paid
    WHERE reversed AND NOT followed AND money > 0 AND reversed_at <= data_end()
), ordered AS (
    -- A version is known after the one it replaces.
    SELECT * EXCLUDE (known_at), max(known_at) OVER (PARTITION BY id ORDER BY place) AS known_at FROM versions
)
SELECT id, day_start(day) AS event_at, known_at, by_rule AS known_inferred, loan_id, money AS amount,
       currency() AS currency, 'self' AS payer, reversed
FROM ordered SEMI JOIN loans ON loans.id = ordered.loan_id
QUALIFY row_number() OVER (PARTITION BY ordered.id, known_at ORDER BY place DESC) = 1
"""

_EVENTS = f"""
CREATE TABLE loan_events AS
WITH happened AS (
    SELECT 'r' || r.id AS id, r.loan_id, r.approved_on_date AS day, day_end(r.approved_on_date) AS known_at,
           true AS by_rule, 'restructured' AS kind, coalesce(relief.meaning, 'distress') AS reason
    FROM m_loan_reschedule_request AS r
    LEFT JOIN code_words AS w ON w.id = r.reschedule_reason_cv_id LEFT JOIN relief_reasons AS relief USING (word)
    WHERE r.status_enum = {APPROVED} AND r.approved_on_date IS NOT NULL
    UNION ALL
    SELECT t.id, t.loan_id, t.day, t.known_at, t.by_rule,
           CASE WHEN t.kind = {WRITE_OFF} THEN 'written_off' ELSE 'restructured' END,
           CASE WHEN t.kind = {WRITE_OFF} THEN NULL ELSE 'distress' END
    FROM movements AS t
    WHERE t.kind IN ({WRITE_OFF}, {MARKED}, {RE_AGE}, {RE_AMORTIZE}) AND NOT t.reversed
    UNION ALL
    -- Written off without a transaction that says so.
    SELECT 'w' || substr(p.id, 2), p.id, p.writtenoffon_date, day_end(p.writtenoffon_date), true, 'written_off', NULL
    FROM placed AS p ANTI JOIN movements AS t ON t.loan_id = p.id AND t.kind = {WRITE_OFF}
    WHERE p.writtenoffon_date IS NOT NULL
)
SELECT h.id, day_start(day) AS event_at, greatest(h.known_at, day_start(day)) AS known_at, by_rule AS known_inferred,
       loan_id, kind, reason
FROM happened AS h SEMI JOIN loans ON loans.id = h.loan_id
WHERE day <= data_date() AND h.known_at <= data_end()
"""


def build_movements(con: duckdb.DuckDBPyConnection, findings: Findings) -> None:
    """Make ``payments`` and ``loan_events``; needs ``movements``, ``placed`` and ``loans``."""
    con.execute(_PAYMENTS)
    con.execute(_EVENTS)
    replays = count(
        con,
        f"SELECT count(*) FROM m_loan_transaction_relation AS r "
        f"JOIN movements AS m ON m.id = r.from_loan_transaction_id WHERE r.relation_type_enum = {REPLAYED}",
    )
    findings.add("inferred", "payments", replays, "Replayed by the core: versions of the payments they replay.")
    for subject, sql, what in (
        (
            "payments.known_at",
            "SELECT count(*) FROM payments WHERE known_inferred AND NOT reversed",
            "No time of recording: known at the end of the day it was paid.",
        ),
        (
            "payments.reversed",
            "SELECT count(*) FROM payments WHERE known_inferred AND reversed",
            "Reversed on a day that nobody recorded: it stands until the data date, the only day on which the reversal "
            "is certain.",
        ),
    ):
        findings.add("inferred", subject, count(con, sql), what)
    findings.add(
        "left out",
        "m_loan_transaction",
        count(con, f"SELECT count(*) FROM movements WHERE kind IN {tuple(PAID)} AND round(amount - charges, 2) <= 0"),
        "Paid fees or penalties alone, which are no instalments here.",
    )
    findings.add(
        "left out",
        "m_loan_transaction",
        count(con, f"SELECT count(*) FROM movements WHERE kind IN {tuple(GIVEN_BACK)} AND NOT reversed"),
        "Refunds and chargebacks: money that went back is no payment, and payments are never negative.",
    )
    findings.add(
        "left out",
        "m_loan_transaction",
        count(
            con,
            f"SELECT count(*) FROM movements "
            f"WHERE kind IN ({WRITE_OFF}, {MARKED}, {RE_AGE}, {RE_AMORTIZE}) AND reversed",
        ),
        "Write-offs and restructurings that were undone.",
    )
    findings.add(
        "cannot be seen",
        "payments.payer",
        None,
        "Fineract does not say who bore a payment: all count as her own, so cover by the group stays unseen and a "
        "member whom her group carries looks good.",
    )
    findings.add(
        "cannot be seen",
        "loan_events.books_closed",
        None,
        "The core's ledger is live: outcomes are final 31 days after maturity. closedon_date is not taken for the "
        "close of a cycle's books, as a loan that is never repaid never has one and would have no outcome.",
    )
