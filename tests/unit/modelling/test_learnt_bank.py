"""An institution whose banks fail often enough to learn from: both models are fitted, written, read and compared."""

import importlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from riskscore.catalog import Catalog
from riskscore.cli.score_banks import score_banks
from riskscore.modelling import artefact
from riskscore.modelling.communal_bank.training import train_banks
from riskscore.modelling.recipe import Recipe
from riskscore.scoring.communal_bank import outlooks
from riskscore.simulator import simulate
from riskscore.simulator.law import Law

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory):
    folder = tmp_path_factory.mktemp("worse")
    patch = pytest.MonkeyPatch()
    # Nearly every second member falls: no institution lends so for long, and a small one has bads enough so.
    patch.setattr(importlib.import_module("riskscore.simulator.simulate"), "Law", lambda: Law(intercept=-0.7))
    portfolio = simulate(folder / "portfolio", members=1_000, seed=3)
    patch.undo()
    return portfolio


@pytest.fixture(scope="module")
def run(portfolio, tmp_path_factory):
    folder = tmp_path_factory.mktemp("worse_models")
    text = (ROOT / "training" / "group_default.toml").read_text(encoding="utf-8")
    assert text.count("draws = 4000 ") == 1
    assert text.count("min_bads = 50 ") == 1
    recipe = Recipe.parse(text.replace("draws = 4000 ", "draws = 500 ").replace("min_bads = 50 ", "min_bads = 20 "))
    lock = Catalog.from_folder(ROOT / "features").lock()
    return train_banks(recipe, lock, portfolio, seed=0, folder=folder / "models", tell=lambda told: None)


def test_with_bads_enough_a_scorecard_is_learnt_beside_the_structure(run):
    assert run.facts.train_bads >= run.recipe.min_bads
    assert run.dropped == {}
    assert [one.kind for one in run.candidates] == ["structural", "woe_scorecard"]
    learnt = run.candidates[1].developed.model
    assert set(learnt.families.values()) == {"group"}  # of the bank as a whole, never of a member, officer or branch


def test_the_order_of_both_is_judged_and_the_choice_follows_from_gain_and_gates(run):
    for one in run.candidates:
        assert "auc" in [gate.name for gate in one.gates]
    assert not any("never judged" in sentence for sentence in run.findings.unjudged)
    gain, learnt = run.choice.gains["woe_scorecard"], run.candidates[1]
    wins = gain.beyond_noise and learnt.passed
    assert run.choice.kind == ("woe_scorecard" if wins else "structural")
    assert ("woe_scorecard beats" in run.choice.words) == gain.beyond_noise
    assert f"{gain.value:+.4f} AUC" in run.choice.words


def test_both_are_read_again_as_they_were_judged(run):
    for one in run.candidates:
        champion = artefact.load(one.folder, version="1")
        assert champion.model.kind == one.kind
        np.testing.assert_allclose(champion.model.pd(one.later.X), one.developed.model.pd(one.later.X), atol=1e-12)
        assert [gate["name"] for gate in champion.metrics["gates"]] == [gate.name for gate in one.gates]
        assert run.choice.words in one.card


def test_the_card_of_a_learnt_loser_says_why_no_random_split_was_drawn(run):
    learnt = run.candidates[1].card
    if run.choice.kind == "structural":
        assert "cannot be told: the structural model was chosen" in learnt
    assert "cannot be told: too few bads" not in learnt


def test_the_learnt_one_carries_the_structure_of_its_run_and_has_an_outlook_at_its_own_pd(run, portfolio):
    structural, learnt = (artefact.load(one.folder, version="1") for one in run.candidates)
    assert structural.structure is None
    assert learnt.structure.to_json() == structural.model.margin.to_json()
    assert "## Outlook" in learnt.card
    moment = portfolio.moment("2025-06-15")
    of_structure = {one.bank_id: one for one in outlooks(structural, portfolio, moment)}
    of_learnt = {one.bank_id: one for one in outlooks(learnt, portfolio, moment)}
    assert set(of_learnt) == set(of_structure)
    told = [one for one in of_learnt.values() if one.waterfall is not None]
    assert len(told) > 0.8 * len(of_learnt)
    for one in told:
        other = of_structure[one.bank_id]
        assert (one.pd_from, other.pd_from) == ("woe_scorecard", "structural")
        # Who falls, and what the worlds come to by themselves, is the structure's; the loss goes with the PD.
        assert (one.in_arrears, one.structural_pd, one.cover) == (other.in_arrears, other.structural_pd, other.cover)
        assert one.expected_loss * other.pd == pytest.approx(other.expected_loss * one.pd)
        assert one.pd <= one.at_least(1)
    assert len({one.pd for one in told}) > 3
    assert max(abs(one.pd - of_structure[one.bank_id].pd) for one in told) > 0.01


def test_the_command_writes_the_learnt_pd_and_says_where_the_outlook_comes_from(run, portfolio, tmp_path, capsys):
    learnt, out = artefact.load(run.candidates[1].folder, version="1"), tmp_path / "banks.parquet"
    score_banks(learnt, portfolio, portfolio.moment("2025-06-15"), out)
    found = pl.read_parquet(out)
    assert found["bank_id"].is_unique().all()
    assert found["pd_from"].unique().to_list() == ["woe_scorecard"]
    told = found.filter(pl.col("expected_loss").is_not_null())
    assert (told["expected_loss"] == told["by_lender"]).all()
    assert "Falls, cover and loss come from the structure" in " ".join(capsys.readouterr().out.split())
