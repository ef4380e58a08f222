"""Every command explains itself, with an example that names it."""

from __future__ import annotations

import click
import pytest
import typer
from typer.testing import CliRunner

from riskscore.cli import app

ROOT = typer.main.get_command(app)


def commands(group: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in getattr(group, "commands", {}).items():
        below = commands(command, (*path, name))
        found += below or [(*path, name)]
    return found


@pytest.mark.parametrize("path", commands(ROOT), ids=" ".join)
def test_help_has_an_example_of_this_very_command(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == 0
    assert f"Example: riskscore {' '.join(path)}" in click.unstyle(result.output)


def test_no_arguments_show_the_help_and_are_a_usage_error() -> None:
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 2
    assert "Usage" in result.output


def test_version_is_the_package_version() -> None:
    import riskscore

    assert CliRunner().invoke(app, ["--version"]).output.strip() == riskscore.__version__
