"""Drawings of literal values: where they fall, and what a missing one is."""

import re

import pytest

from riskscore.reports.axes import LEFT, PLOT, WIDTH, Frame, Mark, mark_rows
from riskscore.reports.plots import Scale, Series, bar_plot, line_plot, map_plot, shade

SCALE = Scale("%", lambda value: f"{value:g}", [(0, "first"), (4, "last")])


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (0.0, (0.0, 0.01)),
        (0.07, (0.0, 0.02, 0.04, 0.06, 0.08)),
        (1.0, (0.0, 0.25, 0.5, 0.75, 1.0)),
        (700, (0, 200, 400, 600, 800)),
        (0.0103, (0.0, 0.005, 0.01, 0.015)),
    ],
)
def test_ticks_are_round_and_reach_above_the_largest_value(highest, ticks):
    assert Frame(4, highest).ticks == pytest.approx(ticks)


def test_values_fall_between_the_axes():
    frame = Frame(4, 1.0)
    assert (frame.x(0), frame.x(4)) == (LEFT, WIDTH - 6)
    assert frame.y(0.0) - frame.y(1.0) == PLOT
    assert frame.y(0.5) == (frame.top + frame.bottom) / 2


def test_a_missing_value_is_a_gap_and_one_alone_can_be_seen():
    drawn = line_plot("a", "t", "d", [Series("s", (1.0, 0.5, None, 0.25, None), 2)], SCALE)
    path = re.search(r'class="line s2" d="([^"]+)"', drawn).group(1)
    frame = Frame(4, 1.0)
    assert path == (f"M{frame.x(0)} {frame.y(1.0)}L{frame.x(1)} {frame.y(0.5)}M{frame.x(3)} {frame.y(0.25)}h3")


def test_bars_stand_on_one_another():
    drawn = bar_plot("a", "t", "d", [Series("p", (0.25, None), 0), Series("q", (0.75, 0.5), 3)], SCALE)
    found = re.findall(r'<rect class="f(\d)" x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', drawn)
    bars = [(int(style), float(y), float(height)) for style, y, height in found if float(height) != 11]
    frame = Frame(2, 1.0)
    assert bars == [
        (0, frame.y(0.25), PLOT / 4),
        (3, frame.y(1.0), PLOT * 3 / 4),
        (3, frame.y(0.5), PLOT / 2),
    ]


def test_cells_of_a_map_run_together_and_a_missing_one_is_empty():
    rows = [("Q1", (None, 0.0, 0.005, 0.02)), ("Q2", (0.3, 0.3, None, 0.3))]
    drawn = map_plot("a", "t", "d", rows, SCALE, bounds=(0.01, 0.1), shades=("low", "mid", "high"))
    cells = re.findall(r'<rect class="q(\d)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="16.0"', drawn)
    size = (WIDTH - 58) / 4
    assert [(int(level), float(x), float(width)) for level, x, width in cells] == [
        (0, 58 + size, 2 * size),
        (1, 58 + 3 * size, size),
        (2, 58, 2 * size),
        (2, 58 + 3 * size, size),
    ]


@pytest.mark.parametrize(("value", "step"), [(0.0, 0), (0.0099, 0), (0.01, 1), (0.1, 2), (5, 2)])
def test_a_darker_step_begins_at_its_bound(value, step):
    assert shade(value, (0.01, 0.1)) == step


def test_marks_that_meet_stand_in_rows_of_their_own():
    assert mark_rows([Mark("A", 0, 0.5), Mark("B", 1, 5), Mark("C", 6, 7)]) == [0, 1, 0]


def test_names_are_escaped():
    drawn = line_plot("a", "<t>", "&", [Series("<s>", (1.0,), 0)], SCALE)
    assert "&lt;t&gt;" in drawn
    assert "&lt;s&gt;" in drawn
    assert "<s>" not in drawn
