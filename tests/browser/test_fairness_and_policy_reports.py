"""The fairness, policy and register pages in a real browser: a phone, a desk, paper; both languages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from pypdf import PdfReader

from riskscore.catalog import Catalog
from riskscore.project import starter_dir
from riskscore.reports import write_page
from riskscore.reports.fairness_page import fairness_report
from riskscore.reports.policy_page import policy_report
from riskscore.reports.register_page import register_page
from riskscore.scoring import Policy
from riskscore.scoring.fairness import fairness_audit
from riskscore.scoring.policy_review import policy_review
from riskscore.scoring.register import RegisterWords, register
from riskscore.scoring.watched import Watched
from riskscore.simulator import simulate
from tests.browser.test_portfolio_report import CHROMIUM, FLAGS, opened
from tests.unit.scoring.conftest import champion_of
from tests.unit.scoring.judged import judged_on

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("chromium") is None and CHROMIUM is None, reason="Chromium is not installed"),
]

PAGES = [(name, language) for name in ("fairness", "policy", "register") for language in ("es", "en")]


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[tuple[str, str], Path]:
    folder, serving = tmp_path_factory.mktemp("reports"), starter_dir() / "serving"
    portfolio = simulate(folder / "portfolio", members=600, seed=7)
    champion = champion_of(Catalog.from_folder(starter_dir() / "features").lock())
    text = (serving / "policy.toml").read_text("utf-8")
    policy, other = Policy.parse(text), Policy.parse(text.replace("value = 0.70", "value = 0.50"))
    judging = judged_on(champion, portfolio)
    watched, words = Watched.load(serving / "fairness.toml"), RegisterWords.load(serving / "register.toml")
    review = policy_review(judging, portfolio, policy, other)
    written = {}
    for language in ("es", "en"):
        given = {"folder": serving / "reports", "language": language}
        audit = fairness_audit(judging, portfolio, policy, watched, language=language)
        made = {
            "fairness": fairness_report(audit, portfolio.manifest, **given),
            "policy": policy_report(review, portfolio.manifest, **given),
            "register": register_page(
                register(champion, policy, words, language), country="PE", currency="PEN", folder=serving / "reports"
            ),
        }
        for name, page in made.items():
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
@pytest.mark.parametrize("name", PAGES)
def test_it_fits_the_screen_and_asks_nobody(browser, pages, name, width):
    page, requested = opened(browser, pages[name], width)
    assert requested == [pages[name].as_uri()]
    for details in page.locator("summary").all():
        details.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(
        "[...document.querySelectorAll('p, li, dt, dd, h1, h2, h3, svg')].filter(e => !e.closest('.wide'))"
        ".every(e => e.getBoundingClientRect().right <= innerWidth + 1)"
    )
    assert page.evaluate("[...document.querySelectorAll('.wide')].every(e => e.tabIndex === 0 && e.ariaLabel)")
    heights = "[...document.querySelectorAll('svg text')].map(e => e.getBoundingClientRect().height)"
    assert all(height > 9 for height in page.evaluate(heights))
    page.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", [one for one in PAGES if one[0] != "register"])
def test_words_of_a_drawing_do_not_run_into_one_another(browser, pages, name, width):
    page, _ = opened(browser, pages[name], width)
    overlaps = page.evaluate(
        """() => [...document.querySelectorAll('svg[role=img]')].flatMap(svg => {
          const texts = [...svg.querySelectorAll('text')];
          const boxes = texts.map(text => text.getBoundingClientRect());
          const meet = (p, q) => p.top < q.bottom - 4 && q.top < p.bottom - 4 && p.left < q.right && q.left < p.right;
          return texts.filter((text, i) => boxes.some((box, j) => i < j && meet(boxes[i], box)))
            .map(text => text.textContent);
        })"""
    )
    assert overlaps == []
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_it_prints_on_a4(browser, pages, name):
    page, _ = opened(browser, pages[name], 1280)
    paper = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    assert 1 <= len(paper.pages) <= 8
    width, height = (float(side) / 72 * 25.4 for side in paper.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (210, 297)
    page.close()
