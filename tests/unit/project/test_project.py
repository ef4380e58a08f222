"""Where definitions are found, and how they are copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscore.errors import InvalidInput, NotFound
from riskscore.project import Project, starter_dir


def make(folder: Path, *recipes: str) -> Path:
    for name in ("features", "training", "serving"):
        (folder / name).mkdir(parents=True)
    (folder / "features" / "repayment.py").write_text("# measured\n")
    (folder / "features" / "__pycache__").mkdir()
    (folder / "features" / "__pycache__" / "repayment.pyc").write_text("")
    (folder / "serving" / "pages").mkdir()
    (folder / "serving" / "pages" / "officer.html").write_text("<p>")
    for recipe in recipes:
        (folder / "training" / f"{recipe}.toml").write_text("")
    return folder


def test_a_named_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = make(tmp_path / "here"), make(tmp_path / "there")
    monkeypatch.chdir(here)
    assert Project.open(there).root == there


def test_then_the_current_folder_if_it_holds_all_three(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = make(tmp_path / "here")
    monkeypatch.chdir(here)
    assert Project.open().root == here
    (here / "training").rmdir()
    assert Project.open().root == starter_dir()


def test_the_starter_holds_all_three() -> None:
    assert all((starter_dir() / name).is_dir() for name in ("features", "training", "serving"))


def test_a_named_folder_that_lacks_parts_names_each(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    with pytest.raises(InvalidInput) as caught:
        Project.open(tmp_path)
    assert [fault.where for fault in caught.value.faults] == [str(tmp_path / "training"), str(tmp_path / "serving")]


def test_recipes_are_the_toml_files(tmp_path: Path) -> None:
    project = Project.open(make(tmp_path / "p", "member_default", "group_default"))
    assert project.recipes == ("group_default", "member_default")


def test_a_misspelt_recipe_gets_the_nearest_name(tmp_path: Path) -> None:
    project = Project.open(make(tmp_path / "p", "member_default", "group_default"))
    with pytest.raises(NotFound, match="Did you mean 'member_default'"):
        project.recipe("member_defalt")
    with pytest.raises(NotFound, match="There are: group_default, member_default"):
        project.recipe("zzz")


def test_copies_the_definitions_without_caches(tmp_path: Path) -> None:
    project = Project.open(make(tmp_path / "p", "member_default"))
    target = tmp_path / "new" / "deep"
    written = project.copy_to(target)
    expected = ["features/repayment.py", "serving/pages/officer.html", "training/member_default.toml"]
    assert [path.relative_to(target).as_posix() for path in written] == expected
    assert Project.open(target).recipes == ("member_default",)


def test_copying_overwrites_nothing_and_copies_nothing(tmp_path: Path) -> None:
    project = Project.open(make(tmp_path / "p"))
    target = tmp_path / "new"
    (target / "serving").mkdir(parents=True)
    (target / "serving" / "mine.toml").write_text("kept")
    with pytest.raises(InvalidInput, match="exists already"):
        project.copy_to(target)
    assert (target / "serving" / "mine.toml").read_text() == "kept"
    assert not (target / "features").exists()


def test_copying_onto_a_file_is_refused(tmp_path: Path) -> None:
    project = Project.open(make(tmp_path / "p"))
    (tmp_path / "taken").write_text("")
    with pytest.raises(InvalidInput, match="a file, not a folder"):
        project.copy_to(tmp_path / "taken")
