"""What a board looks at beside its producer association's score: contracts and volume, its year, its governance.

Plain values, kept with the score so that its page shows later what it showed then. None of them enters the score but
through the indicators of the recipe.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import polars as pl

from riskscore.indebtedness import instalment
from riskscore.portfolio import Portfolio
from riskscore.scoring.products import Product, known

#: Seasons, general assemblies and years of accounts told, the newest; years of sales of which a month is the mean.
SEASONS, ASSEMBLIES, ACCOUNTS, YEARS = 4, 4, 3, 2

#: Months ahead in which sales, harvests and instalments are set side by side.
MONTHS = 12

_Day = TypeVar("_Day", date, datetime)


def producer_facts(
    portfolio: Portfolio,
    organisation: str,
    moment: datetime,
    *,
    product: Product,
    amount: float,
    term_days: int,
    frequency: str,
) -> dict[str, Any]:
    """Return what was known of a producer association at `moment` (local, exclusive), as JSON values.

    Parameters
    ----------
    portfolio : Portfolio
    organisation : str
    moment : datetime
    product, amount, term_days, frequency
        The loan asked for, of which the instalments are those of a loan that is paid out at `moment`.

    Returns
    -------
    dict
        ``seasons``, the oldest first: ``season, starts_on, ends_on, expected_kg, harvested_kg, contracted_kg``, None
        where nothing is known; ``months``, the twelve from the moment's own on: ``month`` (its first day), ``sold``
        (the mean of that month's sales in two years, in the portfolio's currency at the rate of the day), ``due`` (of
        this loan), ``due_elsewhere`` (of its other loans here) and ``harvest`` (whether it is harvest time);
        ``sold_without_rate``, sales of two years in a currency whose rate is not known, which no month holds;
        ``assemblies``, ``accounts``, the newest first, and ``register``.
    """

    def own(table: str) -> pl.DataFrame:
        return known(portfolio.table(table), moment).filter(pl.col("group_id") == organisation)

    harvests, sales = own("harvests"), own("sales").filter(pl.col("event_at") >= _years_back(moment, YEARS))
    priced = _at_home(portfolio, sales, moment)
    terms = product.terms(amount, term_days, frequency)
    each = float(instalment(amount, terms.rate, terms.count, terms.method))
    days = (moment.date() + timedelta(days=round(term_days * n / terms.count)) for n in range(1, terms.count + 1))
    return {
        "seasons": _seasons(harvests, own("buyer_contracts")),
        "months": _months(
            moment.date(),
            sold=list(priced.select("day", "worth").drop_nulls().iter_rows()),
            due=[(day, each) for day in days],
            elsewhere=_elsewhere(portfolio, own("loans"), moment),
            harvests=list(harvests.select("starts_on", "ends_on").iter_rows()),
        ),
        "sold_without_rate": priced["worth"].null_count(),
        "assemblies": _newest(
            own("assemblies"), "due_on", ASSEMBLIES, ("kind", "due_on", "held_on", "entitled", "present", "quorum")
        ),
        "accounts": _newest(
            own("financial_statements"),
            "period_ends_on",
            ACCOUNTS,
            ("period_ends_on", "due_on", "delivered_on", "audited"),
        ),
        "register": next(
            iter(
                _newest(
                    own("registrations"), "event_at", 1, ("mandate_ends_on", "registered_members", "active_members")
                )
            ),
            None,
        ),
    }


def _at_home(portfolio: Portfolio, sales: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Return ``day, worth`` of each sale, in the portfolio's currency; missing where no rate was known on its day."""
    rates = known(portfolio.table("exchange_rates"), moment).select("currency", "rate", day="on_date").sort("day")
    return (
        sales.select("currency", "value", day=pl.col("event_at").dt.date())
        .sort("day")
        .join_asof(rates, on="day", by="currency", strategy="backward", check_sortedness=False)
        .with_columns(
            rate=pl.when(pl.col("currency") == portfolio.manifest.currency).then(1.0).otherwise(pl.col("rate"))
        )
        .select("day", worth=pl.col("value").cast(pl.Float64) * pl.col("rate"))
    )


def _seasons(harvests: pl.DataFrame, contracts: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the newest seasons; a contract that names none counts for the first harvest in its time."""
    total = pl.col("expected_kg", "harvested_kg").sum()
    seen = pl.col("expected_kg", "harvested_kg").count()
    seasons = (
        harvests.group_by("season")
        .agg(pl.col("starts_on").min(), pl.col("ends_on").max(), total, seen.name.prefix("n_"))
        .sort("starts_on", "season")
        .tail(SEASONS)
        .to_dicts()
    )
    contracted: dict[str, float] = {}
    for row in contracts.sort("valid_from", "id").iter_rows(named=True):
        in_its_time = (
            one["season"]
            for one in seasons
            if row["valid_from"] <= one["ends_on"] and row["valid_to"] >= one["starts_on"]
        )
        season = row["season"] or next(in_its_time, None)
        if season is not None:
            contracted[season] = contracted.get(season, 0.0) + row["quantity_kg"]
    return [
        {
            "season": one["season"],
            "starts_on": one["starts_on"].isoformat(),
            "ends_on": one["ends_on"].isoformat(),
            "expected_kg": one["expected_kg"] if one["n_expected_kg"] else None,
            "harvested_kg": one["harvested_kg"] if one["n_harvested_kg"] else None,
            "contracted_kg": contracted.get(one["season"]),
        }
        for one in seasons
    ]


def _months(
    day: date,
    *,
    sold: list[tuple[date, float]],
    due: list[tuple[date, float]],
    elsewhere: list[tuple[date, float]],
    harvests: list[tuple[date, date]],
) -> list[dict[str, Any]]:
    found = []
    for n in range(MONTHS):
        first = _month(day, n)
        last = _month(day, n + 1) - timedelta(days=1)
        found.append(
            {
                "month": first.isoformat(),
                "sold": round(sum((value for at, value in sold if at.month == first.month), 0.0) / YEARS, 2),
                "due": round(sum((value for at, value in due if first <= at <= last), 0.0), 2),
                "due_elsewhere": round(sum((value for at, value in elsewhere if first <= at <= last), 0.0), 2),
                "harvest": any(
                    _in_season(first, last, starts, ends)
                    for starts, ends in harvests
                    if ends >= _years_back(day, YEARS)
                ),
            }
        )
    return found


def _in_season(first: date, last: date, starts: date, ends: date) -> bool:
    """Tell whether a harvest, in its own year or the same days of a later one, falls in a month."""
    return any(_years_back(starts, -years) <= last and _years_back(ends, -years) >= first for years in range(YEARS + 2))


def _elsewhere(portfolio: Portfolio, loans: pl.DataFrame, moment: datetime) -> list[tuple[date, float]]:
    """Return what still falls due of loans that run."""
    ended = known(portfolio.table("loan_events"), moment).filter(pl.col("kind").is_in(["written_off", "books_closed"]))
    running = loans.join(ended.select(id="loan_id"), on="id", how="anti").select(loan_id="id")
    ahead = known(portfolio.table("instalments"), moment).join(running, on="loan_id", how="semi")
    rows = ahead.filter(pl.col("due_on") >= moment.date()).sort("due_on", "id")
    return list(rows.select("due_on", pl.col("amount").cast(float)).iter_rows())


def _newest(rows: pl.DataFrame, by: str, most: int, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    newest = rows.sort(by, "id", descending=True).head(most).select(columns)
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        for row in newest.iter_rows(named=True)
    ]


def _month(day: date, later: int) -> date:
    """Return the first day of the month that comes so many months after the day's own."""
    months = day.year * 12 + day.month - 1 + later
    return date(months // 12, months % 12 + 1, 1)


def _years_back(day: _Day, years: int) -> _Day:
    """Return the same day of an earlier year; of a leap day the one before it."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
