"""From points to the bars of a waterfall: where each begins and ends, in the units of the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal

Kind = Literal["base", "family", "feature", "total"]

#: Width of the drawing; its text is as large as the page's on a 360 px screen.
WIDTH = 340.0

#: Height of one row: a line of words and the bar under it; and of every further line of words.
ROW, LINE = 34.0, 15.0

#: Most letters of a line that leave room for the points beside it.
LETTERS = 38


@dataclass(frozen=True, slots=True)
class Step:
    """One row to draw: its words and its points (whole numbers that add up)."""

    label: str
    points: int
    kind: Kind

    @property
    def shown(self) -> str:
        """The points as people read them: a step carries its sign, a sum does not."""
        return str(self.points) if self.kind in ("base", "total") else signed(self.points)


@dataclass(frozen=True, slots=True)
class Bar:
    """One row drawn.

    Parameters
    ----------
    step : Step
    lines : tuple of str
        The step's words, none longer than `LETTERS` unless it is a single word.
    y : float
        Top of the row.
    bar_y : float
        Top of the bar.
    x, width : float
        The bar, within `WIDTH`.
    """

    step: Step
    lines: tuple[str, ...]
    y: float
    bar_y: float
    x: float
    width: float


def signed(points: int) -> str:
    """Return whole points with their sign; nothing is neither more nor less."""
    return f"+{points}" if points > 0 else f"−{-points}" if points < 0 else "0"


def bars(steps: Sequence[Step]) -> tuple[tuple[Bar, ...], float]:
    """Lay the steps out; features lie inside the family before them and do not move the sum.

    Returns
    -------
    tuple of Bar and float
        The bars and the drawing's height.
    """
    spans: list[tuple[int | None, int]] = []
    level = inside = 0
    for step in steps:
        if step.kind in ("base", "total"):
            level = step.points
            spans.append((None, level))
        elif step.kind == "family":
            inside, level = level, level + step.points
            spans.append((inside, level))
        else:
            spans.append((inside, inside + step.points))
            inside += step.points
    ends = [point for span in spans for point in span if point is not None]
    low, high = min(ends), max(ends)
    margin = max(5.0, (high - low) * 0.08)
    floor, whole = low - margin, (high - low) + 2 * margin

    def at(points: float) -> float:
        return float(round((points - floor) / whole * WIDTH, 1))

    drawn, top = [], 0.0
    for step, (start, end) in zip(steps, spans, strict=True):
        left = 0.0 if start is None else min(at(start), at(end))
        right = at(end) if start is None else max(at(start), at(end))
        lines = tuple(wrap(step.label, LETTERS, break_long_words=False))
        extra = LINE * (len(lines) - 1)
        width = round(max(right - left, 1.5), 1)
        drawn.append(Bar(step=step, lines=lines, y=top, bar_y=top + extra + 18, x=round(left, 1), width=width))
        top += ROW + extra
    return tuple(drawn), top
