"""The state of one ledger, and how it came there: every figure of the portfolio report.

A ledger is the members' (loans of a communal bank to its members) or the institution's (loans to the banks). One
finances the other: their balances are set side by side and never added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from riskscore.errors import InvalidInput, Refused
from riskscore.portfolio.arrears import arrears_over, ledger_named, roll_rates_over
from riskscore.portfolio.cells import MINIMUM_BANKS, MINIMUM_BORROWERS, few
from riskscore.portfolio.concentration import (
    Concentration,
    concentration,
    placed_loans,
    shock_concentration,
    shocks_known,
)
from riskscore.portfolio.restructurings import events_by_month
from riskscore.portfolio.standing import Standing, month_ends, standing
from riskscore.portfolio.tables import LEDGERS
from riskscore.portfolio.vintages import EVER, first_arrears, vintage_calendar, vintage_curves, vintages

if TYPE_CHECKING:
    import duckdb

    from riskscore.portfolio.folder import Portfolio

#: Steps that roll rates are taken over: the last weeks, or the last months.
STEPS = 12

#: Frequencies whose loans are followed week by week.
BY_WEEK = ("weekly", "fortnightly", "twice_a_month")


@dataclass(frozen=True, slots=True)
class Rolls:
    """Where the balance of each bucket went in one step, over the last `STEPS`.

    Parameters
    ----------
    weekly : bool
        A step is a week, else a month.
    rates : DataFrame
        Of `riskscore.portfolio.arrears.roll_rates`, without the rows in `withheld`.
    withheld : tuple of str
        Buckets with too few loans to be shown.
    """

    weekly: bool
    rates: pl.DataFrame
    withheld: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """What the portfolio does not hold. None of it is zero.

    Parameters
    ----------
    what : str
        "loan_events", "restructured", "written_off", "shocks", "sectors", "branches", "schedules", "months" or
        "other_ledger".
    count : int
        Loans without a schedule, or months without a figure.
    share : float
        Of the balance, in [0, 1], whose sector or branch is not recorded.
    """

    what: str
    count: int = 0
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Overview:
    """Every figure of the portfolio report on one ledger.

    Parameters
    ----------
    as_of : datetime
        Exclusive.
    ledger : {"internal", "external"}
    currency : str
    data_date : date
    now : Standing
    months : tuple of Standing
        Month ends, oldest first, the last one `now`.
    events : DataFrame
        Of `riskscore.portfolio.restructurings.events_by_month`, for `months` but the first.
    cohorts, calendar : DataFrame
        Of `riskscore.portfolio.vintages`; figures of cohorts too small to be shown are missing.
    curves : dict of int to DataFrame
        By days late, without those cohorts.
    rolls : Rolls or None
        None where nothing was owed at the beginning of any step.
    by_branch, by_sector, by_shock : Concentration
    shocks : DataFrame
        Of `riskscore.portfolio.concentration.shocks_known`: those known that had begun.
    ledgers : dict of str to Standing
        Each ledger that has loans, at the same moment: side by side, never added.
    covered : float or None
        Share of what was paid on members' loans in the last 12 months that others bore (her group, or savings), in
        [0, 1]; None where nothing was paid.
    unrecorded : tuple of Unrecorded
    """

    as_of: datetime
    ledger: str
    currency: str
    data_date: date
    now: Standing
    months: tuple[Standing, ...]
    events: pl.DataFrame
    cohorts: pl.DataFrame
    calendar: pl.DataFrame
    curves: dict[int, pl.DataFrame]
    rolls: Rolls | None
    by_branch: Concentration
    by_sector: Concentration
    by_shock: Concentration
    shocks: pl.DataFrame
    ledgers: dict[str, Standing]
    covered: float | None
    unrecorded: tuple[Unrecorded, ...]

    @property
    def write_off_ratio(self) -> float | None:
        """What was written off in the last 12 months over the mean balance of their ends; None where not known."""
        year = self.months[-12:]
        balances = [month.par30.balance for month in year if month.par30 is not None]
        if not any(balances) or any(missing.what == "loan_events" for missing in self.unrecorded):
            return None
        gone = self.events.filter(
            (pl.col("event") == "written_off") & pl.col("as_of").is_in([month.as_of for month in year])
        )
        return float(gone["amount"].sum()) * len(balances) / float(sum(balances))


def overview(
    portfolio: Portfolio, as_of: str | date | datetime | None = None, *, ledger: str | None = None
) -> Overview:
    """Compute every figure of the portfolio report.

    Parameters
    ----------
    portfolio : Portfolio
    as_of : str, date, datetime or None
        None is the first instant after the data date.
    ledger : {"internal", "external"}, optional
        Where left out the members' loans, if there are any: trouble shows there first, and the institution's own
        ledger only what the banks did not bear.

    Raises
    ------
    InvalidInput
        For a ledger that does not exist, a moment after the data, or one at which no loan with a schedule was known.
    Refused
        Where so few owe something that every figure would be about somebody.
    """
    if ledger is not None:
        ledger_named(ledger)
    moment, last = portfolio.moment(as_of), portfolio.moment()
    if moment > last:
        what = f"{moment.isoformat()} lies ahead of what the portfolio knows."
        raise InvalidInput.of("as_of", what, f"Give {last.isoformat()} or earlier, or leave it out.")
    con = portfolio.connect()
    try:
        return _overview(portfolio, con, moment, ledger)
    finally:
        con.close()


def _overview(portfolio: Portfolio, con: duckdb.DuckDBPyConnection, moment: datetime, ledger: str | None) -> Overview:
    recorded = "loan_events" in portfolio.manifest.rows
    known = con.execute(
        f"""SELECT DISTINCT ledger FROM settled_instalments WHERE event_at < TIMESTAMP '{moment}'
        AND known_at <= TIMESTAMP '{moment}' AND (known_until IS NULL OR known_until > TIMESTAMP '{moment}')"""
    ).fetchall()
    present = [name for name in LEDGERS if (name,) in known]
    if not present:
        what = f"no loan with a schedule was known by {moment.isoformat()}."
        raise InvalidInput.of("as_of", what, "Give a later date; of a portfolio without loans there is no report.")
    chosen = ledger or present[0]
    if chosen not in present:
        what = f"the {chosen} ledger has no loan with a schedule that was known by {moment.isoformat()}."
        raise InvalidInput.of("ledger", what, f"Use {present[0]}.")
    moments = month_ends(moment)
    over = arrears_over(con, moments, ledger=chosen)
    now = over.filter(pl.col("as_of") == moment)
    at = {name: now if name == chosen else arrears_over(con, [moment], ledger=name) for name in present}
    owing = now.filter(pl.col("outstanding") > 0)
    if owing.height and few(owing):
        raise Refused.of(
            f"the {chosen} ledger",
            f"fewer than {MINIMUM_BORROWERS} borrowers or {MINIMUM_BANKS} banks owe something at this moment.",
            "A report on so few would be about somebody; look at the loans themselves where you may.",
        )
    loans = first_arrears(con, moment, ledger=chosen)
    months = tuple(standing(over.filter(pl.col("as_of") == end), end, recorded=recorded) for end in moments)
    cohorts = vintages(loans, moment)
    shown = cohorts.filter(~pl.col("few")).select("quarter")
    placed = placed_loans(con, now, moment)
    shocks = shocks_known(con, moment)
    found = Overview(
        as_of=moment,
        ledger=chosen,
        currency=portfolio.manifest.currency,
        data_date=portfolio.manifest.data_date,
        now=months[-1],
        months=months,
        events=events_by_month(con, over, moments, ledger=chosen),
        cohorts=cohorts.with_columns(
            *(pl.when(~pl.col("few")).then(f"ever{days}").alias(f"ever{days}") for days in EVER),
            *(pl.when(~pl.col("few") & recorded).then(kind).alias(kind) for kind in ("restructured", "written_off")),
        ),
        calendar=vintage_calendar(loans, over, moments),
        curves={days: vintage_curves(loans, moment, days=days).join(shown, on="quarter", how="semi") for days in EVER},
        rolls=_rolls(con, over, now, moment, chosen),
        by_branch=concentration(placed, "branch"),
        by_sector=concentration(placed, "sector_name"),
        by_shock=shock_concentration(con, placed, shocks),
        shocks=shocks,
        ledgers={name: standing(at[name], moment, recorded=recorded) for name in present},
        covered=_covered(con, moment),
        unrecorded=(),
    )
    return replace(found, unrecorded=tuple(_unrecorded(portfolio, con, found)))


def _rolls(
    con: duckdb.DuckDBPyConnection, over: pl.DataFrame, now: pl.DataFrame, moment: datetime, ledger: str
) -> Rolls | None:
    weekly = _mostly_weekly(now)
    if weekly:
        over = arrears_over(con, [moment - timedelta(weeks=step) for step in range(STEPS + 1)], ledger=ledger)
    steps = over["as_of"].unique().sort()[-(STEPS + 1) :]
    rates, small = roll_rates_over(over.filter(pl.col("as_of").is_in(steps.implode())))
    if rates.is_empty():
        return None
    return Rolls(weekly, rates.filter(~pl.col("from").is_in(list(small))), small)


def _mostly_weekly(loans: pl.DataFrame) -> bool:
    weekly, whole = loans.select(
        pl.col("outstanding").filter(pl.col("frequency").is_in(BY_WEEK)).sum(), whole=pl.col("outstanding").sum()
    ).row(0)
    return bool(2 * weekly > whole)


def _covered(con: duckdb.DuckDBPyConnection, moment: datetime) -> float | None:
    others, whole = con.execute(
        f"""SELECT coalesce(sum(amount) FILTER (WHERE payer <> 'self'), 0), sum(amount) FROM loan_payments
        WHERE ledger = 'internal' AND event_at < TIMESTAMP '{moment}' AND known_at <= TIMESTAMP '{moment}'
          AND (known_until IS NULL OR known_until > TIMESTAMP '{moment}')
          AND event_at >= TIMESTAMP '{moment}' - INTERVAL 12 MONTH"""
    ).fetchall()[0]
    return float(others / whole) if whole else None


def _unrecorded(portfolio: Portfolio, con: duckdb.DuckDBPyConnection, found: Overview) -> Sequence[Unrecorded]:
    missing = []
    if "loan_events" not in portfolio.manifest.rows:
        missing.append(Unrecorded("loan_events"))
    else:
        kinds = con.execute(
            "SELECT DISTINCT kind FROM loan_events JOIN (SELECT DISTINCT id AS loan_id FROM loans WHERE ledger = ?) "
            "USING (loan_id)",
            [found.ledger],
        ).fetchall()
        missing += [Unrecorded(kind) for kind in ("restructured", "written_off") if (kind,) not in kinds]
    if not portfolio.manifest.rows.get("shocks"):
        missing.append(Unrecorded("shocks"))
    for what, by in (("branches", found.by_branch), ("sectors", found.by_sector)):
        missing += [Unrecorded(what, share=cell.share) for cell in by.cells if cell.kind == "unrecorded"]
    (bare,) = con.execute(
        f"""SELECT count(DISTINCT id) FROM loans WHERE ledger = '{found.ledger}'
        AND event_at < TIMESTAMP '{found.as_of}' AND known_at <= TIMESTAMP '{found.as_of}'
        AND (known_until IS NULL OR known_until > TIMESTAMP '{found.as_of}')
        AND id NOT IN (SELECT loan_id FROM settled_instalments
                       WHERE event_at < TIMESTAMP '{found.as_of}' AND known_at <= TIMESTAMP '{found.as_of}')"""
    ).fetchall()[0]
    if bare:
        missing.append(Unrecorded("schedules", count=bare))
    empty = sum(month.par30 is None for month in found.months)
    if empty:
        missing.append(Unrecorded("months", count=empty))
    if len(found.ledgers) < len(LEDGERS):
        missing.append(Unrecorded("other_ledger"))
    return missing
