"""A service at an address, and Chromium."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from tests.browser.opened import CHROMIUM, FLAGS
from tests.unit.service.desks import BODY, House, PlainDesk, build


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
    score_id = str(answer.json()["score_id"])
    # She heard hers alone, and the committee wrote what it thinks: its page shows the state.
    house.heard(score_id)
    house.opined(score_id)
    return score_id
