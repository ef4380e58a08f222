"""What people do and see on the pages of a meeting, in Chromium: each in a browser of her own, on a small screen."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator, Page, expect

from riskscore.service.access import Access
from riskscore.service.records import Record

#: How long anything may take on the page: this is about what happens, never about how soon.
PATIENCE = 300_000

READY, TALK = "Lista para decidir", "Conversar antes"


def signed_in(
    browser: Browser, access: Access, address: str, path: str, role: str, scope: str, scope_id: str | None
) -> Page:
    """Return a page of a browser of her own, after she was led to sign in and pasted her token."""
    token, _ = access.grant(role, scope, scope_id)
    context = browser.new_context(viewport={"width": 360, "height": 800}, locale="es-PE")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{address}{path}")
    expect(page.get_by_role("heading", name="Entrar", level=1)).to_be_visible()
    page.get_by_role("textbox", name="Clave de acceso").fill(token)
    page.get_by_role("button", name="Entrar").click()
    page.wait_for_url(f"{address}{path}")
    return page


def seat(page: Page, name: str) -> Locator:
    return page.locator("ol.seats > li").filter(has=page.get_by_role("heading", name=name, exact=True))


def states_on(page: Page) -> dict[str, str]:
    """Return the states that a meeting's page shows, by member."""
    found = {}
    for text in page.locator("ol.seats > li").all_inner_texts():
        shown = [state for state in (READY, TALK) if state in text]
        if shown:
            (found[text.split()[0]],) = shown
    return found


def speak_over_the_sliders(officer: Page, name: str, record: Record) -> tuple[float, float]:
    """Try other amounts and terms with a member, and ask anew with a lower one; return both amounts."""
    seat(officer, name).get_by_role("link", name="Ver su hoja completa").click()
    expect(officer.get_by_role("heading", name=f"Solicitud de {name}", level=1)).to_be_visible()
    amount, term = officer.get_by_role("slider", name="Monto"), officer.get_by_role("slider", name="Plazo")
    answer = officer.locator("#try-answer")
    expect(amount).to_have_attribute("aria-valuetext", money(record.request["amount"], "\xa0"))
    amount.focus()
    officer.keyboard.press("ArrowLeft")
    officer.keyboard.press("ArrowLeft")
    expect(answer).to_contain_text(f"Con {amount.get_attribute('aria-valuetext')} a ")
    term.focus()
    officer.keyboard.press("Home")
    expect(answer).to_contain_text(f" a {term.get_attribute('aria-valuetext')}, su puntaje sería ")
    chosen = float(re.sub(r"[^\d.]", "", amount.get_attribute("aria-valuetext") or ""))
    before = officer.url
    officer.get_by_role("button", name="Pedir de nuevo con este monto").click()
    officer.wait_for_url(lambda url: "/scores/s_" in url and url != before)
    expect(officer.locator("dd").first).to_have_text(money(chosen, "\xa0"))
    return record.request["amount"], chosen


def ceiling(page: Page, name: str) -> float:
    """Return the ceiling a seat shows; 0 where no amount fits."""
    found = re.search(r"Monto sugerido: hasta US\$\s([\d,]+)", seat(page, name).inner_text())
    return 0.0 if found is None else float(found[1].replace(",", ""))


def unfolded(page: Page, name: str, kind: str) -> Locator:
    """Return a form about a member, opened by its link where another's is there."""
    form = seat(page, name).locator(f'form[action$="/{kind}"]')
    if not form.is_visible():
        seat(page, name).locator('a[href*="?open="]').click()
    return form


def decide(page: Page, name: str, choice: str, *, amount: float | None = None, reason: str = "") -> None:
    form = unfolded(page, name, "decisions")
    form.get_by_label(choice).check()
    if amount is not None:
        form.get_by_label("Monto aprobado").fill(f"{amount:g}")
    if reason:
        form.get_by_label("Por qué, si va contra la recomendación").fill(reason)
    form.get_by_role("button", name="Guardar la decisión").click()


def money(amount: float, space: str = " ") -> str:
    return f"US${space}{amount:,.0f}"
