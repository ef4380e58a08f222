"""What the group's book shows beside repayment: who came, who saved, who was trained.

A woman who pays badly stops coming, and then is often not even written down: what is missing is not missing at
random. Attending the seven credit sessions is no cause of anything here (a trial found no effect on repayment).
"""

from __future__ import annotations

import numpy as np

from riskscore.simulator.arrays import Floats, Ints, sigmoid
from riskscore.simulator.repayment import Repayment
from riskscore.simulator.tape import Tape, at

PRESENT, LATE, ABSENT, EXCUSED, UNWRITTEN = range(5)
SESSIONS = 7
MEETING_HOUR = 15


def attend(
    rng: np.random.Generator, tape: Tape, repayment: Repayment, *, person: Ints, group: Ints, unreliable: Floats
) -> Floats:
    """Write attendance at every meeting and return the share of written meetings she came to.

    `unreliable` is the log-odds that she stays away from a meeting while she does not fall.
    """
    shape = repayment.due.shape
    fallen = np.arange(shape[1]) >= repayment.onset[:, None]
    draw = rng.random(shape)
    away = sigmoid(unreliable)[:, None]
    usual = np.where(draw < away, ABSENT, np.where(draw < away * 1.3, EXCUSED, np.where(draw > 0.92, LATE, PRESENT)))
    badly = np.select([draw < 0.50, draw < 0.68, draw < 0.76], [ABSENT, UNWRITTEN, LATE], PRESENT)
    relieved = np.isin(repayment.way, (0, 6))[:, None]
    status = np.where(fallen & ~relieved, badly, usual)
    written = repayment.inside & (status != UNWRITTEN)
    row, _ = np.nonzero(written)
    due = repayment.due[written]
    tape.add(
        "attendance",
        person=person[row],
        group=group[row],
        status=status[written],
        event=at(due, MEETING_HOUR),
        known=at(due, 18),
    )
    came = (written & (status <= LATE)).sum(axis=1)
    return np.asarray(came / np.maximum(1, written.sum(axis=1)), dtype=np.float64)


def save(
    rng: np.random.Generator, tape: Tape, repayment: Repayment, *, person: Ints, goal: Ints, thrift: Floats
) -> Ints:
    """Write deposits towards a goal (cents) and return what each woman put aside in the cycle (cents)."""
    shape = repayment.due.shape
    count = np.maximum(1, repayment.inside.sum(axis=1))
    fallen = np.arange(shape[1]) >= repayment.onset[:, None]
    saves = (
        repayment.inside
        & (rng.random(shape) < (0.45 * thrift)[:, None])
        & ~(fallen & (repayment.onset < count)[:, None])
    )
    each = np.maximum(50, (goal / count / 0.45 / 50).astype(np.int64) * 50)
    row, _ = np.nonzero(saves)
    due = repayment.due[saves]
    tape.add(
        "savings",
        person=person[row],
        kind=np.zeros(len(row), dtype=np.int64),
        cents=each[row],
        event=at(due, MEETING_HOUR, 40),
        known=at(due, 18),
    )
    return np.asarray(saves.sum(axis=1) * each, dtype=np.int64)


def train(rng: np.random.Generator, tape: Tape, repayment: Repayment, *, person: Ints, first: Ints) -> None:
    """Write the sessions on credit that women in their first cycle (`first` true) attend, at its first meetings."""
    rows = np.flatnonzero(first)
    taken = rng.random((len(rows), SESSIONS)) < rng.beta(5, 2, len(rows))[:, None]
    row, session = np.nonzero(taken)
    due = repayment.due[rows][:, :SESSIONS][row, session]
    tape.add(
        "trainings",
        person=person[rows][row],
        session=session + 1,
        event=at(due, 14),
        known=at(due, 18),
    )
