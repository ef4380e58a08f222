"""Where a command shall write is looked at before it works, alike in every command that writes files."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from riskscore.cli import app


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "300"})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file and an empty portfolio: whatever would read the portfolio fails with exit code 1."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'nowhere' / 'mlflow.db'}")
    (tmp_path / "file.txt").write_text("kept", encoding="utf-8")
    (tmp_path / "portfolio").mkdir()
    return tmp_path


COMMANDS = {
    "report portfolio": ("report", "portfolio", "portfolio"),
    "report fairness": ("report", "fairness", "member_default", "portfolio"),
    "report policy": ("report", "policy", "member_default", "portfolio"),
    "report register": ("report", "register", "member_default"),
    "report validation": ("report", "validation", "member_default", "portfolio"),
    "report stability": ("report", "stability", "member_default", "portfolio"),
    "score": ("score", "portfolio", "--recipe", "member_default"),
    "recommendations": ("recommendations", "portfolio"),
    "features": ("features", "portfolio", "--recipe", "member_default"),
    "features --catalogue": ("features", "--catalogue"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_place_under_a_file_is_refused_before_anything_is_read(home: Path, command: str) -> None:
    result = run(*COMMANDS[command], "--out", "file.txt/deep/x.html")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "1 fault",
        "  --out",
        f"    file.txt/deep/x.html would lie under {home / 'file.txt'}, which is a file.",
        "    -> Name a place in a folder.",
    ]
    assert (home / "file.txt").read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize("command", ["report fairness", "report policy", "report validation", "report stability"])
def test_page_and_figures_in_one_file_are_refused(home: Path, command: str) -> None:
    result = run(*COMMANDS[command], "--out", "new/x.html", "--json", str(home / "new" / ".." / "new" / "x.html"))
    assert result.exit_code == 2
    assert "  --json\n" in result.stderr
    assert "is also what --out names." in result.stderr
    assert not (home / "new").exists()


def test_every_fault_of_the_outputs_at_once(home: Path) -> None:
    result = run(*COMMANDS["report policy"], "--out", "file.txt/x.html", "--json", "file.txt/x.html")
    assert result.exit_code == 2
    assert result.stderr.startswith("3 faults\n")


@pytest.mark.parametrize(
    "command",
    [
        ("simulate", "file.txt/bank", "--members", "100", "--seed", "1"),
        ("ingest", "tables", "mapping.toml", "file.txt/bank"),
        ("ingest", "fineract", "sqlite:///core.db", "file.txt/bank"),
    ],
)
def test_a_portfolio_under_a_file_is_refused(home: Path, command: tuple[str, ...]) -> None:
    result = run(*command)
    assert result.exit_code == 2
    assert f"file.txt/bank would lie under {home / 'file.txt'}, which is a file." in result.stderr


def test_a_folder_that_does_not_exist_is_made_when_the_file_is_written(home: Path) -> None:
    result = run("features", "--catalogue", "--out", "pages/new/catalogue.md")
    assert result.exit_code == 0, result.stderr
    assert (home / "pages" / "new" / "catalogue.md").read_text(encoding="utf-8").startswith("# ")
