"""How a loan is repaid, instalment by instalment, given whether its borrower falls.

A woman who does not fall pays at the meeting or some days after it, at most 14, and at times her group covers one
instalment. A woman who falls does so from one meeting on, in one of five ways, each of which the outcome rule for
members sees: she stays in arrears past the next meeting, her group covers two instalments or more, her savings are
seized, she leaves with debt, or her schedule is rewritten in distress. Which way she falls is no part of the law. When
she falls is a matter of chance, except that a woman who is pulled along falls within `DOMINO` meetings of the first of
her solidarity group who fell directly: a cause comes before its effect.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskscore.simulator.arrays import Bools, Floats, Ints, sigmoid

SELF, GROUP, SAVINGS = 0, 1, 2
NEVER = -1

#: Ways a loan goes; the share of the five falls, and relief, which is no fall.
GOOD, ARREARS, COVERED, SEIZED, LEFT, RESTRUCTURED, RELIEF = range(7)
FALL_SHARES = np.array([0.34, 0.32, 0.14, 0.15, 0.05])

#: Meetings within which a fall that a neighbour brought follows hers.
DOMINO = 3

#: Fewest days between the last due date and the day the books close, and how far a rewritten schedule may reach.
BOOKS_CLOSE_AFTER = 7
STRETCH = 6


@dataclass(frozen=True, slots=True)
class Loans:
    """The loans of one step: one entry a loan; days from 1970-01-01, money in cents.

    `pulled` are those of the women who fall because a neighbour in her solidarity group, `group`, did.
    `relief` is the day on which a schedule is rewritten as relief, or -1; a woman who falls gets none. `lateness` is
    the log-odds that an instalment is paid some days late by a woman who does not fall.
    """

    disbursed: Ints
    count: Ints
    spacing: Ints
    closes: Ints
    instalment: Ints
    savings: Ints
    group: Ints
    falls: Bools
    pulled: Bools
    relief: Ints
    lateness: Floats


@dataclass(frozen=True, slots=True)
class Repayment:
    """What came of them; matrices are loan by instalment, cells at or beyond `count` mean nothing.

    `due` is the first schedule and `due_rewritten` the final one; `paid` is the day of payment or -1; `onset` is the
    instalment at which a fall begins (beyond the last where she does not fall); `rewritten` the day or -1.
    """

    way: Ints
    onset: Ints
    inside: Bools
    due: Ints
    due_rewritten: Ints
    paid: Ints
    payer: Ints
    rewritten: Ints
    leaves_debt: Bools


def repay(rng: np.random.Generator, loans: Loans) -> Repayment:
    """Draw the repayment of every loan."""
    rows, width = len(loans.count), int(loans.count.max())
    number = np.arange(width)
    inside = number < loans.count[:, None]
    due = loans.disbursed[:, None] + loans.spacing[:, None] * (number + 1)
    way = np.where(loans.falls, ARREARS + rng.choice(len(FALL_SHARES), size=rows, p=FALL_SHARES), GOOD)
    way = np.where((loans.relief >= 0) & ~loans.falls, RELIEF, way)
    long = np.minimum(63, 14 + rng.geometric(1 / 18, rows))
    onset = _onset(rng, loans, way, long)

    delay = _small_delays(rng, loans, inside)
    paid = np.maximum.accumulate(due + delay, axis=1)
    payer = np.zeros((rows, width), dtype=np.int64)
    covers = rng.integers(0, 4, (rows, width))
    after = number >= onset[:, None]

    # One covered instalment is no fall; the last is left out, since netting it at the close is a rule of the bank.
    one = (way == GOOD) & (rng.random(rows) < 0.25 * sigmoid(loans.lateness))
    at_one = rng.integers(0, np.maximum(1, loans.count - 1))
    hit = one[:, None] & (number == at_one[:, None])
    payer[hit] = GROUP
    paid = np.where(hit, np.maximum(due + covers, np.roll(paid, 1, axis=1) * (number > 0)), paid)

    resumes = np.take_along_axis(due, onset.clip(max=width - 1)[:, None], axis=1)[:, 0] + long
    missed = (way == ARREARS)[:, None] & after & (due <= resumes[:, None])
    paid = np.where(missed, resumes[:, None], paid)

    sure = after & (number < onset[:, None] + 2)
    again = after & (rng.random((rows, width)) < 0.5) & (number < loans.count[:, None] - 1)
    cover = np.isin(way, (COVERED, SEIZED, LEFT))[:, None] & (sure | (again & (way != LEFT)[:, None]))
    paid = np.where(cover, due + covers, paid)
    payer[cover] = GROUP
    seizable = (loans.savings // np.maximum(1, loans.instalment)) * (way == SEIZED)
    seized = cover & (np.cumsum(cover, axis=1) <= seizable[:, None])
    payer[seized] = SAVINGS

    rest = (way == LEFT)[:, None] & after & ~sure
    leaves_debt = (way == LEFT) & (rng.random(rows) < 0.6)
    paid = np.where(rest, np.where(leaves_debt, NEVER, loans.closes)[:, None], paid)
    payer[rest] = GROUP

    rewritten, due_rewritten = _rewrite(rng, loans, way, onset, due)
    moved = np.isin(way, (RESTRUCTURED, RELIEF))[:, None] & after
    paid = np.where(moved, due_rewritten, paid)
    # Money is handed over in the order of the instalments, except where none comes at all.
    ordered = np.maximum.accumulate(np.where(paid == NEVER, 0, np.minimum(paid, loans.closes[:, None])), axis=1)
    paid = np.where(paid == NEVER, NEVER, ordered)
    return Repayment(way, onset, inside, due, due_rewritten, paid, payer, rewritten, leaves_debt)


def _onset(rng: np.random.Generator, loans: Loans, way: Ints, long: Ints) -> Ints:
    """Draw the first instalment of a fall, early enough that all of it happens before the books close."""
    last = loans.count - 3
    # Arrears that begin at `onset` end `long` days later, before the close.
    fits = loans.count - 1 - np.ceil((long - STRETCH) / loans.spacing).astype(np.int64)
    latest = np.maximum(1, np.where(way == ARREARS, np.minimum(fits, last), last))
    # Falls come later rather than earlier in a cycle.
    drawn = 1 + np.floor(latest * np.sqrt(rng.random(len(latest)))).astype(np.int64)
    drawn = _follow(np.minimum(drawn, latest), latest, loans)
    relieved = (loans.relief - loans.disbursed) // loans.spacing
    return np.where(way == GOOD, loans.count, np.where(way == RELIEF, relieved, drawn))


def _follow(onset: Ints, latest: Ints, loans: Loans) -> Ints:
    """Move the falls of women who are pulled along to shortly after the first direct fall of their group.

    No chance is drawn for it, so that everything else of an institution is as it would be without.
    """
    _, group = np.unique(loans.group, return_inverse=True)
    room, first = np.full((2, int(group.max()) + 1), np.iinfo(np.int64).max // 2)
    np.minimum.at(room, group[loans.pulled], latest[loans.pulled])
    direct = loans.falls & ~loans.pulled
    moved = np.where(direct, np.minimum(onset, np.maximum(1, room[group] - 1)), onset)
    np.minimum.at(first, group[direct], moved[direct])
    after = np.minimum(first[group] + 1 + onset % DOMINO, latest)
    return np.where(loans.pulled, after, moved)


def _small_delays(rng: np.random.Generator, loans: Loans, inside: Bools) -> Ints:
    shape = inside.shape
    chance = sigmoid(loans.lateness + 0.5 * loans.falls)
    late = rng.random(shape) < chance[:, None]
    draw = rng.random(shape)
    some = rng.integers(1, 7, shape)
    weekly = np.where(draw < 0.45, some, np.where(draw < 0.92, 7, 14))
    fortnightly = np.where(draw < 0.75, some, 14)
    return np.asarray(late * np.where((loans.spacing == 7)[:, None], weekly, fortnightly), dtype=np.int64)


def _rewrite(rng: np.random.Generator, loans: Loans, way: Ints, onset: Ints, due: Ints) -> tuple[Ints, Ints]:
    """Return the day each schedule was rewritten (-1: never) and the final due dates."""
    width = due.shape[1]
    first = np.take_along_axis(due, onset.clip(max=width - 1)[:, None], axis=1)[:, 0]
    after_miss = first + rng.integers(3, 7, len(onset))
    day = np.where(way == RESTRUCTURED, after_miss, np.where(way == RELIEF, loans.relief, NEVER))
    shift = 7 * rng.integers(4, 9, len(onset))
    end = loans.disbursed + loans.spacing * loans.count + STRETCH
    moved = (day >= 0)[:, None] & (np.arange(width) >= onset[:, None])
    return day, np.where(moved, np.minimum(due + shift[:, None], end[:, None]), due)
