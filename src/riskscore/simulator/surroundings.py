"""What surrounds an institution and is nobody's doing: regions, prices, climate and exchange rates.

Month by month from a year before the first day, so that a change over twelve months has its past. Every value is known
some days after the month it speaks of has ended.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from riskscore.portfolio.tables import TABLES
from riskscore.simulator.arrays import Floats, Ints, months_of
from riskscore.simulator.columns import dates, framed, names
from riskscore.simulator.institution import REGIONS
from riskscore.simulator.scenario import DATA_DATE, EL_NINO, START, Scenario
from riskscore.simulator.tape import at

#: Sector, market, unit, usual price in US dollars, month of the lowest price (the harvest), swing over the year.
MARKETS = (
    ("maize", "regional", "kg", 0.42, 6, 0.16),
    ("cacao", "exchange", "kg", 2.60, 0, 0.0),
    ("livestock", "regional", "kg", 2.10, 5, 0.08),
    ("textiles", "regional", "piece", 9.00, 0, 0.0),
    ("banana", "farm gate", "box", 6.80, 2, 0.10),
    ("tourism", "regional", "night", 24.00, 2, 0.22),
)
#: How much of a price's distance from usual stays over a month, and the size of what comes new.
PRICE_KEEPS, PRICE_SHOCK = 0.93, 0.045
#: US dollars for one unit.
CURRENCIES = (("PEN", 0.275), ("EUR", 1.11))
#: Regions with frost, in order of `REGIONS`; poverty rank of each, 1 the poorest.
FROST = ("Ayacucho", "Huancavelica", "Cusco", "Puno", "Cajamarca")
POVERTY = {"Huancavelica": 1, "Cajamarca": 2, "Ayacucho": 3, "Puno": 4, "Piura": 5, "Cusco": 6, "Chimbote": 7}


def month_ends(first: int, last: int) -> Ints:
    """Return the last day of every month that ends from day `first` to day `last`."""
    start, stop = (np.datetime64(day, "D").astype("datetime64[M]") for day in (first, last))
    ends = np.arange(start + 1, stop + 2).astype("datetime64[D]").astype(np.int64) - 1
    return np.asarray(ends[(ends >= first) & (ends <= last)])


def frames(scenario: Scenario, rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Return regions, sector prices, climate and exchange rates."""
    ends = month_ends(START - 366, DATA_DATE)
    return {
        "regions": _regions(rng),
        "sector_prices": _prices(ends, rng),
        "climate": _climate(ends, scenario, rng),
        "exchange_rates": _exchange(ends, rng),
    }


def walk(rng: np.random.Generator, length: int, *, keeps: float, shock: float) -> Floats:
    """Return a walk that is drawn back to zero: each step keeps a part of the one before."""
    steps = rng.normal(0.0, shock, length)
    value = np.zeros(length)
    for index in range(1, length):
        value[index] = keeps * value[index - 1] + steps[index]
    return value


def _regions(rng: np.random.Generator) -> pl.DataFrame:
    """A first description and a new version each January, as the census office publishes them."""
    years = 6
    region = np.tile(np.arange(len(REGIONS)), years)
    year = np.repeat(np.arange(years), len(REGIONS))
    told = at(START - 20 + year * 365 + region, 9)
    households = np.rint(rng.uniform(60_000, 420_000, len(REGIONS))).astype(np.int64)
    penetration = rng.uniform(0.18, 0.75, len(REGIONS))[region] * 1.05**year
    coverage = rng.choice([0.6, 0.7, 0.8], len(region))
    signal = np.minimum(1.0, np.round(penetration * rng.uniform(0.4, 1.0, len(region)), 2))
    return framed(
        TABLES["regions"],
        id=pl.Series([REGIONS[r].name for r in region]),
        event=told,
        known=told + 8 * 60,
        poverty_rank=pl.Series([POVERTY[REGIONS[r].name] for r in region]),
        households=pl.Series(households[region]),
        loans=pl.Series(np.rint(households[region] * penetration).astype(np.int64)),
        lenders=pl.Series(rng.integers(3, 15, len(REGIONS))[region] + year),
        el_nino_exposed=pl.Series([REGIONS[r].el_nino for r in region]),
        early_warning=pl.Series(signal),
        early_warning_coverage=pl.Series(coverage),
    )


def _prices(ends: Ints, rng: np.random.Generator) -> pl.DataFrame:
    values = []
    for _, _, _, usual, harvest, swing in MARKETS:
        season = -swing * np.cos(2 * np.pi * (months_of(ends) - harvest) / 12)
        values.append(usual * np.exp(walk(rng, len(ends), keeps=PRICE_KEEPS, shock=PRICE_SHOCK) + season))
    market, on = np.repeat(np.arange(len(MARKETS)), len(ends)), np.tile(ends, len(MARKETS))
    return framed(
        TABLES["sector_prices"],
        id=names("Q", np.arange(len(market)), 5),
        event=at(on, 12),
        known=at(on + 6, 9),
        sector_id=pl.Series([MARKETS[m][0] for m in market]),
        market=pl.Series([MARKETS[m][1] for m in market]),
        unit=pl.Series([MARKETS[m][2] for m in market]),
        price=pl.Series(np.round(np.concatenate(values), 4)),
        observed_on=dates(on),
    )


def _climate(ends: Ints, scenario: Scenario, rng: np.random.Generator) -> pl.DataFrame:
    """The ocean's index for everybody, rain for every region, frost where it freezes."""
    ocean = walk(rng, len(ends), keeps=0.8, shock=0.16)
    warm = np.zeros(len(ends))
    if scenario.name == "el_nino":
        begins, over = EL_NINO[0] - 120, EL_NINO[1]
        running = (ends >= begins) & (ends <= over)
        warm[running] = 1.9 * np.sin(np.pi * (ends[running] - begins) / (over - begins))
    blocks: list[tuple[str, str | None, Floats]] = [("oni", None, ocean + warm)]
    cold = np.clip(np.cos(2 * np.pi * (months_of(ends) - 7) / 12), 0, 1)
    for region in REGIONS:
        rain = walk(rng, len(ends), keeps=0.5, shock=0.75) + (0.9 if region.el_nino else -0.4) * warm
        blocks.append(("spi", region.name, rain))
        if region.name in FROST:
            blocks.append(("frost_days", region.name, rng.poisson(1.0 + 11.0 * cold).astype(np.float64)))
    on = np.tile(ends, len(blocks))
    which = np.repeat(np.arange(len(blocks)), len(ends))
    return framed(
        TABLES["climate"],
        id=names("W", np.arange(len(on)), 5),
        event=at(on, 23),
        known=at(on + 10, 9),
        indicator=pl.Series([blocks[b][0] for b in which]),
        region=pl.Series([blocks[b][1] for b in which], dtype=pl.String),
        period_ends_on=dates(on),
        value=pl.Series(np.round(np.concatenate([block[2] for block in blocks]), 2)),
    )


def _exchange(ends: Ints, rng: np.random.Generator) -> pl.DataFrame:
    rates = [usual * np.exp(walk(rng, len(ends), keeps=0.95, shock=0.012)) for _, usual in CURRENCIES]
    on = np.tile(ends, len(CURRENCIES))
    which = np.repeat(np.arange(len(CURRENCIES)), len(ends))
    return framed(
        TABLES["exchange_rates"],
        id=names("FX", np.arange(len(on)), 4),
        event=at(on, 17),
        known=at(on + 1, 8),
        currency=pl.Series([CURRENCIES[c][0] for c in which]),
        rate=pl.Series(np.round(np.concatenate(rates), 6)),
        on_date=dates(on),
    )
