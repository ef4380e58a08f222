"""Traps of choosing a model: random splits, forced directions, odds the wrong way round, vintages still open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from riskscore.catalog import Catalog
from riskscore.dataset import out_of_time, spine
from riskscore.dataset.maturity import with_outcomes
from riskscore.errors import InvalidInput
from riskscore.modelling.directions import against_the_rows, contradictions
from riskscore.modelling.recipe import BoostingCandidate, Recipe, ScorecardCandidate
from riskscore.modelling.rows import columns_of, joined, rows_of
from riskscore.modelling.scale import ScoreScale
from riskscore.modelling.suspects import suspects
from riskscore.modelling.training import train_on
from riskscore.modelling.woe import fit_scorecard
from riskscore.portfolio.outcomes import member_outcomes
from riskscore.simulator import simulate

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def starter():
    return Catalog.from_folder(ROOT / "features").lock()


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("traps") / "portfolio", members=300, seed=8)


def boosted(recipe, **changes):
    """Return the recipe with the trees alone, large enough to learn a bank by heart."""
    (trees,) = (one for one in recipe.candidates if isinstance(one, BoostingCandidate))
    wide = replace(trees, leaves=(15.0, 15.0), rows_per_leaf=(5.0, 5.0), learning_rate=(0.1, 0.1), l2=(1.0, 1.0))
    return replace(recipe, candidates=(wide,), offsets=(), **changes)


@pytest.mark.slow
def test_trap_10_a_random_split_lets_a_bank_teach_about_itself(recipe, lock, rows, tmp_path):
    # What becomes of a loan hangs on its bank and a little on her, and one column tells the bank by a number that means
    # nothing.
    banks = {f"B{number:02d}": number for number in range(60)}
    draw = np.random.default_rng(3)
    level, number = draw.normal(-2.0, 1.5, 60), draw.permutation(60).astype(float)
    of = np.array([banks[name] for name in rows.frame["cluster"]])
    late = rows.frame["worst_delay"].fill_null(5.0).to_numpy()
    bad = (draw.random(len(rows)) < 1 / (1 + np.exp(-level[of] - 0.08 * (late - 5)))).astype(int)
    known = replace(
        rows,
        frame=rows.frame.with_columns(
            cycles=pl.Series(number[of]),
            bad=pl.Series(bad),
            label=pl.Series(np.where(bad == 1, "bad", "good")),
        ),
    )
    run = train_on(boosted(recipe), lock, known, data_date="2024-06-30", seed=1, folder=tmp_path)
    told = run.findings.optimism.tests
    split = out_of_time(known, test_share=0.3, held_out_groups=0.2, seed=1)

    # The same test rows for both figures, and no test group of the honest one ever trained.
    assert (told["later"].rows, told["other_groups"].rows) == (
        len(split.same_groups) + len(split.other_groups),
        len(split.other_groups),
    )
    assert not set(split.train.clusters) & set(split.other_groups.clusters)
    assert told["other_groups"].random > 0.65
    assert told["other_groups"].honest < 0.55
    assert told["other_groups"].optimism.value > 0.10
    assert told["other_groups"].optimism.low > 0.0
    assert f"{told['other_groups'].random:.3f} by a random split" in run.winner.card


@pytest.mark.slow
def test_trap_10_an_auc_above_ninety_is_an_alarm_that_names_the_column(recipe, lock, rows, tmp_path):
    calls = rows.bad * 5 + np.random.default_rng(0).normal(0, 0.5, len(rows))
    leaky = replace(rows, frame=rows.frame.with_columns(shock=pl.Series(calls)))
    columns = columns_of(recipe, lock)
    split = out_of_time(leaky, test_share=0.3, held_out_groups=0.2, seed=1)
    later = joined(
        *(rows_of(part, columns.names, recipe.first_cycle) for part in (split.same_groups, split.other_groups))
    )
    assert [one.name for one in suspects(columns, later)] == ["shock"]
    quick = replace(recipe, candidates=recipe.candidates[:1])
    run = train_on(quick, lock, leaky, data_date="2024-06-30", seed=1, folder=tmp_path)
    (alarm,) = (gate for gate in run.gates if gate.name == "leakage")
    assert not run.passed
    assert not alarm.passed
    assert "`shock` alone 1.000" in alarm.words
    assert "--leaks" in alarm.remedy


def test_trap_12_ties_cycles_and_size_have_no_forced_direction(starter):
    recipe = Recipe.load(ROOT / "training" / "member_default.toml")
    assert {"cycles_completed", "bank_size", "bank_sector_concentration"} <= set(recipe.features.free)
    assert {name: starter.feature(name).risk for name in recipe.features.free} == dict.fromkeys(
        recipe.features.free, "free"
    )
    # No feature of the starter measures kinship or likeness of members under another name.
    assert not [one.name for one in starter.predictors if "kin" in one.name.split("_") and one.risk != "free"]


def test_trap_12_a_direction_forced_on_them_is_refused_with_the_line(recipe, lock):
    text = recipe.text.replace('free = ["cycles_completed", ', 'free = ["shock", "cycles", ')
    with pytest.raises(InvalidInput) as told:
        columns_of(Recipe.parse(text, where="r.toml"), lock)
    (fault,) = told.value.faults  # "cycles" is free, and so no fault
    line = text.splitlines().index(next(one for one in text.splitlines() if one.startswith("free = "))) + 1
    assert fault.where == f"r.toml:{line}: features.free"
    assert fault.what == "'shock' is declared risk='rises', and nothing gives it a direction."


def test_trap_13_lenders_raise_her_risk_and_an_areas_supply_may_lower_it(starter):
    assert starter.feature("bureau_lenders").risk == "rises"
    assert starter.feature("region_penetration").risk == "free"
    draw = np.random.default_rng(2)
    lenders, supply = draw.poisson(1.0, 8_000).astype(float), draw.random(8_000)
    bad = (draw.random(8_000) < 1 / (1 + np.exp(2.2 - 0.5 * lenders + 1.5 * supply))).astype(float)
    fit = fit_scorecard(
        np.column_stack([lenders, supply]),
        bad,
        ("lenders", "supply"),
        {"lenders": "rises", "supply": "free"},
        ScorecardCandidate(6, 0.005, 3.0),
    )
    rising, falling = (one.beta * np.asarray(one.woe) for one in fit.scorecard.bins)
    assert (np.diff(rising) > 0).all()
    assert falling[0] > falling[-1]
    assert contradictions(fit.scorecard, {"lenders": "rises", "supply": "free"}) == ()


def test_trap_13_rows_that_run_against_a_declaration_are_told(recipe, lock, rows):
    columns = columns_of(recipe, lock)
    arrays = rows_of(rows, columns.names, recipe.first_cycle)
    assert against_the_rows(columns, arrays) == ()
    turned = replace(columns, risks={**columns.risks, "worst_delay": "falls"})
    (said,) = against_the_rows(turned, arrays)
    assert said.startswith(
        "`worst_delay`: risk is declared to fall with it, and in the training rows it does the opposite"
    )


def test_trap_15_odds_are_good_to_bad_and_coefficients_negative(run):
    scale = ScoreScale()
    assert scale.of_pd(1 / 51) == pytest.approx(600.0, abs=5e-4)  # 50 good to 1 bad
    assert scale.of_pd(0.05) == pytest.approx(572.081, abs=5e-4)  # and not 600, as with 1 bad to 19 good
    (scorecard,) = (one.developed.model.margin for one in run.candidates if one.kind == "woe_scorecard")
    assert all(one.beta <= 0 for one in scorecard.bins)
    risks = {name: run.lock.feature(name).risk for name in scorecard.features}
    assert contradictions(scorecard, risks) == ()


def test_trap_15_a_scorecard_the_wrong_way_round_is_refused_by_name(run):
    (scorecard,) = (one.developed.model.margin for one in run.candidates if one.kind == "woe_scorecard")
    risks = {name: run.lock.feature(name).risk for name in scorecard.features}
    place = scorecard.features.index("worst_delay")
    one = scorecard.bins[place]

    def with_bins(changed):
        return replace(scorecard, bins=(*scorecard.bins[:place], changed, *scorecard.bins[place + 1 :]))

    (said,) = contradictions(with_bins(replace(one, beta=-one.beta)), risks)
    assert said == f"`worst_delay` has the coefficient {-one.beta:+.3f}: above 0 it turns its own bins round."
    (said,) = contradictions(with_bins(replace(one, woe=one.woe[::-1])), risks)
    assert said.startswith("`worst_delay`: risk is declared to rise with it and does not at ")


def test_trap_24_a_loan_that_may_still_turn_bad_is_neither_good_nor_bad(portfolio):
    asked = spine(portfolio)
    labelled = with_outcomes(asked, member_outcomes(portfolio), portfolio)
    end = portfolio.moment(None)
    runs_on = pl.col("as_of") + pl.duration(days=pl.col("term_days") + 30) > end
    open_still = asked.filter(runs_on)
    assert open_still.height > 20
    assert labelled.filter(runs_on).is_empty()
    assert labelled["final_at"].max() <= end
    # The share labelled falls to nothing in the latest months, and no vintage there is called good for want of bads.
    latest = asked.filter(pl.col("as_of") > end - timedelta(days=90))
    assert latest.height > 20
    assert not set(latest["application_id"]) & set(labelled["application_id"])


def test_trap_24_the_window_is_the_loans_own_and_not_twelve_months(portfolio):
    labelled = with_outcomes(spine(portfolio), member_outcomes(portfolio), portfolio)
    short = labelled.filter(pl.col("term_days") <= 125).with_columns(
        days=(pl.col("final_at") - pl.col("as_of")).dt.total_days()
    )
    assert short.height > 100
    # Final after maturity and 30 days more, within the 275 days of a village bank's loan: no year is waited for.
    assert (short["days"] >= short["term_days"] + 29).all()
    assert short["days"].max() <= 275
    end = portfolio.moment(None)
    young = short.filter(pl.col("as_of") > end - timedelta(days=364))
    assert young.height > 20


def test_trap_24_training_waits_for_its_outcomes(recipe, lock, rows):
    split = out_of_time(rows, test_share=0.3, held_out_groups=0.2, seed=1)
    assert split.train.final_at.max() < np.datetime64(split.first_test)
    assert split.embargoed > 0
