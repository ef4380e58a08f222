"""About twenty rural producer associations: who they are and how they are run.

One number that no table shows, `order`, moves everything they do: a well-ordered producer association holds its
assembly in time, hands its accounts over in time, delivers what it promised, and repays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from riskscore.portfolio.tables import TABLES
from riskscore.simulator.arrays import Bools, Floats, Ints, sigmoid
from riskscore.simulator.columns import dates, framed, money, names, words
from riskscore.simulator.institution import REGIONS, Institution
from riskscore.simulator.scenario import DATA_DATE, START
from riskscore.simulator.tape import at

COUNT = 20
YEARS = 6
#: Lines of business that only producer associations have: code, name, agricultural, lean months.
OWN_SECTORS = (("banana", "Banano", True, "7,8,9"), ("tourism", "Turismo rural comunitario", False, "1,2,3"))
#: Sector, its share, and what a member brings in a year: kg, or US dollars where nothing is weighed.
BUSINESS = (
    ("cacao", 0.25, 480.0),
    ("maize", 0.25, 2_300.0),
    ("banana", 0.20, 6_000.0),
    ("textiles", 0.15, 0.0),
    ("tourism", 0.15, 0.0),
)
#: US dollars a member makes a year for the producer association.
TURNOVER = 950.0
TOPICS = ("production", "processing", "marketing", "management", "finance")
SCHEMES = ("organic", "fair_trade", "food_safety", "origin")
MACHINES = ("dehydrator", "dryer", "fibre extractor", "mill", "loom", "van")


@dataclass(frozen=True, slots=True)
class Producers:
    """The producer associations, one entry each; days from 1970-01-01. `order` stands in no table."""

    branch: Ints
    sector: Ints
    formed: Ints
    met: Ints
    members: Ints
    order: Floats

    @property
    def ids(self) -> pl.Series:
        """Their group ids."""
        return names("PA", np.arange(COUNT), 4)

    def of(self, org: Ints) -> pl.Series:
        """Return the group id of each of `org`."""
        return self.ids.gather(org)

    def sector_of(self, org: Ints) -> pl.Series:
        """Return the sector code of each of `org`."""
        return words(tuple(b[0] for b in BUSINESS), self.sector[org])


def found_producers(house: Institution, rng: np.random.Generator) -> Producers:
    """Draw them, at branches that were there from the first day."""
    early = np.flatnonzero(~np.array([r.late for r in REGIONS])[house.branch_region])
    share = np.array([b[1] for b in BUSINESS])
    formed = START - rng.integers(300, 6000, COUNT)
    return Producers(
        branch=rng.choice(early, COUNT),
        # As many of each sector as its share says.
        sector=rng.permutation(np.repeat(np.arange(len(BUSINESS)), np.rint(share * COUNT).astype(np.int64))),
        formed=formed,
        met=START + rng.integers(5, 300, COUNT),
        members=np.rint(rng.lognormal(3.9, 0.5, COUNT)).astype(np.int64) + 12,
        order=rng.standard_normal(COUNT),
    )


def org_years() -> tuple[Ints, Ints]:
    """Return producer association and year (0 is the first) of every pair of the two."""
    return np.repeat(np.arange(COUNT), YEARS), np.tile(np.arange(YEARS), COUNT)


def new_year(year: Ints) -> Ints:
    """Return the first of January of each year, 0 the first."""
    first = np.datetime64(START, "D").astype("datetime64[Y]").astype(np.int64)
    return np.asarray((first + year).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64))


def frames(made: Producers, rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Return what the producer associations are and how they are run; `groups` and `sectors` are rows to add."""
    start = np.full(len(OWN_SECTORS), START)
    return {
        "sectors": framed(
            TABLES["sectors"],
            id=pl.Series([s[0] for s in OWN_SECTORS]),
            event=at(start, 0),
            known=at(start, 18),
            name=pl.Series([s[1] for s in OWN_SECTORS]),
            agricultural=pl.Series([s[2] for s in OWN_SECTORS]),
            lean_months=pl.Series([s[3] for s in OWN_SECTORS]),
        ),
        "groups": framed(
            TABLES["groups"],
            id=made.ids,
            event=at(made.met, 9),
            known=at(made.met, 18),
            kind=words(("producer_association",), made.met * 0),
            parent_id=pl.Series([None] * COUNT, dtype=pl.String),
            branch_id=names("B", made.branch, 3),
            officer_id=pl.Series([None] * COUNT, dtype=pl.String),
            sector_id=made.sector_of(np.arange(COUNT)),
            formed_on=dates(made.formed),
            consolidated_on=dates(made.formed * 0 - 1),
        ),
        "registrations": _registrations(made, rng),
        "assemblies": _assemblies(made, rng),
        "financial_statements": _statements(made, rng),
        "certifications": _certifications(made, rng),
        "technical_assistance": _assistance(made, rng),
        "equipment": _equipment(made, rng),
    }


def _registrations(made: Producers, rng: np.random.Generator) -> pl.DataFrame:
    """One fact each, looked up anew every year."""
    org, year = org_years()
    day = np.maximum(made.met[org] + 2, new_year(year) + rng.integers(20, 60, len(org)))
    day = np.maximum.accumulate((day + year).reshape(COUNT, YEARS), axis=1).ravel()
    chance = sigmoid(1.6 + 0.9 * made.order[org])
    mandate = day + rng.integers(-120, 650, len(org))
    active = np.clip(0.72 + 0.12 * made.order[org] + rng.normal(0, 0.05, len(org)), 0.3, 1.0)
    return framed(
        TABLES["registrations"],
        id=names("RG", org, 4),
        event=at(day, 10),
        known=at(day, 12),
        group_id=made.of(org),
        legal_person=pl.Series((rng.random(COUNT) < sigmoid(2.2 + made.order))[org]),
        tax_number_active=pl.Series(rng.random(len(org)) < chance),
        mandate_ends_on=dates(mandate),
        registered_members=pl.Series(made.members[org]),
        active_members=pl.Series(np.rint(made.members[org] * active).astype(np.int64)),
    )


def _announced(made: Producers, rng: np.random.Generator, *, slow: float) -> tuple[Ints, Ints, Ints, Ints]:
    """Return row of `org_years`, due day, announced day and day done (-1: not yet) for what is due each March."""
    org, year = org_years()
    due = new_year(year) + 89
    told = np.maximum(new_year(year) + 14, made.met[org])
    late = np.rint(rng.gamma(1.3, slow * np.exp(-0.8 * made.order[org]))).astype(np.int64) - 25
    done = np.maximum(told + 5, due + late)
    never = rng.random(len(org)) < 0.12 * np.exp(-0.7 * made.order[org])
    kept = np.flatnonzero(made.met[org] < due)
    return kept, due, told, np.where(never | (done > DATA_DATE - 3), -1, done)


def _assemblies(made: Producers, rng: np.random.Generator) -> pl.DataFrame:
    org, _ = org_years()
    kept, due, told, done = _announced(made, rng, slow=25.0)
    held = kept[done[kept] >= 0]
    row = np.concatenate([kept, held])
    isheld = np.concatenate([kept * 0, held * 0 + 1]).astype(bool)
    day = np.where(isheld, done[row], told[row])
    came = np.clip(0.6 + 0.15 * made.order[org] + rng.normal(0, 0.1, len(org)), 0.1, 1.0)
    present = np.rint(made.members[org] * came).astype(np.int64)
    return framed(
        TABLES["assemblies"],
        id=names("AS", row, 5),
        event=at(day, 10),
        known=at(day + 2, 18),
        group_id=made.of(org[row]),
        kind=words(("ordinary",), row * 0),
        due_on=dates(due[row]),
        held_on=dates(np.where(isheld, done[row], -1)),
        entitled=pl.Series(made.members[org[row]]),
        present=_where(isheld, present[row]),
        quorum=_where(isheld, (2 * present > made.members[org])[row]),
    )


def _where(stands: Bools, value: npt.NDArray[Any]) -> pl.Series:
    """Return values, missing where they do not stand."""
    return pl.select(pl.when(pl.Series(stands)).then(pl.Series(value))).to_series()


def _statements(made: Producers, rng: np.random.Generator) -> pl.DataFrame:
    """The year that ended: due by the end of March, with figures once they are handed over."""
    org, year = org_years()
    kept, due, told, done = _announced(made, rng, slow=32.0)
    given = kept[done[kept] >= 0]
    row = np.concatenate([kept, given])
    here = np.concatenate([kept * 0, given * 0 + 1]).astype(bool)
    day = np.where(here, done[row], told[row])
    grow = np.exp(rng.normal(0.03, 0.12, len(org)).reshape(COUNT, YEARS).cumsum(axis=1)).ravel()
    revenue = made.members[org] * TURNOVER * grow
    margin = np.clip(0.10 + 0.03 * made.order[org] + rng.normal(0, 0.03, len(org)), -0.08, 0.3)
    assets = revenue * rng.uniform(0.5, 0.9, len(org))
    current = assets * rng.uniform(0.35, 0.6, len(org))
    advances = current * rng.uniform(0.02, 0.2, len(org))
    amounts: dict[str, Floats] = {
        "revenue": revenue,
        "cost_of_sales": revenue * (0.9 - margin),
        "ebitda": revenue * margin,
        "taxes": np.maximum(0.0, revenue * margin * 0.1),
        "maintenance_investment": revenue * 0.012,
        "debt_service": revenue * rng.uniform(0.03, 0.07, len(org)),
        "current_assets": current,
        "current_liabilities": current / np.clip(1.3 + 0.25 * made.order[org], 0.6, 3.0),
        "total_assets": assets,
        "equity": assets * np.clip(0.42 + 0.12 * made.order[org], -0.1, 0.9),
        "inventory": current * 0.35,
        "receivables": current * 0.3,
        "payables": current * 0.25,
        "member_advances": advances,
        "member_advances_overdue": advances * np.clip(0.2 - 0.12 * made.order[org], 0.0, 1.0),
    }
    return framed(
        TABLES["financial_statements"],
        id=names("FS", row, 5),
        event=at(day, 11),
        known=at(day + 1, 18),
        group_id=made.of(org[row]),
        period_ends_on=dates(new_year(year)[row] - 1),
        due_on=dates(due[row]),
        delivered_on=dates(np.where(here, done[row], -1)),
        audited=_where(here, (rng.random(len(org)) < sigmoid(-0.8 + made.order[org]))[row]),
        **{name: _signed(here, value[row]) for name, value in amounts.items()},
    )


def _signed(stands: Bools, dollars: Floats) -> pl.Series:
    """Return amounts that may be below zero, missing where they do not stand."""
    cents = np.rint(dollars * 100).astype(np.int64)
    both = pl.DataFrame({"above": money(np.maximum(0, cents)), "below": money(np.maximum(0, -cents))})
    return both.select(
        pl.when(pl.Series(stands)).then((pl.col("above") - pl.col("below")).cast(pl.Decimal(18, 2)))
    ).to_series()


def _certifications(made: Producers, rng: np.random.Generator) -> pl.DataFrame:
    """A certificate of three years for those who can, renewed by most."""
    holder = np.flatnonzero(rng.random(COUNT) < sigmoid(0.4 + made.order))
    first = made.met[holder] + rng.integers(10, 200, len(holder))
    again = rng.random(len(holder)) < 0.75
    org = np.concatenate([holder, holder[again]])
    begins = np.concatenate([first, first[again] + 1095])
    scheme = rng.integers(0, len(SCHEMES), COUNT)[org]
    return framed(
        TABLES["certifications"],
        id=names("CE", np.arange(len(org)), 4),
        event=at(begins, 9),
        known=at(begins + 3, 18),
        group_id=made.of(org),
        scheme=words(SCHEMES, scheme),
        valid_from=dates(begins),
        valid_to=dates(begins + 1095),
    )


def _assistance(made: Producers, rng: np.random.Generator) -> pl.DataFrame:
    """Some sessions a year from the adviser, for whoever came to ask."""
    org, year = org_years()
    often = rng.poisson(2.5, len(org))
    row = np.repeat(np.arange(len(org)), often)
    day = np.maximum(new_year(year[row]) + rng.integers(0, 360, len(row)), made.met[org[row]] + 10)
    return framed(
        TABLES["technical_assistance"],
        id=names("TA", np.arange(len(row)), 5),
        event=at(day, 9),
        known=at(day + 4, 18),
        group_id=made.of(org[row]),
        provider=words(("adviser", "ministry"), rng.integers(0, 2, len(row))),
        topic=words(TOPICS, rng.integers(0, len(TOPICS), len(row))),
        hours=pl.Series(rng.integers(4, 33, len(row)).astype(np.float64)),
        given_on=dates(day),
    )


def _equipment(made: Producers, rng: np.random.Generator) -> pl.DataFrame:
    owned = rng.integers(1, 4, COUNT)
    org = np.repeat(np.arange(COUNT), owned)
    bought = made.met[org] - rng.integers(0, 2500, len(org))
    seen = np.maximum(bought, made.met[org] + 3)
    return framed(
        TABLES["equipment"],
        id=names("EQ", np.arange(len(org)), 4),
        event=at(seen, 11),
        known=at(seen, 18),
        group_id=made.of(org),
        kind=words(MACHINES, rng.integers(0, len(MACHINES), len(org))),
        value=money(np.rint(rng.uniform(800, 9000, len(org))).astype(np.int64) * 100),
        acquired_on=dates(bought),
        working=pl.Series(rng.random(len(org)) < sigmoid(1.8 + made.order[org])),
    )
