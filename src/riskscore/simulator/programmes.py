"""A programme as it reported itself: Pro Mujer in Bolivia in July 2001, with the blanks it left.

What was reported is reproduced to the cent: 24 focal centres, 1,547 communal banks, 28,606 clients and US$ 3,505,310
of outstanding principal, lent in loans of 100 to 1,000 dollars over 3 to 8 months, weekly until a communal bank is
consolidated and twice a month from then on. Four cells of its operational table have no value (branches, share of
women, borrowers, default), and have none here. Everything else, such as who pays late, is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from riskscore.portfolio import Portfolio, write_portfolio
from riskscore.portfolio.tables import LEDGERS, TABLES
from riskscore.simulator.arrays import Bools, Ints, day
from riskscore.simulator.asking import RATE, instalment_of, principal_of
from riskscore.simulator.columns import CURRENCY, dates, framed, money, names, words
from riskscore.simulator.external import EXTERNAL_RATE
from riskscore.simulator.tape import at

REPORTED_ON = date(2001, 7, 31)
BANKS, CLIENTS, GROSS_CENTS = 1_547, 28_606, 3_505_310_00
#: City, region, focal centres, year of the first.
CENTRES = (
    ("El Alto", "La Paz", 10, 1991),
    ("Cochabamba", "Cochabamba", 6, 1994),
    ("Sucre", "Chuquisaca", 5, 1996),
    ("Tarija", "Tarija", 3, 1998),
)
LEAST, MOST = 100_00, 1_000_00
WEEKS, FORTNIGHTS = np.array([14, 16, 20, 24]), np.array([6, 8, 10, 12, 16])
#: Share of banks that have not paid their last three instalments: the years were years of recession.
BEHIND, BEHIND_BY = 0.03, 3
CONSOLIDATES_AFTER = 500
_TODAY = day(REPORTED_ON)


@dataclass(frozen=True, slots=True)
class Programme:
    """The communal banks and, by client, her place in one; days from 1970-01-01, money in cents.

    `spacing` is the days between instalments, `count` how many there are, `fallen` how many have fallen due and `paid`
    how many of them are paid, by communal bank; `consolidated` the day, or -1.
    """

    branch: Ints
    formed: Ints
    consolidated: Ints
    disbursed: Ints
    spacing: Ints
    count: Ints
    fallen: Ints
    paid: Ints
    group_bank: Ints
    client_group: Ints
    amount: Ints

    @property
    def client_bank(self) -> Ints:
        """The communal bank of each client."""
        return self.group_bank[self.client_group]


def pro_mujer(out: Path | str, *, seed: int = 2001) -> Portfolio:
    """Write Pro Mujer's portfolio of 31 July 2001 at `out`.

    Parameters
    ----------
    out : Path or str
        Folder of the portfolio; replaced where it is one.
    seed : int
        Of what was not reported; the reported figures are the same for every seed.
    """
    made = _draw(np.random.default_rng(seed))
    return write_portfolio(
        out,
        {**_places(made), **_books(made), "portfolio_snapshots": _reported()},
        currency=CURRENCY,
        country="BO",
        time_zone="America/La_Paz",
        data_date=REPORTED_ON,
    )


def _draw(rng: np.random.Generator) -> Programme:
    centres = sum(centre[2] for centre in CENTRES)
    branch = np.sort(np.arange(BANKS) % centres)
    first = np.repeat([day(date(year, 1, 1)) for *_, year in CENTRES], [centre[2] for centre in CENTRES])[branch]
    formed = first + (rng.beta(2.0, 1.2, BANKS) * (_TODAY - 300 - first)).astype(np.int64)
    since = formed + CONSOLIDATES_AFTER
    settled = since < _TODAY - 250
    spacing = np.where(settled, 15, 7)
    count = np.where(settled, rng.choice(FORTNIGHTS, BANKS), rng.choice(WEEKS, BANKS))
    fallen = (rng.random(BANKS) * count).astype(np.int64)
    behind = (rng.random(BANKS) < BEHIND) & (fallen >= BEHIND_BY)
    paid = fallen - BEHIND_BY * behind
    size = _sizes(rng)
    groups = np.where(size < 20, 5, 6)
    group_bank = np.repeat(np.arange(BANKS), groups)
    order = np.arange(len(group_bank)) - (np.cumsum(groups) - groups)[group_bank]
    members = size[group_bank] // groups[group_bank] + (order < size[group_bank] % groups[group_bank])
    client_group = np.repeat(np.arange(len(group_bank)), members)
    bank = group_bank[client_group]
    return Programme(
        branch=branch,
        formed=formed,
        consolidated=np.where(settled, since, -1),
        disbursed=_TODAY - spacing * fallen - rng.integers(1, spacing),
        spacing=spacing,
        count=count,
        fallen=fallen,
        paid=paid,
        group_bank=group_bank,
        client_group=client_group,
        amount=_amounts(rng, count[bank], paid[bank]),
    )


def _sizes(rng: np.random.Generator) -> Ints:
    """Return clients by communal bank: they add up to those reported."""
    size = np.clip(np.rint(rng.normal(CLIENTS / BANKS, 4.0, BANKS)), 10, 30).astype(np.int64)
    while (missing := CLIENTS - int(size.sum())) != 0:
        free: Bools = (size < 30) if missing > 0 else (size > 10)
        some = rng.permutation(np.flatnonzero(free))[: abs(missing)]
        size[some] += np.sign(missing)
    return size


def _amounts(rng: np.random.Generator, count: Ints, paid: Ints) -> Ints:
    """Return what each client borrowed, in steps of ten dollars, so that what she still owes adds up to the report.

    One scale moves all amounts until the sum is as near as steps allow; the rest goes on one loan of which nothing is
    paid yet, since there a cent lent is a cent owed.
    """
    shape = rng.lognormal(0.0, 0.45, len(count))

    def lent(scale: float) -> Ints:
        return np.clip(np.rint(shape * scale / 10_00).astype(np.int64) * 10_00, LEAST, MOST)

    def owed(amount: Ints) -> int:
        return int((amount - paid * (amount // count)).sum())

    low, high = float(LEAST), float(MOST)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if owed(lent(middle)) < GROSS_CENTS else (low, middle)
    amount = lent(low)
    fresh = np.flatnonzero((paid == 0) & (amount > 2 * LEAST) & (amount < MOST // 2))
    amount[fresh[0]] += GROSS_CENTS - owed(amount)
    return amount


def _places(made: Programme) -> dict[str, pl.DataFrame]:
    cities = [city for city, _, number, _ in CENTRES for _ in range(number)]
    regions = [region for _, region, number, _ in CENTRES for _ in range(number)]
    opened = np.array([day(date(year, 1, 1)) for *_, number, year in CENTRES for _ in range(number)])
    banks, groups, clients = np.arange(BANKS), np.arange(len(made.group_bank)), np.arange(CLIENTS)
    later = np.flatnonzero(made.consolidated >= 0)
    bank_row = np.concatenate([banks, later])
    told = np.concatenate([made.formed, made.consolidated[later]])
    row = np.concatenate([bank_row, made.group_bank])
    event = at(np.concatenate([told, made.formed[made.group_bank]]), 9)
    branch_of = names("FC", made.branch, 2)
    joined = made.formed[made.client_bank]
    return {
        "branches": framed(
            TABLES["branches"],
            id=names("FC", np.arange(len(cities)), 2),
            event=at(opened, 0),
            known=at(opened, 18),
            name=pl.Series([f"{city} {number + 1}" for number, city in enumerate(cities)]),
            region=pl.Series(regions),
            rural=pl.Series(np.zeros(len(cities), dtype=bool)),
            opened_on=dates(opened),
        ),
        "groups": framed(
            TABLES["groups"],
            id=pl.concat([names("CB", bank_row, 5), names("SG", groups, 5)]),
            event=event,
            known=event + 60,
            kind=words(("communal_bank", "solidarity_group"), np.repeat([0, 1], [len(bank_row), len(groups)])),
            parent_id=pl.concat([names("CB", bank_row * 0 - 1, 5), names("CB", made.group_bank, 5)]),
            branch_id=branch_of.gather(row),
            formed_on=dates(made.formed[row]),
            consolidated_on=dates(
                np.concatenate([banks * 0 - 1, made.consolidated[later], groups * 0 - 1]),
            ),
        ),
        "members": framed(
            TABLES["members"],
            id=names("M", clients, 5),
            event=at(joined, 12),
            known=at(joined, 18),
            branch_id=branch_of.gather(made.client_bank),
            joined_on=dates(joined),
        ),
        "memberships": framed(
            TABLES["memberships"],
            id=names("S", clients, 5),
            event=at(joined, 12),
            known=at(joined, 18),
            member_id=names("M", clients, 5),
            group_id=names("SG", made.client_group, 5),
            valid_from=dates(joined),
        ),
    }


def _books(made: Programme) -> dict[str, pl.DataFrame]:
    """Return both ledgers: what clients owe their bank, and what banks owe Pro Mujer, the same principal."""
    bank = np.concatenate([made.client_bank, np.arange(BANKS)])
    external = np.repeat([0, 1], [CLIENTS, BANKS])
    own = principal_of(made.amount, made.count[made.client_bank])
    width = own.shape[1]
    together = np.zeros((BANKS, width), dtype=np.int64)
    inside = np.arange(width) < made.count[:, None]
    np.add.at(together, made.client_bank, np.where(inside[made.client_bank], own, 0))
    principal = np.concatenate([own, together])
    amount = np.concatenate([made.amount, together.sum(axis=1)])
    term, count = (made.spacing * made.count)[bank], made.count[bank]
    each = np.where(
        external == 0, instalment_of(amount, term, count, RATE), instalment_of(amount, term, count, EXTERNAL_RATE)
    )
    given = made.disbursed[bank]
    loan = names("L", np.arange(len(bank)), 6)
    row, column = np.nonzero(inside[bank])
    due = given[row] + made.spacing[bank][row] * (column + 1)
    settled = np.flatnonzero(column < made.paid[bank][row])
    return {
        "loans": framed(
            TABLES["loans"],
            id=loan,
            event=at(given, 9),
            known=at(given, 18),
            member_id=names("M", np.concatenate([np.arange(CLIENTS), np.full(BANKS, -1)]), 5),
            group_id=pl.concat([names("SG", made.client_group, 5), names("CB", np.arange(BANKS), 5)]),
            ledger=words(LEDGERS, external),
            cycle_no=pl.Series(1 + (given - made.formed[bank]) // 200),
            amount=money(amount),
            disbursed_on=dates(given),
            term_days=pl.Series(term),
            frequency=words(("weekly", "twice_a_month"), (made.spacing == 15).astype(np.int64)[bank]),
        ),
        "instalments": framed(
            TABLES["instalments"],
            id=names("I", np.arange(len(row))),
            event=at(given[row], 9),
            known=at(given[row], 18),
            loan_id=loan.gather(row),
            number=pl.Series(column + 1),
            due_on=dates(due),
            amount=money(each[row]),
            principal=money(principal[row, column]),
        ),
        "payments": framed(
            TABLES["payments"],
            id=names("P", np.arange(len(settled))),
            event=at(due[settled], 15),
            known=at(due[settled], 18),
            loan_id=loan.gather(row[settled]),
            amount=money(each[row[settled]]),
            payer=words(("self",), settled * 0),
            reversed=pl.Series(np.zeros(len(settled), dtype=bool)),
        ),
    }


def _reported() -> pl.DataFrame:
    """Return the operational table: what had no value in it is left out, and so stays missing."""
    told = at(np.array([_TODAY]), 12)
    return framed(
        TABLES["portfolio_snapshots"],
        id=pl.Series(["PM2001"]),
        event=told,
        known=told,
        on_date=dates([_TODAY]),
        communal_banks=pl.Series([BANKS]),
        clients=pl.Series([CLIENTS]),
        gross_portfolio=money([GROSS_CENTS]),
    )
