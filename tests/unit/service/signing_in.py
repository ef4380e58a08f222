"""What a browser does to sign in at the identity provider's page, and what it is told."""

from __future__ import annotations

import html
import re

from tests.unit.service.identity import at_the_page
from tests.unit.service.test_service_refusals import refusals

HTML = {"Accept": "text/html,application/xhtml+xml"}
BACK = "/login/provider/back"


def begin(house, target="/scores/s_1", **query):
    """Press the button, and return where the browser is sent."""
    answer = house.client.get("/login/provider", params={"next": target} | query, headers=HTML, follow_redirects=False)
    assert answer.status_code == 303
    return answer.headers["location"]


def back(house, query):
    return house.client.get(BACK, params=query, headers=HTML, follow_redirects=False)


def sign_in(house, target="/scores/s_1", answer="Yes", **query):
    """Go the whole way."""
    return back(house, at_the_page(begin(house, target, **query), answer))


def said(answer) -> str:
    """Return what the form says is wrong."""
    found = re.search('role="alert">(.*?)</p>', answer.text)
    assert found is not None
    assert "<h1>" in answer.text
    return html.unescape(found[1])


def reasons(house) -> dict[tuple[int, str], int]:
    house.service.refusals.flush()
    return {(one["status"], one["reason"]): one["times"] for one in refusals(house)[-1]["refused"]}


def lines(caplog) -> list[str]:
    """Return what anybody logged but the test's own client, which tells what it asks."""
    return [one.getMessage() for one in caplog.records if "testserver" not in one.getMessage()]
