"""How a communal bank runs itself: who holds which office, and what its committee decided on each request.

Terms are a year or two; some boards stay on beyond them, some offices stand vacant, and an officer who leaves the bank
leaves her office vacant until the next election.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from riskscore.portfolio.tables import TABLES
from riskscore.simulator.arrays import Bools, Ints
from riskscore.simulator.columns import dates, framed, money, names, words
from riskscore.simulator.institution import Institution
from riskscore.simulator.scenario import DATA_DATE
from riskscore.simulator.tape import Tape, at

ROLES = ("president", "secretary", "treasurer", "credit_committee")
#: Seats of the board and of the credit committee, by role.
SEATS = (0, 1, 2, 3, 3)
TERM_DAYS = np.array([365, 730])
OVERRUN_CHANCE, OVERRUN_DAYS = 0.18, (30, 240)
VACANT = 0.07

RESULTS = ("approved", "reduced", "postponed", "rejected")
REASONS = ("capacity", "record", "papers", "liquidity", "own_request")
APPROVED, REDUCED, POSTPONED, REJECTED = range(4)


def frames(house: Institution, tape: Tape, rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Return offices and committee decisions."""
    return {"offices": _offices(house, tape, rng), "committee_decisions": _decisions(house, tape, rng)}


def stays(tape: Tape) -> tuple[Ints, Ints, Ints]:
    """Return the solidarity group, first day and first day outside (far ahead while she stays) of every woman."""
    told = tape.look("memberships")
    entry = told["since"] >= 0
    women = int(told["person"].max()) + 1
    group, since, until = (np.zeros(women, dtype=np.int64) for _ in range(3))
    until[:] = np.iinfo(np.int32).max
    group[told["person"][entry]] = told["group"][entry]
    since[told["person"][entry]] = told["since"][entry]
    until[told["person"][~entry]] = told["until"][~entry]
    return group, since, until


def _elections(house: Institution, rng: np.random.Generator) -> tuple[Ints, Ints, Ints, Ints]:
    """Return bank, day, end of the mandate and day of the next election of every election."""
    banks = len(house.bank_formed)
    term = rng.choice(TERM_DAYS, banks)
    day = house.bank_formed + rng.integers(20, 60, banks)
    found = []
    while (day <= DATA_DATE).any():
        over = rng.random(banks) < OVERRUN_CHANCE
        following = day + term + over * rng.integers(*OVERRUN_DAYS, banks)
        held = np.flatnonzero(day <= DATA_DATE)
        found.append((held, day[held], (day + term)[held], following[held]))
        day = following
    bank, on, ends, after = (np.concatenate(column) for column in zip(*found, strict=True))
    return bank, on, ends, after


def _offices(house: Institution, tape: Tape, rng: np.random.Generator) -> pl.DataFrame:
    bank, on, ends, following = _elections(house, rng)
    person, election = _elected(house, tape, bank, on, rng)
    seat = np.arange(len(person)) % len(SEATS)
    kept = (person >= 0) & (rng.random(len(person)) >= VACANT)
    person, election, seat = person[kept], election[kept], seat[kept]
    _, _, until = stays(tape)
    left = np.minimum(following[election], until[person])
    role = np.array(SEATS)[seat]
    first = np.arange(len(person))
    gone = np.flatnonzero(left <= DATA_DATE)
    row = np.concatenate([first, gone])
    leaves = np.concatenate([first * 0 - 1, left[gone]])
    event = np.concatenate([at(on[election], 17), at(left[gone], 17)])
    return framed(
        TABLES["offices"],
        id=names("OF", row, 6),
        event=event,
        known=event + np.concatenate([first * 0 + 60, 24 * 60 * rng.integers(0, 6, len(gone)) + 60]),
        group_id=names("CB", bank[election][row], 5),
        member_id=names("M", person[row]),
        role=words(ROLES, role[row]),
        valid_from=dates(on[election][row]),
        term_ends_on=dates(ends[election][row]),
        valid_to=dates(leaves),
    )


def _elected(house: Institution, tape: Tape, bank: Ints, on: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return who is elected, seat by seat of each election (-1 where too few are there), and her election."""
    group, since, until = stays(tape)
    of = house.group_bank[group]
    order = np.argsort(of, kind="stable")
    count = np.bincount(of, minlength=len(house.bank_formed))
    start = np.cumsum(count) - count
    width = int(count.max())
    slot = np.arange(width)
    # Every woman who was ever in the bank, one row an election.
    real: Bools = slot < count[bank][:, None]
    women = order[np.minimum(start[bank][:, None] + slot, len(order) - 1)]
    inside = real & (since[women] <= on[:, None]) & (until[women] > on[:, None])
    lot = np.where(inside, rng.random(inside.shape), 2.0)
    chosen = np.argsort(lot, axis=1, kind="stable")[:, : len(SEATS)]
    there = np.take_along_axis(inside, chosen, axis=1)
    person = np.where(there, np.take_along_axis(women, chosen, axis=1), -1)
    return person.ravel(), np.repeat(np.arange(len(bank)), len(SEATS))


def _decisions(house: Institution, tape: Tape, rng: np.random.Generator) -> pl.DataFrame:
    """The day after each woman's request; who took no loan was postponed or turned down, by lot as in the law."""
    asks: dict[str, Any] = tape.look("applications")
    loans = tape.look("loans")
    count = len(asks["cents"])
    lent = np.full(count, -1, dtype=np.int64)
    lent[loans["application"]] = loans["cents"]
    draw = rng.random(count)
    result = np.where(
        lent == asks["cents"], APPROVED, np.where(lent >= 0, REDUCED, np.where(draw < 0.6, POSTPONED, REJECTED))
    )
    why = np.where(result == REDUCED, rng.choice([0, 3], count), rng.choice([0, 1, 2, 4], count))
    day = asks["event"] // (24 * 60) + 1
    against = rng.binomial(3, np.array([0.04, 0.15, 0.4, 0.75])[result])
    abstain = rng.binomial(1, 0.1, count)
    reason = pl.Series(np.where(result == APPROVED, len(REASONS), why))
    return framed(
        TABLES["committee_decisions"],
        id=names("CD", np.arange(count)),
        event=at(day, 16),
        known=at(day, 18),
        application_id=names("A", np.arange(count)),
        group_id=names("CB", house.group_bank[asks["group"]], 5),
        result=words(RESULTS, result),
        asked=money(asks["cents"]),
        approved=money(lent),
        reason=pl.Series([*REASONS, None], dtype=pl.String).gather(reason),
        votes_for=pl.Series(5 - against - abstain),
        votes_against=pl.Series(against),
        abstentions=pl.Series(abstain),
    )
