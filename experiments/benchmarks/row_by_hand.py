"""One member's row of `definitions/row/`, as one would write it by hand for her: a statement a source.

A person who writes for one member reads each source once for all members of her communal bank, and takes herself out
in the end. The engine reads a source twice where neighbours need it: it does not know that there is only one moment.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

_SEEN = "{t}.event_at < $m AND {t}.known_at <= $m AND ({t}.known_until IS NULL OR $m < {t}.known_until)"
_HERE = "valid_from <= $m::DATE AND (valid_to IS NULL OR $m::DATE < valid_to)"
_THIS_YEAR = "valid_from <= $m::DATE AND (valid_to IS NULL OR valid_to > $m::DATE - 365)"
_R, _P = _SEEN.format(t="r"), _SEEN.format(t="p")
_LATE = "greatest(0, date_diff('day', due_on, least(coalesce(settled_at, $m), $m)::DATE))"
_PRESENT = "count(*) FILTER (WHERE status IN ('present', 'late'){w})"

_PLACEMENTS = f"""
    SELECT r.member_id, r.group_id, coalesce(g.parent_id, g.id) AS bank_id, r.valid_from, r.valid_to, r.event_at,
           r.known_at, r.id
    FROM memberships AS r JOIN groups AS g ON g.id = r.group_id
    WHERE {_R} AND {_SEEN.format(t="g")}"""

PLACE = f"""
SELECT group_id, bank_id FROM ({_PLACEMENTS} AND r.member_id = {{member}})
WHERE {_HERE} ORDER BY valid_from DESC, event_at DESC, known_at DESC, id DESC LIMIT 1"""

BANK = f"""
SELECT member_id, date_diff('day', min(valid_from) FILTER (WHERE {_HERE}), $m::DATE) / 30.4375 AS months_in_bank,
       bool_or(bank_id = {{bank}} AND {_HERE}) AS here,
       bool_or(bank_id = {{bank}} AND {_HERE} AND group_id = {{group}}) AS in_group,
       bool_or(bank_id = {{bank}} AND {_THIS_YEAR}) AS this_year
FROM ({_PLACEMENTS})
GROUP BY member_id HAVING bool_or(bank_id = {{bank}})"""

CUTS = f"""
SELECT member_id, days[1] AS cut_1, days[least(3, len(days))] AS cut_3 FROM (
    SELECT member_id, list_reverse_sort(list(DISTINCT disbursed_on)) AS days
    FROM loans AS r WHERE {_R} AND r.member_id IN ({{people}}) GROUP BY member_id)"""

#: Read for everyone of her bank: the statement, and what her neighbours' features need of it.
SHARED = {
    "instalments": f"""
SELECT member_id,
       max(late) FILTER (WHERE loan_disbursed_on >= cut_1) AS worst_delay_last_cycle,
       max(late) FILTER (WHERE loan_disbursed_on >= cut_3) AS worst_delay_3_cycles,
       max(late) FILTER (WHERE due_on >= $m - INTERVAL 180 DAY) AS worst_delay_180d,
       count(*) FILTER (WHERE late > 0 AND loan_disbursed_on >= cut_3)::DOUBLE
           / nullif(count(*) FILTER (WHERE loan_disbursed_on >= cut_3), 0) AS late_share_3_cycles,
       count(*) FILTER (WHERE late > 0 AND loan_disbursed_on >= cut_1)::DOUBLE
           / nullif(count(*) FILTER (WHERE loan_disbursed_on >= cut_1), 0) AS late_share_cycle
FROM (SELECT r.member_id, due_on, loan_disbursed_on, {_LATE} AS late FROM settled_instalments AS r
      WHERE {_R} AND r.member_id IN ({{people}}) AND r.ledger = 'internal' AND r.due_on < $m)
JOIN her_cuts USING (member_id) GROUP BY member_id""",
    "payments": f"""
SELECT member_id,
       coalesce(sum(amount) FILTER (WHERE payer = 'group'), 0)::DOUBLE / nullif(sum(amount), 0)
           AS covered_by_group_share_3_cycles,
       count(*) FILTER (WHERE payer = 'group') AS covered_payments_3_cycles
FROM loan_payments AS r JOIN her_cuts USING (member_id)
WHERE {_R} AND r.member_id IN ({{people}}) AND r.ledger = 'internal' AND r.loan_disbursed_on >= cut_3
GROUP BY member_id""",
    "attendance": f"""
SELECT member_id,
       {_PRESENT.format(w=" AND recent")}::DOUBLE
           / nullif(count(*) FILTER (WHERE status <> 'excused' AND recent), 0) AS attendance_rate,
       count(*) FILTER (WHERE status = 'late' AND recent)::DOUBLE / nullif({_PRESENT.format(w=" AND recent")}, 0)
           AS late_arrival_rate,
       {_PRESENT.format(w=" AND cycle")}::DOUBLE
           / nullif(count(*) FILTER (WHERE status <> 'excused' AND cycle), 0) AS attendance_rate_cycle
FROM (SELECT r.member_id, status, event_at >= $m - INTERVAL 180 DAY AS recent, event_at::DATE >= cut_1 AS cycle
      FROM attendance AS r LEFT JOIN her_cuts USING (member_id) WHERE {_R} AND r.member_id IN ({{people}}))
GROUP BY member_id""",
    "outcomes": f"""
SELECT member_id, count(*) FILTER (WHERE label = 'bad') AS bad_outcomes_known
FROM loan_outcomes AS r WHERE {_R} AND r.member_id IN ({{people}}) AND r.ledger = 'internal' GROUP BY member_id""",
}

_SERVICE = """CAST(CASE frequency WHEN 'weekly' THEN instalment * 52 / 12 WHEN 'fortnightly' THEN instalment * 26 / 12
       WHEN 'twice_a_month' THEN instalment * 2.0 WHEN 'monthly' THEN instalment * 1.0
       WHEN 'every_two_months' THEN instalment / 2
       ELSE instalment * 30.4375 / nullif(CASE WHEN date_diff('day', event_at, ends_on) < 30 THEN 30
       ELSE date_diff('day', event_at, ends_on) END, 0) END AS DECIMAL(18,6))"""

_DEBTS = f"""
SELECT coalesce(sum(service) FILTER (WHERE still), 0) AS {{kind}}_service,
       count(*) FILTER (WHERE still) AS {{kind}}_count
FROM (SELECT ends_on IS NULL OR ends_on >= $m::DATE AS still, {_SERVICE} AS service FROM obligations AS r
      WHERE {_R} AND r.member_id = {{{{member}}}} AND r.source = '{{kind}}' {{fresh}}) HAVING count(*) > 0"""

#: Read for herself alone.
OWN = {
    "members": f"""
SELECT date_diff('day', business_started_on, $m::DATE) / 30.4375 AS business_age_months,
       s.agricultural::INT AS sector_agricultural, (sector_id = 'commerce')::INT AS sector_commerce,
       contains(',' || s.lean_months || ',', ',' || month($m)::VARCHAR || ',')::INT AS lean_season
FROM members AS r LEFT JOIN (FROM sectors AS p WHERE {_P}) AS s ON s.id = r.sector_id
WHERE {_R} AND r.id = {{member}}""",
    "shocks": f"""
SELECT coalesce(max((p.starts_on <= $m::DATE AND (p.ends_on IS NULL OR p.ends_on >= $m::DATE - 90))::INT), 0)
       AS shock_active
FROM members AS r LEFT JOIN (FROM branches AS p WHERE {_P}) AS b ON b.id = r.branch_id
LEFT JOIN shocks AS p ON {_P} AND (p.region IS NULL OR p.region = b.region)
                     AND (p.sector_id IS NULL OR p.sector_id = r.sector_id)
WHERE {_R} AND r.id = {{member}}""",
    "budgets": f"""
SELECT CASE WHEN fresh THEN business_revenue END AS business_revenue,
       CASE WHEN fresh THEN business_costs END AS business_costs,
       CASE WHEN fresh THEN other_income END AS other_income,
       CASE WHEN fresh THEN household_costs END AS household_costs,
       CASE WHEN fresh THEN accessible_savings END AS accessible_savings,
       date_diff('day', event_at, $m) AS budget_age_days
FROM (SELECT *, event_at >= $m - INTERVAL 180 DAY AS fresh FROM budgets AS r WHERE {_R} AND r.member_id = {{member}}
      ORDER BY event_at DESC, known_at DESC, id DESC LIMIT 1)""",
    "declared": _DEBTS.format(kind="declared", fresh=""),
    "bureau": _DEBTS.format(kind="bureau", fresh="AND r.known_at >= $m - INTERVAL 60 DAY AND r.known_at < $m"),
    "own debts": f"""
SELECT coalesce(sum(service) FILTER (WHERE is_last), 0) AS own_service_now,
       coalesce(sum(service) FILTER (WHERE is_last AND due_on > $m::DATE + 14), 0) AS own_service_after,
       coalesce(sum(principal) FILTER (WHERE settled_at IS NULL), 0) AS outstanding
FROM (SELECT *, CAST(amount * coalesce(periods_per_month,
                     30.4375 / nullif(date_diff('day', loan_disbursed_on, due_on), 0)) AS DECIMAL(18,6)) AS service
      FROM settled_instalments AS r
      WHERE {_R} AND r.member_id = {{member}} AND r.ledger = 'internal'
        AND (r.settled_at IS NULL OR r.due_on >= $m::DATE))""",
    "savings": f"""
SELECT CASE WHEN count(*) FILTER (WHERE recent) > 0
            THEN count(*) FILTER (WHERE kind = 'deposit' AND recent)::DOUBLE * 30.4375 / 180 END AS savings_regularity,
       coalesce(sum(amount) FILTER (WHERE kind = 'withdrawal' AND event_at >= $m - INTERVAL 60 DAY), 0)::DOUBLE
           / nullif(sum(amount) FILTER (WHERE kind = 'deposit'), 0) AS savings_withdrawn_60d_share,
       sum(CASE WHEN kind = 'deposit' THEN amount ELSE -amount END) AS group_savings
FROM (SELECT *, event_at >= $m - INTERVAL 180 DAY AS recent FROM savings AS r
      WHERE {_R} AND r.member_id = {{member}}) HAVING count(*) > 0""",
    "loans": f"""
SELECT count(*) AS cycles_completed,
       date_diff('day', min(disbursed_on), $m::DATE) / 30.4375 AS months_since_first_loan,
       arg_max(amount, row(event_at, known_at, id)) AS previous_amount, max(amount) AS largest_amount_before,
       arg_max(cycle_no, row(event_at, known_at, id)) AS cycle_no
FROM loan_histories AS r WHERE {_R} AND r.member_id = {{member}} AND r.ledger = 'internal' HAVING count(*) > 0""",
    "events": f"""
SELECT count(p.id) FILTER (WHERE p.kind = 'restructured' AND p.reason = 'distress'
                           AND p.event_at >= $m - INTERVAL 730 DAY) AS restructured_24m
FROM loan_histories AS r LEFT JOIN loan_events AS p ON p.loan_id = r.id AND {_P}
WHERE {_R} AND r.member_id = {{member}} AND r.ledger = 'internal' HAVING count(*) > 0""",
    "trainings": f"""
SELECT count(DISTINCT session_no) AS training_sessions FROM trainings AS r
WHERE {_R} AND r.member_id = {{member}} AND r.topic IN ('credit_management', 'business_skills', 'savings')
HAVING count(*) > 0""",
}

PEERS = """
SELECT sum(late_share_cycle::DECIMAL(12,9))::DOUBLE / nullif(count(late_share_cycle), 0) AS peer_late_share,
       sum(CAST(CASE WHEN worst_delay_last_cycle > 90 THEN 90 ELSE worst_delay_last_cycle END
                AS DECIMAL(12,3)))::DOUBLE
           / nullif(count(worst_delay_last_cycle), 0) AS peer_worst_delay,
       sum(covered_by_group_share_3_cycles::DECIMAL(12,9))::DOUBLE
           / nullif(count(covered_by_group_share_3_cycles), 0) AS peer_covered_share,
       count(*) FILTER (WHERE bad_outcomes_known > 0)::DOUBLE
           / nullif(count(bad_outcomes_known), 0) AS peer_bad_outcome_share,
       sum(attendance_rate::DECIMAL(12,9))::DOUBLE / nullif(count(attendance_rate), 0) AS peer_attendance,
       count(*) FILTER (WHERE months_in_bank < 6)::DOUBLE / nullif(count(months_in_bank), 0) AS new_member_share
FROM her_bank LEFT JOIN her_instalments USING (member_id) LEFT JOIN her_payments USING (member_id)
LEFT JOIN her_attendance USING (member_id) LEFT JOIN her_outcomes USING (member_id)
WHERE here AND member_id <> {member} HAVING count(*) > 0"""

SIZES = """
SELECT count(*) FILTER (WHERE in_group) AS solidarity_size, count(*) FILTER (WHERE here) AS bank_size,
       count(*) FILTER (WHERE this_year AND NOT here)::DOUBLE / nullif(count(*) FILTER (WHERE this_year), 0)
           AS dropout_share
FROM her_bank"""


def row(con: duckdb.DuckDBPyConnection, member: str, moment: datetime) -> dict[str, float | None]:
    """Return every feature of the row, for a member who has a bank at the moment."""
    at = {"m": moment}
    words = {"member": _text(member)}
    group, bank = con.execute(PLACE.format(**words), at).fetchall()[0]
    words |= {"group": _text(group), "bank": _text(bank)}
    con.execute(f"CREATE OR REPLACE TEMP TABLE her_bank AS {BANK.format(**words)}", at)
    people = con.execute("SELECT member_id FROM her_bank WHERE here").fetchall()
    words["people"] = ", ".join(_text(one) for (one,) in people)
    con.execute(f"CREATE OR REPLACE TEMP TABLE her_cuts AS {CUTS.format(**words)}", at)
    found: dict[str, float | None] = {}
    for name, sql in SHARED.items():
        con.execute(f"CREATE OR REPLACE TEMP TABLE her_{name} AS {sql.format(**words)}", at)
        found |= _one(con, f"SELECT * EXCLUDE (member_id) FROM her_{name} WHERE member_id = {words['member']}", None)
    for sql in OWN.values():
        found |= _one(con, sql.format(**words), at)
    found |= _one(con, f"SELECT months_in_bank FROM her_bank WHERE member_id = {words['member']}", None)
    found |= _one(con, SIZES, None)
    return found | _one(con, PEERS.format(**words), None)


def _one(con: duckdb.DuckDBPyConnection, sql: str, at: dict[str, datetime] | None) -> dict[str, float | None]:
    answer = con.execute(sql, at)
    names = [column[0] for column in answer.description or ()]
    fetched = answer.fetchall()
    values = fetched[0] if fetched else (None,) * len(names)
    return {name: None if value is None else float(value) for name, value in zip(names, values, strict=True)}


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
