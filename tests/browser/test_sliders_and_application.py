"""Sliders that a keyboard moves, and an application that waits for its connection, in a real browser."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.opened import MARKS, enter
from tests.unit.service.desks import PlainDesk

pytestmark = MARKS

ANSWER = "#try-answer"


def test_a_slider_moved_with_the_keyboard_answers_at_once(browser, house, address, score_id):
    page = enter(browser, house, address, score_id, role="member", width=360, lang="es")
    amount = page.get_by_role("slider", name="Monto")
    assert amount.get_attribute("aria-valuetext") == "S/\xa0600"
    amount.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(ANSWER)).to_have_text(
        "Con S/\xa0540 a 120 días, su puntaje sería 560, nota C. Convendría conversar antes."
    )
    page.keyboard.press("Home")
    expect(page.locator(ANSWER)).to_have_text(
        "Con S/\xa0100 a 120 días, su puntaje sería 560, nota C. Estaría lista para decidir."
    )
    page.get_by_role("slider", name="Plazo").focus()
    page.keyboard.press("End")
    expect(page.locator(ANSWER)).to_contain_text("Con S/\xa0100 a 168 días")
    asked = [url for url in page.requested if url.endswith("/what-if")]
    assert len(asked) == 1  # one grid answers every move
    assert page.locator(ANSWER).get_attribute("aria-live") == "polite"
    page.get_by_role("button", name="Anotar esta prueba").press("Enter")
    expect(page.locator(ANSWER)).to_contain_text("La prueba quedó anotada.")
    assert page.troubles == []
    page.close()


def test_targets_are_large_enough_for_a_finger(browser, house, address, score_id):
    page = enter(browser, house, address, score_id, role="officer", width=360, lang="es")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, input:not([type=hidden]), select, textarea, summary')]
          .map((one) => [one, (one.labels?.[0] && one.type === 'radio' ? one.parentElement : one)
            .getBoundingClientRect()])
          .filter(([, box]) => box.width > 0 && (box.height < 24 || box.width < 24))
          .map(([one]) => one.outerHTML.slice(0, 80))"""
    )
    assert small == []
    page.close()


@pytest.mark.parametrize("lang", ["es", "en"])
def test_words_stand_out_from_their_ground(browser, house, address, score_id, lang):
    page = enter(browser, house, address, score_id, role="officer", width=360, lang=lang)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate(CONTRAST) == []
    page.goto(f"{address}/apply?lang={lang}")
    assert page.evaluate(CONTRAST) == []
    page.close()


#: Texts whose contrast with the ground they stand on is under 4.5 to 1 (WCAG 2.2, 1.4.3).
CONTRAST = """() => {
  const light = (rgb) => rgb.map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0);
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('p, li, dt, dd, h1, h2, h3, h4, a, span, label, legend, button, strong')]
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .map((one) => {
      const pair = [light(parse(getComputedStyle(one).color).slice(0, 3)), light(ground(one))].sort((a, b) => b - a);
      return [(pair[0] + 0.05) / (pair[1] + 0.05), one.textContent.trim().slice(0, 40)];
    })
    .filter(([ratio]) => ratio < 4.5);
}"""


def test_another_amount_leads_to_a_new_page(browser, house, address, score_id):
    page = enter(browser, house, address, score_id, role="officer", width=1280, lang="es")
    page.get_by_role("slider", name="Monto").focus()
    page.keyboard.press("Home")
    page.get_by_role("button", name="Pedir de nuevo con este monto").press("Enter")
    page.wait_for_url(lambda url: "/scores/s_" in url and score_id not in url.rsplit("/", 1)[1].split("?"))
    assert page.locator("dd").first.inner_text() == "S/\xa0100"
    page.close()


def fill(page) -> None:
    for label, text in (
        ("Código de la socia", "M1"),
        ("Monto", "600"),
        ("Plazo en días", "120"),
        ("Cuántos otros préstamos tiene", "1"),
    ):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Cuotas").select_option("weekly")
    page.get_by_label("Para qué", exact=True).select_option("equipment")


def asked(house) -> int:
    return sum(record.request["purpose"] == "equipment" for record in house.records.scores(PlainDesk().recipe))


def test_without_a_connection_it_waits_and_is_sent_once(browser, house, address, score_id):
    page = enter(browser, house, address, score_id, role="officer", width=360, lang="es")
    page.goto(f"{address}/apply?lang=es")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    before = asked(house)
    fill(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Pedir el puntaje").click()
    expect(page.locator("#apply-status")).to_contain_text("No hay conexión. Se envía apenas vuelva.")
    assert asked(house) == before
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]  # nothing is kept unasked
    page.context.set_offline(False)
    page.wait_for_url("**/scores/s_*")
    assert asked(house) == before + 1
    page.close()


def test_every_fault_comes_back_next_to_its_field(browser, house, address, score_id):
    page = enter(browser, house, address, score_id, role="officer", width=360, lang="es")
    page.goto(f"{address}/apply?lang=es")
    fill(page)
    page.get_by_label("Código de la socia").fill("nobody")
    page.get_by_label("Monto", exact=True).fill("90000")
    page.get_by_role("button", name="Pedir el puntaje").click()
    expect(page.get_by_role("alert")).to_contain_text("Falta corregir algo.")
    expect(page.get_by_label("Monto", exact=True)).to_have_accessible_description(
        "Lo que ella pide, no lo que se piensa aprobar. Escriba un monto que se ofrezca."
    )
    assert page.evaluate("document.activeElement.textContent").startswith("No hay una socia")
    page.get_by_label("Código de la socia").fill("M1")
    page.get_by_label("Monto", exact=True).fill("500")
    page.get_by_role("button", name="Pedir el puntaje").click()
    page.wait_for_url("**/scores/s_*")
    page.close()


def test_a_file_opens_with_its_passphrase_and_with_no_other(browser, house, address, score_id, tmp_path):
    page = enter(browser, house, address, score_id, role="officer", width=360, lang="es")
    page.goto(f"{address}/apply?lang=es")
    fill(page)
    key = page.locator("input[name=key]").first.input_value()
    for weak in ("una clave cor", "aaaaaaaaaaaaaaaaaaaa"):
        page.get_by_label("Clave del archivo").fill(weak)
        page.get_by_role("button", name="Guardar un archivo").click()
        expect(page.locator("#apply-status")).to_contain_text("La clave necesita 14 letras o más, y 6 distintas.")
    page.get_by_label("Clave del archivo").fill("una clave larga")
    with page.expect_download() as kept:
        page.get_by_role("button", name="Guardar un archivo").click()
    kept.value.save_as(tmp_path / "kept.json")
    sealed = (tmp_path / "kept.json").read_text("utf-8")
    assert json.loads(sealed)["format"] == "riskscore-application-1"
    assert "M1" not in kept.value.suggested_filename
    assert "equipment" not in sealed
    page.reload()
    assert page.get_by_label("Monto", exact=True).input_value() == ""
    for passphrase, told in (("otra clave larga", "No se pudo abrir."), ("una clave larga", "Archivo abierto.")):
        page.get_by_label("Clave del archivo").fill(passphrase)
        page.get_by_label("Abrir un archivo").set_input_files(tmp_path / "kept.json")
        expect(page.locator("#apply-status")).to_contain_text(told)
        page.get_by_label("Abrir un archivo").set_input_files([])
    assert page.get_by_label("Monto", exact=True).input_value() == "600"
    assert page.locator("input[name=key]").first.input_value() == key  # sent from two phones, it is on record once
    page.close()


def test_only_at_her_wish_the_tab_remembers_until_it_was_sent(browser, house, address, score_id):
    page = enter(browser, house, address, score_id, role="officer", width=360, lang="es")
    page.goto(f"{address}/apply?lang=es")
    page.get_by_label("Recordar en esta pestaña hasta cerrarla").check()
    fill(page)
    page.reload()
    assert page.get_by_label("Monto", exact=True).input_value() == "600"
    page.get_by_role("button", name="Pedir el puntaje").click()
    page.wait_for_url("**/scores/s_*")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    page.close()
