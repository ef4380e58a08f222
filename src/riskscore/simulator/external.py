"""The communal bank's own loan from the institution, behind the members' loans (a waterfall).

What members do not bring is borne by their group, then by the bank's own fund; only what is beyond the fund reaches
the institution. The external ledger is therefore far cleaner than the internal one.
"""

from __future__ import annotations

import numpy as np

from riskscore.simulator.arrays import Bools, Floats, Ints
from riskscore.simulator.repayment import NEVER, SELF, Repayment

#: Days a payment of the bank is away from its due date when all is well, and how often.
SMALL_DELAY = (1, 6)
SMALL_DELAY_CHANCE = 0.03
#: Days after the close of the books until a bank that fell short has paid the rest.
CATCH_UP = (20, 75)


def shortfall(repayment: Repayment, instalment: Ints, bank: Ints, banks: int) -> Floats:
    """Return what members owe the bank and nobody has paid by each meeting (cents), bank by meeting.

    Each cell sums over members the instalments due at or before a meeting that were paid more than two days after
    it, or never.
    """
    width = repayment.due.shape[1]
    total = np.zeros((banks, width))
    late = (repayment.paid - repayment.due_rewritten > 7) | (repayment.paid == NEVER)
    rows = np.flatnonzero((late & repayment.inside).any(axis=1))
    paid = np.where(repayment.paid == NEVER, np.iinfo(np.int64).max // 2, repayment.paid)[rows]
    due, final = repayment.due[rows], repayment.due_rewritten[rows]
    for meeting in range(width):
        today = due[:, meeting]
        open_ = (final <= today[:, None]) & (paid > today[:, None] + 2) & repayment.inside[rows]
        owed = open_.sum(axis=1) * instalment[rows] * repayment.inside[rows, meeting]
        total[:, meeting] = np.bincount(bank[rows], weights=owed, minlength=banks)
    return total


def pay(
    rng: np.random.Generator, *, due: Ints, inside: Bools, closes: Ints, short: Floats, buffer: Floats
) -> tuple[Ints, Ints]:
    """Return the day on which each bank pays each instalment and who bears it.

    An instalment whose meeting ends with a shortfall above `buffer` is paid at the first later meeting whose
    shortfall is within it, or 20 to 75 days after the books close.
    """
    banks, width = due.shape
    fails = (short > buffer[:, None]) & inside
    delay = (rng.random((banks, width)) < SMALL_DELAY_CHANCE) * rng.integers(*SMALL_DELAY, (banks, width))
    settle = closes + rng.integers(*CATCH_UP, banks)
    paid = np.zeros_like(due)
    later = settle.copy()
    for meeting in range(width - 1, -1, -1):
        well = inside[:, meeting] & ~fails[:, meeting]
        later = np.where(well, due[:, meeting] + delay[:, meeting], later)
        paid[:, meeting] = later
    paid = np.maximum.accumulate(np.where(inside, paid, 0), axis=1)
    return paid, np.full((banks, width), SELF, dtype=np.int64)
