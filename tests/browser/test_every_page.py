"""Every page on the smallest phone and on paper: nothing runs over, headings rank, and paper needs no screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from riskscore.service.access import Place
from riskscore.service.desks import Desks
from tests.browser.opened import MARKS
from tests.unit.service import desks
from tests.unit.service.associations import BANK_BODY, bank_desk
from tests.unit.service.desks import BODY, HISTORY, House, PlainDesk, build
from tests.unit.service.producer_record import keep

pytestmark = MARKS

OFFICER, AUDITOR, COMMITTEE = ("officer", "all"), ("auditor", "all"), ("committee", "group", "B1")
MEMBER, BOARD = ("member", "self", "M0000041"), ("board", "organisation", "PA1")

PAGES: list[tuple[tuple[str, ...] | None, str]] = [
    (None, "/login"),
    (None, "/"),
    (OFFICER, "/officer"),
    (OFFICER, "/groups/B1"),
    (OFFICER, "/scores/s_1"),
    (OFFICER, "/scores/s_13"),
    (OFFICER, "/scores/s_pa"),
    (OFFICER, "/models"),
    (OFFICER, "/policy"),
    (OFFICER, "/sessions"),
    (OFFICER, "/scores/unknown"),
    (MEMBER, "/scores/s_1"),
    (MEMBER, "/officer"),
    (COMMITTEE, "/groups/B1"),
    (COMMITTEE, "/scores/s_1"),
    (COMMITTEE, "/scores/s_9"),
    (BOARD, "/scores/s_pa"),
    (("assistant", "group", "B1"), "/scores/s_13"),
    (("assistant", "organisation", "PA1"), "/scores/s_pa"),
    (AUDITOR, "/groups/B1"),
    (AUDITOR, "/scores/s_1"),
    (AUDITOR, "/trail"),
    (AUDITOR, "/trail/s_1"),
]

#: What a finger has to hit, where it is smaller than 24 px (2.5.8); a box with a label is as large as its label.
SMALL = """() => [...document.querySelectorAll('a[href], button, select, textarea, summary, input:not([type=hidden])')]
  .filter((one) => one.checkVisibility() && !one.labels?.length && !one.classList.contains('skip'))
  .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 80)])
  .filter(([box]) => box.width > 0 && (box.width < 24 || box.height < 24)).map(([, html]) => html)"""

LEVELS = "() => [...document.querySelectorAll('h1, h2, h3, h4')].map((one) => Number(one.tagName[1]))"

#: Two texts of a drawing that lie on each other.
OVERLAPPING = """() => [...document.querySelectorAll('svg')].flatMap((svg) => {
  const texts = [...svg.querySelectorAll('text')].map((one) => [one.getBoundingClientRect(), one.textContent]);
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom;
  return texts.flatMap(([a, x], n) => texts.slice(n + 1).filter(([b]) => meet(a, b)).map(([, y]) => `${x}|${y}`));
})"""

#: What can only be used on a screen.
FOR_SCREENS = """() => [...document.querySelectorAll('nav, form, button, input, select, textarea, .skip')]
  .filter((one) => one.checkVisibility() && one.getClientRects().length).map((one) => one.outerHTML.slice(0, 80))"""

#: Sizes of letters by what they are for.
SIZES = """() => Object.fromEntries(['h1', 'h2', 'h3', 'h4', 'section > p:not(.soft)', '.soft'].map((name) => [name,
  [...document.querySelectorAll(`main ${name}`)].filter((one) => one.checkVisibility())
    .map((one) => parseFloat(getComputedStyle(one).fontSize))]))"""


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    """Twelve women with scores s_1 to s_12, their bank with s_13, a producer association with s_pa; one opinion."""
    women = {f"M{number:07d}": Place(f"M{number:07d}", "S1", "B1", "N") for number in range(41, 53)}
    cycles = [HISTORY[0] | {"cycle_no": number, "amount": 1000.0 + number} for number in range(2, 8)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desks, "PLACES", women)
        made = build(tmp_path_factory.mktemp("service"), Desks.of(PlainDesk(history=cycles), bank_desk()))
        officer = made.headers(*OFFICER)
        for body in (*(BODY | {"subject": member} for member in women), BANK_BODY):
            assert made.client.post("/v1/scores", json=body, headers=officer).status_code == 201
        keep(made.records)
        made.heard(*(f"s_{number}" for number in range(1, 13)))
        made.opined("s_1")
        yield made


def opened(browser: Browser, house: House, address: str, who: tuple[str, ...] | None, path: str, lang: str) -> Page:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    start = f"{address}{path}?lang={lang}"
    if who is not None:
        key = house.access.link(house.access.grant(*who)[0])
        start = f"{address}/enter?key={key}&next={path}?lang={lang}"
    page.goto(start)
    page.wait_for_url(f"{address}{path}?lang={lang}")
    return page


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize(("who", "path"), [*PAGES, (OFFICER, "/apply")])
def test_it_fits_a_small_phone(browser, house, address, who, path, lang):
    page = opened(browser, house, address, who, path, lang)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate(SMALL) == []
    assert page.evaluate(OVERLAPPING) == []
    levels = page.evaluate(LEVELS)
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(below <= above + 1 for above, below in pairwise(levels))
    page.close()


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_paper_holds_nothing_that_needs_a_screen_and_ranks_its_headings(browser, house, address, who, path):
    page = opened(browser, house, address, who, path, "es")
    page.emulate_media(media="print")
    assert page.evaluate(FOR_SCREENS) == []
    sizes = page.evaluate(SIZES)
    ranked = [found for found in sizes.values() if found]
    assert all(max(lower) <= min(higher) for higher, lower in pairwise(ranked)), sizes
    page.close()


@pytest.mark.parametrize("who", [OFFICER, COMMITTEE], ids=["officer", "committee"])
def test_each_sheet_of_the_printed_meeting_names_its_group_and_cuts_no_member_in_two(browser, house, address, who):
    page = opened(browser, house, address, who, "/groups/B1", "es")
    sheets = [text.extract_text() for text in PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages]
    assert len(sheets) > 1
    members = [re.findall(r"M00000\d\d", text) for text in sheets]
    assert sum(map(len, members)) == 12
    for text, seats in zip(sheets, members, strict=True):
        if seats:
            assert "Reunión del banco comunal B1. Datos hasta el 31 de enero de 2026." in text
        assert text.count("Firma:") == len(seats)
    assert "Presidenta" in sheets[-1]
    page.close()


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("who", [OFFICER, AUDITOR], ids=["officer", "auditor"])
def test_navigation_and_way_out_share_a_line_where_there_is_room(browser, house, address, who, lang):
    page = opened(browser, house, address, who, "/models", lang)
    nav, out = page.locator("nav"), page.locator(".way-out")
    narrow = nav.bounding_box(), out.bounding_box()
    page.set_viewport_size({"width": 1280, "height": 800})
    wide = nav.bounding_box(), out.bounding_box()
    for links, leave in (narrow, wide):
        assert links["x"] >= 0
        assert leave["x"] + leave["width"] <= page.viewport_size["width"]
    (links, leave) = wide
    assert links["x"] + links["width"] <= leave["x"]
    assert abs(links["y"] + links["height"] / 2 - leave["y"] - leave["height"] / 2) <= 1
    assert page.locator("nav li").evaluate_all("all => new Set(all.map(one => one.offsetTop)).size") == 1
    page.close()


#: Moves what ends a page down, to where its foot goes over the edge of the paper.
LOWER = "(by) => { [...document.querySelectorAll('main > section')].at(-3).style.marginBottom = `${by}mm`; }"


@pytest.mark.parametrize("lang", ["es", "en"])
def test_no_sheet_of_paper_holds_a_foot_alone(browser, house, address, lang):
    page = opened(browser, house, address, OFFICER, "/scores/s_13", lang)
    # Who saw it grows with every test; two lines are enough.
    page.evaluate(
        "document.querySelectorAll('[aria-labelledby=seen] li:nth-child(n + 3)').forEach((one) => one.remove())"
    )
    sheets = []
    for by in range(40):
        page.evaluate(LOWER, by)
        sheets.append([one.extract_text() for one in PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages])
    assert {len(one) for one in sheets} == {1, 2}  # over the edge it went
    for one in sheets:
        assert "s_13" in one[-1]
        assert ("Quién vio esta hoja" if lang == "es" else "Who saw this sheet") in one[-1]
    page.close()


def test_the_sliders_say_what_holds_of_the_request_before_they_are_moved(browser, house, address):
    page = opened(browser, house, address, MEMBER, "/scores/s_1", "es")
    assert page.locator("#try-answer").inner_text() == (
        "Con S/\xa0600 a 120 días, su puntaje sería 560, nota C. Convendría conversar antes. "
        "De cada 100 que le quedan al mes, 72 se irían en cuotas."
    )
    page.close()


def test_one_leads_back_from_a_member_to_the_meeting(browser, house, address):
    page = opened(browser, house, address, COMMITTEE, "/scores/s_1", "es")
    page.get_by_role("link", name="Ir a la reunión de su banco comunal").click()
    page.wait_for_url(f"{address}/groups/B1")
    page.close()
