"""Instalments: every form a schedule had, from when it was known; waivers are versions too.

What is due is principal and interest. Fees and penalties are no instalment here: the core adds a penalty to an
instalment long after it was agreed, so that its row tells of lateness to come. The part of a payment that went to them
is taken off the payment instead.
"""

from __future__ import annotations

import duckdb

from riskscore.portfolio.adapters.fineract.core import count
from riskscore.portfolio.adapters.fineract.findings import Findings

#: Transactions that lower what is due without a payment: interest waived (by type 4), then credits of the lender.
WAIVE_INTEREST = 4
CREDITS = (21, 22, 23, 24, 26, 31, 33)

# Version n of the history was in force until the request that it names was approved; the current schedule since then.
_FORMS = """
CREATE TABLE schedule_forms AS
WITH archived AS (
    SELECT h.loan_id, h.version, any_value(h.loan_reschedule_request_id) AS request_id,
           min(coalesce(h.created_on_utc, h.created_date)) AS archived_at
    FROM m_loan_repayment_schedule_history AS h GROUP BY ALL
), ended AS (
    SELECT a.loan_id, a.version, r.approved_on_date IS NULL AND archived_at IS NULL AS by_rule,
           coalesce(day_end(r.approved_on_date), archived_at, data_end()) AS until
    FROM archived AS a LEFT JOIN m_loan_reschedule_request AS r ON r.id = a.request_id
), numbered AS (
    SELECT *, row_number() OVER by_version AS form, lag(until) OVER by_version AS since,
           lag(by_rule) OVER by_version AS since_by_rule
    FROM ended WINDOW by_version AS (PARTITION BY loan_id ORDER BY version)
)
SELECT loan_id, form, version, since, coalesce(since_by_rule, false) AS by_rule FROM numbered
UNION ALL
SELECT loan_id, max(form) + 1, NULL, max(until), arg_max(by_rule, form) FROM numbered GROUP BY loan_id
"""

_SCHEDULED = """
CREATE TABLE scheduled AS
WITH kept AS (
    SELECT f.loan_id, f.form, f.since, f.by_rule, h.installment AS number, h.duedate AS due_on,
           h.principal_amount AS principal, h.interest_amount AS interest, NULL::TIMESTAMP AS created
    FROM m_loan_repayment_schedule_history AS h JOIN schedule_forms AS f USING (loan_id, version)
    UNION ALL
    SELECT s.loan_id, coalesce(f.form, 1), f.since, coalesce(f.by_rule, false), s.installment, s.duedate,
           s.principal_amount, s.interest_amount, CASE WHEN f.form IS NULL THEN s.created_on_utc END
    FROM m_loan_repayment_schedule AS s LEFT JOIN schedule_forms AS f ON f.loan_id = s.loan_id AND f.version IS NULL
    WHERE s.installment IS NOT NULL
), dated AS (
    SELECT k.* EXCLUDE (since, created), l.disbursed_on, l.known_inferred,
           -- Made anew after the loan was paid out and not archived: its first form is lost.
           coalesce(created::DATE > l.known_at::DATE, false) AS late,
           greatest(l.known_at, CASE WHEN created::DATE > l.known_at::DATE THEN created END, since) AS known_at
    FROM kept AS k JOIN loans AS l ON l.id = k.loan_id
), forms AS (
    SELECT loan_id, form, max(known_at) AS known_at, max(due_on) AS last_due, any_value(by_rule) AS by_rule
    FROM dated GROUP BY ALL
), numbers AS (
    SELECT DISTINCT loan_id, number, min(form) AS first_form FROM dated GROUP BY ALL
)
SELECT loan_id, number, form, known_at, by_rule OR known_inferred AS by_rule, late, due_on,
       CAST(round(coalesce(principal, 0), 2) AS DECIMAL(18,2)) AS principal,
       CAST(round(coalesce(interest, 0), 2) AS DECIMAL(18,2)) AS interest, disbursed_on
FROM dated WHERE known_at <= data_end()
UNION ALL
-- An instalment that a later form no longer has owes nothing from then on.
SELECT n.loan_id, n.number, f.form, f.known_at, f.by_rule, false, f.last_due, 0, 0, l.disbursed_on
FROM numbers AS n JOIN forms AS f ON f.loan_id = n.loan_id AND f.form > n.first_form JOIN loans AS l ON l.id = n.loan_id
WHERE f.known_at <= data_end()
  AND NOT EXISTS (FROM dated AS d WHERE d.loan_id = n.loan_id AND d.number = n.number AND d.form = f.form)
"""

_CREDITS = f"""
CREATE TABLE credits AS
WITH mapped AS (
    SELECT t.loan_id, s.installment AS number, t.id AS transaction_id, t.known_at, t.day,
           coalesce(m.principal_portion_derived, 0) AS principal, coalesce(m.interest_portion_derived, 0) AS interest
    FROM movements AS t
    JOIN m_loan_transaction_repayment_schedule_mapping AS m ON m.loan_transaction_id = t.id
    JOIN m_loan_repayment_schedule AS s ON s.id = m.loan_repayment_schedule_id
    WHERE t.kind IN {(WAIVE_INTEREST, *CREDITS)} AND NOT t.reversed
), waivers AS (
    -- Without a mapping, interest waived in all is laid on the instalments that say they were waived, in order.
    SELECT t.*, sum(amount) OVER (PARTITION BY loan_id ORDER BY known_at, seq) AS upto
    FROM movements AS t ANTI JOIN mapped AS m ON m.transaction_id = t.id
    WHERE t.kind = {WAIVE_INTEREST} AND NOT t.reversed
), waived AS (
    SELECT loan_id, installment AS number, interest_waived_derived AS amount,
           sum(interest_waived_derived) OVER (PARTITION BY loan_id ORDER BY installment) AS upto
    FROM m_loan_repayment_schedule
    WHERE interest_waived_derived > 0 AND loan_id NOT IN (SELECT loan_id FROM mapped)
)
SELECT loan_id, number, known_at, day, transaction_id, principal, interest FROM mapped
UNION ALL
SELECT t.loan_id, w.number, t.known_at, t.day, t.id, 0,
       greatest(0, least(t.upto, w.upto) - greatest(t.upto - t.amount, w.upto - w.amount))
FROM waivers AS t JOIN waived AS w USING (loan_id)
WHERE least(t.upto, w.upto) > greatest(t.upto - t.amount, w.upto - w.amount)
"""

_INSTALMENTS = """
CREATE TABLE instalments AS
WITH plain AS (
    SELECT * FROM scheduled ANTI JOIN credits USING (loan_id, number)
), moments AS (
    SELECT loan_id, number, known_at FROM scheduled SEMI JOIN credits USING (loan_id, number)
    UNION SELECT loan_id, number, known_at FROM credits
), credited AS (
    SELECT m.loan_id, m.number, m.known_at, s.form, s.by_rule, s.due_on, s.disbursed_on,
           greatest(0, s.principal - coalesce((SELECT sum(c.principal) FROM credits AS c
               WHERE c.loan_id = m.loan_id AND c.number = m.number AND c.known_at <= m.known_at), 0)) AS principal,
           greatest(0, s.interest - coalesce((SELECT sum(c.interest) FROM credits AS c
               WHERE c.loan_id = m.loan_id AND c.number = m.number AND c.known_at <= m.known_at), 0)) AS interest
    FROM moments AS m ASOF JOIN scheduled AS s
      ON s.loan_id = m.loan_id AND s.number = m.number AND m.known_at >= s.known_at
), versions AS (
    SELECT loan_id, number, known_at, form, by_rule, due_on, disbursed_on, principal, interest FROM plain
    UNION ALL BY NAME SELECT * FROM credited
), last_of_moment AS (
    -- Two forms known at one moment: the later one stands.
    SELECT * FROM versions QUALIFY row_number() OVER (PARTITION BY loan_id, number, known_at ORDER BY form DESC) = 1
), changed AS (
    SELECT *, row_number() OVER known AS version,
           (due_on, principal, interest) IS DISTINCT FROM
           (lag(due_on) OVER known, lag(principal) OVER known, lag(interest) OVER known) AS differs
    FROM last_of_moment WINDOW known AS (PARTITION BY loan_id, number ORDER BY known_at)
)
SELECT loan_id || '-' || lpad(CAST(number AS VARCHAR), 3, '0') AS id,
       CASE version WHEN 1 THEN day_start(disbursed_on) ELSE day_start(known_at::DATE) END AS event_at,
       known_at, by_rule AS known_inferred, loan_id, number, due_on,
       CAST(round(principal, 2) + round(interest, 2) AS DECIMAL(18,2)) AS amount,
       CAST(round(principal, 2) AS DECIMAL(18,2)) AS principal
FROM changed WHERE version = 1 OR differs
"""


def build_instalments(con: duckdb.DuckDBPyConnection, findings: Findings) -> None:
    """Make ``instalments``; needs ``loans`` and ``movements``."""
    for statement in (_FORMS, _SCHEDULED, _CREDITS, _INSTALMENTS):
        con.execute(statement)
    for rows, what in (
        (
            "SELECT count(DISTINCT loan_id) FROM scheduled WHERE late",
            "The schedule was made anew after the loan was paid out and the first form was not archived: these loans "
            "have no instalments before that.",
        ),
        (
            "SELECT count(DISTINCT loan_id) FROM schedule_forms WHERE by_rule",
            "Rewritten on a day that nobody recorded: the new form is known since the data date only.",
        ),
        (
            "SELECT count(*) FROM instalments WHERE known_inferred",
            "No time of recording: known with the loan, or at the end of the day the new form was approved.",
        ),
    ):
        findings.add("inferred", "instalments", count(con, rows), what)
    findings.add(
        "left out",
        "m_loan_transaction",
        count(
            con,
            f"SELECT count(*) FROM movements AS t ANTI JOIN credits AS c ON c.transaction_id = t.id "
            f"WHERE t.kind IN {(WAIVE_INTEREST, *CREDITS)} AND NOT t.reversed AND t.amount > t.charges",
        ),
        "A waiver or credit that no instalment names: what is due was left as it was.",
    )
    findings.add(
        "left out",
        "m_loan_transaction",
        count(con, f"SELECT count(*) FROM movements WHERE kind IN {(WAIVE_INTEREST, *CREDITS)} AND reversed"),
        "A waiver or credit that was reversed: what is due is as if it had never been given.",
    )
