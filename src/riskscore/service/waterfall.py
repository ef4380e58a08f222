"""From points to the bars of a waterfall: where each begins and ends, in the units of the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["base", "family", "feature", "total"]

#: Width of the drawing; its text is as large as the page's on a 360 px screen.
WIDTH = 340.0

#: Height of one row: a line of words and the bar under it.
ROW = 34.0


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
    y : float
        Top of the row.
    x, width : float
        The bar, within `WIDTH`.
    """

    step: Step
    y: float
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

    drawn = []
    for number, (step, (start, end)) in enumerate(zip(steps, spans, strict=True)):
        left = 0.0 if start is None else min(at(start), at(end))
        right = at(end) if start is None else max(at(start), at(end))
        drawn.append(
            Bar(
                step=step,
                y=number * ROW,
                x=round(left, 1),
                width=round(max(right - left, 1.5), 1),
            )
        )
    return tuple(drawn), len(steps) * ROW
