"""Lines over steps, stacked bars over steps, and a map of cells: drawn, named and described."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from riskscore.reports.axes import LINE, ROW, WIDTH, Frame, Mark, drawing, mark_rows, marked

#: Styles of lines and fills that page.css tells apart: ``s0`` to ``s5``.
STYLES = 6


@dataclass(frozen=True, slots=True)
class Series:
    """Values over the steps of a drawing.

    Parameters
    ----------
    name : str
    values : tuple of float or None
        One a step; missing is a gap, never 0.
    style : int
        How it is drawn, below `STYLES`: what is the same thing looks the same in every report.
    """

    name: str
    values: tuple[float | None, ...]
    style: int


@dataclass(frozen=True, slots=True)
class Scale:
    """What a drawing measures and how it is written.

    Parameters
    ----------
    unit : str
        Above the vertical axis.
    value : callable
        A value as people read it.
    steps : sequence of (int, str)
        The steps that carry a label.
    below : str
        What a step is; empty where the labels say it.
    """

    unit: str
    value: Callable[[float], str]
    steps: Sequence[tuple[float, str]]
    below: str = ""


def line_plot(
    ident: str,
    title: str,
    description: str,
    series: Sequence[Series],
    scale: Scale,
    *,
    marks: Sequence[Mark] = (),
    highest: float | None = None,
    last: int | None = None,
    open_ended: bool = False,
) -> Markup:
    """Draw one line a series.

    Parameters
    ----------
    ident : str
        Unique on the page.
    title, description : str
        For who does not see it.
    series : sequence of Series
    scale : Scale
    marks : sequence of Mark
    highest, last : float, int, optional
        Ends of the axes where several drawings share them; else what the series need.
    open_ended : bool
        Draw all lines broken: they are not over yet.
    """
    found = [value for one in series for value in one.values if value is not None]
    steps = max((len(one.values) - 1 for one in series), default=0) if last is None else last
    frame = Frame(steps, max(found, default=0.0) if highest is None else highest, tuple(marks))
    kind = "line open" if open_ended else "line"
    lines = [
        Markup('<path class="{} s{}" d="{}"/>').format(kind, one.style, _path(one.values, frame)) for one in series
    ]
    names = [(one.name, f"{kind} s{one.style}") for one in series]
    height, key = legend(names, frame.bottom + LINE, scale.below)
    return drawing(ident, title, description, height, frame.drawn(scale.unit, scale.value, scale.steps), *lines, key)


def bar_plot(
    ident: str, title: str, description: str, series: Sequence[Series], scale: Scale, *, marks: Sequence[Mark] = ()
) -> Markup:
    """Draw stacked bars, the first series at the bottom; parameters as of `line_plot`."""
    count = max((len(one.values) for one in series), default=0)
    heights = [sum(one.values[step] or 0.0 for one in series) for step in range(count)]
    frame = Frame(float(count), max(heights, default=0.0), tuple(marks))  # a bar is as wide as a step
    bars = []
    for step in range(count):
        below = 0.0
        for one in series:
            value = one.values[step]
            if value:
                top, bottom = frame.y(below + value), frame.y(below)
                bars.append(
                    Markup('<rect class="f{}" x="{}" y="{}" width="{}" height="{}"/>').format(
                        one.style,
                        round(frame.x(step) + 1, 1),
                        top,
                        round(frame.x(step + 1) - frame.x(step) - 2, 1),
                        round(max(bottom - top, 0.5), 1),
                    )
                )
                below += value
    labels = [(step + 0.5, label) for step, label in scale.steps]
    height, key = legend([(one.name, f"f{one.style}") for one in series], frame.bottom + LINE, scale.below)
    return drawing(ident, title, description, height, frame.drawn(scale.unit, scale.value, labels), *bars, key)


def shade(value: float, bounds: Sequence[float]) -> int:
    """Return the step of darkness of a value: how many of the rising `bounds` it reaches."""
    return sum(value >= bound for bound in bounds)


def map_plot(
    ident: str,
    title: str,
    description: str,
    rows: Sequence[tuple[str, Sequence[float | None]]],
    scale: Scale,
    *,
    bounds: Sequence[float],
    shades: Sequence[str],
    marks: Sequence[Mark] = (),
) -> Markup:
    """Draw a map of cells, darker where the value is larger; a missing cell is left empty.

    Parameters
    ----------
    rows : sequence of (str, sequence of float or None)
        Label and cells, from the top.
    bounds : sequence of float
        Rising; each begins a darker step.
    shades : sequence of str
        What each step stands for, one more than `bounds`.
    """
    count = max((len(cells) for _, cells in rows), default=0)
    left, size, tall = 58.0, (WIDTH - 58.0) / max(count, 1), 17.0
    lines = mark_rows(marks)
    top = LINE + 4 + ROW * (max(lines, default=-1) + 1)
    bottom = top + tall * len(rows)
    parts = [Markup('<text class="minor" x="0" y="12">{}</text>').format(scale.unit)]
    for number, (label, cells) in enumerate(rows):
        y = top + number * tall
        parts.append(Markup('<text x="0" y="{}">{}</text>').format(y + 13, label))
        step = 0
        # Neighbours of one shade are one rectangle: the same picture in a tenth of the bytes.
        for level, run in groupby(cells, key=lambda value: None if value is None else shade(value, bounds)):
            length = len(list(run))
            if level is not None:
                parts.append(
                    Markup('<rect class="q{}" x="{}" y="{}" width="{}" height="{}"/>').format(
                        level, round(left + step * size, 1), y, round(length * size, 1), tall - 1
                    )
                )
            step += length
    for mark, row in zip(marks, lines, strict=True):
        begin, end = (round(left + size * (min(max(at, 0), count - 1) + 0.5), 1) for at in (mark.start, mark.stop))
        parts.append(marked(mark.letter, begin, end, row, bottom))
    for at, label in scale.steps:
        x = round(left + size * (at + 0.5), 1)
        anchor = "last" if x > WIDTH - 30 else "middle"
        parts.append(
            Markup('<text class="{}" x="{}" y="{}">{}</text>').format(
                anchor, WIDTH if anchor == "last" else x, bottom + LINE - 2, label
            )
        )
    height, key = legend([(name, f"q{number}") for number, name in enumerate(shades)], bottom + LINE, scale.below)
    return drawing(ident, title, description, height, *parts, key)


def _path(values: Sequence[float | None], frame: Frame) -> str:
    """Return the line through the values; a point alone gets a short stroke, so that it can be seen."""
    told = []
    for present, run in groupby(enumerate(values), key=lambda item: item[1] is not None):
        if present:
            points = [f"{frame.x(step)} {frame.y(value)}" for step, value in run if value is not None]
            told.append("M" + "L".join(points) + ("h3" if len(points) == 1 else ""))
    return "".join(told)


def legend(names: Sequence[tuple[str, str]], top: float, below: str) -> tuple[float, Markup]:
    """Return the height of the drawing with its key, and the key: two names a row where both are short."""
    parts = []
    y = top
    if below:
        y += LINE
        parts.append(Markup('<text class="last minor" x="{}" y="{}">{}</text>').format(WIDTH, y - 1, below))
    x = 0.0
    y += LINE + 2
    for number, (name, style) in enumerate(names):
        need = 32 + 7.2 * len(name)
        if number and x + need > WIDTH:
            x, y = 0.0, y + LINE
        swatch = (
            Markup('<path class="{}" d="M{} {}h22"/>').format(style, x, y - 4)
            if style.startswith("line")
            else Markup('<circle class="{}" cx="{}" cy="{}" r="4"/>').format(style, x + 11, y - 4.5)
            if style == "dot"
            else Markup('<rect class="{}" x="{}" y="{}" width="22" height="11"/>').format(style, x, y - 10)
        )
        parts.append(swatch + Markup('<text x="{}" y="{}">{}</text>').format(x + 28, y, name))
        x += WIDTH / 2 if need < WIDTH / 2 and x < WIDTH / 2 else need + 10
    return y + 8, Markup("").join(parts)
