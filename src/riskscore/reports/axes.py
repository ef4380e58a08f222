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
    rows : int
        Rows of marks above the plot.
    """

    steps: float
    highest: float
    rows: int = 0

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
        return LINE + 4 + self.rows * 13

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

    def drawn(
        self, unit: str, value: Callable[[float], str], steps: Sequence[tuple[float, str]], marks: Sequence[Mark] = ()
    ) -> Markup:
        """Return the axes: lines and labels of the values, labels of the steps, and the marks behind all."""
        parts = [Markup('<text class="minor" x="0" y="12">{}</text>').format(unit)]
        parts += [self._mark(mark, row) for row, mark in enumerate(marks)]
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

    def _mark(self, mark: Mark, row: int) -> Markup:
        left, right = self.x(max(mark.start, 0)), self.x(min(mark.stop, self.steps))
        above = LINE + 4 + row * 13
        return Markup(
            '<rect class="span" x="{0}" y="{1}" width="{2}" height="{3}"/>'
            '<path class="bar" d="M{0} {1}h{2}"/><text class="letter" x="{4}" y="{5}">{6}</text>'
        ).format(
            left,
            above,
            round(max(right - left, 2), 1),
            round(self.bottom - above, 1),
            left + 3,
            above + 12,
            mark.letter,
        )


def drawing(ident: str, title: str, description: str, height: float, *parts: Markup) -> Markup:
    """Return the whole drawing, named and described for who does not see it."""
    return Markup(
        '<svg viewBox="0 0 {0} {1}" role="img" aria-labelledby="{2}-t {2}-d" xmlns="http://www.w3.org/2000/svg">'
        '<title id="{2}-t">{3}</title><desc id="{2}-d">{4}</desc>{5}</svg>'
    ).format(int(WIDTH), round(height), ident, title, description, Markup("").join(parts))
