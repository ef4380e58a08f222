"""From the field to the buyer: what producer associations expect, promise, bring in, and sell.

What members promised and did not bring they sold to someone else on the side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from riskscore.portfolio.tables import TABLES
from riskscore.simulator.arrays import Floats, Ints
from riskscore.simulator.columns import dates, framed, money, names, words
from riskscore.simulator.producers import BUSINESS, TURNOVER, Producers, new_year, org_years
from riskscore.simulator.scenario import DATA_DATE
from riskscore.simulator.tape import at

#: Day of the year on which each sector's harvest begins, and the days it takes.
BEGINS = np.array([110, 140, 60, 0, 0])
TAKES = 75
LOADS = 3
BUYER_KINDS = ("exporter", "processor", "wholesaler", "public_programme")
MONEY = ("USD", "PEN", "EUR")
#: What a dollar is in each.
IN_CURRENCY = np.array([1.0, 3.64, 0.9])
_WEIGHT = np.array([b[2] for b in BUSINESS])


@dataclass(frozen=True, slots=True)
class Seasons:
    """The harvests, one entry each: whose, of which year, from when to when, and how much (kg)."""

    org: Ints
    year: Ints
    begins: Ints
    ends: Ints
    expected: Floats
    brought: Floats

    @property
    def named(self) -> pl.Series:
        """The name of each season: its calendar year."""
        year = self.begins.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
        return pl.Series(year).cast(pl.String)

    @property
    def known(self) -> Ints:
        """The seasons whose harvest is over and written down by the data date."""
        return np.flatnonzero(self.ends + 20 <= DATA_DATE)


def seasons(made: Producers, rng: np.random.Generator) -> Seasons:
    """Draw the harvest of every year since each was met, for those that harvest anything."""
    org, year = org_years()
    begins = new_year(year) + BEGINS[made.sector[org]] + rng.integers(-10, 11, len(org))
    real = (_WEIGHT[made.sector[org]] > 0) & (made.met[org] + 130 < begins)
    org, year, begins = org[real], year[real], begins[real]
    expected = np.round(made.members[org] * _WEIGHT[made.sector[org]] * rng.uniform(0.85, 1.1, len(org)), -1)
    brought = np.round(expected * np.exp(rng.normal(-0.06, 0.15, len(org))), -1)
    return Seasons(org, year, begins, begins + TAKES, expected, brought)


def frames(made: Producers, rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Return harvests, buyers' contracts, commitments, deliveries and sales."""
    crop = seasons(made, rng)
    share = np.clip(0.82 + 0.10 * made.order[crop.org] + rng.normal(0, 0.07, len(crop.org)), 0.3, 1.0)
    promised = np.round(crop.expected * 0.7, -1)
    return {
        "harvests": _harvests(made, crop),
        "buyer_contracts": _contracts(made, crop, rng),
        "commitments": framed(
            TABLES["commitments"],
            id=names("CM", np.arange(len(crop.org)), 4),
            event=at(crop.begins - 60, 10),
            known=at(crop.begins - 58, 18),
            group_id=made.of(crop.org),
            member_id=pl.Series([None] * len(crop.org), dtype=pl.String),
            sector_id=made.sector_of(crop.org),
            quantity_kg=pl.Series(promised),
            deliver_by=dates(crop.ends),
        ),
        "deliveries": _deliveries(made, crop, promised * share, rng),
        "sales": _sales(made, crop, promised * share, rng),
    }


def _harvests(made: Producers, crop: Seasons) -> pl.DataFrame:
    every, over = np.arange(len(crop.org)), crop.known
    row = np.concatenate([every, over])
    seen = np.concatenate([every * 0, over * 0 + 1]).astype(bool)
    day = np.where(seen, crop.ends[row] + 8, crop.begins[row] - 120)
    return framed(
        TABLES["harvests"],
        id=names("HV", row, 4),
        event=at(day, 9),
        known=at(day + 5, 18),
        group_id=made.of(crop.org[row]),
        sector_id=made.sector_of(crop.org[row]),
        season=crop.named.gather(row),
        starts_on=dates(crop.begins[row]),
        ends_on=dates(crop.ends[row]),
        hectares=pl.Series(np.round(made.members[crop.org[row]] * 0.9, 1)),
        expected_kg=pl.Series(crop.expected[row]),
        harvested_kg=pl.Series(np.where(seen, crop.brought[row], np.nan)).fill_nan(None),
    )


def _contracts(made: Producers, crop: Seasons, rng: np.random.Generator) -> pl.DataFrame:
    """For some seasons a buyer agrees beforehand to take a part."""
    some = np.flatnonzero(rng.random(len(crop.org)) < np.clip(0.55 + 0.2 * made.order[crop.org], 0.1, 0.95))
    org, begins = crop.org[some], crop.begins[some]
    signed = begins - rng.integers(20, 90, len(some))
    return framed(
        TABLES["buyer_contracts"],
        id=names("BC", np.arange(len(some)), 4),
        event=at(signed, 12),
        known=at(signed + 2, 18),
        group_id=made.of(org),
        buyer_id=names("BY", rng.integers(0, 12, len(some)), 3),
        sector_id=made.sector_of(org),
        season=crop.named.gather(some),
        quantity_kg=pl.Series(np.round(crop.expected[some] * rng.uniform(0.3, 0.8, len(some)), -1)),
        price_kind=words(("fixed", "indexed", "open"), rng.integers(0, 3, len(some))),
        currency=words(MONEY, rng.integers(0, 3, len(some))),
        valid_from=dates(signed),
        valid_to=dates(crop.ends[some] + 60),
    )


def _deliveries(made: Producers, crop: Seasons, brought: Floats, rng: np.random.Generator) -> pl.DataFrame:
    row = np.repeat(crop.known, LOADS)
    part = np.tile(np.arange(LOADS), len(crop.known))
    day = crop.begins[row] + 15 + 25 * part
    weighed = np.round(brought[row] / LOADS, 0)
    refused = np.clip(rng.normal(0.05 - 0.02 * made.order[crop.org[row]], 0.02), 0.0, 0.4)
    return framed(
        TABLES["deliveries"],
        id=names("DL", np.arange(len(row)), 5),
        event=at(day, 14),
        known=at(day + 1, 18),
        group_id=made.of(crop.org[row]),
        member_id=pl.Series([None] * len(row), dtype=pl.String),
        commitment_id=names("CM", row, 4),
        delivered_on=dates(day),
        quantity_kg=pl.Series(weighed),
        rejected_kg=pl.Series(np.round(weighed * refused, 0)),
    )


def _sales(made: Producers, crop: Seasons, brought: Floats, rng: np.random.Generator) -> pl.DataFrame:
    """Two sales of each crop, and two a year of those who sell cloth or nights; payment is a new version."""
    org_all, year_all = org_years()
    other = np.flatnonzero((_WEIGHT[made.sector[org_all]] == 0) & (made.met[org_all] < new_year(year_all)))
    org = np.concatenate([np.repeat(crop.org[crop.known], 2), np.repeat(org_all[other], 2)])
    base = np.concatenate([np.repeat(crop.ends[crop.known], 2), np.repeat(new_year(year_all[other]) + 120, 2)])
    day = base + rng.integers(0, 20, len(org)) + 40 * np.tile([0, 1], len(org) // 2)
    kilos = np.concatenate([np.repeat(brought[crop.known] / 2, 2), np.full(2 * len(other), np.nan)])
    dollars = made.members[org] * TURNOVER * 0.35 * rng.uniform(0.7, 1.3, len(org))
    currency = rng.choice(3, len(org), p=[0.3, 0.5, 0.2])
    due = day + 30
    paid = due + np.rint(rng.gamma(0.7, 18.0, len(org))).astype(np.int64) - 10
    every = np.flatnonzero(day + 3 <= DATA_DATE)
    later = every[paid[every] + 2 <= DATA_DATE]
    row = np.concatenate([every, later])
    closed = np.concatenate([every * 0, later * 0 + 1]).astype(bool)
    event = np.where(closed, np.maximum(paid, day + 4)[row], day[row])
    return framed(
        TABLES["sales"],
        id=names("SL", row, 5),
        event=at(event, 12),
        known=at(event + 2, 18),
        group_id=made.of(org[row]),
        sector_id=made.sector_of(org[row]),
        buyer_id=names("BY", rng.integers(0, 12, len(org))[row], 3),
        buyer_kind=words(BUYER_KINDS, rng.integers(0, len(BUYER_KINDS), len(org))[row]),
        quantity_kg=pl.Series(np.round(kilos[row], 0)).fill_nan(None),
        value=money(np.rint(dollars * IN_CURRENCY[currency]).astype(np.int64)[row] * 100),
        currency=words(MONEY, currency[row]),
        payment_due_on=dates(due[row]),
        paid_on=dates(np.where(closed, np.maximum(paid, day + 4)[row], -1)),
    )
