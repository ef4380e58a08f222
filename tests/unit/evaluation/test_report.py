"""The whole evaluation: figures, segments, refusals, pictures."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from riskscore.errors import InvalidInput
from riskscore.evaluation import Evaluation, auc, evaluate, ranking_plot, reliability_plot
from riskscore.evaluation.sample import Floats


def sample(n: int = 3000, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    draw = np.random.default_rng(seed)
    pd = 1 / (1 + np.exp(-draw.normal(-2.3, 1.0, n)))
    return (draw.random(n) < pd).astype(float), pd, np.repeat(np.arange(n // 10), 10).astype(float)


@pytest.fixture(scope="module")
def whole() -> Evaluation:
    y, pd, clusters = sample()
    cycle = np.where(np.arange(len(y)) % 3 == 0, "first", "repeat")
    return evaluate(y, pd, clusters=clusters, segments={"cycle": cycle}, replicates=100)


def test_figures_lie_within_their_intervals(whole: Evaluation) -> None:
    y, pd, _ = sample()
    assert whole["auc"] == auc(y, pd)
    for name in ("auc", "gini", "slope", "intercept", "in_the_large", "observed_expected"):
        figure = whole.figures[name]
        assert figure.low < figure.value < figure.high
    assert whole.figures["slope"].low < 1 < whole.figures["slope"].high
    assert (whole.n, whole.bads, whole.clusters) == (3000, y.sum(), 300)


def test_segments_are_evaluated_by_themselves(whole: Evaluation) -> None:
    y, pd, _ = sample()
    first = np.arange(len(y)) % 3 == 0
    assert set(whole.segments["cycle"]) == {"first", "repeat"}
    assert whole.segments["cycle"]["first"]["auc"] == auc(y[first], pd[first])
    assert whole.segments["cycle"]["first"].n + whole.segments["cycle"]["repeat"].n == 3000


def test_it_becomes_json_and_text(whole: Evaluation) -> None:
    plain = json.loads(json.dumps(whole.to_dict(), allow_nan=False))
    assert plain["figures"]["auc"]["value"] == whole["auc"]
    assert plain["figures"]["brier"]["low"] is None
    text = whole.to_markdown("Later, same groups")
    assert text.startswith("## Later, same groups\n")
    assert "| first | 1000 |" in text
    for line in text.splitlines():
        if line.startswith("| repeat"):
            assert line.count("|") == 8


def test_too_few_bads_is_an_answer() -> None:
    few = evaluate([1.0] * 3 + [0.0] * 97, np.linspace(0.2, 0.01, 100), clusters=np.arange(100))
    assert few.too_few == "Too few bads to say: 3 of at least 20."
    assert few.figures == {}
    assert np.isnan(few["auc"])
    assert 0 < few.bad_rate.low < 0.03 < few.bad_rate.high
    assert "Too few bads" in few.to_markdown()
    assert json.dumps(few.to_dict(), allow_nan=False)


def test_a_segment_may_have_too_few() -> None:
    y, pd, clusters = sample(600)
    place = np.where(np.arange(600) < 30, "new", "old")
    parts = evaluate(y, pd, clusters=clusters, segments={"branch": place}, replicates=20).segments["branch"]
    assert parts["new"].too_few is not None
    assert parts["old"].too_few is None


def test_faults_of_segments_all_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        evaluate([0, 1], [0.1, 0.2], segments={"a": ["x"], "b": ["x", "y", "z"]})
    assert [fault.where for fault in caught.value.faults] == ["segments.a", "segments.b"]


def test_points_are_not_probabilities() -> None:
    with pytest.raises(InvalidInput, match="not points"):
        evaluate([0, 1], [600.0, 540.0])


def test_recession_level_shows_where_the_slope_does_not() -> None:
    _, pd, clusters = sample(6000)
    truth = 1 / (1 + np.exp(-(np.log(pd / (1 - pd)) + 0.55)))
    found = evaluate(truth, pd, clusters=clusters, replicates=20)
    assert found["slope"] == pytest.approx(1.0, abs=0.01)
    assert found["observed_expected"] > 1.4


def test_plots_are_pictures_and_reproducible(whole: Evaluation) -> None:
    y, pd, _ = sample()
    picture = reliability_plot(y, pd, whole.reliability)
    assert b"<svg" in picture
    assert picture.rstrip().endswith(b"</svg>")
    assert picture == reliability_plot(y, pd, whole.reliability)
    assert ranking_plot(y, pd, fmt="png")[:8] == b"\x89PNG\r\n\x1a\n"


def test_matplotlib_is_imported_only_to_draw() -> None:
    code = "import sys, riskscore.evaluation; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
