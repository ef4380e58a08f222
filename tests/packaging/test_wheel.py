"""The wheel: the library, the starter definitions, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(out),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def files_of(folder: str) -> set[str]:
    """Tracked-looking files of a definition folder, relative to the repository."""
    skipped = {"__pycache__", ".gitkeep", "secrets", "wheels", "service.env"}
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not skipped & set(path.parts) and path.suffix != ".pyc"
    }


@pytest.mark.parametrize("folder", ["features", "training", "serving"])
def test_starter_holds_every_definition(names: list[str], folder: str) -> None:
    expected = {f"riskscore/starter/{name}" for name in files_of(folder)}
    assert expected
    assert expected <= set(names)


def test_the_regulation_tables_are_inside(names: list[str]) -> None:
    folder = "riskscore/portfolio/regulation"
    assert {f"{folder}/bolivia_asfi.toml", f"{folder}/peru_sbs.toml"} <= set(names)


def test_the_typed_marker_is_inside(names: list[str]) -> None:
    assert "riskscore/py.typed" in names


def test_nothing_else_is_inside(names: list[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"riskscore"}
    endings = {Path(name).suffix for name in names}
    assert endings.isdisjoint({".parquet", ".csv", ".db", ".pkl", ".pickle", ".joblib", ".pyc", ".txt.gz"})
    assert not [name for name in names if "/test" in name or "__pycache__" in name]


def test_init_copies_the_starter_out_of_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    # The wheel lies in a folder of its own, ahead of the editable checkout, as it would in another environment.
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code = f"import sys; sys.path.insert(0, {str(site)!r}); from riskscore.cli import app; app()"
    command = [sys.executable, "-c", code, "init", "mine"]
    run = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    mine = elsewhere / "mine"
    copied = {path.relative_to(mine).as_posix() for path in mine.rglob("*") if path.is_file()}
    assert copied == files_of("features") | files_of("training") | files_of("serving")

    again = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "exists already" in again.stderr
    assert "Traceback" not in again.stderr
