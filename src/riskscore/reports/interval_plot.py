"""Points with their intervals, one a row, beside a line that they are held against."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskscore.evaluation import Figure
from riskscore.reports.axes import LINE, WIDTH, drawing

#: Height of a row: its label stands above its interval.
TALL = 34.0


@dataclass(frozen=True, slots=True)
class Span:
    """A row: what it is of, the figure, and whether it stands out (drawn full, not hollow)."""

    name: str
    figure: Figure
    marked: bool


def interval_plot(
    ident: str,
    title: str,
    description: str,
    rows: Sequence[Span],
    *,
    line: float,
    value: Callable[[float], str],
    unit: str,
) -> Markup:
    """Draw each figure as a point on its interval, and the line as a dashed rule through all.

    Parameters
    ----------
    ident : str
        Unique on the page.
    title, description : str
        For who does not see it.
    rows : sequence of Span
        Those without a figure are left out.
    line : float
    value : callable
        A value as people read it.
    unit : str
        Above the axis.
    """
    shown = [row for row in rows if not math.isnan(row.figure.value)]
    ends = [end for row in shown for end in (row.figure.value, row.figure.low, row.figure.high) if math.isfinite(end)]
    low, high = min([line, 1.0, *ends]) - 0.05, max([line, 1.0, *ends]) + 0.05
    left, right = 4.0, WIDTH - 4.0

    def x(at: float) -> float:
        return round(left + (right - left) * (at - low) / (high - low), 1)

    top = LINE + 16.0
    bottom = top + TALL * len(shown)
    parts = [
        Markup('<text class="minor" x="0" y="12">{}</text>').format(unit),
        Markup('<path class="edge" d="M{0} {1}V{2}"/><text class="middle" x="{0}" y="{3}">{4}</text>').format(
            x(line), top - 4, bottom, top - 8, value(line)
        ),
        Markup('<path class="axis" d="M{0} {1}V{2}"/><text class="middle" x="{0}" y="{3}">{4}</text>').format(
            x(1.0), top - 4, bottom, top - 8, value(1.0)
        ),
    ]
    for number, row in enumerate(shown):
        y = top + TALL * number
        figure = row.figure
        whisker = "" if math.isnan(figure.low) else f"M{x(figure.low)} {y + 24}H{x(figure.high)}"
        parts.append(
            Markup(
                '<text class="over" x="0" y="{}">{}</text><path class="line s0" d="{}"/>'
                '<circle class="{}" cx="{}" cy="{}" r="4.5"/>'
            ).format(y + 13, row.name, whisker, "point full" if row.marked else "point", x(figure.value), y + 24)
        )
    return drawing(ident, title, description, bottom + 6, *parts)
