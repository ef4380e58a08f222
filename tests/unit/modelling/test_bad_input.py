"""What a recipe or a portfolio cannot give gets one clear error with the line of the recipe, and nothing is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from riskscore.catalog import Catalog
from riskscore.errors import Fault, InvalidInput, Refused
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.rows import columns_of, known_outcome
from riskscore.modelling.training import train, train_on
from riskscore.portfolio import Portfolio, write_portfolio

ROOT = Path(__file__).parents[3]

#: Of the lock that these tests train with.
FAMILIES = "business, capacity, group, repayment"


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
        (
            f"r.toml:{line_of(text, 'families')}: features.families",
            f"Did you mean 'business'? The families are {FAMILIES}; a new one is declared in features/.",
        ),
        (f"r.toml:{line_of(text, '  ' + chr(34) + 'shok')}: features.exclude", "Did you mean 'shock'?"),
        (f"r.toml:{line_of(text, 'free')}: features.free", "Did you mean 'cycle_no'?"),
    ]


def test_a_misspelt_family_that_is_capped_is_told_once_and_as_a_family(recipe, lock):
    text = recipe.text.replace('"group", "capacity"', '"grop", "capacity"')
    assert text != recipe.text
    with pytest.raises(InvalidInput) as told:
        columns_of(Recipe.parse(text, where="r.toml"), lock)
    (fault,) = (one for one in told.value.faults if "families" in one.where or "caps" in one.where)
    assert fault.where == f"r.toml:{line_of(text, 'families')}: features.families"
    assert fault.what == "The lock has no predictor of the family 'grop'."
    assert fault.remedy == f"Did you mean 'group'? The families are {FAMILIES}; a new one is declared in features/."


@pytest.mark.parametrize(
    ("name", "remedy"), [("groupe", "Did you mean 'group'?"), ("neighbours", "Add it there, or drop it.")]
)
def test_a_cap_of_a_family_that_does_not_enter(recipe, lock, name, remedy):
    text = recipe.text.replace("\ngroup = 20 ", f"\n{name} = 20 ")
    with pytest.raises(InvalidInput) as told:
        columns_of(Recipe.parse(text, where="r.toml"), lock)
    assert [(fault.where, fault.what, fault.remedy) for fault in told.value.faults] == [
        (f"r.toml:{line_of(text, name)}: caps.{name}", f"The family {name!r} is not in features.families.", remedy)
    ]


@pytest.mark.parametrize(
    ("file", "before", "after", "beginning", "place", "meant"),
    [
        ("producer_default", '["organisation"]', '["organisaton"]', "families", "features.families", "organisation"),
        (
            "group_default",
            '["repayment", "capacity", "business"]',
            '["repayment", "capcity", "business"]',
            'families = ["repayment"',
            "liability.members.families",
            "capacity",
        ),
    ],
)
def test_a_misspelt_family_of_the_other_recipes(file, before, after, beginning, place, meant, tmp_path):
    text = (ROOT / "training" / f"{file}.toml").read_text(encoding="utf-8").replace(before, after)
    lock = Catalog.from_folder(ROOT / "features").lock()
    with pytest.raises(InvalidInput) as told:
        train(Recipe.parse(text, where="r.toml"), lock, bare(tmp_path / "portfolio"), folder=tmp_path / "out")
    (fault,) = (one for one in told.value.faults if "families" in one.where)
    assert fault.where == f"r.toml:{line_of(text, beginning)}: {place}"
    assert fault.remedy.startswith(f"Did you mean {meant!r}? The families are bureau, business, ")


def bare(folder: Path, **frames: pl.DataFrame) -> Portfolio:
    """Write a portfolio of a few rows."""
    return write_portfolio(
        folder, frames, currency="PEN", country="PE", time_zone="America/Lima", data_date=date(2025, 12, 31)
    )


def test_tables_that_rows_point_at_and_that_are_not_there(recipe, lock, tmp_path):
    at = datetime(2025, 1, 1)
    rows = pl.DataFrame(
        {"id": ["S1"], "event_at": [at], "known_at": [at], "group_id": ["G1"], "member_id": ["M1"], "valid_from": [at]}
    ).with_columns(pl.col("valid_from").cast(pl.Date))
    with pytest.raises(InvalidInput) as told:
        train(recipe, lock, bare(tmp_path / "portfolio", memberships=rows), folder=tmp_path / "out")
    remedy = "Bring this table into the portfolio; `riskscore check` looks at every reference."
    assert sorted(told.value.faults) == [
        Fault("groups", "It has no rows, and memberships.group_id points at them.", remedy),
        Fault("members", "It has no rows, and memberships.member_id points at them.", remedy),
    ]
    assert not (tmp_path / "out").exists()


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


@pytest.mark.slow
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
