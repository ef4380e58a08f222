"""Ranking measures against the golden figures and against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from riskscore.errors import InvalidInput
from riskscore.evaluation import Ranked, auc, gini, h_measure, hanley_mcneil_se, ks, roc_curve

LABELS = [0, 0, 0, 1, 0, 1, 0, 1, 1, 0]
SCORES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]


def test_golden_ten_rows() -> None:
    assert auc(LABELS, SCORES) == pytest.approx(0.7083, abs=5e-5)
    assert gini(LABELS, SCORES) == pytest.approx(0.4167, abs=5e-5)
    assert h_measure(LABELS, SCORES) == pytest.approx(0.3062, abs=5e-5)
    assert h_measure(LABELS, SCORES, a=2.0, b=2.5) == pytest.approx(0.3388, abs=5e-5)


@pytest.mark.parametrize(
    ("bads", "goods", "expected"), [(4, 16, 0.153), (50, 950, 0.041), (100, 900, 0.029), (300, 2700, 0.017)]
)
def test_hanley_mcneil(bads: int, goods: int, expected: float) -> None:
    assert hanley_mcneil_se(0.75, bads, goods) == pytest.approx(expected, abs=5e-4)


def test_a_tie_counts_one_half() -> None:
    assert auc([0, 1], [0.3, 0.3]) == 0.5
    assert auc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8]) == 0.875


def test_ks_is_the_largest_gap() -> None:
    assert ks([0, 0, 0, 1, 1], [1, 2, 4, 3, 5]) == pytest.approx(2 / 3)
    assert ks([0, 1], [0.5, 0.5]) == 0.0


def test_a_useless_score_has_no_h() -> None:
    assert h_measure([0, 1, 0, 1], [1, 1, 1, 1]) == pytest.approx(0.0, abs=1e-12)
    assert h_measure([0, 0, 1, 1], [1, 2, 3, 4]) == pytest.approx(1.0, abs=1e-12)


def test_one_class_has_no_auc() -> None:
    assert np.isnan(auc([0, 0, 0], [0.1, 0.2, 0.3]))
    assert np.isnan(ks([1, 1], [0.1, 0.2]))


def test_roc_runs_from_corner_to_corner() -> None:
    alarm, hit = roc_curve([0, 1, 1], [0.2, 0.2, 0.9])
    assert alarm.tolist() == [0.0, 0.0, 1.0]
    assert hit.tolist() == [0.0, 0.5, 1.0]


def test_soft_labels_are_expected_pairs_over_expected_pairs() -> None:
    truth, scores = np.array([0.1, 0.7, 0.4, 0.9]), np.array([1.0, 2.0, 2.0, 3.0])
    concordant = pairs = 0.0
    for i in range(4):
        for j in range(4):
            if i != j:
                mass = truth[i] * (1 - truth[j])
                pairs += mass
                concordant += mass * (float(scores[i] > scores[j]) + 0.5 * float(scores[i] == scores[j]))
    assert auc(truth, scores) == pytest.approx(concordant / pairs, abs=1e-12)


def test_every_fault_of_a_sample_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        auc([0, 2], [float("nan"), 1.0], [-1, 1])
    assert [fault.where for fault in caught.value.faults] == ["y", "score", "weights"]


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(1, 4)), min_size=2, max_size=40).filter(
        lambda rows: 0 < sum(row[0] for row in rows) < len(rows)
    )
)
def test_auc_equals_sklearn_and_weights_are_repeated_rows(rows: list[tuple[bool, int, int]]) -> None:
    y, score, times = (np.array(column) for column in zip(*rows, strict=True))
    assert auc(y, score) == pytest.approx(roc_auc_score(y, score), abs=1e-12)
    repeated_y, repeated_score = np.repeat(y, times), np.repeat(score, times)
    assert auc(y, score, times) == pytest.approx(auc(repeated_y, repeated_score), abs=1e-12)
    assert ks(y, score, times) == pytest.approx(ks(repeated_y, repeated_score), abs=1e-12)
    assert auc(1 - y, -score) == pytest.approx(auc(y, score), abs=1e-12)


def test_a_sorted_sample_answers_for_many_weights() -> None:
    ranked = Ranked(LABELS, SCORES)
    weights = np.array([0.0, 2.0, 1.0, 3.0, 0.0, 1.0, 1.0, 1.0, 2.0, 1.0])
    assert ranked.auc(weights) == pytest.approx(auc(LABELS, SCORES, weights), abs=1e-12)
