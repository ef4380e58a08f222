"""What the bank's own book says of falls: when each began, and who paid of a fallen member's loan.

Only loans whose outcome was final count, and each is read as it was known then, like the outcome itself.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from riskscore.portfolio import Portfolio
from riskscore.portfolio.connection import text
from riskscore.portfolio.outcomes import outcomes_file

# The meeting at which trouble began is the number of the first instalment that was fifteen days late, or the last one
# due when others first paid or the loan was restructured in distress. Her own part is what she had paid when the
# outcome was final.
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
    WHERE date_diff('day', due_on, coalesce(settled_at, final_at)::DATE) >= 15
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
), own AS (
    SELECT loan_id, sum(amount)::DOUBLE AS own FROM paid WHERE payer = 'self' GROUP BY 1
)
SELECT b.application_id, CASE WHEN o.began_on IS NOT NULL THEN o.meeting::DOUBLE END AS onset, o.owed,
       least(o.owed, coalesce(own.own, 0)) AS own
FROM bad AS b JOIN owed AS o USING (loan_id) LEFT JOIN own USING (loan_id)
ORDER BY b.application_id
"""


def falls(portfolio: Portfolio, moment: datetime) -> pl.DataFrame:
    """Return the member loans that ended bad and were final by `moment`.

    Returns
    -------
    DataFrame
        ``application_id``; ``onset``, the meeting at which trouble began, counted from 1 (missing where the book does
        not tell); ``owed``, all instalments of the loan, and ``own``, what she paid of them herself, in currency.
    """
    con = portfolio.connect()
    try:
        file = text(outcomes_file(portfolio, con, "internal"))
        con.execute(f"CREATE TEMP VIEW member_outcomes AS FROM read_parquet({file})")
        return con.sql(_FALLS, params={"moment": moment}).pl()
    finally:
        con.close()
