"""Exit codes, and what a person reads when something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.cli.app import FaultsNotTracebacks
from riskscore.errors import Fault, InvalidInput, Refused

FAULTS = [
    Fault("payments.amount", "Row P7 holds -3.00; amounts are above 0.", "Record a reversal as a new version."),
    Fault("members.joined_on", "It is missing in 2 rows.", ""),
]


def raising(error: Exception) -> typer.Typer:
    toy = typer.Typer(cls=FaultsNotTracebacks)

    @toy.command()
    def fail() -> None:
        raise error

    @toy.command()
    def other() -> None:
        pass

    return toy


def test_every_fault_is_printed_on_standard_error_and_the_code_is_1() -> None:
    result = CliRunner().invoke(raising(InvalidInput(FAULTS)), ["fail"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "2 faults",
        "  payments.amount",
        "    Row P7 holds -3.00; amounts are above 0.",
        "    -> Record a reversal as a new version.",
        "  members.joined_on",
        "    It is missing in 2 rows.",
    ]


def test_square_brackets_in_a_fault_are_text_not_markup() -> None:
    error = Refused.of("gates[0]", "slope 1.41 is outside [0.80, 1.25].", "See [bold]card.md[/bold].")
    result = CliRunner().invoke(raising(error), ["fail"])
    assert "slope 1.41 is outside [0.80, 1.25]." in result.stderr
    assert "See [bold]card.md[/bold]." in result.stderr


@pytest.mark.parametrize(
    ("error", "where"),
    [
        (FileNotFoundError(2, "No such file or directory", "/no/such/out.parquet"), "/no/such/out.parquet"),
        (FileNotFoundError("No such file or directory (os error 2): /no/such/out.parquet"), "system"),
    ],
)
def test_a_place_that_cannot_be_written_is_named_without_a_traceback(error: OSError, where: str) -> None:
    result = CliRunner().invoke(raising(error), ["fail"])
    assert result.exit_code == 2
    assert result.stderr.splitlines()[:2] == ["1 fault", f"  {where}"]
    assert "No such file or directory" in result.stderr
    assert "-> Check the place: that it exists" in result.stderr


def test_an_error_that_nobody_expected_is_not_swallowed() -> None:
    result = CliRunner().invoke(raising(ZeroDivisionError("a fault of ours")), ["fail"])
    assert isinstance(result.exception, ZeroDivisionError)


@pytest.mark.parametrize("arguments", [["check", "no-such-folder"], ["simulate", "out"], ["nonsense"]])
def test_a_command_not_understood_is_code_2(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_simulate_does_not_overwrite(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("kept")
    result = CliRunner().invoke(app, ["simulate", str(tmp_path / "out"), "--members", "100", "--seed", "1"])
    assert result.exit_code == 1
    assert "It exists already." in result.stderr
    assert (tmp_path / "out" / "mine.txt").read_text() == "kept"
