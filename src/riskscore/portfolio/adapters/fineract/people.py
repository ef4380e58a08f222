"""Branches, officers, groups and members. Names stay in the core; sex and birth are kept for audits only."""

from __future__ import annotations

import duckdb

from riskscore.portfolio.adapters.fineract.core import count
from riskscore.portfolio.adapters.fineract.findings import Findings

_BRANCHES = """
CREATE TABLE branches AS
WITH dated AS (SELECT *, least(coalesce(opening_date, first_day()), data_date()) AS opened_on FROM m_office)
SELECT 'office-' || o.id AS id, day_start(o.opened_on) AS event_at, day_end(o.opened_on) AS known_at,
       true AS known_inferred, coalesce(o.name, 'office ' || o.id) AS name, above.name AS region,
       CASE WHEN (SELECT count(*) FROM rural_offices) > 0
            THEN CAST(o.id AS VARCHAR) IN (SELECT word FROM rural_offices) END AS rural,
       o.opened_on
FROM dated AS o LEFT JOIN m_office AS above ON above.id = o.parent_id
"""

_OFFICERS = """
CREATE TABLE officers AS
WITH dated AS (
    SELECT s.*, least(coalesce(s.joining_date, first_day()), data_date()) AS since
    FROM m_staff AS s SEMI JOIN m_office AS o ON o.id = s.office_id
)
SELECT id, day_start(since) AS event_at, day_end(since) AS known_at, true AS known_inferred,
       'office-' || office_id AS branch_id, joining_date AS hired_on
FROM dated
"""

_MEMBERS = """
CREATE TABLE members AS
WITH asked AS (SELECT client_id, min(asked_on) AS first_on FROM borrowers GROUP BY 1),
dated AS (
    SELECT c.*, coalesce(c.activation_date, c.submittedon_date, c.created_on_utc::DATE, a.first_on) AS joined_on
    FROM m_client AS c LEFT JOIN asked AS a ON a.client_id = c.id
    WHERE c.legal_form_enum IS DISTINCT FROM 2
)
SELECT d.id, day_start(least(joined_on, data_date())) AS event_at,
       least(data_end(), knows(created_on_utc, submittedon_date, least(joined_on, data_date()))) AS known_at,
       created_on_utc IS NULL AS known_inferred, 'office-' || office_id AS branch_id, joined_on,
       sexes.meaning AS sex, date_of_birth AS born_on
FROM dated AS d LEFT JOIN code_words AS w ON w.id = d.gender_cv_id LEFT JOIN sexes USING (word)
WHERE joined_on IS NOT NULL
"""

# Who looked after a group is known through its loans: today's officer is not put on the past.
_GROUPS = """
CREATE TABLE groups AS
WITH formed AS (
    SELECT g.id, CASE WHEN above.id IS NULL THEN 'communal_bank' ELSE 'solidarity_group' END AS kind,
           above.id AS parent_id, g.office_id,
           least(coalesce(g.activation_date, g.submittedon_date, g.created_on_utc::DATE, b.first_on),
                 data_date()) AS formed_on,
           g.created_on_utc, g.submittedon_date
    FROM m_group AS g LEFT JOIN m_group AS above ON above.id = g.parent_id
    LEFT JOIN (SELECT group_id, min(asked_on) AS first_on FROM borrowers GROUP BY 1) AS b ON b.group_id = g.id
    UNION ALL
    SELECT 'p' || substr(c.id, 2), 'producer_association', NULL, c.office_id,
           least(coalesce(c.activation_date, c.submittedon_date, c.created_on_utc::DATE), data_date()),
           c.created_on_utc, c.submittedon_date
    FROM m_client AS c WHERE c.legal_form_enum = 2
    UNION ALL
    SELECT 'i' || substr(c.id, 2), 'communal_bank', NULL, c.office_id, min(p.asked_on), min(p.asked_known_at), NULL
    FROM placed AS p JOIN m_client AS c ON c.id = p.client_id WHERE p.alone GROUP BY c.id, c.office_id
), known AS (
    SELECT *, least(data_end(), knows(created_on_utc, submittedon_date, formed_on)) AS known_from FROM formed
), assigned AS (
    SELECT p.placed_in AS id, h.loan_officer_id AS officer_id, h.start_date,
           greatest(k.known_from, day_end(h.start_date)) AS known_at
    FROM m_loan_officer_assignment_history AS h JOIN placed AS p ON p.id = h.loan_id
    JOIN officers AS o ON o.id = h.loan_officer_id JOIN known AS k ON k.id = p.placed_in
    WHERE h.start_date <= data_date()
    QUALIFY row_number() OVER (PARTITION BY p.placed_in, h.start_date ORDER BY h.seq DESC) = 1
), changed AS (
    SELECT * FROM assigned
    QUALIFY officer_id IS DISTINCT FROM lag(officer_id) OVER (PARTITION BY id ORDER BY start_date)
), versions AS (
    SELECT id, NULL AS officer_id, day_start(formed_on) AS event_at, known_from AS known_at,
           created_on_utc IS NULL AS by_rule, 0 AS place FROM known
    UNION ALL
    SELECT c.id, c.officer_id, greatest(day_start(k.formed_on), day_start(c.start_date)), c.known_at, true, 1
    FROM changed AS c JOIN known AS k ON k.id = c.id
)
SELECT v.id, v.event_at, v.known_at, v.by_rule AS known_inferred, k.kind, k.parent_id,
       'office-' || k.office_id AS branch_id, v.officer_id, k.formed_on
FROM versions AS v JOIN known AS k ON k.id = v.id
WHERE k.formed_on IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY v.id, v.known_at ORDER BY v.place DESC, v.event_at DESC) = 1
"""


def build_people(con: duckdb.DuckDBPyConnection, findings: Findings) -> None:
    """Make ``branches``, ``officers``, ``members`` and ``groups``; needs ``placed``."""
    for statement in (_BRANCHES, _OFFICERS, _MEMBERS, _GROUPS):
        con.execute(statement)
    undated = count(con, "SELECT count(*) FROM m_client AS c ANTI JOIN members AS m ON m.id = c.id "
                         "WHERE c.legal_form_enum IS DISTINCT FROM 2")  # fmt: skip
    findings.add("left out", "m_client", undated, "No date of any kind, and no loan.")
    findings.add(
        "inferred",
        "members.known_at",
        count(con, "SELECT count(*) FROM members WHERE known_inferred"),
        "No time of recording: known at the end of the day she was submitted.",
    )
    findings.add(
        "inferred",
        "branches, officers, products",
        None,
        "The core does not say when they were recorded: known from the end of their first day.",
    )
    findings.add(
        "missing",
        "branches.rural",
        count(con, "SELECT count(*) FROM branches WHERE rural IS NULL"),
        "Fineract does not say which offices are rural; --words can (rural_offices).",
    )
    unknown = count(con, "SELECT count(*) FROM members AS m JOIN m_client AS c ON c.id = m.id "
                         "WHERE m.sex IS NULL AND c.gender_cv_id IS NOT NULL")  # fmt: skip
    findings.add("missing", "members.sex", unknown, "A word for it that --words does not explain.")
    findings.add(
        "cannot be seen",
        "groups.parent_id",
        None,
        "Fineract keeps no history of which centre a group belonged to, nor of a client's office: today's stand.",
    )
    findings.add(
        "cannot be seen",
        "budgets, trainings, obligations, offices",
        None,
        "They live in each institution's own datatables or have no dates: bring them with `riskscore ingest tables`.",
    )
