"""Pages opened in a real browser, as a person does: through a one-time link."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from tests.unit.service.desks import House

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

MARKS = [
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


@contextmanager
def serving(house: House, listening: socket.socket | None = None) -> Iterator[str]:
    """Serve a house on loopback inside the block, at a free port where none is given; yields its address."""
    held = listening or socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(house.service.app(), lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [held]}, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{held.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


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
