"""WCAG 2.2 in a real browser, on the pages where people begin and where they decide."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.opened import MARKS
from tests.browser.test_sliders_and_application import CONTRAST
from tests.unit.service.desks import House

pytestmark = MARKS

PAGES = [
    ("", "/login"),
    ("officer", "/officer"),
    ("officer", "/apply"),
    ("officer", "/groups/B1"),
    ("committee", "/groups/B1"),
]

#: Controls without a name that is read aloud (4.1.2, 3.3.2).
NAMELESS = """() => [...document.querySelectorAll('input:not([type=hidden], [hidden]), select, textarea, button, a')]
  .filter((one) => !(one.getAttribute('aria-label') || one.labels?.length || one.textContent.trim()))
  .map((one) => one.outerHTML.slice(0, 80))"""

#: Levels of the headings, in their order (1.3.1).
LEVELS = "() => [...document.querySelectorAll('h1, h2, h3, h4')].map((one) => Number(one.tagName[1]))"

#: References that lead nowhere, and ids that stand twice (1.3.1).
LOOSE = """() => {
  const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
  const twice = ids.filter((id, place) => ids.indexOf(id) !== place);
  const named = ['aria-labelledby', 'aria-describedby', 'for'].flatMap((name) =>
    [...document.querySelectorAll(`[${name}]`)].flatMap((one) => one.getAttribute(name).split(/\\s+/)));
  const links = [...document.querySelectorAll('a[href^="#"]')].map((one) => one.getAttribute('href').slice(1));
  return [...twice, ...[...named, ...links].filter((id) => !ids.includes(id))];
}"""

#: What is said to be hidden, and has a box all the same.
SHOWN = """() => [...document.querySelectorAll('[hidden]')].filter((one) => one.getClientRects().length)
  .map((one) => one.outerHTML.slice(0, 80))"""

#: What can be reached by keyboard, in the order of the document; of a set of radio buttons, the first. A button that is
#: hidden from everybody is there for the enter key alone.
STOPS = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter((one) => one.checkVisibility() && one.getClientRects().length && one.ariaHidden !== 'true')
  .filter((one) => one.type !== 'radio' || one === one.form.elements[one.name][0])
  .map((one, place) => (one.dataset.stop = String(place)))"""

#: Where the keyboard is, and whether that can be seen (2.4.7, 2.4.11).
FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const marked = getComputedStyle(one).outlineStyle !== 'none';
  const seen = marked && box.bottom > 0 && box.top < innerHeight;
  return [one.dataset.stop ?? null, seen ? '' : one.outerHTML.slice(0, 80)];
}"""


def opened(browser: Browser, house: House, address: str, role: str, path: str, lang: str) -> Page:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    if not role:
        page.goto(f"{address}{path}?lang={lang}")
        return page
    token, _ = house.access.grant(role, *(("group", "B1") if role == "committee" else ("all", None)))
    page.goto(f"{address}/enter?key={house.access.link(token)}&next={path}?lang={lang}")
    return page


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize(("role", "path"), PAGES)
def test_the_page_can_be_read_and_used_by_everybody(browser, house, address, score_id, role, path, lang):
    page = opened(browser, house, address, role, path, lang)
    assert page.evaluate("document.documentElement.lang") == lang
    assert page.title()
    assert (page.get_by_role("main").count(), page.get_by_role("banner").count()) == (1, 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(LOOSE) == []
    assert page.evaluate(SHOWN) == []
    levels = page.evaluate(LEVELS)
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(below <= above + 1 for above, below in pairwise(levels))
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate(CONTRAST) == []
    page.close()


@pytest.mark.parametrize(("role", "path"), PAGES)
def test_the_keyboard_goes_through_the_page_in_its_order(browser, house, address, score_id, role, path):
    page = opened(browser, house, address, role, path, "es")
    stops = page.evaluate(STOPS)
    assert len(stops) > 3
    reached = []
    for _ in range(len(stops) * 4):  # the parts of a date are stops of their own
        page.keyboard.press("Tab")
        stop, unseen = page.evaluate(FOCUSED)
        if stop is None:
            break
        assert unseen == ""
        if stop not in reached:
            reached.append(stop)
    assert reached == stops
    page.close()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_drawings_are_seen_in_the_colours_a_reader_chose(browser, house, address, score_id, scheme):
    """Forced colours leave fills alone: what a drawing says would stay dark on a background that turned dark."""
    page = opened(browser, house, address, "officer", f"/scores/{score_id}", "es")
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    ink, texts, bars = page.evaluate("""() => [
      getComputedStyle(document.querySelector('h1')).color,
      [...document.querySelectorAll('svg text')].map((one) => getComputedStyle(one).fill),
      [...document.querySelectorAll('svg .up, svg .sum')].map((one) => getComputedStyle(one).fill),
    ]""")
    assert set(texts) == set(bars) == {ink}
    page.close()


@pytest.mark.parametrize("path", ["/officer", "/apply", "/groups/B1"])
def test_text_twice_as_large_runs_over_no_edge_of_a_phone(browser, house, address, score_id, path):
    page = opened(browser, house, address, "officer", path, "es")
    page.set_viewport_size({"width": 320, "height": 640})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()
