"""Loans and applications: who borrows, from which ledger, through which group.

A client's loan (individual, JLG, a GLIM's child) is hers and stands in the internal ledger; a loan to a group alone,
or to a producer association, stands in the external one. The parent of a GLIM is the sum of its children and is no
loan. Applications that were rejected or withdrawn stay: they are who asked.
"""

from __future__ import annotations

import duckdb

from riskscore.portfolio.adapters.fineract.core import count
from riskscore.portfolio.adapters.fineract.findings import Findings

#: Fineract's LoanType and LoanStatus.
GROUP_LOAN, GLIM = 2, 4
WITHDRAWN, REJECTED = 400, 500

_BORROWERS = f"""
CREATE TABLE borrowers AS
WITH named AS (
    SELECT l.*, coalesce(l.submittedon_date, l.disbursedon_date) AS asked_on,
           coalesce(nullif(l.principal_amount_proposed, 0), l.principal_amount) AS asked,
           CASE WHEN c.id IS NOT NULL AND c.legal_form_enum = 2 THEN 'producer'
                WHEN c.id IS NOT NULL THEN 'member'
                WHEN l.client_id IS NOT NULL THEN 'unknown client'
                WHEN l.loan_type_enum = {GLIM} THEN 'glim parent'
                WHEN g.id IS NOT NULL AND coalesce(l.loan_type_enum, {GROUP_LOAN}) = {GROUP_LOAN} THEN 'group'
                ELSE 'nobody' END AS borrower
    FROM m_loan AS l LEFT JOIN m_client AS c ON c.id = l.client_id LEFT JOIN m_group AS g ON g.id = l.group_id
    WHERE l.currency_code = currency()
)
SELECT *, knows(created_on_utc, NULL, asked_on) AS asked_known_at FROM named
"""

#: Transactions of the loans that are read, each with when it was known and until when it stood.
_MOVEMENTS = """
CREATE TABLE movements AS
SELECT t.id, t.seq, t.loan_id, t.transaction_type_enum AS kind, t.transaction_date AS day,
       knows(t.created_on_utc, t.submitted_on_date, t.transaction_date) AS known_at,
       t.created_on_utc IS NULL AND t.submitted_on_date IS NULL AS by_rule,
       t.amount, coalesce(t.fee_charges_portion_derived, 0) + coalesce(t.penalty_charges_portion_derived, 0) AS charges,
       coalesce(t.is_reversed, false) AS reversed,
       t.reversed_on_date IS NULL AND t.last_modified_on_utc IS NULL AS reversed_by_rule,
       greatest(knows(t.created_on_utc, t.submitted_on_date, t.transaction_date),
                coalesce(day_end(t.reversed_on_date), t.last_modified_on_utc, data_end())) AS reversed_at
FROM m_loan_transaction AS t
SEMI JOIN borrowers AS b ON b.id = t.loan_id AND b.borrower IN ('member', 'producer', 'group')
WHERE t.transaction_date <= data_date()
  AND knows(t.created_on_utc, t.submitted_on_date, t.transaction_date) <= data_end()
"""

# Her group: the loan's own, else the one she was known to be in on the day she asked (the latest she joined), else a
# group of herself alone.
_PLACED = """
CREATE TABLE placed AS
WITH seen AS (
    SELECT b.id AS loan_id, m.id, m.group_id, m.valid_from, m.valid_to
    FROM borrowers AS b JOIN memberships AS m ON m.member_id = b.client_id AND m.known_at <= b.asked_known_at
    WHERE b.borrower = 'member' AND b.group_id IS NULL
    QUALIFY row_number() OVER (PARTITION BY b.id, m.id ORDER BY m.known_at DESC) = 1
), joined AS (
    SELECT seen.loan_id, seen.group_id FROM seen JOIN borrowers AS b ON b.id = seen.loan_id
    WHERE valid_from <= asked_on AND (valid_to IS NULL OR valid_to > asked_on)
    QUALIFY row_number() OVER (PARTITION BY seen.loan_id ORDER BY valid_from DESC, seen.group_id) = 1
)
SELECT b.*, CASE b.borrower WHEN 'member' THEN b.client_id END AS member_id,
       CASE b.borrower WHEN 'producer' THEN 'p' || substr(b.client_id, 2)
            WHEN 'group' THEN b.group_id
            ELSE coalesce(g.id, joined.group_id, 'i' || substr(b.client_id, 2)) END AS placed_in,
       b.borrower = 'member' AND g.id IS NULL AND joined.group_id IS NOT NULL AS found_by_membership,
       b.borrower = 'member' AND g.id IS NULL AND joined.group_id IS NULL AS alone,
       CASE b.borrower WHEN 'member' THEN 'internal' ELSE 'external' END AS ledger,
       'product-' || b.product_id || CASE b.borrower WHEN 'member' THEN '' ELSE '-group' END AS product
FROM borrowers AS b LEFT JOIN joined ON joined.loan_id = b.id LEFT JOIN m_group AS g ON g.id = b.group_id
WHERE b.borrower IN ('member', 'producer', 'group') AND b.asked > 0
  AND b.asked_on <= data_date() AND b.asked_known_at <= data_end()
"""

# A request counts as made when it was recorded: a score asked for then must not see the request itself.
_APPLICATIONS = """
CREATE TABLE applications AS
SELECT 'a' || substr(p.id, 2) AS id, asked_known_at AS event_at, asked_known_at AS known_at,
       created_on_utc IS NULL AS known_inferred, member_id, placed_in AS group_id, product AS product_id, ledger,
       CAST(round(asked, 2) AS DECIMAL(18,2)) AS amount, currency_code AS currency,
       term_days(term_frequency, term_period_frequency_enum) AS term_days,
       frequency(repay_every, repayment_period_frequency_enum, number_of_repayments) AS frequency,
       purposes.meaning AS purpose, NULL::BIGINT AS other_active_loans
FROM placed AS p LEFT JOIN code_words AS w ON w.id = p.loanpurpose_cv_id LEFT JOIN purposes USING (word)
"""

_LOANS = """
CREATE TABLE loans AS
WITH paid_out AS (
    SELECT loan_id, min(known_at) AS known_at, bool_and(by_rule) AS by_rule
    FROM movements WHERE kind = 1 AND NOT reversed GROUP BY 1
), known AS (
    SELECT p.*, paid_out.known_at IS NULL OR paid_out.by_rule AS by_rule,
           -- After the request, or a score asked for at that moment would see the very loan it is about.
           greatest(p.asked_known_at + INTERVAL 1 MICROSECOND, day_start(p.disbursedon_date),
                    coalesce(paid_out.known_at, day_end(p.disbursedon_date))) AS loan_known_at,
           row_number() OVER (PARTITION BY coalesce(p.member_id, p.placed_in), p.ledger
                              ORDER BY p.disbursedon_date, p.seq) AS place
    FROM placed AS p LEFT JOIN paid_out ON paid_out.loan_id = p.id
    WHERE p.disbursedon_date <= data_date()
)
SELECT id, day_start(disbursedon_date) AS event_at, loan_known_at AS known_at, by_rule AS known_inferred,
       'a' || substr(id, 2) AS application_id, member_id, placed_in AS group_id, product AS product_id, ledger,
       greatest(1, coalesce(loan_counter, place)) AS cycle_no,
       CAST(round(principal_amount, 2) AS DECIMAL(18,2)) AS amount, currency_code AS currency,
       disbursedon_date AS disbursed_on, term_days(term_frequency, term_period_frequency_enum) AS term_days,
       frequency(repay_every, repayment_period_frequency_enum, number_of_repayments) AS frequency
FROM known WHERE loan_known_at <= data_end()
"""

_PRODUCTS = """
CREATE TABLE products AS
WITH seen AS (
    SELECT product, any_value(product_id) AS product_id, any_value(ledger) AS ledger, min(asked_on) AS first_on,
           min(asked) AS low, max(asked) AS high, max(annual_nominal_interest_rate) AS rate,
           max(interest_method_enum) AS method,
           min(term_days(term_frequency, term_period_frequency_enum)) AS shortest,
           max(term_days(term_frequency, term_period_frequency_enum)) AS longest,
           string_agg(DISTINCT frequency(repay_every, repayment_period_frequency_enum, number_of_repayments), ','
                      ORDER BY frequency(repay_every, repayment_period_frequency_enum, number_of_repayments)) AS every
    FROM placed GROUP BY product
)
SELECT s.product AS id, day_start(first_on) AS event_at, day_end(first_on) AS known_at, true AS known_inferred,
       coalesce(p.name, s.product) AS name, s.ledger,
       CAST(least(coalesce(p.min_principal_amount, low), low) AS DECIMAL(18,2)) AS amount_min,
       CAST(greatest(coalesce(p.max_principal_amount, high), high) AS DECIMAL(18,2)) AS amount_max,
       0.01::DECIMAL(18,2) AS amount_step, shortest AS term_days_min, longest AS term_days_max, every AS frequencies,
       least(1, coalesce(rate, 0) / 100 * 30 / 365) AS rate_per_30_days,
       CASE method WHEN 1 THEN 'flat' ELSE 'declining' END AS method, currency() AS currency
FROM seen AS s LEFT JOIN m_product_loan AS p ON p.id = s.product_id
"""

_GUARANTEES = """
CREATE TABLE guarantees AS
WITH named AS (
    SELECT coalesce(CAST(g.id AS VARCHAR), substr(l.id, 3) || '-' || substr(g.entity_id, 3)) AS id, l.id AS loan_id,
           g.entity_id AS member_id, l.currency, l.event_at, l.disbursed_on,
           greatest(l.known_at, day_end(l.disbursed_on)) AS known_at, coalesce(g.is_active, true) AS active
    FROM m_guarantor AS g JOIN loans AS l ON l.id = g.loan_id JOIN members AS m ON m.id = g.entity_id
    WHERE g.type_enum = 1
)
SELECT 'guarantee-' || id AS id, event_at, least(known_at, data_end()) AS known_at, true AS known_inferred, loan_id,
       member_id, 'personal' AS kind, currency, disbursed_on AS valid_from, NULL::DATE AS released_on FROM named
UNION ALL BY NAME
SELECT 'guarantee-' || id AS id, day_start(data_date()) AS event_at, data_end() AS known_at, true AS known_inferred,
       loan_id, member_id, 'personal' AS kind, currency, disbursed_on AS valid_from, data_date() AS released_on
FROM named WHERE NOT active AND known_at < data_end()
"""


def build_borrowers(con: duckdb.DuckDBPyConnection, findings: Findings) -> None:
    """Make ``borrowers`` and ``movements``, which everything else looks at."""
    con.execute(_BORROWERS)
    con.execute(_MOVEMENTS)
    for borrower, what in (
        ("glim parent", "The parent of a GLIM is the sum of its children, which are here: it is not counted twice."),
        ("nobody", "Neither a client nor a group of its own: nobody's behaviour can be read from it."),
        ("unknown client", "The client has no row in m_client."),
    ):
        found = count(con, f"SELECT count(*) FROM borrowers WHERE borrower = '{borrower}'")
        findings.add("left out", "m_loan", found, what)
    for subject, sql, what in (
        (
            "m_loan",
            "SELECT count(*) FROM borrowers WHERE asked IS NULL OR asked <= 0 OR asked_on IS NULL",
            "No amount, or no date on which it was asked for.",
        ),
        (
            "m_loan_transaction",
            "SELECT count(*) FROM m_loan_transaction AS t SEMI JOIN borrowers AS b ON b.id = t.loan_id "
            "WHERE t.transaction_date > data_date() "
            "OR knows(t.created_on_utc, t.submitted_on_date, t.transaction_date) > data_end()",
            "Happened or was recorded after the data date.",
        ),
    ):
        findings.add("left out", subject, count(con, sql), what)


def build_loans(con: duckdb.DuckDBPyConnection, findings: Findings) -> None:
    """Make ``applications``, ``loans``, ``products`` and what says in which group each is; needs ``memberships``."""
    for statement in (_PLACED, _APPLICATIONS, _LOANS, _PRODUCTS):
        con.execute(statement)
    findings.add(
        "inferred",
        "loans.group_id",
        count(con, "SELECT count(*) FROM placed WHERE found_by_membership"),
        "The loan names no group: it stands in the one she was known to be in on the day she asked.",
    )
    findings.add(
        "inferred",
        "loans.group_id",
        count(con, "SELECT count(*) FROM placed WHERE alone"),
        "The loan names no group and she was in none: it stands in a group of herself alone, without neighbours.",
    )
    findings.add(
        "inferred",
        "applications.known_at",
        count(con, "SELECT count(*) FROM applications WHERE known_inferred"),
        "No time of recording: known at the end of the day it was submitted.",
    )
    findings.add(
        "inferred",
        "loans.known_at",
        count(con, "SELECT count(*) FROM loans WHERE known_inferred"),
        "No time of recording: known at the end of the day it was disbursed.",
    )
    findings.add(
        "inferred",
        "applications.amount",
        count(con, "SELECT count(*) FROM placed WHERE coalesce(principal_amount_proposed, 0) = 0"),
        "The amount asked for is not on record; the approved one stands there and carries the lender's judgement.",
    )
    findings.add(
        "inferred",
        "applications.frequency",
        count(
            con,
            "SELECT count(*) FROM placed "
            "WHERE NOT is_exact(repay_every, repayment_period_frequency_enum, number_of_repayments)",
        ),
        "Instalments are spaced as no frequency of the contract is; the nearest one stands.",
    )
    findings.add(
        "missing",
        "applications.purpose",
        count(con, "SELECT count(*) FROM applications WHERE purpose IS NULL"),
        "No purpose, or a word that --words does not explain.",
    )
    charged = count(con, "SELECT count(*) FROM placed WHERE charged_off_on_date <= data_date()")
    findings.add("cannot be seen", "loans", charged, "Charged off in the accounts: the debt stays, and stays at risk.")


def build_guarantees(con: duckdb.DuckDBPyConnection, findings: Findings) -> None:
    """Make ``guarantees``; needs ``members`` and ``loans``."""
    con.execute(_GUARANTEES)
    findings.add(
        "inferred",
        "guarantees.known_at",
        count(con, "SELECT count(*) FROM guarantees"),
        "m_guarantor has no dates: given with the loan, and a release is known since the data date only.",
    )
