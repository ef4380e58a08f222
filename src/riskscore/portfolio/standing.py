"""How a ledger stands at a moment, and the month ends at which it is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import polars as pl

from riskscore.portfolio.arrears import PortfolioAtRisk, portfolio_at_risk
from riskscore.portfolio.cells import BORROWERS, few

#: Months that are looked back on.
MONTHS = 24


@dataclass(frozen=True, slots=True)
class Standing:
    """A ledger at one moment, as it was known then.

    Parameters
    ----------
    as_of : datetime
        Exclusive.
    borrowers : int
        Who owes something: members, or communal banks.
    par30, par90 : PortfolioAtRisk or None
        None where too few owe something to be shown, or nobody does.
    """

    as_of: datetime
    borrowers: int
    par30: PortfolioAtRisk | None
    par90: PortfolioAtRisk | None

    @property
    def last_day(self) -> date:
        """The last day that the moment leaves whole or in part."""
        return (self.as_of - timedelta(microseconds=1)).date()


def month_ends(moment: datetime, count: int = MONTHS) -> list[datetime]:
    """Return `moment` and the `count` first instants of a month before it, oldest first.

    Examples
    --------
    >>> month_ends(datetime(2026, 1, 1), 2)
    [datetime.datetime(2025, 11, 1, 0, 0), datetime.datetime(2025, 12, 1, 0, 0), datetime.datetime(2026, 1, 1, 0, 0)]
    >>> month_ends(datetime(2026, 1, 20), 1)
    [datetime.datetime(2026, 1, 1, 0, 0), datetime.datetime(2026, 1, 20, 0, 0)]
    """
    latest = moment.year * 12 + moment.month - 1
    if moment == datetime(moment.year, moment.month, 1):
        latest -= 1
    return [*(datetime(k // 12, k % 12 + 1, 1) for k in range(latest - count + 1, latest + 1)), moment]


def standing(loans: pl.DataFrame, as_of: datetime, *, recorded: bool = True) -> Standing:
    """Return how the loans of `arrears` stand; what rests on loan events is missing where none are `recorded`."""
    owing = loans.filter(pl.col("outstanding") > 0)
    if few(owing):
        return Standing(as_of, owing.select(BORROWERS).item(), None, None)
    par30, par90 = (portfolio_at_risk(loans, days, as_of=as_of) for days in (30, 90))
    if not recorded:
        par30, par90 = (replace(par, with_restructured=None, with_write_offs=None) for par in (par30, par90))
    return Standing(as_of, owing.select(BORROWERS).item(), par30, par90)
