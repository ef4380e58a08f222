"""The frame of a drawing: its size, its axes and the marks of shocks over it.

Drawings are inline SVG, as wide as a phone (340 units, one unit a pixel there), with text of the page's size. Nothing
rests on colour alone: lines differ in dashes, steps of a scale in darkness, and a table stands beside each.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH = 340.0

#: Height of the plotting area, and of a line of words.
PLOT, LINE = 140.0, 17.0

#: Height of a row of marks, and the steps its letter needs.
ROW, APART = 15, 2.0

#: Room for the labels of the vertical axis.
LEFT = 42.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A span over the drawing with its letter: when a shock was on.

    Parameters
    ----------
    letter : str
    start, stop : float
        In steps of the horizontal axis, from 0.
    """

    letter: str
    start: float
    stop: float


@dataclass(frozen=True, slots=True)
class Frame:
    """Where values fall in a drawing.

    Parameters
    ----------
    steps : float
        The last step of the horizontal axis; the first is 0.
    highest : float
        The largest value to be drawn; the axis ends at the tick above.
    marks : tuple of Mark
        Drawn above the plot, those that do not meet in one row.
    """

    steps: float
    highest: float
    marks: tuple[Mark, ...] = ()

    @property
    def ticks(self) -> tuple[float, ...]:
        """Round values of the vertical axis from 0 to above the largest."""
        if self.highest <= 0:
            return (0.0, 0.01)
        rough = self.highest / 4
        unit = 10 ** math.floor(math.log10(rough))
        step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= rough * (1 - 1e-9))
        return tuple(round(step * number, 12) for number in range(math.ceil(self.highest / step - 1e-9) + 1))

    @property
    def top(self) -> float:
        """Where the plotting area begins."""
        return LINE + 4 + ROW * (max(mark_rows(self.marks), default=-1) + 1)

    @property
    def bottom(self) -> float:
        """Where the plotting area ends."""
        return self.top + PLOT

    def x(self, step: float) -> float:
        """Return the place of a step."""
        return round(LEFT + (WIDTH - LEFT - 6) * (step / self.steps if self.steps else 0.5), 1)

    def y(self, value: float) -> float:
        """Return the height of a value."""
        return round(self.bottom - PLOT * value / self.ticks[-1], 1)

    def drawn(self, unit: str, value: Callable[[float], str], steps: Sequence[tuple[float, str]]) -> Markup:
        """Return the axes: lines and labels of the values, labels of the steps, and the marks behind all."""
        parts = [Markup('<text class="minor" x="0" y="12">{}</text>').format(unit)]
        parts += [
            marked(mark.letter, self.x(max(mark.start, 0)), self.x(min(mark.stop, self.steps)), row, self.bottom)
            for mark, row in zip(self.marks, mark_rows(self.marks), strict=True)
        ]
        for tick in self.ticks:
            height = self.y(tick)
            parts.append(
                Markup('<path class="rule" d="M{} {}H{}"/><text class="end" x="{}" y="{}">{}</text>').format(
                    LEFT, height, WIDTH - 6, LEFT - 5, height + 4.5, value(tick)
                )
            )
        for step, label in steps:
            place = self.x(step)
            anchor = "start" if place < LEFT + 20 else "last" if place > WIDTH - 30 else "middle"
            parts.append(
                Markup('<path class="axis" d="M{0} {1}v4"/><text class="{2}" x="{3}" y="{4}">{5}</text>').format(
                    place, self.bottom, anchor, WIDTH if anchor == "last" else place, self.bottom + LINE, label
                )
            )
        return Markup("").join(parts)


def mark_rows(marks: Sequence[Mark]) -> list[int]:
    """Return the row of each mark: the first in which it meets none before it.

    Examples
    --------
    >>> mark_rows([Mark("A", 0, 4), Mark("B", 3, 5), Mark("C", 10, 12)])
    [0, 1, 0]
    """
    ends: list[float] = []
    rows = []
    for mark in marks:
        row = next((row for row, end in enumerate(ends) if end <= mark.start), len(ends))
        ends[row : row + 1] = [max(mark.stop, mark.start + APART)]
        rows.append(row)
    return rows


def marked(letter: str, left: float, right: float, row: int, bottom: float) -> Markup:
    """Return a mark: a bar in its row with its letter, and its edges down to `bottom`."""
    above = LINE + 4 + row * ROW
    return Markup(
        '<path class="edge" d="M{0} {1}V{2}M{3} {1}V{2}"/><path class="bar" d="M{0} {1}H{4}"/>'
        '<text class="letter" x="{5}" y="{6}">{7}</text>'
    ).format(left, above, bottom, right, max(right, left + 2), left + 3, above + 12, letter)


def drawing(ident: str, title: str, description: str, height: float, *parts: Markup) -> Markup:
    """Return the whole drawing, named and described for who does not see it."""
    return Markup(
        '<svg viewBox="0 0 {0} {1}" role="img" aria-labelledby="{2}-t {2}-d">'
        '<title id="{2}-t">{3}</title><desc id="{2}-d">{4}</desc>{5}</svg>'
    ).format(int(WIDTH), round(height), ident, title, description, Markup("").join(parts))
