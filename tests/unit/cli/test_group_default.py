"""A communal bank's model from the command line: too few bads to learn from, and an outlook a bank all the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from riskscore.cli import app

pytestmark = pytest.mark.slow


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("banks")
    patch = pytest.MonkeyPatch()
    patch.chdir(home)
    patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{home / 'mlflow.db'}")
    assert run("simulate", "portfolio", "--members", "800", "--seed", "5").exit_code == 0
    yield home
    patch.undo()


@pytest.fixture(scope="module")
def trained(home: Path) -> Result:
    return run("train", "group_default", "portfolio", "--promote")


def test_below_fifty_bads_nothing_is_learnt_and_the_run_says_so(trained: Result) -> None:
    assert trained.exit_code == 0, trained.output
    assert "at least 50 are needed" in trained.stdout
    assert "structural" in trained.stdout
    assert "too few bads to say" in trained.stdout
    assert "was never judged" in trained.stdout
    assert "group_default version 1 is the champion" in trained.stdout


def test_the_card_tells_what_is_estimated_what_assumed_and_how_much_is_the_records(home: Path, trained: Result) -> None:
    card = run("models", "show", "group_default").stdout
    for words in (
        "contagion q",
        "They are not correlations of defaults",
        "Credibility Z",
        "**no**",
        "**Never judged.**",
        "People decide",
    ):
        assert words in card


def test_one_row_a_communal_bank_and_no_member_in_file_or_artefact(home: Path, trained: Result) -> None:
    result = run("score", "portfolio", "--recipe", "group_default", "--as-of", "2025-06-15", "--out", "out.parquet")
    assert result.exit_code == 0, result.output
    found = pl.read_parquet(home / "out.parquet")
    assert found["bank_id"].is_unique().all()
    assert set(found["basis"]) <= {"open_request", "last_cycle"}
    assert ((found["pd_low"] <= found["pd"]) & (found["pd"] <= found["pd_high"])).all()
    assert (found["pd"] > 0).all()
    assert not found["order_judged"].any()
    assert "never judged" in result.stdout
    assert (found["p_1_plus"] > 2 * found["pd"]).mean() > 0.9  # someone falls far oftener than the bank does
    members = set(pl.read_parquet(home / "portfolio" / "members.parquet")["id"])
    text = (home / "out.parquet").read_bytes().decode("latin-1")
    assert not any(one in text for one in members)
    models = list(home.glob("mlartifacts/**/model.json"))
    assert models
    for model in models:
        assert json.loads(model.read_text(encoding="utf-8"))["margin"]["kind"] == "structural"
        assert not any(one in model.read_text(encoding="utf-8") for one in members)


def test_the_same_moment_gives_the_same_outlooks_and_none_of_later(home: Path, trained: Result) -> None:
    from riskscore.cli.score import champion_of
    from riskscore.portfolio import Portfolio
    from riskscore.scoring.communal_bank import outlooks

    champion, portfolio = champion_of("group_default"), Portfolio.open(home / "portfolio")
    moment = portfolio.moment("2025-03-01")
    found = outlooks(champion, portfolio, moment)
    assert found == outlooks(champion, portfolio, moment)
    assert all(one.as_of <= moment for one in found)
    assert all(sum(one.in_arrears) == pytest.approx(1.0) and len(one.in_arrears) == one.members + 1 for one in found)


def test_a_moment_ahead_is_refused(home: Path, trained: Result) -> None:
    result = run("score", "portfolio", "--recipe", "group_default", "--as-of", "2031-01-01", "--out", "out.parquet")
    assert result.exit_code != 0
