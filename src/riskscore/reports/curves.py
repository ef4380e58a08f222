"""Curves over a measured axis, and intervals one under another: drawn, named and described."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from markupsafe import Markup

from riskscore.evaluation import Figure
from riskscore.reports.axes import LINE, WIDTH, Frame, drawing
from riskscore.reports.plots import legend


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points, both coordinates from 0; its style as of `riskscore.reports.plots.Series`."""

    name: str
    points: Sequence[tuple[float, float]]
    style: int


@dataclass(frozen=True, slots=True)
class Spread:
    """A point with the interval above and below it."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Axes:
    """What a drawing measures: the end of the horizontal axis, units above and below, and how values are written."""

    last: float
    unit: str
    below: str
    value: Callable[[float], str]


def curve_plot(
    ident: str,
    title: str,
    description: str,
    curves: Sequence[Curve],
    axes: Axes,
    *,
    spreads: Sequence[Spread] = (),
    spread_name: str = "",
    highest: float | None = None,
) -> Markup:
    """Draw curves and points with their intervals over one pair of axes.

    Parameters
    ----------
    ident : str
        Unique on the page.
    title, description : str
        For who does not see it.
    curves : sequence of Curve
    axes : Axes
    spreads : sequence of Spread
    spread_name : str
        What the points are, in the key.
    highest : float, optional
        The largest value of the vertical axis; else what is drawn needs.
    """
    tops = [y for curve in curves for _, y in curve.points] + [one.high for one in spreads]
    frame = Frame(axes.last, max(tops, default=0.0) if highest is None else highest)
    ticks = Frame(1.0, axes.last).ticks
    steps = [(tick, axes.value(tick)) for tick in ticks if tick <= axes.last * (1 + 1e-9)]
    parts = [
        Markup('<path class="line s{}" d="M{}"/>').format(
            curve.style, "L".join(f"{frame.x(min(x, axes.last))} {frame.y(y)}" for x, y in curve.points)
        )
        for curve in curves
    ]
    for one in spreads:
        x = frame.x(one.x)
        parts.append(
            Markup('<path class="spread" d="M{0} {1}V{2}"/><circle class="dot" cx="{0}" cy="{3}" r="3"/>').format(
                x, frame.y(one.low), frame.y(one.high), frame.y(one.y)
            )
        )
    names = [(curve.name, f"line s{curve.style}") for curve in curves]
    if spreads:
        names.append((spread_name, "dot"))
    height, key = legend(names, frame.bottom + LINE, axes.below)
    return drawing(ident, title, description, height, frame.drawn(axes.unit, axes.value, steps), *parts, key)


@dataclass(frozen=True, slots=True)
class Interval:
    """A row of `interval_plot`: its name, the value and its ends (None: cannot be said), and what is written."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    text: str

    @classmethod
    def of(cls, name: str, figure: Figure | None, text: str) -> Self:
        """Build it from a figure; NaN cannot be said."""
        ends = (None,) * 3 if figure is None else (figure.value, figure.low, figure.high)
        value, low, high = (None if end is None or math.isnan(end) else end for end in ends)
        return cls(name, value, low, high, text)


#: Height of a row, and where the axis of `interval_plot` begins and ends.
TALL, BEGIN, END = 34.0, 8.0, WIDTH - 8.0


def interval_plot(
    ident: str,
    title: str,
    description: str,
    rows: Sequence[Interval],
    *,
    centre: float,
    span: tuple[float, float],
    value: Callable[[float], str],
    names: tuple[str, str],
) -> Markup:
    """Draw intervals one under another, with the value they should hold and the range that is asked for.

    Parameters
    ----------
    centre : float
        Where a line stands.
    span : tuple of float
        The range that is shaded.
    value : callable
        A value as people read it.
    names : tuple of str
        What the line and the shade are, in the key.
    """
    seen = [one for row in rows for one in (row.low, row.high, row.value) if one is not None]
    low, high = min([*seen, *span, centre]), max([*seen, *span, centre])
    low, high = min(low, span[0]) - 0.04 * (high - low), high + 0.04 * (high - low)

    def x(at: float) -> float:
        return round(BEGIN + (END - BEGIN) * (min(max(at, low), high) - low) / (high - low), 1)

    top, bottom = 6.0, 6.0 + TALL * len(rows)
    parts = [
        Markup('<rect class="q0" x="{}" y="{}" width="{}" height="{}"/>').format(
            x(span[0]), top, round(x(span[1]) - x(span[0]), 1), bottom - top
        ),
        Markup('<path class="line s5" d="M{0} {1}V{2}"/>').format(x(centre), top, bottom),
    ]
    for number, row in enumerate(rows):
        y = top + number * TALL
        parts.append(
            Markup('<text x="0" y="{0}">{1}</text><text class="last" x="{2}" y="{0}">{3}</text>').format(
                y + 13, row.name, WIDTH, row.text
            )
        )
        if row.value is not None:
            ends = (row.value if row.low is None else row.low, row.value if row.high is None else row.high)
            parts.append(
                Markup('<path class="spread" d="M{0} {1}H{2}"/><circle class="dot" cx="{3}" cy="{1}" r="4"/>').format(
                    x(ends[0]), y + 22, x(ends[1]), x(row.value)
                )
            )
    ticks = [(x(at), value(at)) for at in (span[0], centre, span[1])]
    parts += [
        Markup('<path class="axis" d="M{0} {1}v4"/><text class="middle" x="{0}" y="{2}">{3}</text>').format(
            place, bottom, bottom + LINE, label
        )
        for number, (place, label) in enumerate(ticks)
        if number == 1 or abs(place - ticks[1][0]) > 30
    ]
    height, key = legend([(names[0], "line s5"), (names[1], "q0")], bottom + LINE, "")
    return drawing(ident, title, description, height, *parts, key)
