"""The page of a score in a real browser: small screens, large ones, paper, keyboard."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from io import BytesIO

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

from tests.unit.service.desks import BODY, House, PlainDesk, build

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> House:
    return build(tmp_path_factory.mktemp("service"), PlainDesk())


@pytest.fixture(scope="module")
def address(house) -> Iterator[str]:
    config = uvicorn.Config(house.service.app(), host="127.0.0.1", port=0, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def score_id(house) -> str:
    answer = house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    return str(answer.json()["score_id"])


def enter(browser: Browser, house: House, address: str, score_id: str, *, role: str, width: int, lang: str) -> Page:
    """Open the page through a one-time link, as a person does."""
    scope, scope_id = {"officer": ("all", None), "member": ("self", "M1"), "committee": ("group", "B1")}[role]
    token, _ = house.access.grant(role, scope, scope_id)
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.requested = []  # type: ignore[attr-defined]
    page.troubles = []  # type: ignore[attr-defined]
    page.on("request", lambda request: page.requested.append(request.url))  # type: ignore[attr-defined]
    page.on("console", lambda message: page.troubles.append(message.text))  # type: ignore[attr-defined]
    page.goto(f"{address}/enter?key={house.access.link(token)}&next=/scores/{score_id}?lang={lang}")
    return page


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("role", ["officer", "member", "committee"])
def test_the_page_fits_the_screen_and_asks_nobody_else(browser, house, address, score_id, role, width, lang):
    page = enter(browser, house, address, score_id, role=role, width=width, lang=lang)
    assert page.url == f"{address}/scores/{score_id}?lang={lang}"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Every word of running text lies inside the screen, and none is written smaller than a hand can hold.
    assert page.evaluate(
        "[...document.querySelectorAll('p, li, dt, dd, h1, h2, svg')]"
        ".every(e => e.getBoundingClientRect().right <= innerWidth + 1)"
    )
    assert (
        page.evaluate(
            "Math.min(...[...document.querySelectorAll('svg text')].map(e => e.getBoundingClientRect().height), 99)"
        )
        > 9
    )
    assert len(page.content().encode()) < 100_000
    assert page.troubles == []
    assert {url.split("?")[0] for url in page.requested} <= {f"{address}/enter", f"{address}/scores/{score_id}"}
    assert page.evaluate("document.documentElement.lang") == lang
    assert page.locator("h1").inner_text() == {"es": "Solicitud de M1", "en": "Request of M1"}[lang]
    page.close()


def test_words_on_the_drawing_do_not_run_into_the_numbers(browser, house, address, score_id):
    page = enter(browser, house, address, score_id, role="officer", width=360, lang="es")
    overlaps = page.evaluate(
        """() => {
          const texts = [...document.querySelectorAll('svg text')];
          const boxes = texts.map(text => text.getBoundingClientRect());
          const meet = (p, q) => p.top < q.bottom - 2 && q.top < p.bottom - 2 && p.left < q.right && q.left < p.right;
          return texts.filter((text, i) => boxes.some((box, j) => i < j && meet(boxes[i], box)))
            .map(text => text.textContent);
        }"""
    )
    assert overlaps == []
    page.close()


def test_a_keyboard_is_enough(browser, house, address, score_id):
    page = enter(browser, house, address, score_id, role="officer", width=1280, lang="es")
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.tagName + ' ' + document.activeElement.textContent.trim()")
        )
    assert reached[0] == "A Ir al contenido"
    assert reached[1] == "A English"
    assert "SUMMARY La misma cuenta en una tabla" in reached
    while page.evaluate("document.activeElement.tagName") != "SUMMARY":
        page.keyboard.press("Shift+Tab")
    assert not page.locator("table").is_visible()
    page.keyboard.press("Enter")
    assert page.locator("table").is_visible()
    page.close()


def test_the_other_language_is_one_step_away(browser, house, address, score_id):
    page = enter(browser, house, address, score_id, role="officer", width=360, lang="es")
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**lang=en")
    assert page.get_by_role("heading", name="Who decides").is_visible()
    page.close()


@pytest.mark.parametrize(("role", "most"), [("officer", 2), ("committee", 1)])
def test_it_prints_on_few_pages(browser, house, address, score_id, role, most):
    page = enter(browser, house, address, score_id, role=role, width=1280, lang="es")
    paper = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    assert 1 <= len(paper.pages) <= most
    width, height = (float(side) / 72 * 25.4 for side in paper.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (210, 297)
    text = " ".join(sheet.extract_text() for sheet in paper.pages)
    assert "Conversar antes" in text
    assert "English" not in text
    page.close()


@pytest.mark.parametrize("role", ["officer", "member"])
@pytest.mark.parametrize("lang", ["es", "en"])
def test_no_column_is_cut_at_the_edge_of_the_paper(browser, house, address, score_id, role, lang):
    paper = round((210 - 2 * 12) / 25.4 * 96)  # what the margins leave of an A4, in CSS pixels
    page = enter(browser, house, address, score_id, role=role, width=paper, lang=lang)
    page.emulate_media(media="print")
    # Amounts of a currency of large numbers, in as many columns as the page has: they do not break.
    page.evaluate(
        "document.querySelectorAll('td.n, dd').forEach(one => { one.textContent = 'COP\\u00a012,345,678.90'; })"
    )
    outside = page.evaluate(
        """() => [...document.querySelectorAll('section, section *:not(svg *)')].filter(one => {
          const box = one.getBoundingClientRect();
          return box.width > 0 && box.right > innerWidth + 0.5;
        }).map(one => one.tagName + ': ' + one.textContent.slice(0, 40))"""
    )
    assert outside == []
    page.close()


def test_the_screen_reader_finds_its_way(browser, house, address, score_id):
    page = enter(browser, house, address, score_id, role="officer", width=1280, lang="es")
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("banner").count() == 1
    assert page.get_by_role("contentinfo").count() == 1
    for name in ("Recomendación", "Cómo se forma el puntaje", "Quién decide", "Corregir u objetar"):
        assert page.get_by_role("region", name=name).count() == 1
    drawing = page.get_by_role("img", name="Puntos que suman y restan, del puntaje común 580 al puntaje 560")
    assert drawing.count() == 1
    page.close()


def test_a_second_person_with_the_same_link_stays_outside(browser, house, address, score_id):
    token, _ = house.access.grant("officer", "all")
    link = f"{address}/enter?key={house.access.link(token)}&next=/scores/{score_id}"
    first, second = browser.new_context(), browser.new_context()
    assert first.new_page().goto(link).status == 200
    turned_away = second.new_page()
    assert turned_away.goto(link).status == 401
    assert turned_away.locator("h1").inner_text() in ("Este enlace ya no sirve", "This link no longer works")
    first.close()
    second.close()
