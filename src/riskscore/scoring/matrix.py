"""PD and indebtedness side by side: a board's table of bands of PD against levels of net indebtedness after the loan.

The two figures stay apart; only the state they ask for together is looked up here. A low PD proves nothing about what
a household can bear (Schicks 2013: over-indebted borrowers repay, at a price), so one that is over-indebted, or of
which too little is known, is never *ready*, whatever a file says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from riskscore.errors import Fault
from riskscore.indebtedness import LEVELS, Level
from riskscore.modelling.toml_fields import Fields

State = Literal["ready", "talk_first"]

#: From loosest to strictest.
STATES: tuple[State, ...] = ("ready", "talk_first")

#: Levels from lightest to heaviest, along which a row may only tighten; UNKNOWN has no place among them.
ORDERED: tuple[Level, ...] = ("NO_DEBT", "SOLVENT", "AT_RISK", "OVER_INDEBTED")
NEVER_READY: tuple[Level, ...] = ("OVER_INDEBTED", "UNKNOWN")


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """What each level asks for below a probability (exclusive; the last row includes 1)."""

    pd_below: float
    states: dict[Level, State]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows from the safest to the riskiest."""

    rows: tuple[MatrixRow, ...]

    def state(self, pd: float, level: Level) -> State:
        """Return the cell of a probability and a level."""
        row = next((one for one in self.rows if pd < one.pd_below), self.rows[-1])
        return row.states[level]


def matrix_of(tables: Sequence[Fields]) -> Matrix:
    """Read the tables ``[[matrix]]``: a bound and one state for each level."""
    rows = []
    for table in tables:
        below = table.number("pd_below", 0.0, 1.0, above_low=True)
        states: dict[Level, State] = {}
        for level in LEVELS:
            states[level] = "ready" if table.text(level, among=STATES) == "ready" else "talk_first"
        table.done()
        rows.append(MatrixRow(below, states))
    return Matrix(tuple(rows))


def matrix_faults(matrix: Matrix) -> list[Fault]:
    """Return what is missing, loosens, or calls ready what never is."""
    if not matrix.rows:
        return [Fault("matrix", "There is none.", "Give a row for each band of PD, with a state for each level.")]
    faults = []
    for number, row in enumerate(matrix.rows, start=1):
        for level in NEVER_READY:
            if row.states[level] == "ready":
                what = "A low PD does not show that she can bear it: this level is never ready."
                faults.append(Fault(f"matrix[{number}].{level}", what, "Write talk_first."))
        for lighter, heavier in pairwise(ORDERED):
            if STATES.index(row.states[heavier]) < STATES.index(row.states[lighter]):
                what = f"It is {row.states[heavier]} after {lighter} is {row.states[lighter]}: it loosens."
                faults.append(Fault(f"matrix[{number}].{heavier}", what, "Let a heavier level only tighten."))
    for number, (before, row) in enumerate(pairwise(matrix.rows), start=2):
        if row.pd_below <= before.pd_below:
            faults.append(Fault(f"matrix[{number}].pd_below", "It holds nothing.", "Give bounds that rise."))
        for level in LEVELS:
            if STATES.index(row.states[level]) < STATES.index(before.states[level]):
                what = f"It is {row.states[level]} where a lower PD is {before.states[level]}: it loosens."
                faults.append(Fault(f"matrix[{number}].{level}", what, "Let a later row only tighten."))
    if matrix.rows[-1].pd_below != 1.0:
        end = f"It ends at {matrix.rows[-1].pd_below:g}."
        faults.append(Fault(f"matrix[{len(matrix.rows)}].pd_below", end, "End at 1."))
    return faults
