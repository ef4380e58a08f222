"""What became of households: who passed a net indebtedness of 1.0 by her next request, and who cannot be told.

A row is a *member-cycle*: a member's loan of the internal ledger, from the moment t0 at which it was asked for. At risk
are those whose net indebtedness was known and at most 1.0 at t0. Three signs make a cycle *over-indebted*:

debt
    Net indebtedness before the new loan (`nii_now`) at her next request is above 1.0.
sacrifice
    The flag of the sacrifice questionnaire, told after t0 and known by then. Answers are nobody's business.
arrears
    Chronic arrears: three or more periods of this loan in a row that she did not pay in full on the day, be it that the
    instalment was settled later, not at all, or by the group (Kappel, Krauss and Lontzek 2010).

Her *next request* is her first application after the loan was paid out, up to `final_at`: so many days after the term
agreed when it was paid out. Where there is none by then she did not renew, and the cycle is **censored**: never good,
because who is in trouble leaves. A sign seen before she left counts all the same. A request at which her net
indebtedness cannot be told leaves the cycle *indeterminate*, unless another sign was seen.

Two moments:

read_at
    As of which the signs are read: the next request, or where there is none `final_at`. What is recorded after it moves
    nothing.
final_at
    When the cycle is told of and may train. It stands from the day of the loan and nothing later moves it: neither her
    coming back, nor a sign, nor a schedule that is rewritten. Who comes back is known to have done so months before who
    leaves is known to have left; with a clock for each, the newest rows would all be of those who came back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from riskscore import catalog
from riskscore.dataset.household import FACTS, Floats, household
from riskscore.dataset.maturity import LABELS
from riskscore.dataset.spine import applications, spine
from riskscore.errors import Fault, InvalidInput
from riskscore.indebtedness import PolicyNumbers, Terms, assess_columns

if TYPE_CHECKING:
    import duckdb

    from riskscore.catalog import Lock
    from riskscore.portfolio import Portfolio

#: No loan is weighed in `nii_now`, so that its terms do not matter.
_NO_LOAN = Terms(0.0, 30.0, "monthly", 0.0, "flat")

# Periods whose day was over by then; one that the group's payment settled was not paid by her.
_LONGEST = """
WITH periods AS (
    SELECT c.loan_id, s.due_on, s.number, s.id,
           s.settled_at IS NULL OR s.settled_at::DATE > s.due_on OR EXISTS (
               FROM payments AS p
               WHERE p.loan_id = s.loan_id AND p.event_at = s.settled_at AND p.payer = 'group' AND NOT p.reversed
                 AND p.known_at <= c.read_at AND (p.known_until IS NULL OR p.known_until > c.read_at)
           ) AS missed
    FROM oi_cycles AS c JOIN settled_instalments AS s
      ON s.loan_id = c.loan_id AND s.due_on < c.read_at::DATE
     AND s.known_at <= c.read_at AND (s.known_until IS NULL OR s.known_until > c.read_at)
), runs AS (
    SELECT loan_id, missed, row_number() OVER whole - row_number() OVER alike AS run
    FROM periods
    WINDOW whole AS (PARTITION BY loan_id ORDER BY due_on, number, id),
           alike AS (PARTITION BY loan_id, missed ORDER BY due_on, number, id)
), lengths AS (
    SELECT loan_id, count(*) AS periods FROM runs WHERE missed GROUP BY loan_id, run
)
SELECT loan_id, max(periods) AS missed_in_a_row FROM lengths GROUP BY loan_id
"""

_FLAGGED = """
SELECT DISTINCT c.loan_id
FROM oi_cycles AS c JOIN surveys AS s
  ON s.member_id = c.member_id AND s.instrument = 'sacrifices' AND s.question = 'flag' AND s.answer >= s.scale_max
 AND s.event_at > c.as_of AND s.event_at < c.read_at
 AND s.known_at <= c.read_at AND (s.known_until IS NULL OR s.known_until > c.read_at)
"""


@dataclass(frozen=True, slots=True)
class OverIndebtednessRule:
    """The numbers of the outcome, as a recipe's section ``[over_indebtedness]`` gives them.

    Parameters
    ----------
    over_above : float
        Net indebtedness above which a household is over-indebted.
    haircut : float
        Share added to debts elsewhere for what no source shows.
    late_periods : int
        Periods in a row that make arrears chronic.
    renewal_days : int
        Days after the agreed term within which the next request is a renewal.
    """

    over_above: float = 1.0
    haircut: float = 0.10
    late_periods: int = 3
    renewal_days: int = 90

    @property
    def numbers(self) -> PolicyNumbers:
        """What the arithmetic of indebtedness needs."""
        standard = PolicyNumbers()
        return PolicyNumbers(
            haircut=self.haircut,
            over_above=self.over_above,
            at_risk_above=min(standard.at_risk_above, 0.75 * self.over_above),
        )


def over_indebted_next(portfolio: Portfolio, lock: Lock, rule: OverIndebtednessRule) -> pl.DataFrame:
    """Return the outcome of every member-cycle at risk that can be told: the good, the bad and the indeterminate.

    Columns as in `member_cycles`.
    """
    return member_cycles(portfolio, lock, rule).filter(pl.col("label").is_in(LABELS))


def member_cycles(portfolio: Portfolio, lock: Lock, rule: OverIndebtednessRule | None = None) -> pl.DataFrame:
    """Return every member-cycle whose outcome, or whose lack of one, is final by the portfolio's data date.

    Parameters
    ----------
    portfolio : Portfolio
    lock : Lock
        Its facts are the household's.
    rule : OverIndebtednessRule, optional

    Returns
    -------
    DataFrame
        ``application_id, loan_id, member_id, as_of, label, final_at``, then what the label rests on: ``read_at``,
        ``renewed``, ``nii_then`` and ``nii_next`` (NaN is unknown; missing where she did not renew), ``by_debt``,
        ``by_sacrifice``, ``by_arrears``. The label is ``good``, ``bad``, ``indeterminate`` or ``censored``, or, of
        those who were not at risk, ``over_before`` and ``unknown_before``.

    Raises
    ------
    InvalidInput
        The lock lacks facts of a household; all at once.
    """
    rule = rule or OverIndebtednessRule()
    _require(lock)
    asked = spine(portfolio)
    measured = asked.select("application_id", pl.Series("nii", _nii_now(portfolio, lock, asked, rule)))
    con = portfolio.connect()
    try:
        cycles = _moments(_loans(con, asked), applications(portfolio), rule)
        cycles = cycles.filter(pl.col("final_at") <= portfolio.moment(None))
        cycles = _signs(con, cycles, rule)
    finally:
        con.close()
    first = measured.rename({"nii": "nii_then"})
    following = measured.rename({"application_id": "next_id", "nii": "nii_next"})
    cycles = cycles.join(first, on="application_id", how="left").join(following, on="next_id", how="left")
    cycles = cycles.with_columns(
        renewed=pl.col("next_id").is_not_null(),
        by_debt=(pl.col("nii_next").is_not_nan() & (pl.col("nii_next") > rule.over_above)).fill_null(value=False),
    )
    label = (
        pl.when(pl.col("nii_then").is_nan())
        .then(pl.lit("unknown_before"))
        .when(pl.col("nii_then") > rule.over_above)
        .then(pl.lit("over_before"))
        .when(pl.any_horizontal("by_debt", "by_sacrifice", "by_arrears"))
        .then(pl.lit("bad"))
        .when(~pl.col("renewed"))
        .then(pl.lit("censored"))
        .when(pl.col("nii_next").is_nan())
        .then(pl.lit("indeterminate"))
        .otherwise(pl.lit("good"))
    )
    ids, signs = ("application_id", "loan_id", "member_id", "as_of"), ("by_debt", "by_sacrifice", "by_arrears")
    told = ("label", "final_at", "read_at", "renewed", "nii_then", "nii_next")
    return cycles.with_columns(label=label).select(*ids, *told, *signs).sort("as_of", "application_id")


def _require(lock: Lock) -> None:
    names = {feature.name for feature in lock.features}
    faults = [
        Fault(f"features: {name}", "The fact is not declared, and net indebtedness needs it.", "Copy the starter's.")
        for name in FACTS
        if name not in names
    ]
    if faults:
        raise InvalidInput(faults)


def _nii_now(portfolio: Portfolio, lock: Lock, asked: pl.DataFrame, rule: OverIndebtednessRule) -> Floats:
    """Return net indebtedness at each request, before the loan asked for, as the facts stood then."""
    facts = catalog.member_values(portfolio, lock, asked)

    def fact(name: str) -> Floats:
        if name not in facts.columns:
            return np.full(facts.height, np.nan)
        return facts[name].fill_null(np.nan).to_numpy()

    loans = asked["other_active_loans"].fill_null(np.nan).to_numpy()
    columns = household(fact, amount=np.zeros(facts.height), other_active_loans=loans)
    return assess_columns(columns, _NO_LOAN, rule.numbers).nii_now


def _loans(con: duckdb.DuckDBPyConnection, asked: pl.DataFrame) -> pl.DataFrame:
    """Return the loan that each application led to, as it was first recorded; without one there is no cycle."""
    loans = con.sql(
        """SELECT id AS loan_id, application_id, disbursed_on, term_days,
                  least(known_at, disbursed_on::TIMESTAMP + INTERVAL 1 DAY) AS started
           FROM loan_histories
           WHERE application_id IS NOT NULL AND member_id IS NOT NULL AND ledger = 'internal'
           QUALIFY row_number() OVER (PARTITION BY application_id ORDER BY known_at, id) = 1"""
    ).pl()
    return asked.select("application_id", "member_id", "as_of").join(loans, on="application_id", how="inner")


def _moments(loans: pl.DataFrame, asks: pl.DataFrame, rule: OverIndebtednessRule) -> pl.DataFrame:
    """Add ``next_id``, ``read_at`` and ``final_at``, which rests on the loan as paid out and on nothing since."""
    due = (pl.col("disbursed_on") + pl.duration(days="term_days")).cast(pl.Datetime("us"))
    cycles = loans.with_columns(
        final_at=pl.max_horizontal("as_of", due) + pl.duration(days=rule.renewal_days + 1),
    )
    asks = asks.filter(pl.col("ledger") == "internal").select(
        "member_id", next_id="application_id", asked_again="as_of"
    )
    following = (
        cycles.select("application_id", "member_id", "as_of", "started", "final_at")
        .join(asks, on="member_id")
        .filter(
            pl.col("asked_again") > pl.max_horizontal("as_of", "started"),
            pl.col("asked_again") <= pl.col("final_at"),
            pl.col("next_id") != pl.col("application_id"),
        )
        .sort("asked_again", "next_id")
        .unique("application_id", keep="first", maintain_order=True)
        .select("application_id", "next_id", "asked_again")
    )
    return cycles.join(following, on="application_id", how="left", maintain_order="left").with_columns(
        read_at=pl.coalesce("asked_again", "final_at")
    )


def _signs(con: duckdb.DuckDBPyConnection, cycles: pl.DataFrame, rule: OverIndebtednessRule) -> pl.DataFrame:
    """Add ``by_arrears`` and ``by_sacrifice``, as known at ``read_at``."""
    con.register("oi_cycles", cycles.select("loan_id", "member_id", "as_of", "read_at").to_arrow())
    missed, flagged = con.sql(_LONGEST).pl(), con.sql(_FLAGGED).pl()["loan_id"]
    con.unregister("oi_cycles")
    return cycles.join(missed, on="loan_id", how="left", maintain_order="left").with_columns(
        by_arrears=pl.col("missed_in_a_row").fill_null(0) >= rule.late_periods,
        by_sacrifice=pl.col("loan_id").is_in(flagged.implode()),
    )
