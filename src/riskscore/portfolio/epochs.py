"""Settlement of a loan of which more became known than one more payment after the other.

A payment was recorded after a later one, corrected or reversed; a schedule was rewritten; the loan itself changed. Its
time is cut into *epochs* wherever something of that kind becomes known. Within one, the visible schedule is fixed and
payments arrive in order, so it is settled as a plain loan is. Versions of neighbouring epochs that say the same are
one.

The statements read the temporary tables of `riskscore.portfolio.settlement`, of the loans in ``settle_revised`` alone;
`KEPT` is asked once, before the parts.
"""

from __future__ import annotations

#: Of all loans: the due date each version has under "a passed due date does not move", version by version.
KEPT = """
CREATE OR REPLACE TEMP TABLE settle_kept AS
WITH RECURSIVE versions AS (
    SELECT id, known_at, due_on, greatest(known_at, event_at + INTERVAL 1 MICROSECOND) AS seen,
           row_number() OVER (PARTITION BY id ORDER BY known_at) AS version
    FROM instalments
    WHERE id IN (SELECT id FROM instalments WHERE known_until IS NOT NULL)
), chain AS (
    SELECT id, known_at, due_on, version FROM versions WHERE version = 1
    UNION ALL
    SELECT next.id, next.known_at, CASE WHEN next.seen < chain.due_on THEN next.due_on ELSE chain.due_on END,
           next.version
    FROM chain JOIN versions AS next ON next.id = chain.id AND next.version = chain.version + 1
)
SELECT id, known_at, due_on FROM chain WHERE version > 1
"""

_SCHEDULES = """
CREATE OR REPLACE TEMP TABLE settle_schedules AS
SELECT i.*, coalesce(kept.due_on, i.due_on) AS due_kept
FROM (FROM settle_instalments SEMI JOIN settle_revised USING (no)) AS i
LEFT JOIN settle_kept AS kept ON kept.id = i.id AND kept.known_at = i.known_at
"""

_ARRIVALS = """
CREATE OR REPLACE TEMP TABLE settle_arrivals AS
SELECT *,
       -- Recorded after a payment that was made later.
       coalesce(min(seen) OVER (PARTITION BY no ORDER BY event_at, seen
                                ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) < seen, false) AS back_dated
FROM settle_payments SEMI JOIN settle_revised USING (no)
"""

_EPOCHS = """
CREATE OR REPLACE TEMP TABLE settle_epochs AS
WITH loans AS (
    FROM settle_loans SEMI JOIN settle_revised USING (no)
), moments AS (
    SELECT no, seen AS moment FROM loans
    UNION SELECT no, seen FROM settle_schedules
    UNION SELECT no, seen FROM settle_arrivals WHERE back_dated
    UNION SELECT no, until FROM settle_arrivals WHERE until IS NOT NULL
    UNION SELECT no, seen FROM settle_relief
    UNION SELECT no, until FROM settle_relief WHERE until IS NOT NULL
), spans AS (
    SELECT no, moment AS start, lead(moment) OVER (PARTITION BY no ORDER BY moment) AS stop FROM moments
)
SELECT spans.*, loan.* EXCLUDE (no, seen, until), count(*) OVER (PARTITION BY spans.no) > 1 AS several,
       EXISTS (FROM settle_relief AS r WHERE r.no = spans.no
               AND r.seen <= start AND (r.until IS NULL OR r.until > start)) AS relief
FROM spans JOIN loans AS loan
  ON loan.no = spans.no AND loan.seen <= start AND (loan.until IS NULL OR loan.until > start)
"""

_PAID = """
CREATE OR REPLACE TEMP TABLE settle_paid AS
SELECT e.no, e.start, p.event_at, greatest(p.seen, e.start) AS seen,
       CAST(sum(p.cents) OVER (PARTITION BY e.no, e.start ORDER BY p.event_at, p.seen) AS BIGINT) AS paid
FROM settle_epochs AS e JOIN settle_arrivals AS p
  ON p.no = e.no AND NOT p.reversed
 AND (e.stop IS NULL OR p.seen < e.stop) AND (p.until IS NULL OR p.until > e.start)
"""

#: The sum due up to an instalment, within its epoch.
DUE = "CAST(sum(cents) OVER schedule AS BIGINT)"

_DUE = """
CREATE OR REPLACE TEMP TABLE settle_due AS
WITH visible AS (
    SELECT e.no, e.start, e.stop, i.id, i.number, i.amount, i.principal, i.cents, i.event_at,
           CASE WHEN e.relief THEN i.due_on ELSE i.due_kept END AS due_on
    FROM settle_epochs AS e JOIN settle_schedules AS i
      ON i.no = e.no AND i.seen <= e.start AND (i.until IS NULL OR i.until > e.start)
)
SELECT *, lead(no) OVER schedule IS NULL AS is_last,
       {need} AS need
FROM visible
WINDOW schedule AS (PARTITION BY no, start ORDER BY due_on, number, id)
"""

_MATCHED = """
CREATE OR REPLACE TEMP TABLE settle_matched AS
SELECT d.* EXCLUDE (cents, need),
       CASE WHEN d.cents = 0 THEN d.event_at ELSE p.event_at END AS settled_at,
       CASE WHEN d.cents = 0 THEN d.start ELSE p.seen END AS settled_seen
FROM settle_due AS d ASOF LEFT JOIN settle_paid AS p
  ON p.no = d.no AND p.start = d.start AND d.need <= p.paid
"""

_FACT = """struct_pack(loan_id, member_id, group_id, bank_id, ledger, cycle_no, frequency, loan_disbursed_on,
    number, is_last, due_on, amount, principal, settled_at, event_at)"""

VERSIONS = """
WITH spans AS (
    SELECT * EXCLUDE (stop, settled_seen, settled_at),
           settled_seen AS known_at, stop AS known_until, settled_at
    FROM settle_matched WHERE settled_at IS NOT NULL
    UNION ALL BY NAME
    SELECT * EXCLUDE (stop, settled_seen, settled_at),
           start AS known_at, coalesce(settled_seen, stop) AS known_until, NULL::TIMESTAMP AS settled_at
    FROM settle_matched WHERE settled_at IS NULL OR settled_seen > start
), told AS (
    SELECT s.id, e.loan_id, e.member_id, e.group_id, e.bank_id, e.ledger, e.cycle_no, e.frequency,
           e.loan_disbursed_on, s.number, s.is_last, s.due_on, s.amount, s.principal,
           CASE e.frequency {periods} END AS periods_per_month,
           s.settled_at, s.event_at, s.known_at, s.known_until, e.several
    FROM spans AS s JOIN settle_epochs AS e ON e.no = s.no AND e.start = s.start
), compared AS (
    SELECT *, {fact} AS fact, lag({fact}) OVER known AS fact_before, lag(known_until) OVER known AS until_before
    FROM told WHERE several WINDOW known AS (PARTITION BY id ORDER BY known_at)
), runs AS (
    -- Versions that follow each other and say the same are one.
    SELECT *, count(*) FILTER (WHERE fact_before IS DISTINCT FROM fact OR until_before IS DISTINCT FROM known_at)
              OVER (PARTITION BY id ORDER BY known_at) AS run
    FROM compared
)
SELECT * EXCLUDE (several) FROM told WHERE NOT several
UNION ALL BY NAME
SELECT any_value(COLUMNS(* EXCLUDE (known_at, known_until, several, fact, fact_before, until_before, run))),
       min(known_at) AS known_at,
       CASE WHEN bool_or(known_until IS NULL) THEN NULL ELSE max(known_until) END AS known_until
FROM runs GROUP BY id, run
""".replace("{fact}", _FACT)

STEPS = (_SCHEDULES, _ARRIVALS, _EPOCHS, _PAID, _DUE, _MATCHED)
TEMPORARY = ("kept", "schedules", "arrivals", "epochs", "paid", "due", "matched")
