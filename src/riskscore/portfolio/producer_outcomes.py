"""What became of a loan to a producer association: the external ledger, with a window of its own.

final_at
    The first instant after the ninetieth day after maturity: a harvest is sold late before it is not sold, and a loan
    of one instalment shows nothing sooner. A loan for equipment runs on for years, so it is judged on its first twelve
    months: final at the first instant after the day twelve months after it was paid out, unless the other end comes
    first. Maturity is the last due date of the schedule then in force, as for every other loan, and instalments that
    fall due after the end say nothing.

bad, if any of
    * an instalment that was 31 or more days late, or is still open that long after its due date at the end;
    * a ``restructured`` event, whatever its reason: a season that fails shows in new dates and not in late ones. Where
      it was relief under a declared emergency, ``relief`` marks it, so that both can be told apart;
    * a ``written_off`` event, or ``guarantee_called``.

indeterminate
    Nothing bad, and the worst instalment was 9 to 30 days late.

A label in ``outcomes_given`` stands in the place of a computed one for the same application.

These are the standing figures; a recipe may state others (`riskscore.portfolio.maturity_rule.ProducerRule`).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import polars as pl

from riskscore.portfolio.maturity_rule import ProducerRule
from riskscore.portfolio.outcomes import FINALS, GIVEN, LATE, LOANS, ROWS

if TYPE_CHECKING:
    from riskscore.portfolio.folder import Portfolio

#: The groups that are producer associations, as they were first recorded.
_ASSOCIATIONS = "(SELECT id FROM groups GROUP BY id HAVING arg_min(kind, known_at) = 'producer_association')"

# The first version of the loan and of its request: what is recorded later moves no window.
_WINDOWS = """
CREATE OR REPLACE TEMP TABLE judge_windows AS
WITH asked AS (SELECT id, arg_min(purpose, known_at) AS purpose FROM applications GROUP BY id),
     lent AS (
         SELECT id, arg_min(application_id, known_at) AS application_id, min(disbursed_on) AS disbursed_on
         FROM loans GROUP BY id
     )
SELECT lent.id AS loan_id, (disbursed_on + INTERVAL {equipment_months} MONTH + INTERVAL 1 DAY)::TIMESTAMP AS ends
FROM lent JOIN asked ON asked.id = lent.application_id WHERE asked.purpose = 'equipment'
"""

_ENDS = (
    "least(maturity::TIMESTAMP + INTERVAL {days} DAY, coalesce("
    "(SELECT w.ends FROM judge_windows AS w WHERE w.loan_id = schedules.loan_id), TIMESTAMP 'infinity'))"
)

_EVENTS = """
CREATE OR REPLACE TEMP TABLE judge_events AS
SELECT e.loan_id, bool_or(e.kind = 'restructured') AS restructured, bool_or(e.kind = 'written_off') AS written_off,
       bool_or(e.kind = 'guarantee_called') AS guarantee_called,
       coalesce(bool_or(e.kind = 'restructured' AND e.reason = 'relief'), false) AS relief
FROM judge_loans AS f JOIN loan_events AS e
  ON e.loan_id = f.loan_id AND e.event_at < f.final_at AND e.known_at <= f.final_at
 AND (e.known_until IS NULL OR e.known_until > f.final_at)
GROUP BY 1
"""

_LABELLED = f"""
SELECT *, CASE WHEN worst >= {{days_late}} OR restructured OR written_off OR guarantee_called THEN 'bad'
               WHEN worst >= {{indeterminate_days_late}} THEN 'indeterminate' ELSE 'good' END AS label
FROM (SELECT f.loan_id, f.application_id, f.group_id, f.final_at, late.worst,
             coalesce(e.restructured, false) AS restructured, coalesce(e.written_off, false) AS written_off,
             coalesce(e.guarantee_called, false) AS guarantee_called, coalesce(e.relief, false) AS relief
      FROM judge_loans AS f JOIN judge_late AS late USING (loan_id) LEFT JOIN judge_events AS e USING (loan_id)
      WHERE f.group_id IN {_ASSOCIATIONS})
"""

COLUMNS = ("application_id", "loan_id", "group_id", "label", "final_at")
FACTS = ("worst", "restructured", "written_off", "guarantee_called", "relief")


def producer_outcomes(portfolio: Portfolio, rule: ProducerRule | None = None) -> pl.DataFrame:
    """Return the final outcome of every loan to a producer association.

    Parameters
    ----------
    portfolio : Portfolio
    rule : ProducerRule, optional
        The standing figures where none is given.

    Returns
    -------
    DataFrame
        application_id (missing where the loan names none), loan_id, group_id, label ("good", "bad" or
        "indeterminate"), final_at, then what the label rests on: worst (days late; below 0 where every instalment was
        settled early), restructured, written_off, guarantee_called, relief; these are missing where the label was
        given.
    """
    rule = rule or ProducerRule()
    words = {
        **asdict(rule),
        "ledger": "external",
        "moment": portfolio.moment(),
        "first_close": "TIMESTAMP 'infinity'",
        "ends": _ENDS.format(days=rule.days_after_maturity + 1),
    }
    con = portfolio.connect()
    try:
        for step in (_WINDOWS, FINALS, LOANS, ROWS, LATE, _EVENTS):
            con.execute(step.format(**words))
        computed: pl.DataFrame = con.sql(_LABELLED.format(**words)).pl()
        given: pl.DataFrame = con.sql(
            f"SELECT application_id, loan_id, group_id, label, final_at FROM ({GIVEN.format(**words)}) "
            f"WHERE known_until IS NULL AND group_id IN {_ASSOCIATIONS}"
        ).pl()
    finally:
        con.close()
    standing = computed.join(given.select("application_id"), on="application_id", how="anti")
    joined = pl.concat([standing, given], how="diagonal_relaxed")
    return joined.select(*COLUMNS, *FACTS).sort("final_at", "loan_id")
