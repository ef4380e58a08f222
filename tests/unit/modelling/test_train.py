"""From a simulated institution's folder to a registered champion, with the starter's features and recipe."""

import re
from pathlib import Path

import numpy as np
import pytest

from riskscore.catalog import Catalog
from riskscore.dataset import TrainingSet
from riskscore.errors import InvalidInput
from riskscore.modelling import Recipe, Registry, artefact, train
from riskscore.modelling.judging import judging
from riskscore.portfolio.maturity_rule import MemberRule
from riskscore.simulator import simulate

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_a_portfolio_becomes_a_champion(tmp_path):
    portfolio = simulate(tmp_path / "portfolio", members=700, seed=11)
    catalog = Catalog.from_folder(ROOT / "features")
    text = (ROOT / "training" / "member_default.toml").read_text(encoding="utf-8")
    text = text.replace("trials = 12", "trials = 1").replace("min_bads = 100", "min_bads = 40")
    recipe = Recipe.parse(text.replace("days_late = 15", "days_late = 20"))
    registry, told = Registry(f"sqlite:///{tmp_path / 'mlflow.db'}"), []

    run = train(
        recipe, catalog, portfolio, tracking=registry, seed=2, folder=tmp_path / "artefacts", progress=told.append
    )

    assert told[0] == "features and outcomes"
    assert told[-1] == "registry"
    assert run.version == "1"
    assert run.facts.content_hash == portfolio.manifest.content_hash
    assert run.facts.lock_sha256 == catalog.lock().sha256
    registry.promote(
        recipe.name, run.version, force=True, reason="Seven hundred members are a test, not an institution."
    )
    version, folder = registry.champion(recipe.name)
    champion = artefact.load(folder, version=version)
    rows = TrainingSet.build(portfolio, champion.lock, "member_internal", MemberRule(days_late=20))
    # The labels are by the recipe's figures, in training as in what judges the champion later, and the card says so.
    assert champion.metrics["data"]["fingerprint"] == rows.fingerprint
    assert "| maturity rule | days after maturity 30, days late 20, covered instalments 2 |" in champion.card
    later = judging(champion, portfolio).later
    assert later.rule == MemberRule(days_late=20)
    assert later.frame.select("application_id", "label", "final_at").equals(
        rows.frame.join(later.frame, on="application_id", how="semi").select("application_id", "label", "final_at")
    )
    by_fifteen = TrainingSet.build(portfolio, champion.lock)
    assert by_fifteen.bad.sum() > rows.bad.sum()
    X = rows.frame.select(champion.model.features).fill_null(np.nan).to_numpy()
    told = champion.model.explain(X)
    np.testing.assert_allclose(told.base + told.phi.sum(axis=1), champion.model.log_odds(X), rtol=0, atol=1e-9)
    neighbours = [n for n, name in enumerate(told.features) if champion.model.families[name] == "group"]
    points = champion.model.scale.factor * told.phi[:, neighbours].sum(axis=1)
    assert np.abs(points).max() <= 20.0 + 1e-9
    assert told.pd[rows.bad == 1].mean() > 1.3 * told.pd[rows.bad == 0].mean()


def test_the_starters_recipe_fits_the_starters_features():
    from riskscore.modelling.rows import columns_of

    recipe = Recipe.load(ROOT / "training" / "member_default.toml")
    lock = Catalog.from_folder(ROOT / "features").lock()
    columns = columns_of(recipe, lock)
    assert len(columns.names) >= 20
    assert set(columns.families.values()) == set(recipe.features.families)
    protected = {one.name for one in lock.features if one.protected or one.fact}
    assert not protected & set(columns.names)


def test_no_member_answers_for_the_officer_or_the_branch():
    from riskscore.modelling.rows import columns_of

    lock = Catalog.from_folder(ROOT / "features").lock()
    text = (ROOT / "training" / "member_default.toml").read_text(encoding="utf-8")
    named = text.replace('families = ["repayment", ', 'families = ["staff", "repayment", ')
    with pytest.raises(InvalidInput) as told:
        columns_of(Recipe.parse(named), lock)
    assert [(fault.where, fault.what) for fault in told.value.faults] == [
        (
            "recipe:34: features.families",
            "'staff' tells of the officer or the branch, whom a member did not choose.",
        )
    ]


def test_a_feature_of_the_officer_is_refused_under_any_name_and_may_be_left_out(tmp_path):
    from riskscore.modelling.rows import columns_of

    declared = (
        "from riskscore.catalog import *\n"
        'Own = Source("own", table="savings", keys={"member": "member_id"})\n'
        'Theirs = Source("theirs", table="officers", keys={"officer": "id"})\n'
        'class Own_(FeatureSet, source=Own, family="repayment"):\n'
        '    cycle_no = Feature("count(*)", window=ever(), fact=True)\n'
        '    saved = Feature("sum(amount)", window=ever())\n'
        '    first_loan = Feature("count(*)", window=ever())\n'
        'class Help(FeatureSet, source=Theirs, subject="officer", family="support"):\n'
        '    officers = Feature("count(*)", window=ever())\n'
    )
    (tmp_path / "declared.py").write_text(declared, encoding="utf-8")
    lock = Catalog.from_folder(tmp_path).lock()
    text = (ROOT / "training" / "member_default.toml").read_text(encoding="utf-8")
    text = re.sub(r"families = .*", 'families = ["repayment", "support"]', text)
    text = text.replace("[caps]\ngroup = 20 ", "[caps]\nsupport = 20 ")
    named = re.sub(r"exclude = \[[^]]*\]", "exclude = []", text)
    with pytest.raises(InvalidInput, match="'support' tells of the officer"):
        columns_of(Recipe.parse(named), lock)
    left_out = re.sub(r"exclude = \[[^]]*\]", 'exclude = ["officers"]', text)
    assert columns_of(Recipe.parse(left_out), lock).names == ("saved", "first_loan")
