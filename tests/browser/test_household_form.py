"""Budget and other debts in the form of an application, in a real browser: by keyboard, without a script, offline."""

from __future__ import annotations

import base64
import json

import pytest
from playwright.sync_api import expect

from tests.browser.opened import MARKS, enter
from tests.browser.test_sliders_and_application import asked, fill
from tests.unit.service.chance import without_chance

pytestmark = MARKS

#: The service's clock stands at seven in the morning of 2 February; what is loaded ends with January.
TOLD_AT = "2026-02-01T10:00"


def tell(page, number: int = 1) -> None:
    """Write a budget and one debt, the last of `number`."""
    for label, text in (
        ("Ventas del negocio al mes (S/)", "7771.50"),
        ("Gastos del negocio al mes (S/)", "3332"),
        ("Otros ingresos del hogar al mes (S/)", "0"),
        ("Gastos de la casa al mes (S/)", "1113"),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Agregar una deuda").press("Enter")
    debt = page.get_by_role("group", name=f"Deuda {number}", exact=True)
    expect(debt.get_by_label("A quién le debe")).to_be_focused()
    debt.get_by_label("A quién le debe").select_option("informal")
    debt.get_by_label("Cuánto paga cada vez (S/)").fill("88.80")
    debt.get_by_label("Cada cuánto paga").select_option("weekly")
    debt.get_by_label("Cuántos días de atraso tiene").fill("12")
    months = page.get_by_text("Si el ingreso viene con la cosecha")
    if not page.get_by_role("group", name="Abril 2026").is_visible():
        months.press("Enter")
    april = page.get_by_role("group", name="Abril 2026")
    april.get_by_label("Entra (S/)").fill("6664.25")
    april.get_by_label("Se gasta (S/)").fill("2221")


@pytest.fixture
def page(browser, house, address, score_id):
    opened = enter(browser, house, address, score_id, role="officer", width=360, lang="es")
    opened.goto(f"{address}/apply?lang=es")
    yield opened
    opened.close()


def test_without_a_connection_it_waits_in_the_page_alone_and_is_sent_once(page, house):
    before = asked(house)
    fill(page)
    page.get_by_label("Recordar en esta pestaña hasta cerrarla").check()
    tell(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_label("Cuándo contó esto del hogar").fill(TOLD_AT)
    kept = without_chance(page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])"))
    assert "600" in kept
    for secret in ("7771", "3332", "1113", "88.8", "6664", "2221", "informal", "budget", "debt", "month"):
        assert secret not in kept
    page.context.set_offline(True)
    page.get_by_role("button", name="Pedir el puntaje").click()
    expect(page.locator("#apply-status")).to_contain_text("No hay conexión. Se envía apenas vuelva.")
    page.context.set_offline(False)
    page.wait_for_url("**/scores/s_*")
    assert asked(house) == before + 1
    record = house.records.get(page.url.rsplit("/", 1)[1].split("?")[0])
    assert record.facts["tables"] == {"budgets": 1, "obligations": 1, "budget_months": 1}
    assert record.request["as_of"] == "2026-02-01T10:01:00"


def test_faults_stand_beside_their_fields_and_rows_are_numbered_anew(page):
    fill(page)
    tell(page)
    tell(page, 2)
    page.get_by_label("Cuándo contó esto del hogar").fill(TOLD_AT)
    page.get_by_role("group", name="Deuda 2", exact=True).get_by_label("Cuánto paga cada vez (S/)").fill("")
    page.get_by_role("button", name="Pedir el puntaje").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Aquí no dice cuántas deudas anotó abajo.")
    alert.get_by_role("link", name="Deuda 2: Escriba cuánto paga cada vez.").press("Enter")
    at_fault = page.get_by_role("group", name="Deuda 2", exact=True).get_by_label("Cuánto paga cada vez (S/)")
    expect(at_fault).to_be_focused()
    expect(at_fault).to_have_accessible_description("Escriba cuánto paga cada vez.")
    assert page.get_by_label("Ventas del negocio al mes (S/)").input_value() == "7771.50"
    page.get_by_role("button", name="Quitar la deuda 1").press("Enter")
    expect(page.get_by_role("button", name="Agregar una deuda")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Se quitó la deuda.")).to_have_count(1)
    left = page.get_by_role("group", name="Deuda 1", exact=True)
    expect(left.get_by_label("Cuánto paga cada vez (S/)")).to_have_attribute("name", "debt_1_instalment")
    expect(page.get_by_role("group", name="Deuda 2", exact=True)).to_have_count(0)
    left.get_by_label("Cuánto paga cada vez (S/)").fill("45")
    page.get_by_label("Monto", exact=True).press("Enter")  # the enter key sends, and removes nothing
    page.wait_for_url("**/scores/s_*")


def test_a_file_holds_it_sealed_and_gives_it_back_with_its_moment(page, tmp_path):
    fill(page)
    tell(page)
    page.get_by_label("Cuándo contó esto del hogar").fill(TOLD_AT)
    page.get_by_label("Clave del archivo").fill("una clave larga")
    with page.expect_download() as kept:
        page.get_by_role("button", name="Guardar un archivo").click()
    kept.value.save_as(tmp_path / "kept.json")
    file = json.loads((tmp_path / "kept.json").read_text("utf-8"))
    assert file.pop("format") == "riskscore-application-1"
    salt, iv, sealed = (base64.b64decode(file.pop(name)) for name in ("salt", "iv", "sealed"))
    assert (len(salt), len(iv), file) == (16, 12, {})  # whatever else there is of her is in what is sealed
    for secret in (b"7771.50", b"6664.25", b"informal", b"budget", b"month"):
        assert secret not in sealed
    page.reload()
    page.get_by_label("Clave del archivo").fill("una clave larga")
    page.get_by_label("Abrir un archivo").set_input_files(tmp_path / "kept.json")
    expect(page.locator("#apply-status")).to_contain_text("Archivo abierto.")
    debt = page.get_by_role("group", name="Deuda 1", exact=True)
    assert debt.get_by_label("A quién le debe").input_value() == "informal"
    assert debt.get_by_label("Cuánto paga cada vez (S/)").input_value() == "88.80"
    assert debt.get_by_label("Cuántos días de atraso tiene").input_value() == "12"
    april = page.get_by_role("group", name="Abril 2026")
    expect(april).to_be_visible()  # opened with the file
    assert april.get_by_label("Entra (S/)").input_value() == "6664.25"
    assert page.get_by_label("Gastos de la casa al mes (S/)").input_value() == "1113"
    assert page.get_by_label("Cuándo contó esto del hogar").input_value() == TOLD_AT


def test_a_page_left_open_dates_what_is_told_by_when_it_is_written(page):
    """The page came at seven; two days go by, without a connection, until she tells."""
    assert page.get_by_label("Cuándo contó esto del hogar").input_value() == "2026-02-02T07:00"
    page.evaluate("{ const then = Date.now; Date.now = () => then() + 49 * 3600 * 1000; }")
    page.get_by_label("Gastos de la casa al mes (S/)").fill("1113")
    written = page.get_by_label("Cuándo contó esto del hogar").input_value()
    assert written.startswith("2026-02-04T08:")


def test_without_a_script_rows_come_and_go_and_what_was_written_stays(browser, house, address, score_id):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    token, _ = house.access.grant("officer", "all", None)
    page.goto(f"{address}/enter?key={house.access.link(token)}&next=/apply")
    page.goto(f"{address}/apply?lang=es")
    fill(page)
    for number in (1, 2):
        page.get_by_role("button", name="Agregar una deuda").click()
        page.locator(f"#f-debt_{number}_instalment").fill(f"{number}1")
    page.get_by_role("button", name="Quitar la deuda 1").click()
    assert page.locator("#f-debt_1_instalment").input_value() == "21"
    assert page.locator("#f-debt_2_instalment").count() == 0
    page.locator("#f-debt_1_lender_kind").select_option("bank")
    page.locator("#f-debt_1_frequency").select_option("monthly")
    page.locator("#months summary").click()
    page.locator("#f-month_2026_03_income").fill("900")
    page.locator("#f-month_2026_03_expenses").fill("100")
    page.locator("#f-told_at").fill(TOLD_AT)
    page.locator("#f-amount").press("Enter")
    page.wait_for_url("**/scores/s_*")
    context.close()
