"""What a recipe or a portfolio cannot give gets one clear error with the line of the recipe, and nothing is written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from riskscore.errors import InvalidInput, Refused
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.rows import columns_of, known_outcome
from riskscore.modelling.training import train_on


def line_of(text: str, beginning: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if line.startswith(beginning))


def refused(recipe, lock, rows, tmp_path):
    with pytest.raises(Refused) as told:
        train_on(recipe, lock, rows, data_date="2024-06-30", folder=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    return [(fault.where, fault.what) for fault in told.value.faults]


@pytest.mark.parametrize(
    ("before", "after", "beginning", "where", "remedy"),
    [
        ('"member_internal"', '"member_internl"', "outcome", "outcome", "Did you mean 'member_internal'?"),
        ('"member_internal"', '"weather"', "outcome", "outcome", "Use one of member_internal"),
        ('subject = "member"', 'subject = "group"', "subject", "subject", "Let both speak of the same loans."),
        ('ledger = "internal"', 'ledger = "external"', "ledger", "ledger", "Let both speak of the same loans."),
    ],
)
def test_an_outcome_that_does_not_fit_names_its_line(recipe, before, after, beginning, where, remedy):
    assert before in recipe.text
    text = recipe.text.replace(before, after, 1)
    with pytest.raises(InvalidInput) as told:
        known_outcome(Recipe.parse(text, where="r.toml"))
    (fault,) = told.value.faults
    assert fault.where == f"r.toml:{line_of(text, beginning)}: {where}"
    assert fault.remedy.startswith(remedy)


def test_a_family_and_a_feature_that_do_not_exist(recipe, lock):
    text = recipe.text.replace('"business"]', '"busines"]').replace('free = ["cycles', 'free = ["cycle_noo", "cycles')
    text = text.replace("exclude = []", 'exclude = [\n  "shock",\n  "shok",\n]')
    with pytest.raises(InvalidInput) as told:
        columns_of(Recipe.parse(text, where="r.toml"), lock)
    assert [(fault.where, fault.remedy) for fault in told.value.faults] == [
        (f"r.toml:{line_of(text, 'families')}: features.families", "Did you mean 'business'?"),
        (f"r.toml:{line_of(text, '  ' + chr(34) + 'shok')}: features.exclude", "Did you mean 'shock'?"),
        (f"r.toml:{line_of(text, 'free')}: features.free", "Did you mean 'cycle_no'?"),
    ]


def test_a_gate_that_does_not_exist(recipe):
    text = recipe.text.replace("min_auc = 0.62", "min_ouc = 0.62")
    with pytest.raises(InvalidInput) as told:
        Recipe.parse(text, where="r.toml")
    line = line_of(text, "min_ouc")
    assert (f"r.toml:{line}: gates.min_ouc", "Did you mean 'min_auc'?") in [
        (fault.where, fault.remedy) for fault in told.value.faults
    ]


@pytest.mark.parametrize("label", ["good", "bad"])
def test_one_class_alone(recipe, lock, rows, tmp_path, label):
    code = {"good": 0, "bad": 1}[label]
    alike = replace(rows, frame=rows.frame.with_columns(label=pl.lit(label), bad=pl.lit(code, dtype=pl.Int64)))
    found = refused(recipe, lock, alike, tmp_path)
    line = line_of(recipe.text, "outcome")
    assert found[0] == (
        f"recipe:{line}: outcome: training rows",
        f"is {label} throughout: there is nothing to tell apart.",
    )


def test_fewer_bads_than_the_recipe_asks_for(recipe, lock, rows, tmp_path):
    thin = rows.with_rows((rows.bad == 0) | (np.arange(len(rows)) % 9 == 0))
    ((where, what),) = refused(recipe, lock, thin, tmp_path)
    assert where == f"recipe:{line_of(recipe.text, 'min_bads')}: min_bads: training rows"
    assert what.endswith("the recipe asks for 100.")


def with_columns(rows, **columns):
    return replace(rows, frame=rows.frame.with_columns(**columns))


def test_columns_that_say_nothing_are_taken_out_and_told(recipe, lock, rows, tmp_path):
    quick = replace(recipe, candidates=recipe.candidates[:1])
    gaps = pl.when(pl.int_range(pl.len()) % 3 == 0).then(None).otherwise(4.0)
    dull = with_columns(rows, shock=pl.lit(0.0), peers_cover=pl.lit(None, dtype=pl.Float64), instalment_share=gaps)
    run = train_on(quick, lock, dull, data_date="2024-06-30", folder=tmp_path)
    assert dict(run.findings.useless) == {
        "shock": "it is 0 in every training row",
        "peers_cover": "it is missing in every training row",
        "instalment_share": "wherever it is known among good and bad training rows it is 4",
    }
    assert not set(run.findings.useless) & set(run.winner.developed.model.features)
    assert "- `shock`: it is 0 in every training row." in run.winner.card


def test_where_nothing_is_left_the_families_line_is_named(recipe, lock, rows, tmp_path):
    names = columns_of(recipe, lock).names
    dull = with_columns(rows, **{name: pl.lit(1.0) for name in names})
    text = recipe.text.replace('offsets = ["first_loan"]', "offsets = []")
    ((where, what),) = refused(Recipe.parse(text), lock, dull, tmp_path)
    assert where == f"recipe:{line_of(text, 'families')}: features.families"
    assert what.startswith(f"None of {len(names)} features says anything")
