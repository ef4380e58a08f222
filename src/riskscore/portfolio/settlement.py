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

How it is computed. Loans are numbered in the order of bank and member, and settled in parts of neighbouring numbers,
each part into a file: memory stays bounded, rows of one bank lie together, and a reader who asks for some banks reads
little else. A loan is *plain* while nothing becomes known of it but one more payment, later than all known before: most
are. Its schedule is fixed, so one running sum a side and one ASOF join settle it, and each instalment has two versions
at most, open and settled. Every other loan is *revised*, and goes the way of `riskscore.portfolio.epochs`. The work is
linear in rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from riskscore.frequency import PERIODS_PER_MONTH
from riskscore.portfolio import cache, epochs

if TYPE_CHECKING:
    import duckdb

    from riskscore.portfolio.folder import Portfolio

#: Bytes of the memory limit that settling one instalment of a part takes, with what DuckDB needs besides.
BYTES_PER_INSTALMENT = 500

_SEEN = "greatest({t}.known_at, {t}.event_at + INTERVAL 1 MICROSECOND)"

_NUMBERS = """
CREATE OR REPLACE TEMP TABLE settle_numbers AS
SELECT id, CAST(row_number() OVER (ORDER BY min(bank_id), min(member_id), id) AS INTEGER) AS no
FROM loan_histories GROUP BY id
"""

_LOANS = f"""
CREATE OR REPLACE TEMP TABLE settle_loans AS
SELECT number.no, loan.id AS loan_id, loan.member_id, loan.group_id, loan.bank_id, loan.ledger, loan.cycle_no,
       loan.frequency, loan.disbursed_on AS loan_disbursed_on, {_SEEN.format(t="loan")} AS seen,
       loan.known_until AS until
FROM loan_histories AS loan JOIN settle_numbers AS number ON number.id = loan.id
WHERE number.no BETWEEN {{first}} AND {{last}}
"""

_INSTALMENTS = f"""
CREATE OR REPLACE TEMP TABLE settle_instalments AS
SELECT number.no, i.id, i.number, i.due_on, i.amount, i.principal, CAST(i.amount * 100 AS BIGINT) AS cents, i.event_at,
       i.known_at, {_SEEN.format(t="i")} AS seen, i.known_until AS until
FROM instalments AS i JOIN settle_numbers AS number ON number.id = i.loan_id
WHERE number.no BETWEEN {{first}} AND {{last}}
"""

# Payments made and seen at one moment are one: they are summed together, and which of them is found tells the same.
_PAYMENTS = f"""
CREATE OR REPLACE TEMP TABLE settle_payments AS
SELECT *, CAST(sum(cents) OVER arrived AS BIGINT) AS paid, seen < lag(seen) OVER arrived AS overtaken
FROM (SELECT number.no, p.event_at, CAST(p.amount * 100 AS BIGINT) AS cents, p.reversed,
             {_SEEN.format(t="p")} AS seen, p.known_until AS until
      FROM payments AS p JOIN settle_numbers AS number ON number.id = p.loan_id
      WHERE number.no BETWEEN {{first}} AND {{last}})
WINDOW arrived AS (PARTITION BY no ORDER BY event_at, seen)
"""

_RELIEF = f"""
CREATE OR REPLACE TEMP TABLE settle_relief AS
SELECT number.no, {_SEEN.format(t="e")} AS seen, e.known_until AS until
FROM loan_events AS e JOIN settle_numbers AS number ON number.id = e.loan_id
WHERE e.kind = 'restructured' AND e.reason = 'relief' AND number.no BETWEEN {{first}} AND {{last}}
"""

_REVISED = """
CREATE OR REPLACE TEMP TABLE settle_revised AS
SELECT no FROM settle_loans GROUP BY no HAVING count(*) > 1 OR bool_or(until IS NOT NULL)
UNION SELECT no FROM settle_instalments JOIN settle_loans AS loan USING (no)
      WHERE settle_instalments.until IS NOT NULL OR settle_instalments.seen > loan.seen
UNION SELECT no FROM settle_instalments SEMI JOIN settle_kept USING (id)
UNION SELECT no FROM settle_payments WHERE overtaken OR reversed OR until IS NOT NULL
UNION SELECT no FROM settle_relief
"""

#: What of the sum due up to an instalment must be paid, where `due` is that sum.
NEED = """{due}
       - least(greatest({tolerance_cents}, CAST(floor(cents * {tolerance_share}) AS BIGINT)), cents // 2)"""

# Compared by number and sum at once, the join sorts the whole part, and its rows come out in the order of banks.
_PLAIN = """
WITH due AS (
    SELECT no, id, number, due_on, amount, principal, cents, event_at, lead(no) OVER schedule IS NULL AS is_last,
           CAST(sum(cents) OVER schedule AS BIGINT) AS due
    FROM settle_instalments ANTI JOIN settle_revised USING (no)
    WINDOW schedule AS (PARTITION BY no ORDER BY due_on, number, id)
), needed AS (
    SELECT * EXCLUDE (cents, due), {need} AS need FROM due
), matched AS (
    SELECT d.*, CASE WHEN d.amount = 0 THEN d.event_at WHEN p.no = d.no THEN p.event_at END AS settled,
           CASE WHEN d.amount > 0 THEN p.seen END AS settled_seen
    FROM needed AS d
    ASOF LEFT JOIN (FROM settle_payments ANTI JOIN settle_revised USING (no)) AS p
      ON row(d.no, d.need) <= row(p.no, p.paid)
), told AS (
    SELECT m.* EXCLUDE (no, settled_seen), loan.*, greatest(m.settled_seen, loan.seen) AS settled_seen
    FROM matched AS m JOIN settle_loans AS loan ON loan.no = m.no
), versions AS (
    SELECT *, unnest(CASE WHEN settled IS NULL THEN [true] WHEN settled_seen > seen THEN [true, false] ELSE [false] END)
              AS open
    FROM told
)
SELECT id, loan_id, member_id, group_id, bank_id, ledger, cycle_no, frequency, loan_disbursed_on, number, is_last,
       due_on, amount, principal, CASE frequency {periods} END AS periods_per_month,
       CASE WHEN NOT open THEN settled END AS settled_at, event_at,
       CASE WHEN open THEN seen ELSE settled_seen END AS known_at,
       CASE WHEN open AND settled IS NOT NULL THEN settled_seen END AS known_until
FROM versions
"""

_STEPS = (_LOANS, _INSTALMENTS, _PAYMENTS, _RELIEF, _REVISED, *epochs.STEPS)
_TEMPORARY = ("numbers", "loans", "instalments", "payments", "relief", "revised", *epochs.TEMPORARY)


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


def settle(portfolio: Portfolio, con: duckdb.DuckDBPyConnection, into: Path, *, batch: int | None = None) -> None:
    """Settle every instalment and write the versions as Parquet files into folder `into`.

    Parameters
    ----------
    portfolio : Portfolio
    con : DuckDB connection
        With the portfolio's tables.
    into : Path
    batch : int, optional
        Instalments settled in one go. By default as many as the connection's memory limit holds.
    """
    memory = con.execute("SELECT parse_formatted_bytes(current_setting('memory_limit'))").fetchall()[0][0]
    parts = 1 + portfolio.manifest.rows.get("instalments", 0) // (batch or memory // BYTES_PER_INSTALMENT)
    tolerance = portfolio.manifest.tolerance
    words = {
        "tolerance_cents": int(tolerance.amount * 100),
        "tolerance_share": tolerance.share,
        "periods": " ".join(
            f"WHEN '{name}' THEN {per_month!r}::DOUBLE" for name, per_month in PERIODS_PER_MONTH.items()
        ),
    }
    plain = _PLAIN.format(need=NEED.format(due="due", **words), **words)
    con.execute(epochs.KEPT)
    con.execute(_NUMBERS)
    loans = con.execute("SELECT count(*) FROM settle_numbers").fetchall()[0][0]
    for part in range(parts):
        words |= {"first": 1 + loans * part // parts, "last": loans * (part + 1) // parts}
        for step in _STEPS:
            con.execute(step.format(need=NEED.format(due=epochs.DUE, **words), **words))
        con.execute(
            f"COPY (({plain}) UNION ALL BY NAME ({epochs.VERSIONS.format(**words)})) "
            f"TO '{_escaped(into / f'part-{part:04}.parquet')}' (FORMAT parquet)"
        )
    for name in _TEMPORARY:
        con.execute(f"DROP TABLE settle_{name}")


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
