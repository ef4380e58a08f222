"""The communal bank's own loan from the institution, behind the members' loans (a waterfall).

What members do not bring is borne by their group, then by the bank's own fund; only what is beyond the fund reaches
the institution. The external ledger is therefore far cleaner than the internal one.
"""

from __future__ import annotations

import numpy as np

from riskscore.simulator.arrays import Bools, Floats, Ints
from riskscore.simulator.asking import Asking, instalment_of, principal_of
from riskscore.simulator.repayment import NEVER, SELF, Repayment
from riskscore.simulator.tape import Tape, at

#: Flat interest per 30 days on a bank's loan.
EXTERNAL_RATE = 0.02
#: Days a payment of the bank is away from its due date when all is well, and how often.
SMALL_DELAY = (1, 6)
SMALL_DELAY_CHANCE = 0.03
#: Days after the close of the books until a bank that fell short has paid the rest.
CATCH_UP = (30, 210)


def lend_to_banks(
    rng: np.random.Generator,
    tape: Tape,
    *,
    asking: Asking,
    repayment: Repayment,
    amount: Ints,
    instalment: Ints,
    fund: Floats,
    cycle: int,
) -> tuple[Ints, Ints]:
    """Write the loans that stand behind the members' loans of a cycle, their schedules and how they are repaid.

    Parameters
    ----------
    asking, repayment, amount, instalment
        Of the members' loans, one entry a loan; money in cents.
    fund : ndarray
        By bank: what it can bear at any meeting, in instalments of all its members together.
    cycle : int
        Of the banks, from 1.

    Returns
    -------
    tuple of ndarray
        The banks, and the day on which each has paid its last instalment.
    """
    banks, first = np.unique(asking.bank, return_index=True)
    _, local = np.unique(asking.bank, return_inverse=True)
    lent = np.bincount(local, weights=amount).astype(np.int64)
    collected = np.bincount(local, weights=instalment)
    short = _shortfall(repayment, instalment, local, len(banks))

    dates = Asking(*(getattr(asking, name)[first] for name in Asking.__slots__))
    number = np.arange(short.shape[1])
    due = dates.disbursed[:, None] + dates.spacing[:, None] * (number + 1)
    inside = number < dates.count[:, None]
    fails = (short > (fund[banks] * collected)[:, None]) & inside
    paid = _pay(rng, due=due, inside=inside, closes=dates.closes, fails=fails)

    application = tape.add(
        "external_applications",
        bank=banks,
        cents=lent,
        term=dates.term,
        spacing=dates.spacing,
        event=at(dates.ask, 10),
        known=at(dates.ask, 10),
    )
    last = np.take_along_axis(paid, (dates.count - 1)[:, None], axis=1)[:, 0]
    loan = tape.add(
        "external_loans",
        application=application,
        bank=banks,
        cycle=np.full(len(banks), cycle),
        cents=lent,
        disbursed=dates.disbursed,
        term=dates.term,
        spacing=dates.spacing,
        closes=np.maximum(last, dates.closes),
    )
    row, column = np.nonzero(inside)
    tape.add(
        "external_instalments",
        loan=loan[row],
        number=column + 1,
        due=due[inside],
        cents=instalment_of(lent, dates.term, dates.count, EXTERNAL_RATE)[row],
        principal=principal_of(lent, dates.count)[row, column],
        paid=paid[inside],
        payer=np.full(len(row), SELF),
    )
    return banks, last


def _shortfall(repayment: Repayment, instalment: Ints, bank: Ints, banks: int) -> Floats:
    """Return what members owe the bank and nobody has paid by each meeting (cents), bank by meeting.

    Each cell sums over members the instalments due at or before a meeting that were paid more than two days after
    it, or never. Members who were never more than a week late do not count.
    """
    width = repayment.due.shape[1]
    total = np.zeros((banks, width))
    late = (repayment.paid - repayment.due_rewritten > 7) | (repayment.paid == NEVER)
    rows = np.flatnonzero((late & repayment.inside).any(axis=1))
    inside = repayment.inside[rows]
    paid = np.where(repayment.paid[rows] == NEVER, np.iinfo(np.int64).max // 2, repayment.paid[rows])
    due, final = repayment.due[rows], repayment.due_rewritten[rows]
    for meeting in range(width):
        today = due[:, meeting][:, None]
        unpaid = ((final <= today) & (paid > today + 2) & inside).sum(axis=1)
        owed = unpaid * instalment[rows] * inside[:, meeting]
        total[:, meeting] = np.bincount(bank[rows], weights=owed, minlength=banks)
    return total


def _pay(rng: np.random.Generator, *, due: Ints, inside: Bools, closes: Ints, fails: Bools) -> Ints:
    """Return the day on which each bank pays each instalment.

    An instalment whose meeting `fails` is paid at the first later meeting that does not, or 30 to 210 days after
    the books close.
    """
    banks, width = due.shape
    delay = (rng.random((banks, width)) < SMALL_DELAY_CHANCE) * rng.integers(*SMALL_DELAY, (banks, width))
    later = closes + rng.integers(*CATCH_UP, banks)
    paid = np.zeros_like(due)
    for meeting in range(width - 1, -1, -1):
        well = inside[:, meeting] & ~fails[:, meeting]
        later = np.where(well, due[:, meeting] + delay[:, meeting], later)
        paid[:, meeting] = later
    return np.maximum.accumulate(np.where(inside, paid, 0), axis=1)
