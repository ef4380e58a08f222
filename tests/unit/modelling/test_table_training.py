"""`riskscore.train` on a flat table, and the page that shows it."""

import re
import warnings
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import riskscore
from riskscore.errors import InvalidInput, Refused
from riskscore.modelling.estimators import TooGood

ROOT = Path(__file__).parents[3]


def table(n: int, seed: int = 0) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    centre = draw.integers(0, 40, n)
    late = draw.poisson(1.0, n).astype(float)
    z = -2.0 + 0.9 * late + draw.normal(0, 0.3, 40)[centre]
    return pl.DataFrame(
        {
            "loan": np.arange(n),
            "asked_on": [date(2023, 1, 1) + timedelta(days=int(day)) for day in draw.integers(0, 700, n)],
            "centre": [f"C{one}" for one in centre],
            "late": late,
            "trade": draw.choice(["shop", "farm"], n),
            "bad": (draw.random(n) < 1 / (1 + np.exp(-z))).astype(int),
        }
    )


def test_a_table_is_trained_judged_and_chosen(recipe) -> None:
    with pytest.warns(match="left out: 'loan'"):
        run = riskscore.train(recipe, table(1500), bad="bad", groups="centre", as_of="asked_on")
    assert set(run.candidates) == {"woe_scorecard", "lightgbm"}
    assert run.winner is run.candidates[run.choice.kind]
    assert run.split == "the latest"
    assert 0.65 < run.evaluation.figures["auc"].value < 0.90
    moments = table(1500)["asked_on"]
    assert moments[run.tested].min() == moments.sort()[1050]  # the fixture's recipe tests on 30 %
    assert "test rows, the latest" in str(run)


def test_whole_groups_test_where_there_is_no_clock(recipe) -> None:
    rows = table(1200).drop("asked_on", "loan")
    run = riskscore.train(recipe, rows.to_pandas(), bad="bad", groups="centre")
    tested = set(rows[run.tested]["centre"])
    assert tested.isdisjoint(set(rows["centre"]) - tested)
    assert not tested & set(rows.with_row_index().filter(~pl.col("index").is_in(run.tested.tolist()))["centre"])
    assert "flatters" not in run.split
    assert "at random" in run.split


def test_a_leak_only_warns(recipe) -> None:
    rows = table(1200).drop("asked_on", "loan").with_columns(closed=pl.col("bad") * 5.0 + pl.col("late"))
    with pytest.warns(TooGood, match="may know the outcome"):
        run = riskscore.train(recipe, rows, bad="bad")
    assert run.evaluation.figures["auc"].value > 0.9


def test_names_that_are_not_there_and_too_few_bads(recipe) -> None:
    with pytest.raises(InvalidInput) as refused:
        riskscore.train(recipe, table(200), bad="worse", groups="village")
    assert [fault.where for fault in refused.value.faults] == ["bad", "groups"]
    with pytest.raises(Refused, match="at least 100 are needed"):
        riskscore.train(recipe, table(150).drop("asked_on"), bad="bad")


def test_the_notebook_page_runs(tmp_path, monkeypatch) -> None:
    page = (ROOT / "docs" / "notebook.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert len(blocks[0].strip().splitlines()) <= 8
    table(1500).write_parquet(tmp_path / "loans.parquet")
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for block in blocks:
            exec(compile(block.replace("loans.parquet", str(tmp_path / "loans.parquet")), "notebook.md", "exec"), names)  # noqa: S102
    assert "AUC" in str(names["run"])
