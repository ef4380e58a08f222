"""What `import riskscore` costs and offers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import riskscore

ROOT = Path(__file__).parents[2]


def modules_after(statement: str) -> set[str]:
    """Top-level modules loaded by a fresh interpreter once it has run `statement`."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted({{n.partition('.')[0] for n in sys.modules}})))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_import_pulls_in_nothing_heavy() -> None:
    loaded = modules_after("import riskscore")
    assert "riskscore" in loaded
    assert loaded.isdisjoint(
        {"mlflow", "bentoml", "shap", "pyspark", "pandera", "lightgbm", "sklearn", "polars", "duckdb", "optbinning"}
    )


def test_every_public_name_loads_without_serving_tracking_or_contracts() -> None:
    names = [name for name in riskscore.__all__ if name != "__version__"]
    loaded = modules_after(f"from riskscore import {', '.join(names)}")
    assert loaded.isdisjoint({"mlflow", "bentoml", "shap", "pyspark", "pandera", "optbinning"})


def test_the_command_line_starts_light() -> None:
    loaded = modules_after("import riskscore.cli")
    assert loaded.isdisjoint({"mlflow", "bentoml", "shap", "pyspark", "pandera", "lightgbm", "sklearn", "optbinning"})


def test_public_names_resolve_once_and_to_the_same_object() -> None:
    for name in riskscore.__all__:
        assert getattr(riskscore, name) is getattr(riskscore, name)
    assert dir(riskscore) == sorted(riskscore.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Portfolo'"):
        riskscore.Portfolo  # noqa: B018


def test_reference_page_lists_the_public_names() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^### `(\w+)`", page, flags=re.MULTILINE)) == set(riskscore.__all__)
