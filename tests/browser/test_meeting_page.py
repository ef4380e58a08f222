"""A group's meeting in a real browser: the page, paper, and the files opened from disk without a connection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from riskscore.service.access import Place
from riskscore.service.outlooks import GroupOutlook
from tests.browser.opened import CHROMIUM
from tests.unit.service import desks
from tests.unit.service.desks import BODY, STARTER_RULES, House, PlainDesk, build
from tests.unit.service.test_service_meeting import OUTLOOK

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

PASSPHRASE = "cuatro palabras al azar"


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    """A bank of 27: everybody was spoken with, and of 26 of them the committee has written its opinion."""
    places = {f"M{n:07d}": Place(f"M{n:07d}", "S1", "B1", "N") for n in range(41, 68)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desks, "PLACES", places)
        for module in ("groups", "meeting_files"):
            patch.setattr(f"riskscore.service.routes.{module}.outlook_at", lambda *_: GroupOutlook(OUTLOOK))
        made = build(tmp_path_factory.mktemp("meeting"), PlainDesk(rules=STARTER_RULES))
        officer = made.headers("officer", "all")
        for name in places:
            assert made.client.post("/v1/scores", json=BODY | {"subject": name}, headers=officer).status_code == 201
        ids = [f"s_{number}" for number in range(1, 28)]
        made.heard(*ids)
        for score_id in ids[:26]:
            made.opined(score_id)
        yield made


def enter(browser: Browser, house: House, address: str, role: str, width: int, lang: str) -> Page:
    scope, scope_id = {"officer": ("all", None), "committee": ("group", "B1")}[role]
    token, _ = house.access.grant(role, scope, scope_id)
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.troubles = []  # type: ignore[attr-defined]
    page.on("console", lambda message: page.troubles.append(message.text))  # type: ignore[attr-defined]
    page.goto(f"{address}/enter?key={house.access.link(token)}&next=/groups/B1?lang={lang}")
    return page


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("role", ["officer", "committee"])
def test_the_page_fits_the_screen(browser, house, address, role, width, lang):
    page = enter(browser, house, address, role, width, lang)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert len(page.content().encode()) < 100_000
    assert page.troubles == []
    small = page.evaluate(
        "[...document.querySelectorAll('button')].filter(e => e.offsetHeight && e.offsetHeight < 24).length"
    )
    assert small == 0  # WCAG 2.2, 2.5.8
    page.close()


def test_it_prints_on_few_pages_with_room_to_sign(browser, house, address):
    page = enter(browser, house, address, "committee", 1280, "es")
    paper = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    assert len(paper.pages) <= 4
    text = " ".join(sheet.extract_text() for sheet in paper.pages)
    for said in ("Firmas", "Presidenta", "Se aprueba", "M0000041", "M0000067"):
        assert said in text
    assert "Guardar la" not in text
    page.close()


def test_a_keyboard_writes_an_opinion_and_the_state_is_shown(browser, house, address):
    page = enter(browser, house, address, "committee", 360, "es")
    seat = page.locator("li", has=page.get_by_role("heading", name="M0000067"))
    assert "Conversar antes" not in seat.inner_text()
    seat.get_by_role("link", name="M0000067, S/\xa0600: falta la opinión").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**?open=s_27#open")
    page.keyboard.press("Tab")  # from where the link led: the line above the form
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    seat.get_by_role("button", name="Guardar la opinión").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#m-s_27")
    seat = page.locator("li", has=page.get_by_role("heading", name="M0000067"))
    assert "Conversar antes" in seat.inner_text()
    page.close()


@pytest.mark.parametrize("script", [True, False])
def test_one_form_is_open_and_leads_on_without_a_script_too(browser, house, address, script):
    token, _ = house.access.grant("committee", "group", "B1")
    context = browser.new_context(java_script_enabled=script, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(f"{address}/enter?key={house.access.link(token)}&next=/groups/B1?lang=es")
    page.wait_for_url(f"{address}/groups/B1?lang=es")
    (form,) = [one for one in page.locator("ol.seats form").all() if one.is_visible()]
    seats = page.locator("ol.seats > li").filter(has=page.locator("details[open]"))
    name = seats.locator("h3").inner_text()
    page.get_by_role("link", name=f"Seguir con {name}").click()
    form.get_by_label("Aprobar este monto").check()
    form.get_by_label("Monto aprobado").fill("280")
    form.get_by_label("Por qué, si va contra").fill("Se pusieron al día.")  # all are late: a rule asks for it
    form.get_by_role("button", name="Guardar la decisión").click()
    page.wait_for_url("**#m-s_*")
    assert seats.count() == 1
    assert int(seats.locator("h3").inner_text()[1:]) == int(name[1:]) + 1
    context.close()


@pytest.mark.parametrize("role", ["officer", "committee"])
def test_paper_is_the_same_whatever_is_open(browser, house, address, role):
    page = enter(browser, house, address, role, 1280, "es")
    papers = []
    for opened in (False, True):
        page.evaluate("(open) => document.querySelectorAll('details').forEach((one) => { one.open = open; })", opened)
        paper = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
        papers.append([sheet.extract_text() for sheet in paper.pages])
    assert papers[0] == papers[1]
    text = " ".join(papers[0])
    assert text.count("Firma:") == 27
    assert text.count("Conversar antes") == (27 if role == "officer" else text.count("Ustedes opinaron"))
    assert "falta la" not in text
    # On paper alone a committee writes what it thinks before there is a state: there is a place for it.
    lacking = 27 - text.count("Ustedes opinaron") if role == "committee" else 0
    assert text.count("Opinión del comité:") == lacking == text.count("Aprobar lo que pide")
    assert "Tienen una cuota vencida 27 de 27 socias." in text
    for code in ("G08", "L01"):  # the officer's alone: paper goes round the table
        assert code not in text
    page.close()


def taken(page: Page, button: str, out: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    download.value.save_as(out)
    return out


@pytest.fixture(scope="module")
def files(browser, house, address, tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("files")
    page = enter(browser, house, address, "officer", 1280, "es")
    found = {"committee": taken(page, "Bajar el archivo del comité", folder / "committee.html")}
    page.locator("input[name=passphrase]").fill(PASSPHRASE)
    page.locator("input[name=again]").fill(PASSPHRASE)
    found["officer"] = taken(page, "Bajar su archivo cerrado", folder / "officer.html")
    page.close()
    return found


def test_the_officers_file_opens_from_disk_with_its_passphrase_alone(browser, files):
    page = browser.new_page(viewport={"width": 360, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(files["officer"].as_uri())
    assert page.evaluate("[isSecureContext, Boolean(crypto.subtle)]") == [True, True]
    page.get_by_label("Clave").fill("otra clave que no es")
    page.get_by_role("button", name="Abrir").click()
    page.get_by_text("La clave no abre esta hoja.").wait_for()
    assert page.locator("table").count() == 0
    page.get_by_label("Clave").fill(PASSPHRASE)
    page.get_by_role("button", name="Abrir").click()
    page.locator("table").first.wait_for()
    assert page.locator("table").count() == 27
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert asked == [files["officer"].as_uri()]
    page.close()


def test_the_committees_file_asks_for_an_opinion_first_and_gives_the_decisions_out(browser, house, files, tmp_path):
    page = browser.new_page(viewport={"width": 360, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(files["committee"].as_uri())
    seat = page.locator("li[data-score]").first
    opined = seat.locator(".opine").count() == 0  # on record: the state is shown at once
    assert opined == ("Conversar antes" in seat.inner_text())
    assert page.locator("details[open]").count() == 1
    if not seat.locator(".decide form").is_visible():  # decided on record already: corrected
        seat.locator("summary").click()
    seat.get_by_label("Aprobar este monto").check()
    for none in ("700", "0.280", "2,800"):
        seat.get_by_label("Monto aprobado").fill(none)
        seat.get_by_role("button", name="Guardar la decisión").click()
        assert "El monto va de 0 a lo que ella pide." in seat.inner_text()
        assert "Quedó anotado." not in seat.inner_text()
    # What would keep the whole file out once it is back in town is said here, while the committee is there.
    day = seat.get_by_label("Día de la decisión").input_value()
    seat.get_by_label("Monto aprobado").fill("281")
    seat.get_by_role("button", name="Guardar la decisión").click()
    assert "Esta decisión va contra la recomendación o una regla. Escriba por qué." in seat.inner_text()
    seat.get_by_label("Monto aprobado").fill("280,0")
    seat.get_by_label("Día de la decisión").fill("2026-02-01")  # before there was a score
    seat.get_by_role("button", name="Guardar la decisión").click()
    assert "El día no puede ser futuro ni anterior al cálculo." in seat.inner_text()
    assert "Quedó anotado." not in seat.inner_text()
    seat.get_by_label("Día de la decisión").fill(day)
    seat.get_by_role("button", name="Guardar la decisión").click()
    assert "Una regla de la política pide un motivo para aprobar. Escriba por qué." in seat.inner_text()
    assert "Quedó anotado." not in seat.inner_text()
    seat.get_by_label("Por qué, si va contra").fill("Se pusieron al día.")
    seat.get_by_role("button", name="Guardar la decisión").click()
    assert "Quedó anotado." in seat.inner_text()
    assert seat.locator("summary").last.inner_text().startswith("Corregir la decisión")
    assert seat.locator("details[open]").count() == 0
    assert page.locator("details[open]").count() == 1  # the next one's
    page.reload()  # a cheap phone forgets the page, and not what was written
    assert "Quedó anotado." in page.locator("li[data-score]").first.inner_text()
    out = taken(page, "Guardar las decisiones", tmp_path / "decisions.json")
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []
    file = json.loads(out.read_text("utf-8"))
    (line,) = file["decisions"]
    assert (file["format"], line["score_id"], line["amount_approved"]) == ("riskscore-decisions-1", "s_1", 280)
    line["decided_on"] = "2026-02-02"  # the day of the house, not of the browser
    answer = house.client.post("/v1/decisions/upload", json=file, headers=house.headers("officer", "all"))
    assert answer.status_code == 201
    page.close()
