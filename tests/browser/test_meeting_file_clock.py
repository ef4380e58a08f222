"""The committee's file on a phone whose clock is wrong: what it gives out is entered all the same."""

from __future__ import annotations

import json

import pytest

from tests.browser.opened import MARKS
from tests.unit.service.desks import PlainDesk, build
from tests.unit.service.test_service_meeting import ask
from tests.unit.service.test_service_meeting_files import committee_file

pytestmark = MARKS


@pytest.mark.parametrize(("clock", "corrected"), [("2015-03-01", None), ("2031-03-01", "2026-02-02")])
def test_a_wrong_clock_keeps_no_decision_out(browser, tmp_path, clock, corrected):
    house = build(tmp_path, PlainDesk())
    ask(house, "M1", "M2")
    house.heard("s_1", "s_2")
    (tmp_path / "committee.html").write_text(committee_file(house), "utf-8")
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.clock.set_fixed_time(f"{clock}T15:00:00Z")
    page.goto((tmp_path / "committee.html").as_uri())
    seat = page.locator("li[data-score]").first
    seat.get_by_label("Aprobar lo que pide").check()
    seat.get_by_role("button", name="Guardar la opinión").click()
    seat.get_by_label("Dejar para después").check()
    if corrected:  # it stands on the form, and people put it right
        seat.get_by_label("Día de la decisión").fill(corrected)
    seat.get_by_role("button", name="Guardar la decisión").click()
    assert "Quedó anotado." in seat.inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Guardar las decisiones").click()
    file = json.loads(download.value.path().read_text("utf-8"))
    (line,) = file["decisions"]
    assert (line["decided_on"], line["opinion"]["written_on"]) == ("2026-02-02", "2026-02-02")
    answer = house.client.post("/v1/decisions/upload", json=file, headers=house.headers("officer", "all"))
    assert answer.status_code == 201
    page.close()
