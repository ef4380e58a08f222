"""From a portfolio to a champion and back, by the commands alone, on definitions of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from riskscore.cli import app

pytestmark = pytest.mark.slow


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


def gates(folder: Path, auc: float) -> None:
    """Keep one quick candidate, and ask of it nothing but an AUC."""
    recipe = folder / "training" / "member_default.toml"
    text = recipe.read_text(encoding="utf-8")
    text = re.sub(r"\[\[candidates\]\]\nkind = \"lightgbm\".*?(?=\n\[calibration\])", "", text, flags=re.DOTALL)
    wanted = {
        "min_bads": "20",
        "min_auc": str(auc),
        "slope": "[0.0, 10.0]",
        "observed_expected": "[0.0, 10.0]",
        "max_ici": "1.0",
        "segment_min_bads": "1000000",
    }
    for name, value in wanted.items():
        text = re.sub(rf"^{name} = [^#\n]*", f"{name} = {value}", text, flags=re.MULTILINE)
    recipe.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a portfolio, definitions and a registry, and the current folder of every test here."""
    home = tmp_path_factory.mktemp("bank")
    patch = pytest.MonkeyPatch()
    patch.chdir(home)
    patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{home / 'mlflow.db'}")
    assert run("simulate", "portfolio", "--members", "800", "--seed", "5").exit_code == 0
    assert run("init", "mine").exit_code == 0
    gates(home / "mine", 0.51)
    yield home
    patch.undo()


@pytest.fixture(scope="module")
def trained(bank: Path) -> Result:
    """The first training, promoted."""
    return run("train", "member_default", "portfolio", "--promote", "--project", "mine")


def test_the_simulated_portfolio_has_no_faults(bank: Path) -> None:
    result = run("check", "portfolio")
    assert result.exit_code == 0, result.stderr
    assert "no faults" in result.stdout
    assert "remark  memberships: " in result.stdout  # simulated banks are smaller than their design


def test_features_writes_a_row_for_each_application_and_no_outcome(bank: Path) -> None:
    import polars as pl

    result = run("features", "portfolio", "--recipe", "member_default", "--out", "values.parquet")
    assert result.exit_code == 0, result.stderr
    frame = pl.read_parquet(bank / "values.parquet")
    assert {"application_id", "member_id", "as_of", "worst_delay_180d"} <= set(frame.columns)
    assert not {"label", "bad", "final_at"} & set(frame.columns)
    assert f"{frame.height:,} applications" in result.stdout


def test_train_promote_train_again_and_roll_back(bank: Path, trained: Result) -> None:
    assert trained.exit_code == 0, trained.output
    assert "member_default version 1 is the champion" in trained.stdout
    assert re.search(r"\nby a random split +rows +out of time +random +optimism\nall later rows ", trained.stdout)

    second = run("train", "member_default", "portfolio", "--seed", "1", "--project", "mine")
    assert second.exit_code == 0, second.output
    listed = run("models", "list").stdout.splitlines()
    assert [line.split()[:3] for line in listed[1:]] == [
        ["member_default", "2", "challenger"],
        ["member_default", "1", "champion"],
    ]
    assert run("models", "promote", "member_default").stdout.strip() == "member_default version 2 is the champion"
    card = run("models", "show", "member_default").stdout
    assert card.startswith("# A member's risk in her next cycle")
    for said in ("## Gates", "## Choice", "A random split's optimism", "woe_scorecard is the only candidate."):
        assert said in card
    assert run("models", "rollback", "member_default").stdout.strip() == (
        "member_default version 1 is the champion again"
    )
    assert run("models", "rollback", "member_default").exit_code == 1


def test_score_writes_points_that_add_up_to_each_score(bank: Path, trained: Result) -> None:
    import polars as pl

    assert trained.exit_code == 0, trained.output
    result = run(
        "score", "portfolio", "--recipe", "member_default", "--as-of", "2025-06-30", "--out", "s.parquet", "--explain"
    )
    assert result.exit_code == 0, result.stderr
    assert "scored as of 2025-06-30 00:00" in result.stdout
    frame = pl.read_parquet(bank / "s.parquet").drop_nulls("score")
    points = [name for name in frame.columns if name.startswith("points.")]
    total = frame.select(pl.sum_horizontal("points_base", *points)).to_series()
    assert frame.height > 100
    assert (total - frame["score"]).abs().max() < 1e-9
    assert set(frame["state"].unique()) <= {"ready", "talk_first"}


def test_a_moment_ahead_of_the_data_is_refused(bank: Path, trained: Result) -> None:
    assert trained.exit_code == 0, trained.output
    result = run("score", "portfolio", "--recipe", "member_default", "--as-of", "2031-01-01", "--out", "never.parquet")
    assert result.exit_code == 1
    assert not (bank / "never.parquet").exists()


def test_a_failed_gate_is_code_1_and_nothing_is_promoted(
    bank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    strict = tmp_path / "strict"
    assert run("init", str(strict)).exit_code == 0
    gates(strict, 0.895)
    result = run("train", "member_default", "portfolio", "--promote", "--project", str(strict))
    assert result.exit_code == 1
    assert "0.895" in result.stderr
    assert "is the champion" not in result.stdout
    assert run("models", "show", "member_default").exit_code == 1


def test_too_little_to_learn_from_is_code_1(bank: Path) -> None:
    assert run("simulate", "tiny", "--members", "100", "--seed", "1").exit_code == 0
    result = run("train", "member_default", "tiny")
    assert result.exit_code == 1
    assert "the recipe asks for 100" in result.stderr


def test_a_misspelt_recipe_is_a_mistake_in_the_command(bank: Path) -> None:
    result = run("train", "member_defalt", "portfolio")
    assert result.exit_code == 2
    assert "Did you mean 'member_default'?" in result.stderr
