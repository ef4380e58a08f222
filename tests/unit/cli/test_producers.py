"""`riskscore train producer_default` and `riskscore score --recipe producer_default`, as they are typed."""

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.simulator import simulate

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_a_fund_trains_promotes_and_scores_its_producer_associations(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    portfolio = str(simulate(tmp_path / "portfolio", members=120, seed=4).path)
    out = tmp_path / "scores.parquet"
    run = CliRunner().invoke

    trained = run(app, ["train", "producer_default", portfolio, "--promote"])
    assert trained.exit_code == 0, trained.output
    said = " ".join(trained.output.split())
    assert "too few bads to say" in said
    assert "base rate 0.100 by the expert" in said
    assert "% expert" in said
    assert "producer_default version 1 is the champion" in said
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".pkl", ".pickle", ".joblib")]

    shown = run(app, ["models", "show", "producer_default"])
    assert "## Prior and posterior" in shown.output

    asked = ["score", portfolio, "--recipe", "producer_default", "--as-of", "2025-06-30", "--out", str(out)]
    scored = run(app, asked)
    assert scored.exit_code == 0, scored.output
    frame = pl.read_parquet(out)
    assert frame["group_id"].n_unique() == frame.height > 10
    assert {"pd", "low", "high", "effective_n", "prior_share", "conflict", "gates_failed"} <= set(frame.columns)
    assert not [name for name in frame.columns if name.startswith("points")]
    assert f"{frame.height} producer associations scored" in " ".join(scored.output.split())
    assert not list(tmp_path.glob(".*partial"))
