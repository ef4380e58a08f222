"""A service at an address, and Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.opened import CHROMIUM, FLAGS, serving
from tests.unit.service.desks import BODY, House, PlainDesk, build


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> House:
    return build(tmp_path_factory.mktemp("service"), PlainDesk())


@pytest.fixture(scope="module")
def address(house) -> Iterator[str]:
    with serving(house) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=30_000)  # as long as a page may take to open: five seconds measure the machine
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
