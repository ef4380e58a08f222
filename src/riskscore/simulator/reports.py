"""What the institution reports of itself at the end of each month, counted in its own books.

The portfolio is what the institution has lent: the external ledger. The rate of default it has never reported, so that
cell is empty, which is not zero.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from riskscore.portfolio.tables import TABLES
from riskscore.simulator.arrays import Floats, Ints
from riskscore.simulator.columns import dates, framed, money, names
from riskscore.simulator.governance import stays
from riskscore.simulator.institution import Institution
from riskscore.simulator.producer_loans import ProducerLoans
from riskscore.simulator.producers import Producers
from riskscore.simulator.scenario import DATA_DATE, START
from riskscore.simulator.surroundings import month_ends
from riskscore.simulator.tape import Tape, at

#: Days after the month's end when the report is compiled and when it is published.
COMPILED, PUBLISHED = 9, 12
PAR_DAYS = 30


def frames(house: Institution, tape: Tape, made: Producers, lent: ProducerLoans) -> dict[str, pl.DataFrame]:
    """Return the monthly snapshots of every branch that has opened and of the whole institution."""
    ends = month_ends(START, DATA_DATE)
    branches = len(house.branch_region)
    shape = (len(ends), branches)

    def running(start: Ints, stop: Ints, place: Ints, weight: Ints | None = None) -> Floats:
        """Sum over what has started by each month's end and not stopped, month by branch."""
        total = np.zeros((len(ends) + 1) * branches)
        for day, sign in ((start, 1.0), (stop, -1.0)):
            cell = np.searchsorted(ends, day) * branches + place
            total += sign * np.bincount(cell, weights=weight, minlength=len(total))
        return np.asarray(np.cumsum(total.reshape(-1, branches)[:-1], axis=0))

    loans, to_banks = tape.look("loans"), tape.look("external_loans")
    both = (
        (tape.look("external_instalments"), to_banks["disbursed"], house.bank_branch[to_banks["bank"]]),
        (lent.instalments(), lent.given, made.branch[lent.org]),
    )
    gross, risk = np.zeros(shape), np.zeros(shape)
    for dues, given, branch in both:
        of = dues["loan"]
        gross += running(given[of], dues["paid"], branch[of], dues["principal"])
        risk += _at_risk(ends, dues, branch[of], branches)
    group, since, until = stays(tape)
    never = np.full(len(house.bank_formed), np.iinfo(np.int32).max)
    clients = running(since, until, house.bank_branch[house.group_bank[group]])
    banks = running(house.bank_formed, never, house.bank_branch)
    member_branch = house.bank_branch[house.group_bank[loans["group"]]]
    borrowers = running(loans["disbursed"], loans["closes"], member_branch)
    opened = (house.branch_opened <= ends[:, None]).astype(np.float64)

    def whole_and_parts(value: Floats) -> Ints:
        return np.concatenate([value.sum(axis=1), value.ravel()]).astype(np.int64)

    month = np.concatenate([np.arange(len(ends)), np.repeat(np.arange(len(ends)), branches)])
    place = np.concatenate([np.full(len(ends), -1), np.tile(np.arange(branches), len(ends))])
    gross_cents, risk_cents = whole_and_parts(gross), whole_and_parts(risk)
    share = pl.Series(np.where(gross_cents > 0, risk_cents / np.maximum(1, gross_cents), np.nan)).fill_nan(None)
    told = framed(
        TABLES["portfolio_snapshots"],
        id=names("Z", np.arange(len(month)), 5),
        event=at(ends[month] + COMPILED, 9),
        known=at(ends[month] + PUBLISHED, 9),
        branch_id=names("B", place, 3),
        on_date=dates(ends[month]),
        branches=pl.Series(whole_and_parts(opened)),
        communal_banks=pl.Series(whole_and_parts(banks)),
        clients=pl.Series(whole_and_parts(clients)),
        borrowers=pl.Series(whole_and_parts(borrowers)),
        female_share=pl.Series(np.ones(len(month))),
        gross_portfolio=money(gross_cents),
        par30=share,
        default_rate=pl.Series([None] * len(month), dtype=pl.Float64),
    )
    return {"portfolio_snapshots": told.filter(pl.col("branches") > 0)}


def _at_risk(ends: Ints, dues: dict[str, Ints], branch: Ints, branches: int) -> Floats:
    """Return the balance of loans whose oldest unpaid instalment is more than 30 days late, month by branch."""
    late = np.flatnonzero(dues["paid"] - dues["due"] > PAR_DAYS)
    first = np.searchsorted(ends, dues["due"][late] + PAR_DAYS)
    stop = np.searchsorted(ends, dues["paid"][late])
    months = np.concatenate(
        [np.arange(a, b) for a, b in zip(first, stop, strict=True)] or [np.zeros(0, dtype=np.int64)]
    )
    pairs = np.unique(np.repeat(dues["loan"][late], np.maximum(0, stop - first)) * len(ends) + months.astype(np.int64))
    total = np.zeros((len(ends), branches))
    of, month = pairs // len(ends), pairs % len(ends)
    # Instalments of a loan lie together on the tape.
    begin = np.searchsorted(dues["loan"], of, side="left")
    end = np.searchsorted(dues["loan"], of, side="right")
    for a, b, m in zip(begin, end, month, strict=True):
        open_ = dues["paid"][a:b] > ends[m]
        total[m, branch[a]] += dues["principal"][a:b][open_].sum()
    return total
