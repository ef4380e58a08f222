"""Validation and register of kinds that no rows alone make: an expert's judgement, a structure of joint liability."""

from __future__ import annotations

import json
import re

import jsonschema_rs
import numpy as np
import pytest

from riskscore.dataset import TrainingSet
from riskscore.errors import InvalidInput, Refused
from riskscore.modelling import Recipe, artefact, train
from riskscore.modelling.judging import judging
from riskscore.modelling.kinds import KINDS
from riskscore.modelling.refitting import refit_of
from riskscore.modelling.validation.validation import validate
from riskscore.portfolio.maturity_rule import BankRule, ProducerRule
from riskscore.project import Project, starter_dir
from riskscore.reports.register_page import register_page
from riskscore.reports.validation_page import validation_report
from riskscore.scoring.past_requests import about_repayment
from riskscore.scoring.register import RegisterWords, register
from riskscore.service.openapi import document
from riskscore.service.openapi.register import EXAMPLE
from riskscore.simulator import simulate
from tests.unit.reports.test_portfolio_page import Outline

ROOT = starter_dir()
FOLDER = ROOT / "serving" / "reports"

pytestmark = pytest.mark.slow

#: What is made quicker, or small enough for a small institution, in each recipe; and days that are not the standing
#: ones, which every label must be made by.
QUICK = {
    "producer_default": {"days_after_maturity": "60"},
    "group_default": {"draws": "600", "min_bads": "40", "days_after_maturity": "45"},
}


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("kinds") / "portfolio", members=700, seed=4)


@pytest.fixture(scope="module", params=list(QUICK))
def trained(request, portfolio, tmp_path_factory):
    text = (ROOT / "training" / f"{request.param}.toml").read_text(encoding="utf-8")
    for name, value in QUICK[request.param].items():
        text = re.sub(rf"(?m)^{name} = \d+", f"{name} = {value}", text)
    project = Project.open(ROOT)
    return train(Recipe.parse(text), project.catalog(), portfolio, folder=tmp_path_factory.mktemp("run"), seed=3)


@pytest.fixture(scope="module")
def champion(trained):
    return artefact.load(trained.folder, version="3")


@pytest.fixture(scope="module")
def judged(champion, portfolio):
    return judging(champion, portfolio)


@pytest.fixture(scope="module")
def validation(champion, portfolio):
    return validate(champion, portfolio)


def text(page: str) -> str:
    return re.sub(r"\s+", " ", " ".join(Outline(page).text))


def test_the_rows_that_judge_are_those_of_training_and_so_are_their_columns_and_pds(trained, judged):
    run = trained.winner
    later, evaluation = judged.later_rows, run.evaluations["later"]
    assert sorted(later.y) == sorted(run.later.y)
    assert sorted(map(tuple, np.nan_to_num(later.X, nan=-1.0))) == sorted(
        map(tuple, np.nan_to_num(run.later.X, nan=-1.0))
    )
    assert later.cycle.tolist().count("first") == run.later.cycle.tolist().count("first")
    assert judged.pd.mean() == pytest.approx(evaluation.mean_pd, abs=1e-9)


def test_an_answer_of_the_day_is_not_the_belief_that_learnt_from_it(champion, judged):
    own = champion.model.pd(judged.later_rows.X)
    if KINDS[champion.model.kind].of_the_day:
        assert np.abs(own - judged.pd).max() > 1e-3
    else:
        assert own == pytest.approx(judged.pd)


def test_nothing_is_fitted_again_and_the_page_says_what_to_read_instead(champion, validation, portfolio):
    with pytest.raises(Refused, match="not fitted again"):
        refit_of(champion)
    assert validation.left_out == {}
    assert validation.gain is None
    page = validation_report(validation, portfolio.manifest, folder=FOLDER, language="en")
    assert "Read instead what it rests on" in text(page)


def test_every_number_has_its_interval_or_says_that_it_is_assumed(champion, validation):
    grounds = validation.grounds
    assert grounds is not None
    assert any(one.after.low < one.after.value < one.after.high for one in grounds.parameters)
    assert grounds.assumed
    assert not any(one.verified for one in grounds.assumed)
    if champion.model.kind == "expert_prior":
        base = grounds.parameters[0]
        assert base.before.low < base.before.value < base.before.high
        assert {"conflict_p", "worth_cases", "foretold"} <= set(grounds.settings)
        assert set(validation.answers) == {
            "interval_low",
            "interval_high",
            "interval_width",
            "effective_n",
            "prior_share",
        }
        assert 0 < validation.answers["prior_share"].low <= validation.answers["prior_share"].high <= 1
    else:
        names = {one.name for one in grounds.parameters}
        assert {"correlation_in_group", "share_in_group", "infection", "severity", "external_level"} <= names
        assert {one.name for one in grounds.assumed} >= {"cap", "willingness", "fund_share"}
        assert all(one.source for one in grounds.assumed)


def test_outcomes_are_told_by_the_recipes_figures_in_training_and_after(trained, champion, judged, portfolio):
    rule = champion.recipe.rule
    assert rule in (ProducerRule(days_after_maturity=60), BankRule(days_after_maturity=45))
    rows = TrainingSet.build(portfolio, champion.lock, champion.recipe.outcome, rule)
    assert trained.facts.fingerprint == rows.fingerprint
    assert judged.later.rule == rule
    assert f"| maturity rule | days after maturity {rule.days_after_maturity}, days late 31, " in champion.card


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_pages_are_whole_in_both_languages_and_name_nobody(validation, champion, portfolio, language):
    words = RegisterWords.load(ROOT / "serving" / "register.toml")
    entry = register(champion, Project.open(ROOT).policy(), words, language)
    pages = [
        validation_report(validation, portfolio.manifest, folder=FOLDER, language=language),
        register_page(entry, country="PE", currency="", folder=FOLDER),
    ]
    ids = {*portfolio.table("members")["id"], *portfolio.table("groups")["id"]}
    heading = {"es": "En qué descansa además de sus filas", "en": "What it rests on beside its rows"}[language]
    for page in pages:
        outline = Outline(page)
        assert outline.open == []
        assert len(outline.ids) == len(set(outline.ids))
        assert not re.search(r"\bnan\b|\binf\b|None", page)
        assert not ids & set(re.findall(r"[A-Z]{1,2}\d{3,}", page))
        assert heading in text(page)
    written = json.dumps([validation.to_dict(), entry], allow_nan=False)
    assert not ids & set(re.findall(r"[A-Z]{1,2}\d{3,}", written))


def test_a_register_tells_what_stands_behind_a_column_that_the_lock_does_not_hold(champion):
    words = RegisterWords.load(ROOT / "serving" / "register.toml")
    entry = register(champion, Project.open(ROOT).policy(), words, "en")
    schema = {"$ref": "#/components/schemas/Register", "components": document()["components"]}  # what the service says
    jsonschema_rs.validate(schema, {"language": "en", "systems": [entry]})
    (example,) = EXAMPLE["systems"]
    assert entry.keys() == example.keys()
    assert all(entry[name].keys() == example[name].keys() for name in ("system", "logic", "versions"))
    named = [one["name"] for one in entry["logic"]["features"]]
    assert set(champion.model.features) <= set(named)
    assert all(one["title"] for one in entry["logic"]["features"])
    assert entry["logic"]["policy"] == []
    if champion.model.kind == "structural":
        assert set(champion.model.margin.member.features) < set(named)


def test_the_policy_answers_no_such_champion_and_says_what_to_read(champion):
    with pytest.raises(InvalidInput) as error:
        about_repayment(champion)
    assert f"report validation {champion.recipe.name}" in error.value.faults[0].remedy
