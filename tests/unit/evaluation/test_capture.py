"""What the riskiest few hold: literal cases, and identities with the AUC."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from riskscore.evaluation import accuracy_ratio, cap_curve, capture, discrimination, gini, lift, pr_auc

LABELS = [0, 0, 0, 1, 0, 1, 0, 1, 1, 0]
SCORES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]


def test_literal_captures() -> None:
    assert capture(LABELS, SCORES, 0.2) == 0.25
    assert capture(LABELS, SCORES, 0.3) == 0.5
    assert lift(LABELS, SCORES, 0.3) == pytest.approx(0.5 / 0.3)
    # Ties at the edge count in proportion.
    assert capture([1, 0, 1, 0], [1, 1, 1, 1], 0.5) == 0.5


def test_the_curve_runs_from_corner_to_corner() -> None:
    share, found = cap_curve(LABELS, SCORES)
    assert (share[0], found[0], share[-1], found[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert np.isnan(cap_curve([0, 0], [1, 2])[1]).all()
    assert np.isnan(capture([0, 0], [1, 2], 0.5))
    assert np.isnan(accuracy_ratio([1, 1], [1, 2]))


labels_and_scores = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6)), min_size=2, max_size=40).filter(
    lambda rows: 0 < sum(bad for bad, _ in rows) < len(rows)
)


@given(labels_and_scores)
def test_the_accuracy_ratio_is_gini(rows: list[tuple[int, int]]) -> None:
    y, score = zip(*rows, strict=True)
    assert accuracy_ratio(y, score) == pytest.approx(gini(y, score), abs=1e-9)


@given(labels_and_scores)
def test_pr_auc_is_average_precision(rows: list[tuple[int, int]]) -> None:
    y, score = zip(*rows, strict=True)
    assert pr_auc(y, score) == pytest.approx(average_precision_score(y, score), abs=1e-9)


@given(labels_and_scores, st.floats(0.05, 0.95))
def test_a_weight_of_two_is_the_row_twice(rows: list[tuple[int, int]], share: float) -> None:
    y, score = (list(column) for column in zip(*rows, strict=True))
    weights = [2.0] + [1.0] * (len(y) - 1)
    assert capture(y, score, share, weights) == pytest.approx(capture([y[0], *y], [score[0], *score], share))


def test_every_figure_holds_its_value_between_its_ends_and_h_says_its_convention() -> None:
    draw = np.random.default_rng(3)
    score = draw.normal(size=800)
    y = (draw.random(800) < 1 / (1 + np.exp(2 - score))).astype(float)
    found = discrimination(y, score, np.repeat(np.arange(80), 10), replicates=60)
    assert set(found.figures) >= {"gini", "accuracy_ratio", "ks", "pr_auc", "h_measure", "lift_10", "capture_20"}
    assert all(one.low <= one.value <= one.high for name, one in found.figures.items() if name != "ks")
    assert "class 0" in found.to_dict()["h_convention"]
    assert found.figures["accuracy_ratio"].value == pytest.approx(found.figures["gini"].value)


def test_golden_h_measure_stands_in_the_table_of_figures() -> None:
    found = discrimination(LABELS, SCORES, minimum_bads=4, replicates=20)
    assert found.figures["h_measure"].value == pytest.approx(0.3062, abs=5e-5)
    assert found.auc.value == pytest.approx(0.7083, abs=5e-5)
