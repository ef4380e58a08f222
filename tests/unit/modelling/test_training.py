"""Training on an invented institution: what is chosen, what is written, what is refused."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from riskscore.dataset import out_of_time
from riskscore.errors import InvalidInput, Refused
from riskscore.modelling import artefact
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.rows import columns_of, rows_of
from riskscore.modelling.training import train_on


def test_a_run_evaluates_both_candidates_and_writes_the_winner(run):
    assert [one.kind for one in run.candidates] == ["woe_scorecard", "lightgbm"]
    assert run.passed, [gate.words for gate in run.gates if not gate.passed]
    assert set(run.winner.evaluations) == {"later", "same_groups", "other_groups"}
    assert 0.64 < run.winner.evaluations["later"]["auc"] < 0.80
    assert artefact.load(run.folder).model.kind == run.choice.kind


def test_the_test_rows_lie_after_and_apart(run, rows, recipe):
    split = out_of_time(rows, test_share=0.3, held_out_groups=0.2, seed=1)
    assert run.facts.first_test == split.first_test
    assert split.train.final_at.max() < np.datetime64(split.first_test)
    assert not set(split.train.clusters) & set(split.other_groups.clusters)
    assert run.facts.train_rows == len(split.train)
    assert run.facts.embargoed == split.embargoed > 0


def test_indeterminates_leave_the_fit_and_count_as_not_bad(run, rows, recipe, lock):
    split = out_of_time(rows, test_share=0.3, held_out_groups=0.2, seed=1)
    arrays = rows_of(split.train, columns_of(recipe, lock).names, recipe.first_cycle)
    unclear = (split.train.frame["label"] == "indeterminate").to_numpy()
    assert (arrays.decided == ~unclear).all()
    assert not arrays.y[unclear].any()
    assert run.facts.train_indeterminate == unclear.sum() > 0
    counted = sum(run.candidates[0].developed.model.margin.bins[0].good)
    assert counted == (split.train.frame["label"] == "good").sum()


def test_first_cycles_are_those_without_an_earlier_one(rows, recipe, lock):
    arrays = rows_of(rows, columns_of(recipe, lock).names, recipe.first_cycle)
    assert ((arrays.cycle == "first") == rows.frame["cycle_no"].is_null().to_numpy()).all()
    assert set(arrays.cycle) == {"first", "repeat"}


def test_the_card_says_what_it_is_for_and_who_decides(run):
    card = run.winner.card
    for said in (
        "**People decide.**",
        "rises with it",
        "falls with it",
        "at most 20 points",
        "Other groups, later",
        "calibration slope",
        "over-indebtedness is measured apart",
        run.lock.sha256[:12],
    ):
        assert said in card
    assert run.choice.words in run.report


@pytest.mark.slow
def test_the_same_seed_gives_the_same_artefacts(run, recipe, lock, rows, tmp_path):
    again = train_on(recipe, lock, rows, data_date="2024-06-30", seed=1, folder=tmp_path)
    for one, two in zip(run.candidates, again.candidates, strict=True):
        assert artefact.audit(one.folder).manifest_sha256 == artefact.audit(two.folder).manifest_sha256


def test_protected_columns_and_facts_never_enter(run, lock):
    assert "cycle_no" not in run.winner.developed.model.features
    assert all(name in {one.name for one in lock.predictors} for name in run.winner.developed.model.features)


@pytest.mark.slow
def test_a_weak_portfolio_fails_its_gates_and_says_so(recipe, lock, weak_rows, tmp_path):
    lax = replace(recipe, min_bads=20, gates=replace(recipe.gates, min_bads=20))
    weak = train_on(lax, lock, weak_rows, data_date="2024-06-30", seed=1, folder=tmp_path)
    assert not weak.passed
    assert "auc" in [gate.name for gate in weak.gates if not gate.passed]


def test_too_few_bads_are_refused_with_the_number(recipe, lock, rows, tmp_path):
    thin = rows.with_rows((rows.bad == 0) | (np.arange(len(rows)) % 9 == 0))
    with pytest.raises(Refused, match="the recipe asks for 100"):
        train_on(recipe, lock, thin, data_date="2024-06-30", folder=tmp_path)


@pytest.mark.slow
def test_a_leak_sets_off_the_alarm(recipe, lock, rows, tmp_path):
    draw = np.random.default_rng(0)
    calls = rows.bad * 5 + draw.normal(0, 0.5, len(rows))
    leaky = replace(rows, frame=rows.frame.with_columns(shock=pl.Series(calls)))
    found = train_on(recipe, lock, leaky, data_date="2024-06-30", seed=1, folder=tmp_path)
    assert not found.passed
    for candidate in found.candidates:
        assert "leakage" in [gate.name for gate in candidate.gates if not gate.passed]


def with_first_loan(rows, value):
    first = pl.col("first_loan")
    return replace(
        rows, frame=rows.frame.with_columns(pl.when(first == 1.0).then(value).otherwise(first).alias("first_loan"))
    )


def test_an_offset_belongs_to_a_feature_of_zeros_and_ones(recipe, lock, rows, tmp_path):
    with pytest.raises(InvalidInput) as told:
        train_on(recipe, lock, with_first_loan(rows, 2.0), data_date="2024-06-30", folder=tmp_path)
    assert [fault.what for fault in told.value.faults] == ["'first_loan' has values other than 0 and 1."]


def test_an_offset_needs_a_feature_that_varies(recipe, lock, rows, tmp_path):
    with pytest.raises(Refused) as told:
        train_on(recipe, lock, with_first_loan(rows, None), data_date="2024-06-30", folder=tmp_path)
    (fault,) = told.value.faults
    assert fault.where.endswith(": calibration.offsets")
    assert fault.what == (
        "'first_loan' cannot have a level: wherever it is known among good and bad training rows it is 0."
    )


def test_a_recipe_that_does_not_fit_the_lock_is_told_whole(recipe, lock):
    text = (
        recipe.text.replace('"business"]', '"weather"]')
        .replace("exclude = []", 'exclude = ["horoscope"]')
        .replace('first_cycle = "cycle_no"', 'first_cycle = "cycle"')
    )
    with pytest.raises(InvalidInput) as told:
        columns_of(Recipe.parse(text), lock)
    assert [fault.what.split("'")[1] for fault in told.value.faults] == ["weather", "horoscope", "cycle"]


def test_importing_the_room_loads_none_of_the_heavy_libraries():
    code = """
import sys
import riskscore.modelling
from riskscore.modelling import CalibratedModel, Champion, Recipe, Registry, train
heavy = {"mlflow", "optbinning", "optuna", "lightgbm", "sklearn", "pandas", "matplotlib"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True)
