"""`riskscore.train` on a flat table, and the page that shows it."""

import re
import warnings
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
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
    with pytest.raises(
        Refused, match=r"^recipe:\d+: min_bads: 32 bads in the training rows; the recipe asks for 100\."
    ):
        riskscore.train(recipe, table(150).drop("asked_on"), bad="bad")


ROWS = table(1200).drop("asked_on", "loan", "centre")
BAD = ROWS["bad"].to_numpy()
PLAIN = ROWS.drop("bad").to_pandas()
SOME = np.where(np.arange(1200) < 3, np.nan, BAD)


@pytest.mark.parametrize(
    ("labels", "more", "told"),
    [
        (SOME, {}, "bad: 3 of 1200 rows have none. Leave those rows out."),
        ([None, *BAD[1:].tolist()], {}, "bad: 1 of 1200 rows have none. Leave those rows out."),
        (pd.Series(SOME).astype("Int64"), {}, "bad: 3 of 1200 rows have none. Leave those rows out."),
        (BAD * 0, {}, "bad: The labels are of 1 kind (0). Give labels of two kinds: what went bad, and what did not."),
        (BAD + np.arange(1200) % 2, {}, "bad: The labels are of 3 kinds (0, 1, 2). Give labels of two kinds"),
        (np.arange(1200) / 7, {}, "bad: The labels are of 1200 kinds. Give labels of two kinds"),
        (BAD.astype("datetime64[D]"), {}, "bad: The labels are dates or times. Give labels of two kinds"),
        (BAD[1:], {}, "bad: The shape is (1199,) for 1200 rows. Give one a row."),
        (
            np.where(BAD, "bad", "good"),
            {},
            "bad_label: The labels are 'bad', 'good', and nobody said which of them is the bad. "
            "Give bad_label='bad' or bad_label='good'.",
        ),
        (BAD, {"bad_label": 2}, "bad_label: 2 is none of the labels. Name one of 0, 1."),
        (
            pd.Series(BAD, index=np.arange(1200) + 5),
            {},
            "bad: Its index is not the table's: it may be in another order. "
            "Bring it into the table's order with `.loc`, or give `.to_numpy()` to have it taken row by row.",
        ),
        (pd.Series(BAD).sample(frac=1.0, random_state=0), {}, "bad: Its index is not the table's"),
        (
            BAD,
            {"groups": pd.Series(np.arange(1200), index=np.arange(1200)[::-1])},
            "groups: Its index is not the table's",
        ),
        (BAD, {"groups": np.where(np.arange(1200) < 3, np.nan, 1.0)}, "groups: 3 of 1200 rows have none."),
    ],
)
def test_odd_labels_are_refused_in_one_sentence(recipe, labels, more, told) -> None:
    with pytest.raises(InvalidInput) as refused:
        riskscore.train(recipe, PLAIN, bad=labels, **more)
    assert len(refused.value.faults) == 1
    assert str(refused.value).startswith(told)


@pytest.mark.parametrize(
    ("labels", "bad_label", "label"),
    [
        (BAD.astype(float), None, 1.0),
        (BAD.astype(bool), None, True),
        (np.where(BAD, 1, -1), None, 1),
        (np.where(BAD, "bad", "good"), "bad", "bad"),
        (pd.Series(pd.Categorical(np.where(BAD, "malo", "bueno"))), "malo", "malo"),
    ],
)
def test_labels_of_any_two_kinds_give_the_same_model(recipe, labels, bad_label, label) -> None:
    card = replace(recipe, candidates=recipe.candidates[:1])
    plain = riskscore.train(card, PLAIN, bad=BAD)
    run = riskscore.train(card, PLAIN, bad=labels, bad_label=bad_label)
    assert run.winner.bad_ == label
    assert run.evaluation.figures["auc"].value == plain.evaluation.figures["auc"].value > 0.6
    assert (run.winner.explain(PLAIN).pd == plain.winner.explain(PLAIN).pd).all()


def test_a_table_without_rows(recipe) -> None:
    with pytest.raises(InvalidInput, match=r"^table: It has no rows\."):
        riskscore.train(recipe, ROWS[:0], bad="bad")


@pytest.mark.slow
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
