"""`riskscore models` of a recipe that nobody registered, or that does not exist."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from riskscore.cli import app
from riskscore.modelling import Registry

COMMANDS = [("list",), ("show",), ("promote",), ("rollback",)]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "300"})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A registry that holds the recipe `ours` and no other."""
    uri = f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlflow.db'}"
    Registry(uri)._registered("ours")
    return uri


@pytest.mark.parametrize("command", COMMANDS)
def test_a_misspelt_name_is_a_mistake_in_the_command(
    store: str, command: tuple[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    result = run("models", *command, "member_defalt")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "There is no recipe 'member_defalt'. Did you mean 'member_default'? Registered are: ours." in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_recipe_without_a_version_is_told_with_those_that_have_one(
    store: str, command: tuple[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    result = run("models", *command, "group_default")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "1 fault",
        "  group_default",
        "    No version of it is registered.",
        "    -> Registered are: ours. `riskscore train group_default PORTFOLIO` makes one.",
    ]


def test_a_recipe_of_ones_own_that_is_registered_is_listed(
    store: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    assert run("models", "list", "ours").exit_code == 0
