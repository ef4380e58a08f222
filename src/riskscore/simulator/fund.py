"""The communal bank's own fund and who stands for whom: internal loans, dividends, guarantees.

About a third of the women ever borrow from the fund; those whom no table shows to be in trouble borrow more often
and repay late more often.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from riskscore.portfolio.tables import TABLES
from riskscore.simulator.arrays import Ints
from riskscore.simulator.columns import dates, framed, money, names, words
from riskscore.simulator.institution import Institution
from riskscore.simulator.repayment import GOOD, RELIEF
from riskscore.simulator.scenario import DATA_DATE
from riskscore.simulator.tape import Tape, at

BORROWERS = 0.38
EACH_CYCLE = 0.35
PARTS, PART_DAYS = 3, 28
LATE_CHANCE, LATE_DAYS = 0.10, (5, 60)
#: Share of her amount that a member's part of the fund's gain is, on the mean.
GAIN = 0.018
GUARANTORS = 0.04
KINDS = ("solidarity", "personal")


def frames(house: Institution, tape: Tape, rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Return internal loans, dividends and guarantees."""
    return {
        "internal_loans": _internal_loans(house, tape, rng),
        "dividends": _dividends(house, tape, rng),
        "guarantees": _guarantees(tape, rng),
    }


def _internal_loans(house: Institution, tape: Tape, rng: np.random.Generator) -> pl.DataFrame:
    """Three monthly parts each; a part paid is a new version with what is still owed."""
    loans, told = tape.look("loans"), tape.look("truth")
    trouble = told["cause_trouble"][loans["application"]] + told["cause_member"][loans["application"]]
    ever = rng.random(len(tape.look("members")["joined"])) < BORROWERS
    pressed = np.exp(0.3 * trouble)
    takes = np.flatnonzero(ever[loans["person"]] & (rng.random(len(trouble)) < EACH_CYCLE * pressed))
    count = len(takes)
    amount = np.rint(loans["cents"][takes] * rng.uniform(0.08, 0.25, count) / 5_00).astype(np.int64) * 5_00
    amount = np.maximum(15_00, amount)
    # At any meeting but the last two, so that some are still owed when she next asks for a loan.
    given = loans["disbursed"][takes] + 7 * rng.integers(1, loans["term"][takes] // 7 - 1)
    each = amount // PARTS
    number = np.arange(1, PARTS + 1)
    due = given[:, None] + PART_DAYS * number
    late = rng.random((count, PARTS)) < np.minimum(0.9, LATE_CHANCE * np.exp(0.8 * trouble[takes]))[:, None]
    paid = np.maximum.accumulate(due + late * rng.integers(*LATE_DAYS, (count, PARTS)), axis=1)
    # The last part takes the rest.
    owed = np.where(number == PARTS, 0, amount[:, None] - each[:, None] * number)

    every = np.arange(count)
    row = np.concatenate([every, np.repeat(every, PARTS)])
    day = np.concatenate([given, paid.ravel()])
    last = np.concatenate([every * 0, np.tile(number, count)]) == PARTS
    # Parts paid on one day are booked one after the other, so each version has its own moment.
    step = np.concatenate([every * 0, np.tile(number, count)])
    bank = house.group_bank[loans["group"][takes]]
    return framed(
        TABLES["internal_loans"],
        id=names("IL", row, 6),
        event=at(day, 16) + step,
        known=at(day, 18) + step,
        member_id=names("M", loans["person"][takes][row]),
        group_id=names("CB", bank[row], 5),
        amount=money(amount[row]),
        balance=money(np.concatenate([amount, owed.ravel()])),
        disbursed_on=dates(given[row]),
        due_on=dates(due[:, -1][row]),
        instalment=money(each[row]),
        frequency=words(("monthly",), row * 0),
        repaid_on=dates(np.where(last, day, -1)),
    )


def _dividends(house: Institution, tape: Tape, rng: np.random.Generator) -> pl.DataFrame:
    """A part of the fund's gain at the close of each cycle for every woman who kept to the rules."""
    loans = tape.look("loans")
    kept = np.flatnonzero(np.isin(loans["way"], (GOOD, RELIEF)) & (loans["closes"] <= DATA_DATE))
    cents = np.rint(loans["cents"][kept] * GAIN * rng.uniform(0.5, 1.5, len(kept))).astype(np.int64)
    day = loans["closes"][kept]
    return framed(
        TABLES["dividends"],
        id=names("DV", np.arange(len(kept))),
        event=at(day, 17, 30),
        known=at(day, 18, 30),
        member_id=names("M", loans["person"][kept]),
        group_id=names("CB", house.group_bank[loans["group"][kept]], 5),
        amount=money(cents),
    )


def _guarantees(tape: Tape, rng: np.random.Generator) -> pl.DataFrame:
    """The communal bank behind each loan to it, and a few women behind a neighbour's debt with another lender."""
    lent, internal = tape.look("external_loans"), len(tape.look("loans")["cents"])
    budgets = tape.look("budgets")
    _, first = np.unique(budgets["person"], return_index=True)
    stands = first[rng.random(len(first)) < GUARANTORS]
    signed: Ints = budgets["event"][stands] // (24 * 60)
    cents = np.rint(rng.uniform(100_00, 700_00, len(stands)) / 10_00).astype(np.int64) * 10_00
    free = signed + rng.integers(180, 720, len(stands))

    banks, women = len(lent["cents"]), len(stands)
    since = np.concatenate([lent["disbursed"], signed])
    released = np.concatenate([lent["closes"], free])
    row = np.arange(banks + women)
    done = np.flatnonzero(released <= DATA_DATE)
    both = np.concatenate([row, done])
    loan = np.concatenate([internal + np.arange(banks), np.full(women, -1)])
    bank = np.concatenate([lent["bank"], np.full(women, -1)])
    person = np.concatenate([np.full(banks, -1), budgets["person"][stands]])
    most = np.concatenate([np.full(banks, -1), cents])
    event = np.concatenate([at(since, 9, 30), at(released[done], 9, 30)])
    return framed(
        TABLES["guarantees"],
        id=names("G", both, 6),
        event=event,
        known=event + 8 * 60 + 30,
        loan_id=names("L", loan[both]),
        member_id=names("M", person[both]),
        group_id=names("CB", bank[both], 5),
        kind=words(KINDS, (person >= 0).astype(np.int64)[both]),
        amount=money(most[both]),
        valid_from=dates(since[both]),
        released_on=dates(np.concatenate([row * 0 - 1, released[done]])),
    )
