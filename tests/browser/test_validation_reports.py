"""The pages of a model's version in a real browser: small screens, large ones, paper."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from pypdf import PdfReader

from riskscore.catalog import Catalog
from riskscore.modelling import Recipe, artefact, train
from riskscore.modelling.validation.stability import stability
from riskscore.modelling.validation.validation import validate
from riskscore.project import starter_dir
from riskscore.reports import write_page
from riskscore.reports.stability_page import stability_report
from riskscore.reports.validation_page import validation_report
from riskscore.simulator import simulate

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
ROOT = starter_dir()


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[tuple[str, str], Path]:
    folder = tmp_path_factory.mktemp("reports")
    portfolio = simulate(folder / "portfolio", members=900, seed=11, scenario="recession")
    text = (ROOT / "training" / "member_default.toml").read_text(encoding="utf-8")
    for name, value in {"trials": "1", "trees": "40", "min_bads": "40"}.items():
        text = re.sub(rf"(?m)^{name} = \d+", f"{name} = {value}", text, count=1)
    run = train(Recipe.parse(text), Catalog.from_folder(ROOT / "features"), portfolio, folder=folder / "artefacts")
    trees = next(one for one in run.candidates if one.kind == "lightgbm")
    champion, templates = artefact.load(trees.folder), ROOT / "serving" / "reports"
    validated, steady = validate(champion, portfolio, default_correlation=0.02), stability(champion, portfolio, drawn=5)
    written = {}
    for language in ("es", "en"):
        for name, page in (
            ("validation", validation_report(validated, portfolio.manifest, folder=templates, language=language)),
            ("stability", stability_report(steady, portfolio.manifest, folder=templates, language=language)),
        ):
            written[name, language] = folder / f"{name}-{language}.html"
            write_page(page, written[name, language])
    return written


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("name", ["validation", "stability"])
def test_it_fits_the_screen_asks_nobody_and_its_drawings_can_be_read(browser, pages, name, lang, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    told: list[str] = []
    page.on("request", lambda request: told.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.goto(pages[name, lang].as_uri())
    assert told == [pages[name, lang].as_uri()]
    for details in page.locator("summary").all():
        details.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(
        "[...document.querySelectorAll('p, li, dt, dd, h1, h2, h3, svg')].filter(e => !e.closest('.wide'))"
        ".every(e => e.getBoundingClientRect().right <= innerWidth + 1)"
    )
    assert page.evaluate("[...document.querySelectorAll('table')].every(e => e.closest('.wide')?.tabIndex === 0)")
    outside = page.evaluate(
        """() => [...document.querySelectorAll('svg[role=img] text')].filter(text => {
          const box = text.getBoundingClientRect(), all = text.closest('svg').getBoundingClientRect();
          return box.left < all.left - 1 || box.right > all.right + 1 || box.bottom > all.bottom + 1;
        }).map(text => text.textContent)"""
    )
    assert outside == []
    overlaps = page.evaluate(
        """() => [...document.querySelectorAll('svg[role=img]')].flatMap(svg => {
          const texts = [...svg.querySelectorAll('text')];
          const boxes = texts.map(text => text.getBoundingClientRect());
          const meet = (p, q) => p.top < q.bottom - 4 && q.top < p.bottom - 4 && p.left < q.right && q.left < p.right;
          return texts.filter((text, i) => boxes.some((box, j) => i < j && meet(boxes[i], box)))
            .map(text => svg.querySelector('title').textContent + ': ' + text.textContent);
        })"""
    )
    assert overlaps == []
    page.close()


@pytest.mark.parametrize("name", ["validation", "stability"])
def test_it_prints_whole(browser, pages, name):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(pages[name, "en"].as_uri())
    paper = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    assert 3 <= len(paper.pages) <= 12
    told = " ".join(sheet.extract_text() for sheet in paper.pages)
    assert "What this report cannot say" in told
    page.close()


def test_the_screen_reader_finds_the_verdict_first(browser, pages):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(pages["validation", "es"].as_uri())
    assert page.get_by_role("heading", level=2).first.inner_text() == "Para qué puede usarse, y para qué no"
    assert page.get_by_role("region", name="Ficha del modelo").first.is_visible()
    assert page.get_by_role("img", name="Previsto y observado").count() == 1
    page.close()
