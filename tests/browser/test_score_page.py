"""The page of a score in a real browser: small screens, large ones, paper, keyboard."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.browser.opened import MARKS, enter

pytestmark = MARKS


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
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "document.activeElement.tagName + ' ' + (document.activeElement.labels?.[0]"
                " ?? document.activeElement).textContent.trim().replace(/\\s+/g, ' ')"
            )
        )
        if reached[-1] == "SUMMARY Pagos −12":
            break
    assert reached[0] == "A Ir al contenido"
    for name in ("A English", "INPUT Monto", "INPUT Plazo", "BUTTON Anotar esta prueba", "SUMMARY Pagos −12"):
        assert name in reached
    inside = page.get_by_text("Peor atraso en 6 meses", exact=True)
    assert not inside.is_visible()
    page.keyboard.press("Enter")
    assert inside.is_visible()
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
    if role == "officer":  # what is folded on the screen is open on paper, and what cannot be pressed is not there
        assert "Peor atraso en 6 meses" in text
        assert "Anotar esta prueba" not in text
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
    drawing = page.get_by_role("img", name="Montos y peor atraso de sus últimos 2 préstamos")
    assert drawing.count() == 1
    assert page.get_by_role("slider", name="Monto").get_attribute("aria-valuetext") == "S/\xa0600"
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
