"""`riskscore check --leaks`: exit codes, words, and what is not in them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from riskscore.cli import app
from riskscore.portfolio import TABLES, write_portfolio
from riskscore.simulator import simulate

pytestmark = pytest.mark.slow


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(tmp_path_factory.mktemp("cli") / "portfolio", members=500, seed=4).path


def test_the_planted_column_is_named_in_words_with_exit_code_1(folder: Path) -> None:
    result = run("check", str(folder), "--leaks", "--recipe", "member_default")
    assert result.exit_code == 1
    assert "leak?  collection_calls.calls: too good" in result.stdout
    assert "read as: the last of rows that name this application" in result.stdout
    assert "Alone it puts a bad before a good in 9" in result.stdout
    assert "Why it matters: " in result.stdout
    assert "-> Ask who writes this, when, and whether it is overwritten." in result.stdout
    assert "2 findings in " in result.stdout
    assert "strongest relation that no test objects to: " in result.stdout
    # Figures of many, never a member's, a loan's or an application's id.
    words = [word.strip(".,()") for line in result.stdout.splitlines() if "remark" not in line for word in line.split()]
    assert not [word for word in words if word[:1] in "MAL" and word[1:].isdigit()]


def test_without_the_planted_table_the_code_is_0_and_what_is_missing_is_said(folder: Path, tmp_path: Path) -> None:
    from riskscore.portfolio import Portfolio

    whole = Portfolio.open(folder)
    manifest = whole.manifest
    write_portfolio(
        tmp_path / "clean",
        {name: whole.table(name) for name in TABLES if whole.file(name)},
        currency=manifest.currency,
        country=manifest.country,
        time_zone=manifest.time_zone,
        data_date=manifest.data_date,
        complete_from=manifest.complete_from,
    )
    result = run("check", str(tmp_path / "clean"), "--leaks")
    assert result.exit_code == 0, result.stdout
    assert "leak?" not in result.stdout
    assert "not looked at  Tables and columns of the institution's own: there are none." in result.stdout
    assert "0 findings in " in result.stdout


def test_a_recipe_without_leaks_and_one_that_does_not_exist_are_mistakes_in_the_command(folder: Path) -> None:
    assert run("check", str(folder), "--recipe", "member_default").exit_code == 2
    assert run("check", str(folder), "--leaks", "--recipe", "nobody").exit_code == 2


def test_an_earlier_extract_of_other_people_is_refused(folder: Path, tmp_path: Path) -> None:
    other = simulate(tmp_path / "other", members=100, seed=9)
    renamed = {"loans": other.table("loans").with_columns(id="x" + pl.col("id"))}
    manifest = other.manifest
    write_portfolio(
        tmp_path / "renamed",
        renamed,
        currency=manifest.currency,
        country=manifest.country,
        time_zone=manifest.time_zone,
        data_date=manifest.data_date,
    )
    result = run("check", str(folder), "--leaks", "--earlier", str(tmp_path / "renamed"))
    assert result.exit_code == 1
    assert "has no loan of this portfolio" in result.stderr
    assert "leak?" not in result.stdout
