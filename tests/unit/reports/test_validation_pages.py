"""The pages of a model's version: from a simulated institution and its champion to what people read."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from riskscore.catalog import Catalog
from riskscore.modelling import Recipe, artefact, train
from riskscore.modelling.validation.stability import stability
from riskscore.modelling.validation.validation import validate
from riskscore.project import starter_dir
from riskscore.reports.card import card_markup
from riskscore.reports.stability_page import StabilityPage, stability_report
from riskscore.reports.validation_page import ValidationPage, validation_report
from riskscore.simulator import simulate
from riskscore.words import Format, load_all
from tests.unit.reports.test_portfolio_page import Outline

ROOT = Path(__file__).parents[3]
FOLDER = starter_dir() / "serving" / "reports"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("validation") / "portfolio", members=900, seed=11)


@pytest.fixture(scope="module")
def champion(portfolio, tmp_path_factory):
    """A champion of quick trees: a single trial, and the scorecard to compare with."""
    text = (ROOT / "training" / "member_default.toml").read_text(encoding="utf-8")
    for name, value in {"trials": "1", "trees": "40", "min_bads": "40"}.items():
        text = re.sub(rf"(?m)^{name} = \d+", f"{name} = {value}", text, count=1)
    run = train(
        Recipe.parse(text),
        Catalog.from_folder(ROOT / "features"),
        portfolio,
        folder=tmp_path_factory.mktemp("champion") / "artefacts",
        seed=2,
    )
    trees = next(one for one in run.candidates if one.kind == "lightgbm")
    return artefact.load(trees.folder, version="7")


@pytest.fixture(scope="module")
def validation(champion, portfolio):
    return validate(champion, portfolio, most=3, default_correlation=0.02)


@pytest.fixture(scope="module")
def steady(champion, portfolio):
    return stability(champion, portfolio, drawn=5)


@pytest.fixture(scope="module")
def pages(validation, steady, portfolio):
    manifest = portfolio.manifest
    return {
        (name, language): report(found, manifest, folder=FOLDER, language=language)
        for name, report, found in (
            ("validation", validation_report, validation),
            ("stability", stability_report, steady),
        )
        for language in ("es", "en")
    }


def text(page: str) -> str:
    return re.sub(r"\s+", " ", " ".join(Outline(page).text))


def test_each_is_one_file_that_asks_nobody_and_is_well_formed(pages):
    for (_, language), page in pages.items():
        assert "http" not in page
        assert not re.search(r"<(script|link|img|iframe|object|form)|url\(|@import|javascript:| on\w+=", page)
        assert len(page.encode()) < 300_000
        outline = Outline(page)
        assert outline.open == []
        assert len(outline.ids) == len(set(outline.ids))
        assert f'<html lang="{language}">' in page


def test_no_page_and_no_json_says_nan_or_a_persons_or_banks_id(pages, validation, steady, portfolio):
    written = [*pages.values(), *(json.dumps(one.to_dict(), allow_nan=False) for one in (validation, steady))]
    ids = {*portfolio.table("members")["id"], *portfolio.table("groups")["id"]}
    for told in written:
        assert not re.search(r"\bnan\b|\binf\b|None", told)
        assert not ids & set(re.findall(r"[A-Z]{1,2}\d{3,}", told))


def test_the_verdict_stands_first_and_the_card_last(pages, validation, champion):
    told = text(pages["validation", "en"])
    words = load_all(FOLDER / "words")["en"]
    assert told.index(words(f"validation_use.{validation.verdict.use}")) < told.index("Data and periods")
    assert told.index("What this report cannot say") < told.index("Model card")
    assert "People decide." in told.split("Model card")[1]
    assert "version 7 (trees, lightgbm)" in told
    assert champion.manifest_sha256[:12] in told


def test_figures_of_the_page_are_those_of_the_json(validation, portfolio):
    words = load_all(FOLDER / "words")["es"]
    page = ValidationPage(validation, words, Format("es", "PE", "PEN"))
    found = validation.to_dict()
    area = found["discrimination"]["auc"]
    assert page.order[0] == ("AUC", f"{area['value']:.3f} ({area['low']:.3f} a {area['high']:.3f})")
    ratio = found["later"]["figures"]["observed_expected"]
    assert page.levels.calibration[0][1] == f"{ratio['value']:.2f} ({ratio['low']:.2f} a {ratio['high']:.2f})"
    assert page.levels.tests[0][2] == "10"
    assert [light for light, _, _ in page.levels.grades] == [one["light"] for one in found["grades"]]


def test_parts_are_judged_whole_and_sum_to_all(validation):
    found = validation
    for parts in (*found.segments.values(), found.periods):
        assert sum(one.evaluation.n for one in parts) == found.later.n
    assert sum(one.n for one in found.grades) == found.later.n
    assert "none" in {one.name for one in found.regimes}
    assert set(found.groups) <= {"known", "new"}


def test_what_has_too_few_bads_says_so_and_has_no_figure(validation, pages):
    small = [one for parts in validation.segments.values() for one in parts if one.evaluation.too_few]
    assert small
    assert all(one.observed_expected is None and one.to_dict()["figures"] == {} for one in small)
    assert "muy pocos" in text(pages["validation", "es"])


def test_three_branches_are_left_out_and_learn_nothing_of_their_own(validation):
    (parts,) = validation.left_out.values()
    assert len(parts) == 3
    assert validation.parts_there["branch"] > 3
    for one in parts:
        assert 0 < one.train_n < validation.train["rows"]
        assert math.isnan(one.auc.value) or one.auc.low < one.auc.value < one.auc.high


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", "con sus préstamos del entrenamiento se afinaron los parámetros y se escogieron las variables"),
        ("en", "the settings were tuned and the features kept with its training loans"),
    ],
)
def test_the_page_says_what_had_seen_the_branch_that_is_left_out(pages, language, said):
    assert said in text(pages["validation", language])


def test_a_champion_on_another_portfolio_says_that_it_is_one(champion, tmp_path):
    other = simulate(tmp_path / "recession", members=900, seed=11, scenario="recession")
    found = validate(champion, other, most=1)
    assert not found.same_portfolio
    assert found.groups == {}
    page = text(validation_report(found, other.manifest, folder=FOLDER, language="en"))
    assert "This is not the portfolio the model was trained on." in page
    assert "recession" in {one.name for one in found.regimes}


def test_a_scorecard_is_compared_with_nothing_and_an_old_version_keeps_no_optimism(validation, pages):
    assert validation.gain is not None
    assert "Against the scorecard of the same recipe" in text(pages["validation", "en"])
    if validation.optimism is None:
        assert "was not measured" in text(pages["validation", "en"])


def test_drift_counts_everyone_who_applied_and_settled_loans_are_fewer(steady):
    assert sum(steady.counts) == steady.since
    settled = sum(one.evaluation.n for one in steady.calibration)
    assert 0 < settled < steady.since
    assert len(steady.columns) == len(steady.champion.model.features)
    assert all(len(one.quarters) == len(steady.quarters) for one in steady.columns)
    assert any(season is not None for season in steady.score.season)


def test_refits_tell_a_spread_around_the_champion(steady):
    found = steady.refits
    assert found is not None
    assert found.drawn == 5
    assert found.points > 0.5
    assert -1.0 <= found.agreement <= 1.0
    assert [one.champion for one in found.weights] == sorted((one.champion for one in found.weights), reverse=True)
    assert all(one.low <= one.middle <= one.high for one in found.weights)


def test_the_stability_page_names_features_by_their_titles(steady):
    words = load_all(FOLDER / "words")["es"]
    page = StabilityPage(steady, words, Format("es", "PE", "PEN"))
    titles = {one.title.es for one in steady.champion.lock.predictors}
    assert {row[0] for row in page.features} <= titles
    assert {row[0] for row in page.weights} <= titles
    assert page.vintages
    assert page.lead.startswith(("El puntaje", "Muy pocas"))


def test_a_card_is_text_and_never_markup():
    shown = card_markup("# T\n\n<b>x</b>\n\n| a |\n|---|\n| `1` |\n", 'a "label"')
    assert "<h3>T</h3>" in shown
    assert "&lt;b&gt;" in shown
    assert 'class="wide" role="region" aria-label="a &#34;label&#34;"' in shown
