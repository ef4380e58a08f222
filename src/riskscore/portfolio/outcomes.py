"""What became of a loan: the internal member outcome, and the external one of the group.

The figures below are the standing ones; a recipe may state others (`riskscore.portfolio.maturity_rule`). Features that
read earlier outcomes (``loan_outcomes``) rest on the standing ones whatever a recipe states.

**The member outcome** (internal ledger, loan with a member). Everything below is read as it was known at `final_at`;
a correction recorded later does not change a label.

final_at
    The later of (a) the first instant after the thirtieth day after maturity, ``maturity + 31 days, 00:00``, where
    maturity is the last due date of the schedule then in force, and (b) the moment the close of the cycle's books (a
    ``books_closed`` event; a ``written_off`` event also closes them) was known. As long as no ``books_closed`` of any
    loan was known, (a) alone: who begins to record closes keeps the outcomes from before. After that a loan without a
    close is not final.
    Outcomes with ``final_at`` after the data moment are not returned.

bad, if any of
    * **late**: an instalment settled (FIFO, by any payer) on a day that is both 15 or more days after its due date and
      after the next meeting: ``settled day >= due_on + 15 and settled day > next``. ``next`` is the next greater due
      date of the loan; for the last instalment ``due_on + (due_on - due date before)``; for a loan of one instalment
      ``due_on``. An instalment with an amount still open at `final_at` is late.
    * **covered**: two or more instalments borne by others. Payments with payer ``group`` or ``savings`` are others',
      except the part of ``savings`` that falls, in FIFO order, into the last instalment (netted by rule). ``theirs(i)``
      is their part of instalments 1 to i in FIFO order; ``gap(i)`` what her own payments, until the end of the seventh
      day after the day instalment i was settled, leave of instalments 1 to i. They bore ``B``, the greatest
      ``min(theirs(i), gap(i))``; covered is the number of instalments, in order, that have a part of theirs and
      ``theirs(i - 1) < B``. So what she repays within seven days, as a payment of her own or by their payment being
      reversed, is not cover.
    * **left**: her membership ended on day x (``valid_to = x``), she was in no other group of the same communal bank
      on that day, and the loan, disbursed on or before x, had an amount settled after day x or never.
    * **distress**: a ``restructured`` event with reason ``distress``.
    * **written_off**: a ``written_off`` event.

indeterminate
    One covered instalment and nothing bad.

good
    Everything else. A ``restructured`` event with reason ``relief`` (a declared emergency) is a mark of its own: it is
    never bad, and moves due dates that have passed (see `riskscore.portfolio.settlement`); what happens on the moved
    schedule counts as on any other. Other reasons are no fault either, and move only due dates still to come.

A label in ``outcomes_given`` stands in the place of a computed one for the same application from when it was known,
which is its `final_at`; until then a computed one stands.

**The group outcome** (external ledger): bad where an instalment was 31 or more days late, or the loan was restructured
in distress, written off, or its guarantee called; indeterminate where the worst instalment was 9 to 30 days late; final
at the first instant after the thirtieth day after maturity, books or not. Producer associations have an outcome of
their own: `riskscore.portfolio.producer_outcomes`.

Source: Schreiner 2004 (costly arrears of 15 days), made fit for instalments twice a month. A window
shorter than the rule (a loan not final) gives no label: open is not good.
"""

from __future__ import annotations

from dataclasses import asdict, astuple
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from riskscore.portfolio import cache
from riskscore.portfolio.connection import since
from riskscore.portfolio.maturity_rule import BankRule, MemberRule

if TYPE_CHECKING:
    import duckdb

    from riskscore.portfolio.folder import Portfolio

# When each loan's outcome is final. The schedule in force is looked up version by version, since a rewritten one may
# move maturity; what is recorded after `final_at` cannot move it.
FINALS = """
CREATE OR REPLACE TEMP TABLE judge_finals AS
WITH closes AS (
    SELECT loan_id, min(known_at) AS closed FROM loan_events WHERE kind IN ('books_closed', 'written_off') GROUP BY 1
), dues AS (
    SELECT loan_id, id, min(due_on) AS earliest, max(due_on) AS latest, min(known_at) AS known
    FROM settled_instalments WHERE ledger = '{ledger}' GROUP BY 1, 2
), plain AS (
    SELECT loan_id, max(latest) AS maturity, min(known) AS start,
           bool_or(earliest <> latest) OR min(known) <> max(known) AS moved
    FROM dues GROUP BY 1
), spans AS (
    SELECT loan_id, due_on, known_at, known_until FROM settled_instalments
    WHERE loan_id IN (SELECT loan_id FROM plain WHERE moved)
), moments AS (
    SELECT loan_id, known_at AS start, lead(known_at) OVER (PARTITION BY loan_id ORDER BY known_at) AS stop
    FROM (SELECT DISTINCT loan_id, known_at FROM spans)
), schedules AS (
    SELECT loan_id, start, NULL::TIMESTAMP AS stop, maturity FROM plain WHERE NOT moved
    UNION ALL
    SELECT m.loan_id, m.start, m.stop, max(s.due_on)
    FROM moments AS m JOIN spans AS s
      ON s.loan_id = m.loan_id AND s.known_at <= m.start AND (s.known_until IS NULL OR s.known_until > m.start)
    GROUP BY ALL
), due AS (
    SELECT *, greatest(start, {ends}) AS earliest FROM schedules
), candidates AS (
    SELECT loan_id, stop,
           CASE WHEN earliest < {first_close} THEN earliest ELSE greatest(earliest, closed) END AS final_at
    FROM due LEFT JOIN closes USING (loan_id) WHERE earliest < {first_close} OR closed IS NOT NULL
)
SELECT loan_id, min(final_at) AS final_at FROM candidates
WHERE (stop IS NULL OR final_at < stop) AND final_at <= TIMESTAMP '{moment}' GROUP BY 1
"""

LOANS = """
CREATE OR REPLACE TEMP TABLE judge_loans AS
SELECT f.loan_id, f.final_at, loan.application_id, loan.member_id, loan.group_id, loan.bank_id, loan.disbursed_on
FROM judge_finals AS f JOIN loan_histories AS loan
  ON loan.id = f.loan_id AND loan.known_at <= f.final_at AND (loan.known_until IS NULL OR loan.known_until > f.final_at)
WHERE loan.ledger = '{ledger}' AND (loan.member_id IS NOT NULL OR '{ledger}' = 'external')
"""

ROWS = """
CREATE OR REPLACE TEMP TABLE judge_rows AS
SELECT s.loan_id, s.id, s.number, s.due_on, s.is_last, CAST(s.amount * 100 AS BIGINT) AS cents, s.settled_at,
       f.final_at,
       min(s.due_on) OVER (by_day RANGE BETWEEN INTERVAL 1 DAY FOLLOWING AND UNBOUNDED FOLLOWING) AS due_after,
       max(s.due_on) OVER (by_day RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 DAY PRECEDING) AS due_before,
       sum(CAST(s.amount * 100 AS BIGINT)) OVER schedule AS due
FROM judge_loans AS f JOIN settled_instalments AS s
  ON s.loan_id = f.loan_id AND s.known_at <= f.final_at AND (s.known_until IS NULL OR s.known_until > f.final_at)
 AND s.event_at < f.final_at
WINDOW schedule AS (PARTITION BY s.loan_id ORDER BY s.due_on, s.number, s.id),
       by_day AS (PARTITION BY s.loan_id ORDER BY s.due_on)
"""

LATE = """
CREATE OR REPLACE TEMP TABLE judge_late AS
SELECT loan_id, bool_or(settled_at IS NULL) AS open, max(settled_at::DATE) AS settled_on,
       max(date_diff('day', due_on, coalesce(settled_at, final_at)::DATE)) AS worst,
       bool_or(settled_at IS NULL OR (settled_at::DATE - due_on >= {days_late} AND settled_at::DATE >
           coalesce(due_after, due_on + CAST(coalesce(due_on - due_before, 0) AS INTEGER)))) AS late
FROM judge_rows GROUP BY loan_id
"""

_PAID = """
CREATE OR REPLACE TEMP TABLE judge_paid AS
SELECT p.loan_id, p.payer, p.event_at, CAST(p.amount * 100 AS BIGINT) AS cents,
       sum(CAST(p.amount * 100 AS BIGINT)) OVER (PARTITION BY p.loan_id ORDER BY p.event_at, p.known_at, p.id) AS paid
FROM judge_loans AS f JOIN payments AS p
  ON p.loan_id = f.loan_id AND NOT p.reversed AND p.event_at < f.final_at
 AND p.known_at <= f.final_at AND (p.known_until IS NULL OR p.known_until > f.final_at)
WHERE p.loan_id IN (SELECT loan_id FROM payments WHERE payer <> 'self')
"""

_COVERED = """
CREATE OR REPLACE TEMP TABLE judge_covered AS
WITH parts AS (
    SELECT r.loan_id, r.id, r.due_on, r.number, any_value(r.due) AS due,
           sum(CASE WHEN p.payer = 'self' OR (p.payer = 'savings' AND r.is_last) THEN 0
                    ELSE greatest(0, least(p.paid, r.due) - greatest(p.paid - p.cents, r.due - r.cents)) END) AS part,
           sum(CASE WHEN p.payer = 'self' AND p.event_at::DATE <= coalesce(r.settled_at, r.final_at)::DATE + 7
                    THEN p.cents ELSE 0 END) AS own
    FROM judge_rows AS r JOIN judge_paid AS p USING (loan_id)
    GROUP BY r.loan_id, r.id, r.due_on, r.number
), sums AS (
    SELECT loan_id, part, due - own AS gap,
           sum(part) OVER (PARTITION BY loan_id ORDER BY due_on, number, id) AS theirs
    FROM parts
), borne AS (
    SELECT *, max(least(theirs, gap)) OVER (PARTITION BY loan_id) AS borne FROM sums
)
SELECT loan_id, count(*) FILTER (WHERE part > 0 AND theirs - part < borne) AS covered
FROM borne GROUP BY loan_id
"""

_LEFT = """
CREATE OR REPLACE TEMP TABLE judge_left AS
WITH placed AS (
    SELECT loan.loan_id, m.valid_from, m.valid_to
    FROM judge_loans AS loan
    JOIN memberships AS m
      ON m.member_id = loan.member_id AND m.event_at < loan.final_at AND m.known_at <= loan.final_at
     AND (m.known_until IS NULL OR m.known_until > loan.final_at)
    JOIN groups AS g
      ON g.id = m.group_id AND coalesce(g.parent_id, g.id) = loan.bank_id
     AND g.event_at < loan.final_at AND g.known_at <= loan.final_at
     AND (g.known_until IS NULL OR g.known_until > loan.final_at)
)
SELECT DISTINCT gone.loan_id
FROM placed AS gone JOIN judge_loans AS loan USING (loan_id) JOIN judge_late AS late USING (loan_id)
WHERE gone.valid_to >= loan.disbursed_on AND gone.valid_to < loan.final_at
  AND (late.open OR late.settled_on > gone.valid_to)
  AND NOT EXISTS (FROM placed AS stays WHERE stays.loan_id = gone.loan_id AND stays.valid_from <= gone.valid_to
                  AND (stays.valid_to IS NULL OR stays.valid_to > gone.valid_to))
"""

_EVENTS = """
CREATE OR REPLACE TEMP TABLE judge_events AS
SELECT e.loan_id, bool_or(e.kind = 'written_off') AS written_off,
       bool_or(e.kind = 'guarantee_called') AS guarantee_called,
       coalesce(bool_or(e.kind = 'restructured' AND e.reason = 'distress'), false) AS distress,
       coalesce(bool_or(e.kind = 'restructured' AND e.reason = 'relief'), false) AS relief
FROM judge_loans AS f JOIN loan_events AS e
  ON e.loan_id = f.loan_id AND e.event_at < f.final_at AND e.known_at <= f.final_at
 AND (e.known_until IS NULL OR e.known_until > f.final_at)
GROUP BY 1
"""

_FACTS = """
SELECT f.loan_id, f.application_id, f.member_id, f.group_id, f.bank_id, '{ledger}' AS ledger, f.final_at,
       late.worst, late.late, coalesce(c.covered, 0) AS covered, f.loan_id IN (FROM judge_left) AS left_with_debt,
       coalesce(e.distress, false) AS distress, coalesce(e.written_off, false) AS written_off,
       coalesce(e.guarantee_called, false) AS guarantee_called, coalesce(e.relief, false) AS relief
FROM judge_loans AS f JOIN judge_late AS late USING (loan_id)
LEFT JOIN judge_covered AS c USING (loan_id) LEFT JOIN judge_events AS e USING (loan_id)
"""

_LABELS = {
    "internal": """CASE WHEN late OR covered >= {covered_instalments} OR left_with_debt OR distress OR written_off
                        THEN 'bad'
                        WHEN covered >= 1 THEN 'indeterminate' ELSE 'good' END""",
    "external": """CASE WHEN worst >= {days_late} OR distress OR written_off OR guarantee_called THEN 'bad'
                        WHEN worst >= {indeterminate_days_late} THEN 'indeterminate' ELSE 'good' END""",
}

# Each label with its application, group and loan as they were known when the label was.
GIVEN = f"""
SELECT loan.id AS loan_id, g.application_id, a.member_id, a.group_id, coalesce(banks.parent_id, a.group_id) AS bank_id,
       a.ledger, g.known_at AS final_at, g.label, g.known_until
FROM outcomes_given AS g
ASOF JOIN {since("applications")} AS a ON a.id = g.application_id AND a.since <= g.known_at
ASOF LEFT JOIN {since("groups")} AS banks ON banks.id = a.group_id AND banks.since <= g.known_at
ASOF LEFT JOIN {since("loans")} AS loan ON loan.application_id = a.id AND loan.since <= g.known_at
WHERE a.ledger = '{{ledger}}' AND g.known_at <= TIMESTAMP '{{moment}}'
"""

_TEMPORARY = ("finals", "loans", "rows", "late", "paid", "covered", "left", "events")


def member_outcomes(portfolio: Portfolio, rule: MemberRule | None = None) -> pl.DataFrame:
    """Return the final outcome of every loan of the internal ledger that a member took.

    Parameters
    ----------
    portfolio : Portfolio
    rule : MemberRule, optional
        The standing figures where none is given.

    Returns
    -------
    DataFrame
        application_id (missing where the loan names none), loan_id, member_id, group_id, label ("good", "bad" or
        "indeterminate"), final_at, then what the label rests on: worst (days late), late, covered (instalments),
        left_with_debt, distress, written_off, relief; these are missing where the label was given.
    """
    return _outcomes(portfolio, rule or MemberRule()).drop("guarantee_called")


def group_outcomes(portfolio: Portfolio, rule: BankRule | None = None) -> pl.DataFrame:
    """Return the final outcome of every loan of the external ledger; rule and columns as in `member_outcomes`."""
    return _outcomes(portfolio, rule or BankRule()).drop("covered", "left_with_debt", "late")


def outcomes_file(portfolio: Portfolio, con: duckdb.DuckDBPyConnection, rule: MemberRule | BankRule) -> Path:
    """Return the Parquet file with every version of every outcome of a ledger, judged on first use: one file a rule.

    Parameters
    ----------
    portfolio : Portfolio
    con : DuckDB connection
        With the portfolio's tables and ``settled_instalments``.
    rule : MemberRule or BankRule
        Whose loans, and by which figures.
    """

    def build(aside: Path) -> None:
        judge(portfolio, con, rule, aside)

    folder = cache.folder(portfolio.path, portfolio.manifest.content_hash)
    figures = "-".join(str(figure) for figure in astuple(rule))
    return cache.once(folder / f"outcomes-{rule.ledger}-{figures}.parquet", build)


def judge(portfolio: Portfolio, con: duckdb.DuckDBPyConnection, rule: MemberRule | BankRule, into: Path) -> None:
    """Judge every loan of a ledger and write every version of every outcome as the Parquet file `into`.

    Parameters
    ----------
    portfolio : Portfolio
    con : DuckDB connection
        With the portfolio's tables and ``settled_instalments``.
    rule : MemberRule or BankRule
    into : Path
    """
    closes = "(SELECT min(known_at) FROM loan_events WHERE kind = 'books_closed')"
    never = "TIMESTAMP 'infinity'"
    words = {
        **asdict(rule),
        # The days are whole ones: the outcome is final at the first instant after the last of them.
        "ends": f"maturity::TIMESTAMP + INTERVAL {rule.days_after_maturity + 1} DAY",
        "ledger": rule.ledger,
        "moment": portfolio.moment(),
        "first_close": f"coalesce({closes}, {never})" if rule.ledger == "internal" else never,
    }
    for step in (FINALS, LOANS, ROWS, LATE, _PAID, _COVERED, _LEFT, _EVENTS):
        con.execute(step.format(**words))
    con.execute(
        f"""COPY (
            WITH given AS ({GIVEN.format(**words)}),
            computed AS (SELECT *, {_LABELS[rule.ledger].format(**words)} AS label FROM ({_FACTS.format(**words)}))
            SELECT coalesce(application_id, loan_id) AS id, final_at AS event_at, final_at AS known_at,
                   known_until, * EXCLUDE (known_until)
            FROM (SELECT computed.*, told.since AS known_until
                  FROM computed LEFT JOIN (
                      SELECT application_id, min(final_at) AS since FROM given GROUP BY application_id
                  ) AS told USING (application_id)
                  WHERE told.since IS NULL OR final_at < told.since
                  UNION ALL BY NAME FROM given)
            ORDER BY id, known_at
        ) TO '{str(into).replace("'", "''")}' (FORMAT parquet)"""
    )
    for name in _TEMPORARY:
        con.execute(f"DROP TABLE judge_{name}")


def _outcomes(portfolio: Portfolio, rule: MemberRule | BankRule) -> pl.DataFrame:
    con = portfolio.connect()
    try:
        file = outcomes_file(portfolio, con, rule)
    finally:
        con.close()
    first = ("application_id", "loan_id", "member_id", "group_id", "label", "final_at")
    rest = ("worst", "late", "covered", "left_with_debt", "distress", "written_off", "guarantee_called", "relief")
    return pl.read_parquet(file, glob=False).filter(pl.col("known_until").is_null()).select(*first, *rest)
