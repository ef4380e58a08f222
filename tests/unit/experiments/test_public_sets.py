"""The comparison on a small dirty table: its rows, what it passes over, what its statistics say."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

ROOT = Path(__file__).parents[3]
RUN = ROOT / "experiments" / "public_sets" / "run.py"
ROW = {"set", "model", "auc", "sd", "brier", "h", "fit_s", "row_ms"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sets")
    draw, n = np.random.default_rng(4), 160
    late = np.where(draw.random(n) < 0.1, 98, draw.poisson(1.0, n))
    words = draw.choice(["a", "b", "", "c "], n)
    z = -1.5 + 0.8 * (late == 98) + 0.8 * np.minimum(late, 4)
    table = pl.DataFrame(
        {
            "id": np.arange(n) + 17,
            "late": late,
            "kind": words,
            "amount": [None if one < 0.2 else float(np.exp(8 * one)) for one in draw.random(n)],
            "asked": ["?" if one < 0.05 else str(round(100 * one)) for one in draw.random(n)],
            "nothing": ["x"] * n,
            "bad": (draw.random(n) < 1 / (1 + np.exp(-z))).astype(int),
        }
    )
    write(folder / "dirty.csv.gz", table)
    write(folder / "unlabelled.csv.gz", table.drop("bad"))
    return folder


def write(path: Path, table: pl.DataFrame) -> None:
    with gzip.open(path, "wb") as file:
        file.write(table.write_csv().encode())


def run(*options: str | Path) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, str(RUN), *map(str, options)],
        capture_output=True, text=True, check=False, timeout=600, env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip


@pytest.mark.slow
def test_rows_have_their_eight_fields_and_a_stopped_run_goes_on(folder: Path, tmp_path: Path) -> None:
    out, halves = tmp_path / "out.json", tmp_path / "halves.jsonl"
    asked = (
        "--data",
        folder,
        "--json",
        out,
        "--models",
        "riskscore scorecard,random forest",
        "--halves",
        halves,
        "--repeats",
        "2",
    )
    done = run(*asked, "--workers", "2")
    assert done.returncode == 0, done.stderr
    rows = json.loads(out.read_text("utf-8"))
    assert [(row["set"], row["model"]) for row in rows] == [
        ("dirty", "riskscore scorecard"),
        ("dirty", "random forest"),
    ]
    for row in rows:
        assert set(row) == ROW
        assert 0.5 < row["auc"] < 0.95
        assert row["sd"] > 0.0
        assert row["row_ms"] > 0.0
    assert "'id' is left out: another whole number in every row" in done.stdout
    assert "'nothing' is left out: the same value in every row" in done.stdout
    assert "unlabelled is passed over. It has no column 'bad'." in done.stdout
    assert "contributions and base met the log-odds in all 4 fits of ours" in done.stdout
    assert "Average rank over 1 sets" in done.stdout
    kept = halves.read_text("utf-8")
    halves.write_text("\n".join(kept.splitlines()[:-1]) + "\n", "utf-8")
    again = run(*asked, "--workers", "1")
    assert again.returncode == 0, again.stderr
    assert len(halves.read_text("utf-8").splitlines()) == 8
    areas = [row["auc"] for row in rows]
    assert [row["auc"] for row in json.loads(out.read_text("utf-8"))] == pytest.approx(areas)


def test_what_is_not_there_is_told_at_once(folder: Path, tmp_path: Path) -> None:
    done = run("--data", folder, "--json", tmp_path / "out.json", "--sets", "dirty,gone", "--models", "oracle")
    assert done.returncode == 1
    assert "gone: There is no such set." in done.stderr
    assert "oracle: There is no such model." in done.stderr


def test_the_t_test_knows_how_much_the_halves_share(monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(RUN.parent))
    from significance import corrected_p, holm

    # mean .02, s = .0081650, J = 4: t = .02 / (.0081650 * sqrt(1/4 + 1)) = 2.1909, three degrees of freedom.
    assert corrected_p([0.01, 0.02, 0.03, 0.02]) == pytest.approx(0.1161, abs=1e-4)
    assert corrected_p([0.0, 0.0]) == 1.0
    assert holm({"a": 0.001, "b": 0.02, "c": 0.04, "d": 0.9}) == {"a"}
    assert holm({"a": 0.012, "b": 0.016, "c": 0.024, "d": 0.04}) == {"a", "b", "c", "d"}
