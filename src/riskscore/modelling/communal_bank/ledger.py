"""What the bank's own book says of falls: when each began, and who paid of a fallen member's loan.

Only loans whose outcome was final count, and each is read as it was known then, like the outcome itself.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from riskscore.portfolio import Portfolio
from riskscore.portfolio.connection import text
from riskscore.portfolio.maturity_rule import MemberRule
from riskscore.portfolio.outcomes import outcomes_file

# The meeting at which trouble began is the number of the first instalment that was `days_late` days late, or the last
# one due when others first paid or the loan was restructured in distress. Her own part is the loan less the
# most that she was behind by herself, `days` days after it fell due. What others paid is that less the most that was
# behind by all payers together; her savings' part is what they had paid at her own worst.
_FALLS = """
WITH bad AS (
    SELECT application_id, loan_id, final_at FROM member_outcomes
    WHERE label = 'bad' AND application_id IS NOT NULL AND loan_id IS NOT NULL AND final_at <= $moment
      AND known_until IS NULL
), dues AS (
    SELECT b.loan_id, b.final_at, s.number, s.due_on, s.amount, s.settled_at
    FROM bad AS b JOIN settled_instalments AS s
      ON s.loan_id = b.loan_id AND s.known_at <= b.final_at AND (s.known_until IS NULL OR s.known_until > b.final_at)
     AND s.event_at < b.final_at
), paid AS (
    SELECT b.loan_id, p.payer, p.event_at, p.amount
    FROM bad AS b JOIN payments AS p
      ON p.loan_id = b.loan_id AND NOT p.reversed AND p.event_at < b.final_at
     AND p.known_at <= b.final_at AND (p.known_until IS NULL OR p.known_until > b.final_at)
), trouble AS (
    SELECT loan_id, due_on FROM dues
    WHERE date_diff('day', due_on, coalesce(settled_at, final_at)::DATE) >= $days_late
    UNION ALL
    SELECT loan_id, event_at::DATE FROM paid WHERE payer <> 'self'
    UNION ALL
    SELECT b.loan_id, e.event_at::DATE
    FROM bad AS b JOIN loan_events AS e
      ON e.loan_id = b.loan_id AND e.kind IN ('restructured', 'written_off') AND coalesce(e.reason, '') <> 'relief'
     AND e.event_at < b.final_at AND e.known_at <= b.final_at
     AND (e.known_until IS NULL OR e.known_until > b.final_at)
), began AS (
    SELECT loan_id, min(due_on) AS began_on FROM trouble GROUP BY 1
), owed AS (
    SELECT d.loan_id, sum(d.amount)::DOUBLE AS owed,
           greatest(1, count(*) FILTER (WHERE d.due_on <= g.began_on)) AS meeting, any_value(g.began_on) AS began_on
    FROM dues AS d LEFT JOIN began AS g USING (loan_id) GROUP BY 1
), promised AS (
    SELECT loan_id, number, due_on, sum(amount) OVER (PARTITION BY loan_id ORDER BY due_on, number) AS so_far FROM dues
), behind AS (
    SELECT d.loan_id, d.number,
           d.so_far - coalesce(sum(p.amount) FILTER (WHERE p.payer = 'self'), 0) AS by_herself,
           d.so_far - coalesce(sum(p.amount), 0) AS by_all,
           coalesce(sum(p.amount) FILTER (WHERE p.payer = 'savings'), 0) AS savings
    FROM promised AS d LEFT JOIN paid AS p
      ON p.loan_id = d.loan_id AND p.event_at::DATE <= d.due_on + CAST($days AS INTEGER)
    GROUP BY d.loan_id, d.number, d.so_far
), worst AS (
    SELECT loan_id, greatest(0, max(by_herself))::DOUBLE AS missing, greatest(0, max(by_all))::DOUBLE AS unpaid,
           arg_max(savings, by_herself)::DOUBLE AS savings
    FROM behind GROUP BY 1
), parts AS (
    SELECT b.application_id, CASE WHEN o.began_on IS NOT NULL THEN o.meeting::DOUBLE END AS onset, o.owed,
           least(w.missing, o.owed) AS missing, least(w.unpaid, w.missing, o.owed) AS unpaid, w.savings
    FROM bad AS b JOIN owed AS o USING (loan_id) JOIN worst AS w USING (loan_id)
)
SELECT application_id, onset, owed, owed - missing AS own, least(savings, missing - unpaid) AS by_savings,
       missing - unpaid - least(savings, missing - unpaid) AS by_group
FROM parts ORDER BY application_id
"""


def falls(portfolio: Portfolio, moment: datetime, *, days: int, rule: MemberRule | None = None) -> pl.DataFrame:
    """Return the member loans that ended bad and were final by `moment`.

    Parameters
    ----------
    portfolio : Portfolio
    moment : datetime
    days : int
        What a member has paid herself so many days after it fell due counts as hers; later it had been missing when
        the bank had to pay the lender.
    rule : MemberRule, optional
        By which a loan ended bad, and from how many days late trouble began; the standing figures where none is given.

    Returns
    -------
    DataFrame
        ``application_id``; ``onset``, the meeting at which trouble began, counted from 1 (missing where the book does
        not tell); ``owed``, all instalments of the loan, ``own``, what of it was not missing at her worst, and
        ``by_savings`` and ``by_group``, what of the rest her savings and her group had paid in time, in currency.
    """
    rule = rule or MemberRule()
    con = portfolio.connect()
    try:
        file = text(outcomes_file(portfolio, con, rule))
        con.execute(f"CREATE TEMP VIEW member_outcomes AS FROM read_parquet({file})")
        found: pl.DataFrame = con.sql(_FALLS, params={"moment": moment, "days": days, "days_late": rule.days_late}).pl()
        return found
    finally:
        con.close()


def payers_told(portfolio: Portfolio, moment: datetime) -> frozenset[str]:
    """Return who but the borrower ever bore a payment of a member's loan in this record, as it was known by `moment`.

    A record in which a payer is found nowhere, not in a hundred thousand payments, does not tell of it: some core
    systems keep no payer.
    """
    con = portfolio.connect()
    try:
        found = con.execute(
            "SELECT DISTINCT p.payer FROM payments AS p JOIN loans AS l ON l.id = p.loan_id AND l.ledger = 'internal' "
            "WHERE p.payer <> 'self' AND p.known_at <= $moment",
            {"moment": moment},
        )
        return frozenset(str(payer) for (payer,) in found.fetchall())
    finally:
        con.close()
