"""Our figures beside the core's own, loan by loan, with the reason for each difference.

The core's derived columns say how it sees its loans now: they are compared here and read nowhere else.
Its own "Portfolio at Risk" report is not PAR: it divides overdue principal by outstanding principal, whatever the days,
and leaves out loans to a group alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import duckdb
import polars as pl

from riskscore.portfolio.adapters.fineract.core import frame
from riskscore.portfolio.adapters.fineract.movements import GIVEN_BACK
from riskscore.portfolio.adapters.fineract.schedules import CREDITS, WAIVE_INTEREST
from riskscore.portfolio.arrears import PortfolioAtRisk, arrears, portfolio_at_risk
from riskscore.portfolio.folder import Portfolio

#: A cent.
CENT = 0.01

#: Why a loan's figures differ, in the order in which a reason is looked for.
REASONS: dict[str, str] = {
    "agree": "Both say the same.",
    "written off": "Written off: here nothing is outstanding or overdue any more.",
    "recorded after the data date": "The core knows movements that were recorded after the data date.",
    "refund or chargeback": "Money went back: here a payment is never negative.",
    "credit on no instalment": "A waiver or credit that no instalment names: here what is due was left as it was.",
    "rescheduled": "A due date that has passed does not move here; in the core rescheduling makes arrears vanish.",
    "due on the data date": "Falls due on the data date: overdue here from the day after, there from its next close.",
    "grace on arrears": "The core counts arrears only after the product's days of grace.",
    "close of business behind": "The core's arrears are those of its last close of business.",
    "order of interest and principal": "What is owed agrees; the core pays interest and principal in another order.",
    "unexplained": "Look at these first.",
}

_CORE = f"""
WITH due AS (
    SELECT loan_id, sum(amount) AS due, sum(amount) FILTER (WHERE due_on = data_date()) AS due_today
    FROM (SELECT * FROM instalments QUALIFY row_number() OVER (PARTITION BY id ORDER BY known_at DESC) = 1) GROUP BY 1
), paid AS (
    SELECT loan_id, sum(amount) AS paid
    FROM (SELECT * FROM payments QUALIFY row_number() OVER (PARTITION BY id ORDER BY known_at DESC) = 1)
    WHERE NOT reversed GROUP BY 1
), odd AS (
    SELECT m.loan_id, bool_or(m.kind IN {tuple(GIVEN_BACK)}) AS given_back,
           bool_or(m.kind IN {(WAIVE_INTEREST, *CREDITS)} AND c.transaction_id IS NULL
                   AND m.amount > m.charges) AS credited
    FROM movements AS m LEFT JOIN (SELECT DISTINCT transaction_id FROM credits) AS c ON c.transaction_id = m.id
    WHERE NOT m.reversed GROUP BY 1
), later AS (
    SELECT DISTINCT t.loan_id FROM m_loan_transaction AS t
    WHERE t.transaction_date > data_date()
       OR knows(t.created_on_utc, t.submitted_on_date, t.transaction_date) > data_end()
)
SELECT p.id AS loan_id, p.product, p.client_id IS NOT NULL AS of_client,
       p.principal_outstanding_derived AS core_outstanding,
       p.principal_outstanding_derived + p.interest_outstanding_derived AS core_owed,
       greatest(0, coalesce(due.due, 0) - coalesce(paid.paid, 0)) AS owed,
       coalesce(a.principal_overdue_derived, 0) AS core_principal_overdue,
       coalesce(a.principal_overdue_derived, 0) + coalesce(a.interest_overdue_derived, 0) AS core_overdue,
       a.overdue_since_date_derived AS core_overdue_since,
       coalesce(p.grace_on_arrears_ageing, 0) > 0 AS grace,
       coalesce(p.last_closed_business_date < data_date(), false) OR a.loan_id IS NULL AS behind,
       coalesce(due.due_today, 0) AS due_today, coalesce(odd.given_back, false) AS given_back,
       coalesce(odd.credited, false) AS credited, later.loan_id IS NOT NULL AS later
FROM placed AS p SEMI JOIN loans AS l ON l.id = p.id
LEFT JOIN due ON due.loan_id = p.id LEFT JOIN paid ON paid.loan_id = p.id LEFT JOIN odd ON odd.loan_id = p.id
LEFT JOIN later ON later.loan_id = p.id LEFT JOIN m_loan_arrears_aging AS a ON a.loan_id = p.id
ORDER BY p.id
"""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Our figures beside the core's.

    Attributes
    ----------
    loans : DataFrame
        One row a loan that owes something on either side: loan_id, product, outstanding, overdue, days_late (ours),
        core_outstanding, core_overdue, core_days_late, reason.
    ours : PortfolioAtRisk
        Over 30 days, of every loan.
    core_par30 : float or None
        From the core's own arrears and balances, by the same definition.
    core_report : float or None
        What the core's report calls portfolio at risk.
    """

    loans: pl.DataFrame
    ours: PortfolioAtRisk
    core_par30: float | None
    core_report: float | None

    def by(self, column: str) -> pl.DataFrame:
        """Return sums by ``product`` or ``reason``: loans, outstanding and overdue, ours and the core's."""
        return (
            self.loans.group_by(column)
            .agg(
                pl.len().alias("loans"),
                *(pl.col(name).sum() for name in ("outstanding", "core_outstanding", "overdue", "core_overdue")),
            )
            .sort(column)
        )


def core_figures(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return what the core says of each loan, and what may explain a difference; needs every table of loans."""
    money = ("core_outstanding", "core_owed", "owed", "core_principal_overdue", "core_overdue", "due_today")
    return frame(con, _CORE).with_columns(pl.col(money).cast(pl.Decimal(18, 2)))


def reconcile(portfolio: Portfolio, core: pl.DataFrame) -> Reconciliation:
    """Compare the portfolio's arrears at its data moment with what `core_figures` returned."""
    # What is written off is no longer overdue here, though its instalments stay open.
    ours = arrears(portfolio).with_columns(
        overdue=pl.when(pl.col("written_off_at").is_null()).then("overdue").otherwise(0).cast(pl.Decimal(18, 2))
    )
    moment = portfolio.moment()
    both = ours.join(core, on="loan_id", how="inner").with_columns(
        core_days_late=pl.max_horizontal(
            0, (pl.lit(moment.date()) - pl.col("core_overdue_since")).dt.total_days().fill_null(0)
        )
    )
    at_risk = both.filter(pl.col("core_overdue_since") < pl.lit(moment.date() - timedelta(30)))
    of_clients = both.filter("of_client")
    known = both.drop_nulls("core_outstanding")
    loans = (
        known.with_columns(reason=_reason())
        .filter((pl.col("outstanding") + pl.col("overdue") + pl.col("core_outstanding") + pl.col("core_overdue")) > 0)
        .select(
            "loan_id",
            "product",
            "outstanding",
            "core_outstanding",
            "overdue",
            "core_overdue",
            "days_late",
            "core_days_late",
            "reason",
        )
        .sort("loan_id")
    )
    return Reconciliation(
        loans,
        portfolio_at_risk(ours, 30, as_of=moment),
        _share(at_risk["core_outstanding"].sum(), known["core_outstanding"].sum()),
        _share(of_clients["core_principal_overdue"].sum(), of_clients["core_outstanding"].sum()),
    )


def _reason() -> pl.Expr:
    outstanding = (pl.col("outstanding") - pl.col("core_outstanding")).abs().cast(pl.Float64)
    more_overdue = (pl.col("overdue") - pl.col("core_overdue")).cast(pl.Float64)
    owed = (pl.col("owed") - pl.col("core_owed")).abs().cast(pl.Float64)
    balance, arrear = outstanding > CENT, more_overdue.abs() > CENT
    same_owed = owed <= CENT
    tests = {
        "agree": ~balance & ~arrear,
        "written off": pl.col("written_off_at").is_not_null(),
        "recorded after the data date": pl.col("later"),
        "refund or chargeback": pl.col("given_back"),
        "credit on no instalment": pl.col("credited"),
        "order of interest and principal": balance & same_owed & ~arrear,
        "rescheduled": pl.col("restructured") & same_owed & arrear,
        "due on the data date": same_owed & ((more_overdue - pl.col("due_today").cast(pl.Float64)).abs() <= CENT),
        "grace on arrears": pl.col("grace") & same_owed & (more_overdue > 0),
        "close of business behind": pl.col("behind") & same_owed & arrear,
    }
    found: pl.Expr = pl.lit("unexplained")
    for name, test in reversed(tests.items()):
        found = pl.when(test).then(pl.lit(name)).otherwise(found)
    return found


def _share(part: object, whole: object) -> float | None:
    return float(Decimal(str(part)) / Decimal(str(whole))) if whole else None
