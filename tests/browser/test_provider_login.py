"""Signing in at the identity provider's own page in Chromium: two sites, real cookies, and the page that was wanted."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from riskscore.service.callers import SESSION_COOKIE
from riskscore.service.routes.provider_login import ATTEMPT_COOKIE
from tests.browser.opened import MARKS, serving
from tests.browser.test_accessibility import LEVELS, LOOSE, NAMELESS
from tests.browser.test_every_page import SMALL
from tests.browser.test_sliders_and_application import CONTRAST
from tests.unit.service.desks import BODY, House, PlainDesk, build
from tests.unit.service.identity import Identity, identity, toml, with_provider

pytestmark = MARKS


@pytest.fixture(scope="module")
def provider() -> Iterator[Identity]:
    with identity() as provider:
        yield provider


@pytest.fixture(scope="module")
def listening() -> Iterator[socket.socket]:
    """Held from the start: a port that was only free a moment ago may be another's by now."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        yield held


@pytest.fixture(scope="module")
def address(listening) -> str:
    """To a browser `localhost` is another site than 127.0.0.1, where the provider is."""
    return f"http://localhost:{listening.getsockname()[1]}"


@pytest.fixture(scope="module")
def house(tmp_path_factory, provider, listening, address) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("service")
    provider.back = f"{address}/login/provider/back"
    house = with_provider(build(folder, PlainDesk()), toml(provider, folder, address))
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    with serving(house, listening):
        yield house
    house.service.refusals.flush()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 800}, locale="es-PE")
    yield context.new_page()
    context.close()


def cookies(page: Page) -> dict[str, tuple[str, bool, str]]:
    """Return how each cookie is kept: where it is sent, from scripts or not, from other sites or not."""
    return {one["name"]: (one["path"], one["httpOnly"], one["sameSite"]) for one in page.context.cookies()}


def test_an_officer_signs_in_with_her_institution_and_is_on_the_page_she_wanted(house, address, provider, page):
    page.goto(f"{address}/scores/s_1")
    page.get_by_role("link", name="Entrar con Fondo Andino").click()
    expect(page).to_have_title("Fondo")
    assert page.url.startswith(f"{provider.url}/authorize?")
    assert cookies(page)[ATTEMPT_COOKIE] == ("/login/provider", True, "Lax")
    page.get_by_role("link", name="Yes").click()
    page.wait_for_url(f"{address}/scores/s_1")
    expect(page.get_by_role("heading", name="Solicitud de M1", level=1)).to_be_visible()
    assert cookies(page) == {SESSION_COOKIE: ("/", True, "Strict")}
    page.goto(f"{address}/login/provider?next=/sessions")
    assert page.url == f"{address}/sessions"
    page.get_by_role("button", name="Salir").click()
    page.wait_for_url(f"{address}/login")
    page.goto(f"{address}/scores/s_1")
    expect(page.get_by_role("heading", name="Entrar", level=1)).to_be_visible()


def test_who_cancels_reads_why_in_her_language_and_begins_again(house, address, page):
    page.goto(f"{address}/login?next=/scores/s_1&lang=en")
    page.get_by_role("link", name="Sign in with Fondo Andino").click()
    page.get_by_role("link", name="No").click()
    expect(page.get_by_role("alert")).to_have_text(
        "Signing in with your user name was not finished. Begin again if you wish."
    )
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("no longer good")
    page.get_by_role("link", name="Sign in with Fondo Andino").click()
    page.get_by_role("link", name="Yes").click()
    page.wait_for_url(f"{address}/scores/s_1")
    expect(page.get_by_role("heading", name="Request of M1", level=1)).to_be_visible()


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_the_form_with_the_button_is_for_everybody(house, address, page, width):
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/login", "/login/provider/back"):
        page.goto(f"{address}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [page.evaluate(found) for found in (NAMELESS, LOOSE, SMALL, CONTRAST)] == [[], [], [], []]
        assert page.evaluate(LEVELS) == [1, 2, 2, 2]
        button = page.get_by_role("link", name="Entrar con Fondo Andino")
        button.focus()
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
