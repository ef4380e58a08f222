"""The portfolio report in a real browser: small screens, large ones, paper; an El Niño and a recession as they look."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

from riskscore.portfolio.overview import overview
from riskscore.project import starter_dir
from riskscore.reports import portfolio_report, write_page
from riskscore.simulator import simulate

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    portfolio = simulate(folder / "portfolio", members=600, seed=7, scenario="el_nino")
    found = overview(portfolio, "2024-10-01")
    written = {}
    for language in ("es", "en"):
        written[language] = folder / f"{language}.html"
        page = portfolio_report(
            found, portfolio.manifest, folder=starter_dir() / "serving" / "reports", language=language
        )
        write_page(page, written[language])
    return written


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


def opened(browser: Browser, path: Path, width: int) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 800})
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("console", lambda message: requested.append(message.text))
    page.goto(path.as_uri())
    return page, requested


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("lang", ["es", "en"])
def test_it_fits_the_screen_and_asks_nobody(browser, pages, width, lang):
    page, requested = opened(browser, pages[lang], width)
    assert requested == [pages[lang].as_uri()]
    assert pages[lang].stat().st_size < 300_000
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for details in page.locator("summary").all():
        details.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Running text and drawings lie inside the screen; what is wider lies in a region that scrolls, by keyboard too.
    assert page.evaluate(
        "[...document.querySelectorAll('p, li, dt, dd, h1, h2, h3, svg, caption')].filter(e => !e.closest('.wide'))"
        ".every(e => e.getBoundingClientRect().right <= innerWidth + 1)"
    )
    assert page.evaluate("[...document.querySelectorAll('.wide')].every(e => e.tabIndex === 0 && e.ariaLabel)")
    smallest = "Math.min(...[...document.querySelectorAll('svg text')].map(e => e.getBoundingClientRect().height))"
    assert page.evaluate(smallest) > 9
    page.close()


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("lang", ["es", "en"])
def test_words_of_a_drawing_do_not_run_into_one_another(browser, pages, width, lang):
    page, _ = opened(browser, pages[lang], width)
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
    outside = page.evaluate(
        """() => [...document.querySelectorAll('svg[role=img] text')].filter(text => {
          const box = text.getBoundingClientRect(), all = text.closest('svg').getBoundingClientRect();
          return box.left < all.left - 1 || box.right > all.right + 1 || box.bottom > all.bottom + 1;
        }).map(text => text.textContent)"""
    )
    assert outside == []
    # Numbers of the roll rates fit their cells.
    assert page.evaluate("[...document.querySelectorAll('.rolls td.n')].every(e => e.scrollWidth <= e.clientWidth + 1)")
    page.close()


@pytest.mark.parametrize("lang", ["es", "en"])
def test_it_prints_on_few_sheets_and_cuts_no_drawing(browser, pages, lang):
    page, _ = opened(browser, pages[lang], 1200)
    paper = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    assert 2 <= len(paper.pages) <= 5
    width, height = (float(side) / 72 * 25.4 for side in paper.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (210, 297)
    told = " ".join(sheet.extract_text() for sheet in paper.pages)
    assert {"es": "Lo que este informe no puede decir", "en": "What this report cannot say"}[lang] in told
    page.close()


def test_the_screen_reader_finds_its_way(browser, pages):
    page, _ = opened(browser, pages["es"], 1200)
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("heading", level=1).inner_text() == "Informe de cartera"
    for name in ("Cartera en riesgo hoy", "Dónde está el saldo", "Lo que falta", "Lo que este informe no puede decir"):
        assert page.get_by_role("region", name=name).count() == 1
    assert page.get_by_role("img", name="Cartera en riesgo a más de 30 días").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Ir al contenido"
    page.close()
