"""Settlement: which instalment was settled when, as it was known at every moment.

Payments of a loan settle its instalments first in, first out, whoever paid. An instalment is settled at the
``event_at`` of the payment that brings the sum paid to the sum due up to and including it. Instalments stand in the
order of due date, number, id; payments in the order of ``event_at``. What is known of a loan changes (a payment is
recorded, back-dated, corrected, reversed; a schedule is rewritten), so each instalment has versions, each with the
``settled_at`` that followed from what was known from its ``known_at`` until its ``known_until``.

Days late are never stored: ``greatest(0, days from due_on to least(coalesce(settled_at, as_of), as_of))``.

Three rules that are choices:

* An instalment of amount 0 owes nothing and is settled from the moment it was agreed.
* A due date that has passed does not move: a new version moves it only when recorded before the first instant of the
  day, or when the loan has a known ``restructured`` event with reason ``relief``. Restructuring in distress therefore
  never resets days late, and a missed meeting cannot be moved afterwards.
* What may stay unpaid is the portfolio's `Tolerance`, nothing by default.

How it is computed: a loan's time is cut into epochs wherever something other than "one more payment, later than all
known before" becomes known. Most loans have one epoch. Within one, the visible schedule is fixed and payments only
arrive in order, so one running sum and one ASOF join settle every instalment; the work is linear in rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from riskscore.frequency import PERIODS_PER_MONTH
from riskscore.portfolio import cache

if TYPE_CHECKING:
    import duckdb

    from riskscore.portfolio.folder import Portfolio

#: Instalments settled in one go; bounds the memory needed.
BATCH = 6_000_000

_LOANS = """
CREATE OR REPLACE TEMP TABLE settle_loans AS
SELECT id AS loan_id, member_id, group_id, bank_id, ledger, cycle_no, frequency, disbursed_on,
       greatest(known_at, event_at + INTERVAL 1 MICROSECOND) AS seen, known_until AS until
FROM loan_histories WHERE hash(id) % {parts} = {part}
"""

_INSTALMENTS = """
CREATE OR REPLACE TEMP TABLE settle_instalments AS
SELECT i.id, i.loan_id, i.number, i.due_on, coalesce(kept.due_on, i.due_on) AS due_kept, i.amount, i.principal,
       CAST(i.amount * 100 AS BIGINT) AS cents, i.event_at,
       greatest(i.known_at, i.event_at + INTERVAL 1 MICROSECOND) AS seen, i.known_until AS until
FROM instalments AS i LEFT JOIN settle_kept AS kept ON kept.id = i.id AND kept.known_at = i.known_at
WHERE hash(i.loan_id) % {parts} = {part}
"""

# The due date each version has under "a passed due date does not move", version by version.
_KEPT = """
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

_PAYMENTS = """
CREATE OR REPLACE TEMP TABLE settle_payments AS
SELECT loan_id, id, event_at, CAST(amount * 100 AS BIGINT) AS cents, reversed, seen, until,
       -- Recorded after a payment that was made later.
       coalesce(min(seen) OVER (PARTITION BY loan_id ORDER BY event_at, seen, id
                                ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) < seen, false) AS back_dated
FROM (SELECT *, greatest(known_at, event_at + INTERVAL 1 MICROSECOND) AS seen, known_until AS until FROM payments)
WHERE hash(loan_id) % {parts} = {part}
"""

_RELIEF = """
CREATE OR REPLACE TEMP TABLE settle_relief AS
SELECT loan_id, greatest(known_at, event_at + INTERVAL 1 MICROSECOND) AS seen, known_until AS until
FROM loan_events
WHERE kind = 'restructured' AND reason = 'relief' AND hash(loan_id) % {parts} = {part}
"""

_EPOCHS = """
CREATE OR REPLACE TEMP TABLE settle_epochs AS
WITH moments AS (
    SELECT loan_id, seen AS moment FROM settle_loans
    UNION SELECT loan_id, seen FROM settle_instalments
    UNION SELECT loan_id, seen FROM settle_payments WHERE back_dated
    UNION SELECT loan_id, until FROM settle_payments WHERE until IS NOT NULL
    UNION SELECT loan_id, seen FROM settle_relief
    UNION SELECT loan_id, until FROM settle_relief WHERE until IS NOT NULL
), spans AS (
    SELECT loan_id, moment AS start, lead(moment) OVER (PARTITION BY loan_id ORDER BY moment) AS stop FROM moments
)
SELECT spans.*, loan.* EXCLUDE (loan_id, seen, until),
       count(*) OVER (PARTITION BY spans.loan_id) > 1 AS several,
       EXISTS (FROM settle_relief AS r WHERE r.loan_id = spans.loan_id
               AND r.seen <= start AND (r.until IS NULL OR r.until > start)) AS relief
FROM spans JOIN settle_loans AS loan
  ON loan.loan_id = spans.loan_id AND loan.seen <= start AND (loan.until IS NULL OR loan.until > start)
"""

_PAID = """
CREATE OR REPLACE TEMP TABLE settle_paid AS
SELECT e.loan_id, e.start, p.event_at, greatest(p.seen, e.start) AS seen,
       CAST(sum(p.cents) OVER (PARTITION BY e.loan_id, e.start ORDER BY p.event_at, p.seen, p.id) AS BIGINT) AS paid
FROM settle_epochs AS e JOIN settle_payments AS p
  ON p.loan_id = e.loan_id AND NOT p.reversed
 AND (e.stop IS NULL OR p.seen < e.stop) AND (p.until IS NULL OR p.until > e.start)
"""

_DUE = """
CREATE OR REPLACE TEMP TABLE settle_due AS
WITH visible AS (
    SELECT e.loan_id, e.start, e.stop, i.id, i.number, i.amount, i.principal, i.cents, i.event_at,
           CASE WHEN e.relief THEN i.due_on ELSE i.due_kept END AS due_on
    FROM settle_epochs AS e JOIN settle_instalments AS i
      ON i.loan_id = e.loan_id AND i.seen <= e.start AND (i.until IS NULL OR i.until > e.start)
)
SELECT *, lead(id) OVER schedule IS NULL AS is_last,
       CAST(sum(cents) OVER schedule AS BIGINT)
       - least(greatest({tolerance_cents}, CAST(floor(cents * {tolerance_share}) AS BIGINT)), cents // 2) AS need
FROM visible
WINDOW schedule AS (PARTITION BY loan_id, start ORDER BY due_on, number, id)
"""

_MATCHED = """
CREATE OR REPLACE TEMP TABLE settle_matched AS
SELECT d.* EXCLUDE (cents, need),
       CASE WHEN d.cents = 0 THEN d.event_at ELSE p.event_at END AS settled_at,
       CASE WHEN d.cents = 0 THEN d.start ELSE p.seen END AS settled_seen
FROM settle_due AS d ASOF LEFT JOIN settle_paid AS p
  ON p.loan_id = d.loan_id AND p.start = d.start AND d.need <= p.paid
"""

_VERSIONS = """
WITH spans AS (
    SELECT * EXCLUDE (stop, settled_seen, settled_at),
           settled_seen AS known_at, stop AS known_until, settled_at
    FROM settle_matched WHERE settled_at IS NOT NULL
    UNION ALL BY NAME
    SELECT * EXCLUDE (stop, settled_seen, settled_at),
           start AS known_at, coalesce(settled_seen, stop) AS known_until, NULL::TIMESTAMP AS settled_at
    FROM settle_matched WHERE settled_at IS NULL OR settled_seen > start
), told AS (
    SELECT s.id, s.loan_id, e.member_id, e.group_id, e.bank_id, e.ledger, e.cycle_no, e.frequency,
           e.disbursed_on AS loan_disbursed_on, s.number, s.is_last, s.due_on, s.amount, s.principal,
           CASE e.frequency {periods} END AS periods_per_month,
           s.settled_at, s.event_at, s.known_at, s.known_until, e.several
    FROM spans AS s JOIN settle_epochs AS e ON e.loan_id = s.loan_id AND e.start = s.start
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
"""

_FACT = """struct_pack(loan_id, member_id, group_id, bank_id, ledger, cycle_no, frequency, loan_disbursed_on,
    number, is_last, due_on, amount, principal, settled_at, event_at)"""

_STEPS = (_LOANS, _INSTALMENTS, _PAYMENTS, _RELIEF, _EPOCHS, _PAID, _DUE, _MATCHED)
_TEMPORARY = ("kept", "loans", "instalments", "payments", "relief", "epochs", "paid", "due", "matched")


def settled_files(portfolio: Portfolio, con: duckdb.DuckDBPyConnection) -> Path:
    """Return the folder of Parquet files with every version of every instalment, settled on first use.

    Parameters
    ----------
    portfolio : Portfolio
    con : DuckDB connection
        With the portfolio's tables (`riskscore.portfolio.connection.tables_only`).

    Returns
    -------
    Path
        Columns: id (the instalment's), loan_id, member_id, group_id, bank_id, ledger, cycle_no, frequency,
        loan_disbursed_on, number, is_last, due_on, amount and principal (portfolio currency), periods_per_month
        (missing where the loan is repaid at maturity), settled_at (missing while open), event_at, known_at,
        known_until.
    """

    def build(aside: Path) -> None:
        aside.mkdir()
        settle(portfolio, con, aside)

    folder = cache.folder(portfolio.path, portfolio.manifest.content_hash)
    return cache.once(folder / "settled_instalments", build)


def settle(portfolio: Portfolio, con: duckdb.DuckDBPyConnection, into: Path, *, batch: int = BATCH) -> None:
    """Settle every instalment and write the versions as Parquet files into folder `into`."""
    parts = 1 + portfolio.manifest.rows.get("instalments", 0) // batch
    tolerance = portfolio.manifest.tolerance
    words = {
        "parts": parts,
        "tolerance_cents": int(tolerance.amount * 100),
        "tolerance_share": tolerance.share,
        "periods": " ".join(
            f"WHEN '{name}' THEN {per_month!r}::DOUBLE" for name, per_month in PERIODS_PER_MONTH.items()
        ),
        "fact": _FACT,
    }
    con.execute(_KEPT)
    for part in range(parts):
        for step in _STEPS:
            con.execute(step.format(part=part, **words))
        con.execute(
            f"COPY ({_VERSIONS.format(**words)}) TO '{_escaped(into / f'part-{part:04}.parquet')}' (FORMAT parquet)"
        )
    for name in _TEMPORARY:
        con.execute(f"DROP TABLE settle_{name}")


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
