"""constraints.txt: exact versions, every dependency, and no address of any kind."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    parsed = [re.fullmatch(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.!+_-]+)", line) for line in wanted]
    assert all(parsed), [line for line, match in zip(wanted, parsed, strict=True) if not match]
    return {normal(match[1]): match[2] for match in parsed if match}


def test_every_line_is_a_name_and_an_exact_version() -> None:
    assert len(pins()) > 100


def test_every_declared_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    names = {normal(re.match(r"[A-Za-z0-9._-]+", requirement)[0]) for requirement in declared}  # type: ignore[index]
    assert names <= set(pins())
